"""What the use cases ask of the store about representatives and phone codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from broker_sim.core.phonecode import PhoneCode
from broker_sim.core.record import Representative
from broker_sim.core.routing import Alert
from broker_sim.core.staff import Presence

# A portal and one of its sub-portals.
Desk = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """A representative as stored.

    Attributes:
        rep: as a session remembers it; its e-mail address is its login, canonical.
        last_event_id: the newest event it was given; 0 for none.
        stood_in: a tester has put it at the desk, and no connection's id leads to it.
        digest: of its connection's id; None where none leads to it.
    """

    rep: Representative
    password_hash: str = field(repr=False)
    presence: Presence
    last_event_id: int = 0
    stood_in: bool = False
    digest: bytes | None = field(default=None, repr=False)

    @property
    def is_active(self) -> bool:
        """Whether it may log on: a password of nothing fits nothing."""
        return bool(self.password_hash)


@dataclass(frozen=True, slots=True)
class Hired:
    """A representative to be added, and the desks it takes requests from."""

    rep: Representative
    password_hash: str = field(repr=False)
    desks: tuple[Desk, ...]


@dataclass(frozen=True, slots=True)
class Engagement:
    """One session that a rep is in."""

    representative: str
    session_id: int
    portal: str
    started: datetime


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """One thing that a rep is to hear of; what else is to be told is on the session's record."""

    event_id: int
    session_id: int
    kind: str
    detail: str
    time: datetime


class StaffTransaction(Protocol):
    """The part of a transaction that knows representatives and phone codes."""

    def hire(self, hired: Sequence[Hired], now: datetime) -> None:
        """Add representatives, logged out since `now`."""

    def assign(self, email: str, desk: Desk) -> bool:
        """Let a rep take requests from a sub-portal; False where it does already."""

    def member(self, email: str, *, lock: bool = False) -> Member | None:
        """Give the representative of that canonical address.

        `lock`: nobody else changes or locks it until the transaction ends.
        """

    def members(self) -> Sequence[Member]:
        """Give all representatives, in order of their addresses."""

    def members_at(self, portal: str, sub_portal: str) -> Sequence[Member]:
        """Give who serves a sub-portal, in order of their addresses."""

    def serving(self, portal: str) -> Sequence[tuple[str, Member]]:
        """Give (sub-portal, representative) for all who serve the portal, in that order."""

    def desks(self, email: str) -> Sequence[Desk]:
        """Give the (portal, sub-portal) pairs that a rep serves, in order."""

    def all_desks(self) -> Mapping[str, Sequence[Desk]]:
        """Give the desks of all who serve some, in order, by e-mail address."""

    def unassign(self, email: str, desk: Desk) -> bool:
        """Let a rep take no more requests from a sub-portal; False where it took none."""

    def change_rep(self, rep: Representative) -> None:
        """Keep the names and the team of the rep of that address."""

    def rep_has_sessions(self, email: str) -> bool:
        """Tell whether any session that is kept is, or was, this rep's."""

    def drop_rep(self, email: str) -> None:
        """Forget a rep who has had no session: its desks, its connection, what it was told."""

    def set_rep_password(self, email: str, password_hash: str) -> None:
        """Keep the hash of a rep's new password."""

    def set_available(self, email: str, *, available: bool, since: datetime) -> None:
        """Keep what a rep says of itself, and since when."""

    def rep_connected(self, digest: bytes) -> Member | None:
        """Give whose connection has an id of this SHA-256."""

    def connect_rep(self, email: str, digest: bytes | None, now: datetime) -> None:
        """Keep the rep's one connection, in place of the one before; without an id for None."""

    def touch_rep(self, email: str, now: datetime) -> None:
        """Keep the last use of its connection."""

    def disconnect_rep(self, email: str) -> None:
        """Forget the rep's connection."""

    def engagements(self, portal: str) -> Sequence[Engagement]:
        """Give the sessions that reps who serve this portal are in, of all portals."""

    def engagements_of(self, email: str) -> Sequence[Engagement]:
        """Give the sessions that a rep is in."""

    def open_sessions(self, email: str) -> Sequence[int]:
        """Give the ids of the sessions that a rep has accepted and that go on, in order."""

    def work(
        self, portal: str, start: datetime, end: datetime
    ) -> Sequence[tuple[str, int, datetime | None]]:
        """Give (rep, finished in [start, end) in this portal, last end in any) for its reps.

        In no order.
        """

    def add_event(self, email: str, event: AgentEvent) -> None:
        """Give a rep an event, with the next number; the event's own is not used."""

    def events(self, email: str, since: int, limit: int) -> Sequence[AgentEvent]:
        """Give a rep's events behind `since`, in order."""

    def forget_events(self, email: str, to: int) -> None:
        """Drop a rep's events to this number, it included."""

    def alerts(self, session_id: int) -> Sequence[Alert]:
        """Give who was alerted to a waiting request, in order of their addresses."""

    def add_alerts(self, session_id: int, emails: Sequence[str]) -> None:
        """Note who was alerted."""

    def decline_alert(self, session_id: int, email: str) -> None:
        """Note that a rep has declined."""

    def withdraw_alerts(self, email: str) -> None:
        """Forget what a rep was alerted to and has not declined: its desktop is gone."""

    def drop_alerts(self, session_id: int) -> None:
        """Forget who was alerted: the request waits no more."""

    def set_code_settings(self, portal: str, most: int, lives: timedelta) -> None:
        """Set how many active codes a rep may have, and how long one lives."""

    def add_code(self, code: PhoneCode) -> bool:
        """Add a code; False where it was given out before and is still remembered."""

    def code(self, code: str) -> PhoneCode | None:
        """Give a code, dead or alive."""

    def active_codes(
        self, portal: str, now: datetime, email: str | None = None
    ) -> Sequence[PhoneCode]:
        """Give a portal's active codes, or those of one rep, by (expires, code)."""

    def count_codes(self, email: str, now: datetime) -> int:
        """Count a rep's active codes, of all portals."""

    def end_code(self, code: str, now: datetime) -> bool:
        """End an active code; False where somebody else was quicker, or it expired.

        The customer's name and reference are not kept.
        """

    def end_codes(self, email: str, now: datetime) -> int:
        """End all active codes of a rep, of all portals; give how many."""

    def forget_codes(self, expired_by: datetime, limit: int) -> int:
        """Drop codes that expired at `expired_by` or before; give how many."""
