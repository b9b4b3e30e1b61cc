"""Is a representative there, and since when?

A rep is InSession exactly while a session of its own goes on, wherever the rep is; else it is
what its connection and its own word say: LoggedOut, Unavailable or Available. A rep who is in
a session and has not said otherwise goes on taking requests: several customers at once.

Source: MON-1, MON-3, PORTAL-3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from broker_sim.core import access, connection
from broker_sim.core.connection import Connection

# A canonical name of an API login never begins with a blank, so no name stands for both.
_REP: Final = " "


class Status(StrEnum):
    """The words of the contract's RepresentativeStatus."""

    LOGGED_OUT = "LoggedOut"
    UNAVAILABLE = "Unavailable"
    AVAILABLE = "Available"
    IN_SESSION = "InSession"


@dataclass(frozen=True, slots=True)
class Presence:
    """What a rep's own doings say.

    Attributes:
        available: it has set itself available since its last logon.
        since: its last logon, logoff or change of availability.
        connection: what its last logon opened; None after a logoff. It may have ended idle.
    """

    available: bool
    since: datetime
    connection: Connection | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What the sessions say.

    Attributes:
        began: the start of the oldest session that goes on; None where none does.
        last_end: the end of the session that ended last; None before the first.
    """

    began: datetime | None = None
    last_end: datetime | None = None


def account(email: str) -> str:
    """Give the name under which a rep's failed logons count: none of an API login's. LOGON-5."""
    return _REP + access.canonical(email)


def is_account(name: str) -> bool:
    """Tell whether a counted name is a rep's."""
    return name.startswith(_REP)


def email_of(account_name: str) -> str:
    """Give the rep's address back."""
    return account_name.removeprefix(_REP)


def is_logged_on(presence: Presence, now: datetime) -> bool:
    """Tell whether the rep's connection lives at `now`."""
    return presence.connection is not None and connection.is_live(presence.connection, now)


def takes_requests(presence: Presence, now: datetime) -> bool:
    """Tell whether the rep is alerted to requests and may accept them. Source: PORTAL-3."""
    return presence.available and is_logged_on(presence, now)


def status(presence: Presence, work: Work, now: datetime) -> Status:
    """Give the one word for what a rep is doing. Source: MON-1, MON-3."""
    if work.began is not None:
        return Status.IN_SESSION
    if not is_logged_on(presence, now):
        return Status.LOGGED_OUT
    return Status.AVAILABLE if presence.available else Status.UNAVAILABLE


def since(presence: Presence, work: Work, now: datetime) -> datetime:
    """Tell since when the rep's status is what it is.

    InSession: since the oldest session that goes on started. Else since the latest of its own
    last word, the end of its connection where it ended idle, and the end of its last session.
    """
    if work.began is not None:
        return work.began
    marks = [presence.since]
    if presence.connection is not None and not is_logged_on(presence, now):
        marks.append(connection.ends_at(presence.connection))
    if work.last_end is not None:
        marks.append(work.last_end)
    return max(marks)


def today(now: datetime) -> tuple[datetime, datetime]:
    """Give the day of `now` in UTC as [start, end)."""
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)
