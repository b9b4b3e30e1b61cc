"""Who may do what in the Management Center, and how long a login there lives.

Four roles: a company manager may do everything; an API manager looks after what programs log
on with; a team manager sees and runs the teams below its own; a representative with access
sees its own sessions.

Source: SEC-2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from broker_sim.contract import faults, limits
from broker_sim.core import access
from broker_sim.core.refusal import Refused

# A canonical name never begins with a blank of any kind; a representative's account begins
# with a space, so nobody else counts under a tab.
_MANAGER: Final = "\t"
_GUESSER: Final = "\t\t"


class Role(StrEnum):
    """What a manager is."""

    COMPANY = "company"
    API = "api"
    TEAM = "team"
    REPRESENTATIVE = "representative"


ROLE_NAMES: Final[Mapping[Role, str]] = {
    Role.COMPANY: "Company manager",
    Role.API: "API manager",
    Role.TEAM: "Team manager",
    Role.REPRESENTATIVE: "Representative with access",
}


class Power(StrEnum):
    """What a role may allow; the word is what the page says of it."""

    DASHBOARD = "see the dashboard"
    SESSIONS = "read sessions"
    REPORTS = "read reports"
    PORTALS = "run portals and their forms"
    STAFF = "run representatives"
    TEAMS = "run teams"
    LOGINS = "run API logins"
    KEYS = "set security keys"
    LOCKOUTS = "open lockouts"
    MANAGERS = "run managers"
    AUDIT = "read the audit trail"


_ALL: Final = frozenset(Power)
POWERS: Final[Mapping[Role, frozenset[Power]]] = {
    Role.COMPANY: _ALL,
    Role.API: frozenset({Power.DASHBOARD, Power.LOGINS, Power.LOCKOUTS}),
    Role.TEAM: frozenset(
        {Power.DASHBOARD, Power.SESSIONS, Power.REPORTS, Power.STAFF, Power.LOCKOUTS}
    ),
    Role.REPRESENTATIVE: frozenset({Power.DASHBOARD, Power.SESSIONS}),
}


def holders(power: Power) -> frozenset[Role]:
    """Give the roles that have a power."""
    return frozenset(role for role, powers in POWERS.items() if power in powers)


def refuse_powerless(role: Role, power: Power) -> None:
    """Refuse what a role may not do.

    Raises:
        Refused: NotPermitted. SEC-2.
    """
    if power not in POWERS[role]:
        raise Refused(faults.NOT_PERMITTED)


@dataclass(frozen=True, slots=True)
class Presence:
    """One login of a manager: when it was opened, and last used."""

    opened: datetime
    last_used: datetime


def ends_at(login: Presence) -> datetime:
    """Tell the first instant at which a login, unused from now on, has ended. SEC-2."""
    return min(login.last_used + limits.MANAGER_IDLE, login.opened + limits.MANAGER_STAYS)


def is_live(login: Presence, now: datetime) -> bool:
    """Tell whether a login lives at `now`: in [opened, `ends_at`)."""
    return now < ends_at(login)


def is_worth_noting(login: Presence, now: datetime) -> bool:
    """Tell whether a use at `now` has to be kept: seconds are not worth a write each."""
    return now - login.last_used >= timedelta(seconds=1)


def account(email: str) -> str:
    """Give the name under which a manager's failed logins count: nobody else's. SEC-2."""
    return _MANAGER + access.canonical(email)


def is_account(name: str) -> bool:
    """Tell whether a counted name is a manager's."""
    return name.startswith(_MANAGER) and not name.startswith(_GUESSER)


def email_of(account_name: str) -> str:
    """Give the manager's address back."""
    return account_name.removeprefix(_MANAGER)


def guesser(address: str) -> str:
    """Give the name under which wrong passwords from one network address count. SEC-2."""
    return _GUESSER + address
