"""The broker's faults, as what to do about them.

The left column is the contract's; a code that is not here is tried again later.

Source: C-LOCK-1, C-CONN-1, C-POLL-2, C-TIME-1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from integration.core import window
from integration.errors import (
    BehindEdge,
    Busy,
    CursorAhead,
    Exit,
    Locked,
    LogTruncated,
    PageLost,
    Park,
    Retry,
    Stop,
)

Fields: TypeAlias = Mapping[str, str]


class ConnectionLost(Exception):  # noqa: N818  named for what happened
    """The broker does not know the connection (any more): log on again once."""


class CredentialRefused(Stop):
    """The broker refused the login for good or until a person does something."""


class RateLimited(Retry):
    """Too many calls: wait as long as the broker says, then repeat."""


def _refused(why: str) -> Callable[[Fields], Exception]:
    return lambda _: CredentialRefused(why, exit_code=Exit.REFUSED)


def _seconds(fields: Fields, name: str) -> float:
    return max(0.0, float(fields[name]))


_ERRORS: Final[Mapping[str, Callable[[Fields], Exception]]] = {
    "InvalidCredentials": _refused("the broker refused the user name or the password"),
    "LockedOutPermanently": _refused("the login is locked until an administrator unlocks it"),
    "LockedOut": lambda f: Locked(
        "the login is locked after too many failed logons", after=_seconds(f, "secondsLeft")
    ),
    "AlreadyLoggedOn": lambda f: Busy(
        "another program holds this login's one connection", after=_seconds(f, "secondsLeft")
    ),
    "ConnectionExpired": lambda _: ConnectionLost("the connection has ended"),
    "InvalidConnection": lambda _: ConnectionLost("the broker does not know the connection"),
    "RateLimited": lambda f: RateLimited("too many calls", after=_seconds(f, "retryAfterSeconds")),
    "NoSuchSession": lambda _: Park("the portal has no such session"),
    "SessionPurged": lambda f: Park(f"the broker purged it at {f.get('purgedAt', 'some time')}"),
    "InvalidRange": lambda f: BehindEdge(window.parse(f["edge"])),
    "UpdateExpired": lambda f: LogTruncated(int(f["oldestUpdateId"])),
    "InvalidUpdateId": lambda f: CursorAhead(int(f["lastUpdateId"])),
    "SecurityKeyRequired": lambda _: Park("its key is made from the portal's security key"),
    "InvalidArgument": lambda f: Park(
        f"the broker does not accept our {f.get('field')}: {f.get('reason')}"
    ),
    "OutOfTurn": lambda _: Park("the broker does not do that for this session now"),
    "ServerError": lambda f: Retry(f"the broker failed, incident {f.get('incidentId')}"),
}


def as_error(code: str, fields: Fields) -> Exception:
    """Turn a fault into what to do; one whose fields are missing or odd is tried again later."""
    known = _ERRORS.get(code)
    try:
        return known(fields) if known else Retry(f"the broker refused: {code or 'no reason given'}")
    except (KeyError, ValueError):
        return Retry(f"the broker refused: {code}")


def in_listing(error: Exception) -> Exception:
    """In a list of sessions, one that is not there is the one that a page was to follow."""
    return PageLost(str(error)) if isinstance(error, Park) else error
