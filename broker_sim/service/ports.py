"""What the use cases need from outside, as small protocols; adapters fulfil them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from broker_sim.core.access import PortalKey
from broker_sim.core.channel import Party
from broker_sim.core.connection import Connection
from broker_sim.core.hostility import PLAIN, Manners
from broker_sim.core.record import Change, Session, Stage
from broker_sim.service.staff_storage import Member
from broker_sim.service.storage import Store, Transaction
from broker_sim.service.throttle import Throttle
from broker_sim.service.unmade import Unmade


class Clock(Protocol):
    """Tells the world's time."""

    def now(self) -> datetime:
        """Give the present instant: aware, UTC, to the millisecond."""


class SettableClock(Clock, Protocol):
    """A clock under the tester's hand."""

    @property
    def mode(self) -> str:
        """One of real, shifted and frozen."""

    def set(self, mode: str, at: datetime | None = None) -> None:
        """Change the mode; `at` is the world's time from now on."""

    def to(self, instant: datetime) -> None:
        """Set the time and keep the mode; a real clock becomes a shifted one."""

    def saved(self) -> str:
        """Give the state as a text that `restore` takes."""

    def restore(self, saved: str) -> None:
        """Go on where `saved` stood."""


class Entropy(Protocol):
    """Gives chance: unguessable in a served world, repeatable in one made for tests."""

    def take(self, count: int) -> bytes:
        """Give `count` fresh bytes."""


class Blobs(Protocol):
    """Keeps large recordings as files."""

    def put(self, key: str, data: bytes) -> None:
        """Keep `data`, whole or not at all."""

    def put_pieces(self, key: str, pieces: Iterator[bytes]) -> None:
        """Keep what the pieces make up, whole or not at all, without ever holding all of it."""

    def whole(self, key: str) -> bytes:
        """Give all of it."""

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """Give bytes [start, start + length) in pieces of at most 64 KiB."""

    def delete(self, key: str) -> None:
        """Delete it; all below it where it ends in a slash, all there is where it is empty.

        What is missing is no error.
        """


class Vault(Protocol):
    """Does what needs a cipher, a digest or a slow hash."""

    def check_password(self, password: str, stored: str | None) -> bool:
        """Compare in constant time; for None do the same work and say no."""

    def checks_quickly(self, stored: str | None) -> bool:
        """Tell whether `check_password` takes too little time to be done in a thread."""

    def hash_password(self, password: str) -> str:
        """Give a salted slow hash."""

    def digest(self, secret: str) -> bytes:
        """Give the SHA-256 by which a secret is looked up."""

    def sign(self, text: str) -> str:
        """Give an unforgeable signature that may stand in a URL."""

    def verify(self, text: str, signature: str) -> bool:
        """Tell whether the signature is ours, in constant time."""

    def default_key(self, portal: str, version: int) -> PortalKey:
        """Make a default wrapping key."""

    def secured_key(self, portal: str, version: int, passphrase: str) -> PortalKey:
        """Make a wrapping key from a security key; slow."""

    def seal(
        self, key: PortalKey, key_id: str, plain: bytes, *, again: bool
    ) -> tuple[bytes, bytes]:
        """Seal a file under a data key of its own.

        Args:
            key: what wraps the data key.
            key_id: names the file.
            plain: the file.
            again: whether the same call must give the same bytes again, as the files of a
                synthetic past must, which are not kept.

        Returns:
            The sealed bytes and the wrapped data key.
        """

    def seal_pieces(
        self, key: PortalKey, key_id: str, plain: Iterator[bytes]
    ) -> tuple[Iterator[bytes], bytes]:
        """Seal a file piece by piece under a data key of its own, as `seal` does."""

    def content_key(self, key: PortalKey, wrapped: bytes) -> bytes | None:
        """Give the data key of one file; None where this key did not wrap it. REC-8."""

    def seal_frame(self, key: bytes, bound: bytes, plain: bytes) -> bytes:
        """Seal a message for a session's channel: IV, ciphertext, tag. CHAN-1."""

    def open_frame(self, key: bytes, bound: bytes, frame: bytes) -> bytes | None:
        """Open a frame; None for one that was changed, or is tied to something else. CHAN-1."""


