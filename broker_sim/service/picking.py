"""At a SmartMatch the customer picks who is to help: one of those who take requests.

Source: PORTAL-6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from broker_sim.contract import faults
from broker_sim.core import access, staff
from broker_sim.core.form import Form
from broker_sim.core.refusal import Refused
from broker_sim.service.ports import World
from broker_sim.service.storage import Portal, Transaction

SMART_MATCH = "SmartMatch"


@dataclass(frozen=True, slots=True)
class Choice:
    """One representative as customers see it.

    Attributes:
        key: what a form says to pick it; no customer sees an address.
        sub_portals: that it serves, in the portal's order.
        busy: it is in a session, and takes requests all the same.
    """

    key: str
    email: str
    name: str
    team: str
    sub_portals: tuple[str, ...]
    busy: bool

    def is_meant(self, said: str) -> bool:
        """Tell whether a key, or an e-mail address, means this one."""
        return said == self.key or access.canonical(said) == self.email


def choices(
    world: World, tx: Transaction, portal: Portal, form: Form, now: datetime
) -> Sequence[Choice]:
    """Give who can be picked at a SmartMatch, by name; nobody at any other portal.

    Those who are masked, and those who take no requests, are left out.
    """
    if portal.portal_type != SMART_MATCH:
        return ()
    desks: dict[str, list[str]] = {}
    found = {}
    for sub_portal, member in tx.serving(portal.name):
        desks.setdefault(member.rep.email, []).append(sub_portal)
        found[member.rep.email] = member
    there = (
        Choice(
            world.vault.digest(f"{portal.name} {email}").hex()[:16],
            email,
            member.rep.screen_name,
            member.rep.team,
            tuple(name for name in portal.sub_portals if name in desks[email]),
            bool(tx.engagements_of(email)),
        )
        for email, member in found.items()
        if email not in form.masked and staff.takes_requests(member.presence, now)
    )
    return sorted(there, key=lambda one: (one.name.casefold(), one.email))


def pick(offered: Sequence[Choice], said: str, sub_portal: str | None) -> tuple[str, str]:
    """Find who is meant, and the sub-portal that the request will stand in.

    Args:
        offered: who can be picked.
        said: a key, or an e-mail address, which a company's own page may know.
        sub_portal: the one that the launch names; None where it names none.

    Returns:
        The address, and the sub-portal.

    Raises:
        Refused: NotAvailable; nobody of these, or not there.
    """
    for one in offered:
        if one.is_meant(said) and (sub_portal is None or sub_portal in one.sub_portals):
            return one.email, sub_portal or one.sub_portals[0]
    raise Refused(faults.NOT_AVAILABLE)
