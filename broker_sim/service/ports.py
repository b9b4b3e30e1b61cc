"""What the use cases need from outside, as small protocols; adapters fulfil them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from broker_sim.core.access import PortalKey
from broker_sim.core.connection import Connection
from broker_sim.core.lockout import Lockout
from broker_sim.core.session import Change, File, Session, Stage


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


@dataclass(frozen=True, slots=True)
class Portal:
    """A support queue as stored; `last_update_id` is 0 while its log is empty."""

    name: str
    display_name: str
    company: str
    portal_type: str
    sub_portals: tuple[str, ...]
    hard_lockouts: bool
    last_update_id: int = 0


@dataclass(frozen=True, slots=True)
class Login:
    """An API login as stored; `username` is canonical."""

    username: str
    portal: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Update:
    """One entry of a portal's change log."""

    update_id: int
    session_id: int
    kind: Change
    time: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A session as stored, with what is not on its record.

    Attributes:
        session: the record; its `files` are empty until they were first asked for.
        key_version: of the portal's key when the session ended; 0 until then.
        due: when time alone will next change it, retention apart; None for never.
        recorded: its recording is ready.
        synthetic: it is of a synthetic past, whose bodies are made anew on every read.
    """

    session: Session
    key_version: int = 0
    due: datetime | None = None
    recorded: bool = False
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Doomed:
    """A session whose time is over."""

    session_id: int
    portal: str
    ended: datetime


class Transaction(Protocol):
    """One transaction of the store; every read sees what it wrote."""

    def portal(self, name: str) -> Portal | None:
        """Give the portal of that name."""

    def portals(self) -> Sequence[Portal]:
        """Give all portals, by name."""

    def add_portal(self, portal: Portal, key: PortalKey) -> None:
        """Add a portal and the first version of its key."""

    def set_hard_lockouts(self, portal: str, *, on: bool) -> None:
        """Say whether the tenth failed logon locks for good."""

    def key(self, portal: str, version: int | None = None) -> PortalKey | None:
        """Give one version of a portal's key; the newest where none is named."""

    def add_key(self, portal: str, key: PortalKey) -> None:
        """Add a version, which applies from now on."""

    def login(self, username: str) -> Login | None:
        """Give the login of that canonical name."""

    def logins(self, portal: str) -> Sequence[Login]:
        """Give a portal's logins, by name."""

    def add_login(self, login: Login) -> None:
        """Add a login, or replace its password."""

    def lockout(self, username: str) -> Lockout:
        """Give the lockout state of a canonical name, known or not."""

    def set_lockout(self, username: str, state: Lockout, now: datetime) -> None:
        """Keep it; unknown names in a bounded table."""

    def connection(self, digest: bytes) -> Connection | None:
        """Give the connection whose id has this SHA-256."""

    def connection_of(self, login: str) -> Connection | None:
        """Give the connection that the login opened last, if it is still kept."""

    def put_connection(self, digest: bytes, connection: Connection) -> None:
        """Keep the login's one connection, in place of the one before."""

    def touch_connection(self, connection: Connection) -> None:
        """Keep its last use."""

    def drop_connection(self, login: str) -> None:
        """Forget the login's connection."""

    def next_session_id(self) -> int:
        """Give an id that was never given before."""

    def held(self, session_id: int) -> Held | None:
        """Give a session with what is stored beside it."""

    def purged_at(self, session_id: int) -> tuple[str, datetime] | None:
        """Give portal and purge instant of a session that was purged."""

    def put(self, held: Held, changes: Sequence[Change], now: datetime) -> Session:
        """Store a session and log its changes at `now`.

        Returns:
            The session with its new `last_update_id`.
        """

    def put_files(self, session_id: int, files: Sequence[File]) -> None:
        """Keep the recorded files; this is no change of the session."""

    def due(self, portal: str, now: datetime, limit: int) -> Sequence[Held]:
        """Give sessions with `due` <= now, earliest first."""

    def next_due(self) -> datetime | None:
        """Give the earliest `due` of all portals."""

    def session_ids(
        self,
        portal: str,
        by: str,
        start: datetime,
        end: datetime,
        *,
        ended_after: datetime,
        sub_portals: Sequence[str],
        after: int | None,
        limit: int,
    ) -> Sequence[int]:
        """Give ids with that time in [start, end), ordered by (time, id), behind `after`.

        Sessions that ended at `ended_after` or before are left out.
        """

    def updates(
        self, portal: str, since: int, limit: int, *, ended_after: datetime
    ) -> Sequence[Update]:
        """Give entries behind `since`, without those of sessions ended at `ended_after` or before.

        The purge entries are always among them.
        """

    def floor(self, portal: str, instant: datetime) -> int:
        """Give the newest update made at `instant` or before; 0 for none."""

    def doomed(self, ended_by: datetime, limit: int) -> Sequence[Doomed]:
        """Give sessions that ended at `ended_by` or before, earliest first."""

    def purge(self, doomed: Doomed, now: datetime) -> None:
        """Delete all of a session but its tombstone, and log that at `now`.

        Its large blobs become orphans, to be deleted after the commit.
        """

    def forget(self, log_by: datetime, limit: int) -> int:
        """Drop purge entries made at `log_by` or before from the log; give how many."""

    def blob(self, session_id: int, name: str) -> bytes | str | None:
        """Give a small recorded file, or a large one's key in the blob folder."""

    def put_blob(self, session_id: int, name: str, data: bytes | str) -> None:
        """Keep a small recorded file's bytes, or a large one's key in the blob folder."""

    def orphans(self) -> Sequence[str]:
        """Give keys of large blobs whose session is gone but whose bytes may still be there."""

    def orphan_gone(self, key: str) -> None:
        """Note that the bytes are gone."""

    def count_sessions(self) -> int:
        """Count what is stored, gone sessions left out."""

    def note(self, name: str) -> str | None:
        """Give a setting of the world that outlives the process."""

    def set_note(self, name: str, value: str) -> None:
        """Keep it."""


class Store(Protocol):
    """Keeps the world's state."""

    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a transaction that writes nothing."""

    def writing(self) -> AbstractContextManager[Transaction]:
        """Open one that commits at the end, on `Refused` too, and rolls back on other errors."""


class Blobs(Protocol):
    """Keeps large recordings as files."""

    def put(self, key: str, data: bytes) -> None:
        """Keep `data`, whole or not at all."""

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """Give bytes [start, start + length) in pieces of at most 64 KiB."""

    def delete(self, key: str) -> None:
        """Delete it; a missing one is no error."""


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


class Content(Protocol):
    """Makes the synthetic bodies of a session's files."""

    def names(self, session: Session) -> Sequence[tuple[str, str]]:
        """Give (channel, file name) of every file the session has. Source: REC-1."""

    def body(self, session: Session, name: str) -> bytes:
        """Make the plain bytes of one file; the same for the same session."""


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

    def play(self, now: datetime) -> None:
        """Do all that is due at `now`, in order."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call and its answer, as the journal is told of it; bodies not yet redacted."""

    door: str
    operation: str | None
    status: int
    fault: str | None
    client: str
    request: bytes
    response: bytes


class Journal(Protocol):
    """Remembers the last exchanges, redacted."""

    def add(self, exchange: Exchange, now: datetime) -> None:
        """Keep an exchange."""

    def after(self, number: int, limit: int) -> Sequence[Mapping[str, Any]]:
        """Give at most `limit` entries with a number greater than this, oldest first."""

    def clear(self) -> None:
        """Forget all."""


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


@dataclass(frozen=True, slots=True)
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


Arguments = Mapping[str, Any]
