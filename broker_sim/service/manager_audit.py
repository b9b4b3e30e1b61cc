"""Read the audit trail: by pages, and all of it.

Source: SEC-2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from broker_sim.contract import limits
from broker_sim.core.management import Power
from broker_sim.service.acting import Deed, looking
from broker_sim.service.manager_storage import Entry, Wanted
from broker_sim.service.ports import World
from broker_sim.service.storage import Portal

PAGE: Final = 50
_EXPORT_PAGE: Final = 1000
# What is done, by its word in the trail; a word of one part stands for all that begin with it.
ACTIONS: Final = {
    "login.opened": "Logged in",
    "login.closed": "Logged out",
    "login.locked": "Locked out",
    "password.changed": "Changed own password",
    "portal.add": "Added a portal",
    "portal.change": "Changed a portal",
    "portal.lockouts": "Turned hard lockouts",
    "portal.codes": "Set phone codes",
    "portal.form": "Set a form",
    "portal.branding": "Set the branding",
    "subportal.add": "Added a sub-portal",
    "subportal.remove": "Removed a sub-portal",
    "subportal.serve": "Set who serves a sub-portal",
    "key.set": "Set a security key",
    "key.clear": "Cleared a security key",
    "representative.hire": "Hired a representative",
    "representative.change": "Changed a representative",
    "representative.desks": "Set desks",
    "representative.password": "Reset a representative's password",
    "representative.disconnect": "Ended a connection",
    "representative.deactivate": "Deactivated a representative",
    "representative.remove": "Removed a representative",
    "login.add": "Added an API login",
    "login.password": "Set an API login's password",
    "login.remove": "Removed an API login",
    "lockout.open": "Opened a lockout",
    "team.add": "Added a team",
    "team.move": "Moved a team",
    "team.remove": "Removed a team",
    "manager.add": "Gave access",
    "manager.change": "Changed a manager",
    "manager.password": "Reset a manager's password",
    "manager.remove": "Took access away",
    "session.read": "Read a session",
    "session.replayed": "Replayed a session",
    "session.exported": "Exported a list of sessions",
}


@dataclass(frozen=True, slots=True)
class Trail:
    """A page of the trail.

    Attributes:
        older: the number to ask for further lines before; None where there are none.
    """

    entries: Sequence[Entry]
    older: int | None
    actors: Sequence[str]
    portals: Sequence[Portal]


def trail(world: World, by: str, wanted: Wanted) -> Trail:
    """Give a page of lines, the newest first.

    Raises:
        Refused: NotPermitted.
    """
    with looking(world, by, Power.AUDIT) as deed:
        found = deed.tx.deeds(_kept(deed, wanted), PAGE + 1)
        older = found[PAGE - 1].number if len(found) > PAGE else None
        actors = [one.email for one in deed.tx.managers()]
        return Trail(found[:PAGE], older, actors, deed.tx.portals())


def _kept(deed: Deed, wanted: Wanted) -> Wanted:
    """Leave out what is past its time, though it may still be there. SEC-2."""
    edge = deed.now - limits.AUDIT_KEPT + timedelta(milliseconds=1)
    first = edge if wanted.start is None else max(edge, wanted.start)
    return replace(wanted, start=first)


def lines(world: World, by: str, wanted: Wanted) -> Sequence[Entry]:
    """Give all lines that fit, the newest first.

    Raises:
        Refused: NotPermitted.
    """
    with looking(world, by, Power.AUDIT) as deed:
        return list(_all(deed, _kept(deed, wanted)))


def _all(deed: Deed, wanted: Wanted) -> Iterator[Entry]:
    while found := deed.tx.deeds(wanted, _EXPORT_PAGE):
        yield from found
        wanted = replace(wanted, before=found[-1].number)
