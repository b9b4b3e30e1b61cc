"""What the use cases ask of the store, and the values that it gives.

One transaction sees what it wrote; the adapters fulfil these protocols.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from msgspec import Struct

from broker_sim.contract import limits
from broker_sim.core.access import PortalKey
from broker_sim.core.connection import Connection
from broker_sim.core.lockout import Lockout
from broker_sim.core.record import Change, File, Session
from broker_sim.service.channel_storage import ChannelTransaction
from broker_sim.service.manager_storage import ManagementTransaction
from broker_sim.service.review_storage import ReviewTransaction
from broker_sim.service.staff_storage import StaffTransaction


@dataclass(frozen=True, slots=True)
class Portal:
    """A support queue as stored; `last_update_id` is 0 while its log is empty.

    `codes_per_rep` and `code_lives` are settings of its phone mode. PHONE-2, PHONE-3.
    """

    name: str
    display_name: str
    company: str
    portal_type: str
    sub_portals: tuple[str, ...]
    hard_lockouts: bool
    last_update_id: int = 0
    codes_per_rep: int = limits.CODES_PER_REP
    code_lives: timedelta = limits.CODE_LIVES


@dataclass(frozen=True, slots=True)
class Login:
    """An API login as stored; `username` is canonical."""

    username: str
    portal: str
    password_hash: str


class Standing(NamedTuple):
    """All that a logon asks of a canonical name.

    Attributes:
        lockout: whether it may try, be it known or not.
        login: None where there is none of that name.
        connection: what the login opened last, if that is still kept.
    """

    lockout: Lockout
    login: Login | None
    connection: Connection | None


class Update(Struct, frozen=True, gc=False):
    """One entry of a portal's change log.

    A page has a thousand of them, and is made in a fifth of the time of named tuples.
    """

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


class Transaction(
    StaffTransaction, ManagementTransaction, ReviewTransaction, ChannelTransaction, Protocol
):
    """One transaction of the store; every read sees what it wrote."""

    def portal(self, name: str) -> Portal | None:
        """Give the portal of that name."""

    def portals(self) -> Sequence[Portal]:
        """Give all portals, by name."""

    def add_portal(self, portal: Portal, key: PortalKey) -> None:
        """Add a portal and the first version of its key."""

    def change_portal(self, portal: Portal) -> None:
        """Keep its name for people, its type and its sub-portals."""

    def set_hard_lockouts(self, portal: str, *, on: bool) -> None:
        """Say whether the tenth failed logon locks for good."""

    def key(self, portal: str, version: int | None = None) -> PortalKey | None:
        """Give one version of a portal's key; the newest where none is named."""

    def newest_keys(self) -> Mapping[str, PortalKey]:
        """Give the newest version of every portal's key, by the portal's name."""

    def add_key(self, portal: str, key: PortalKey) -> None:
        """Add a version, which applies from now on."""

    def login(self, username: str) -> Login | None:
        """Give the login of that canonical name."""

    def logins(self, portal: str) -> Sequence[Login]:
        """Give a portal's logins, by name."""

    def all_logins(self) -> Sequence[Login]:
        """Give the logins of all portals, by name."""

    def add_login(self, login: Login) -> None:
        """Add a login, or replace its password."""

    def drop_login(self, username: str) -> None:
        """Forget a login, its connection and its lockout."""

    def lockouts(self, now: datetime) -> Sequence[tuple[str, Lockout]]:
        """Give all names that are locked at `now`, those of accounts and the newest first."""

    def lockout(self, username: str) -> Lockout:
        """Give the lockout state of a canonical name, known or not."""

    def set_lockout(self, username: str, state: Lockout, now: datetime) -> None:
        """Keep it; unknown names in a bounded table."""

    def connection(self, digest: bytes) -> Connection | None:
        """Give the connection whose id has this SHA-256."""

    def standing(self, username: str) -> Standing:
        """Give a canonical name's lockout, login and connection, in one look."""

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

    def portals_due(self, now: datetime) -> Sequence[str]:
        """Give the portals that have sessions with `due` <= now, by name."""

    def waiting(self, portal: str) -> Sequence[Session]:
        """Give the requests that wait in a portal, in order of (post time, id)."""

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

        Where its large blobs lie becomes an orphan, to be deleted after the commit.
        """

    def forget(self, log_by: datetime, limit: int) -> int:
        """Drop purge entries made at `log_by` or before from the log; give how many."""

    def blob(self, session_id: int, name: str) -> bytes | str | None:
        """Give a small recorded file, or a large one's key in the blob folder."""

    def put_blob(self, session_id: int, name: str, data: bytes | str) -> None:
        """Keep a small recorded file's bytes, or a large one's key in the blob folder."""

    def orphans(self) -> Sequence[str]:
        """Give where large blobs may still lie though their session is gone, for `Blobs.delete`."""

    def orphan_gone(self, key: str) -> None:
        """Note that the bytes are gone."""

    def count_sessions(self) -> int:
        """Count what is stored, gone sessions left out."""

    def count_connections(self, used_after: datetime) -> int:
        """Count the connections that were last used after this instant, a rep's own too."""

    def note(self, name: str) -> str | None:
        """Give a setting of the world that outlives the process."""

    def set_note(self, name: str, value: str) -> None:
        """Keep it."""


class MustWrite(Exception):  # noqa: N818  a finding about a call, not an error
    """A transaction that only reads was to write; nothing is lost by doing all of it again."""


class Store(Protocol):
    """Keeps the world's state."""

    @property
    def reads_beside(self) -> bool:
        """Whether who reads goes on while somebody writes, which is so where processes share it."""

    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a transaction that writes nothing: MustWrite is raised where it was to."""

    def writing(self) -> AbstractContextManager[Transaction]:
        """Open one that commits at the end, on `Refused` too, and rolls back on other errors.

        Nobody else writes meanwhile.
        """