class Relays(Protocol):
    """Where the channels of sessions go through, seen from the broker. CHAN-1."""

    def address(self, session_id: int) -> str:
        """Give the URL of a session's channel, or its path where the broker itself carries it."""

    def ticket(self, session_id: int, party: str) -> str:
        """Give what lets a party write and read there."""

    def read_to(self, session_id: int) -> tuple[str, Mapping[Party, Mapping[str, int]]]:
        """Read what has come; give the place up to which it was, and each source's next number.

        Slow. The place is empty where it is not known; numbers are what is known of them, by
        party and source.
        """

    def origins(self) -> Sequence[str]:
        """Give the origins besides their own that pages need, for the policy of their content."""


@dataclass(frozen=True, slots=True)
class Table:
    """A part of what diagnostics tell; every row has as many texts as there are columns."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


class Content(Protocol):
    """Makes the synthetic bodies of a session's files."""

    def names(self, session: Session) -> Sequence[tuple[str, str]]:
        """Give (channel, file name) of every file the session has. Source: REC-1."""

    def body(self, session: Session, name: str) -> bytes:
        """Make the plain bytes of one file; the same for the same session."""

    def diagnostics(self, session: Session) -> Sequence[Table]:
        """Tell what the diagnostics' files hold, of a session that may go on."""


class PastRow(Protocol):
    """One session of a synthetic past, as far as it is stored."""

    @property
    def portal(self) -> str:
        """The portal's name."""

    @property
    def sub_portal(self) -> str:
        """The sub-portal's name."""

    @property
    def stage(self) -> Stage:
        """Finished or Error."""

    @property
    def rep(self) -> str | None:
        """The e-mail address of who accepted."""

    @property
    def posted(self) -> datetime:
        """When it was posted."""

    @property
    def started(self) -> datetime | None:
        """When it started, if it did."""

    @property
    def ended(self) -> datetime:
        """When it ended."""

    @property
    def changes(self) -> Sequence[tuple[Change, datetime]]:
        """What it has left in the change log, in order of time."""


class Past(Protocol):
    """Makes a synthetic past."""

    def fill(self, sessions: int, start: datetime, end: datetime, portal: str | None) -> int:
        """Add that many ended sessions over [start, end); give how many came in."""


class Traffic(Protocol):
    """Live traffic: customers and representatives who act by themselves."""

    def next_at(self) -> datetime | None:
        """Tell when something will next be done; None for never."""

    def play(self, now: datetime, until: datetime | None = None) -> None:
        """Do all that is due at `now`, in order; nobody looks before `until`."""


@dataclass(slots=True)
class World:
    """One broker's ports, and the few things that are the same for all its calls.

    A reset replaces entropy, vault and content; a call takes each of them once.
    """

    clock: Clock
    entropy: Entropy
    store: Store
    blobs: Blobs
    vault: Vault
    content: Content
    base_url: Callable[[], str]
    throttle: Throttle = field(default_factory=Throttle)
    manners: Manners = PLAIN
    magic: bool = False
    relays: Relays | None = None
    unmade: Unmade = field(default_factory=Unmade)


@dataclass(slots=True)  # not frozen: on the way of every call, where freezing costs 1 us
class Call:
    """One call on a connection: its one instant, its transaction, its portal.

    Every handler of the Sessions service takes it first.
    """

    world: World
    now: datetime
    tx: Transaction
    connection: Connection

    @property
    def portal(self) -> str:
        """The only portal whose data the call may see. Source: CONN-4."""
        return self.connection.portal


@dataclass(slots=True)  # not frozen, for the same reason
class RepCall:
    """One call on a representative's connection. Every handler of the Agents service takes it."""

    world: World
    now: datetime
    tx: Transaction
    member: Member

    @property
    def email(self) -> str:
        """Whose desktop it is."""
        return self.member.rep.email


Arguments = Mapping[str, Any]
