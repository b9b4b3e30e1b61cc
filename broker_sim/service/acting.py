"""One deed of a manager: its transaction, whether it may be done, its line in the audit trail.

Every use case of the Management Center that changes something opens one. Who has no power to do
it is refused before anything is written; what is done and the line about it commit together.

Source: SEC-2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from broker_sim.contract import faults
from broker_sim.core import access, management
from broker_sim.core.management import Power, Role
from broker_sim.core.refusal import Refused
from broker_sim.core.team import below
from broker_sim.service.manager_storage import Entry, Manager
from broker_sim.service.ports import World
from broker_sim.service.staff_storage import Desk, Member
from broker_sim.service.storage import Portal, Transaction


@dataclass(frozen=True, slots=True)
class Sight:
    """What a manager's role lets it see; None is everything.

    Attributes:
        teams: by name, those below a team manager's own with it.
        reps: by address: the members of these teams; of a representative, itself.
        desks: the (portal, sub-portal) pairs that these representatives serve.
    """

    teams: frozenset[str] | None = None
    reps: frozenset[str] | None = None
    desks: frozenset[Desk] | None = None

    def sees_rep(self, email: str) -> bool:
        """Tell whether a representative is in sight."""
        return self.reps is None or email in self.reps

    def sees_desk(self, portal: str, sub_portal: str) -> bool:
        """Tell whether a sub-portal is in sight."""
        return self.desks is None or (portal, sub_portal) in self.desks

    def sees_portal(self, portal: str) -> bool:
        """Tell whether anything of a portal is in sight."""
        return self.desks is None or any(portal == one for one, _ in self.desks)

    def sees_team(self, name: str) -> bool:
        """Tell whether a team is in sight."""
        return self.teams is None or name in self.teams


def sight_of(tx: Transaction, manager: Manager) -> Sight:
    """Give what a manager may see. SEC-2."""
    if manager.role in (Role.COMPANY, Role.API):
        return Sight()
    if manager.role is Role.REPRESENTATIVE:
        teams, reps = frozenset[str](), {manager.email}
    else:
        parents = {team.name: team.parent for team in tx.teams()}
        teams = below(manager.team or "", parents)
        reps = {member.rep.email for member in tx.members() if member.rep.team in teams}
    desks = frozenset(
        (portal.name, sub_portal)
        for portal in tx.portals()
        for sub_portal, member in tx.serving(portal.name)
        if member.rep.email in reps
    )
    return Sight(teams, frozenset(reps), desks)


@dataclass(frozen=True, slots=True)
class Deed:
    """What one use case has in its hands."""

    world: World
    tx: Transaction
    now: datetime
    manager: Manager
    sight: Sight

    def note(self, action: str, subject: str, detail: str = "", portal: str | None = None) -> None:
        """Put what is done into the audit trail."""
        self.tx.note_deed(Entry(0, self.now, self.manager.email, action, portal, subject, detail))

    def portal(self, name: str) -> Portal:
        """Give a portal in sight.

        Raises:
            Refused: InvalidArgument; there is none, as far as the manager can see.
        """
        known = self.tx.portal(name) if self.sight.sees_portal(name) else None
        if known is None:
            refuse_unknown("portal")
        return known

    def member(self, email: str) -> Member:
        """Give a representative in sight, locked.

        Raises:
            Refused: InvalidArgument; there is none, as far as the manager can see.
        """
        found = self.tx.member(access.canonical(email), lock=True)
        if found is None or not self.sight.sees_rep(found.rep.email):
            refuse_unknown("representative")
        return found


def refuse_unknown(field: str) -> NoReturn:
    """Refuse what is not there."""
    raise wrong(field, "there is none of that name")


def wrong(field: str, reason: str) -> Refused:
    """Give the refusal of a value."""
    return Refused(faults.INVALID_ARGUMENT, field=field, reason=reason)


def _deed(world: World, tx: Transaction, now: datetime, by: str, power: Power) -> Deed:
    """Begin a deed in an open transaction, where the role of who does it has the power."""
    manager = tx.manager(by)
    if manager is None:
        raise Refused(faults.NOT_PERMITTED)
    management.refuse_powerless(manager.role, power)
    return Deed(world, tx, now, manager, sight_of(tx, manager))


@contextmanager
def acting(world: World, by: str, power: Power) -> Iterator[Deed]:
    """Open the transaction of a deed; `by` is who does it, whose role is read anew.

    Raises:
        Refused: NotPermitted.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        yield _deed(world, tx, now, by, power)


@contextmanager
def looking(world: World, by: str, power: Power) -> Iterator[Deed]:
    """Open a transaction that only reads, for who may do so.

    Raises:
        Refused: NotPermitted.
    """
    now = world.clock.now()
    with world.store.reading() as tx:
        yield _deed(world, tx, now, by, power)


def portals_in(deed: Deed) -> Sequence[Portal]:
    """Give the portals that the manager sees, by name."""
    return [one for one in deed.tx.portals() if deed.sight.sees_portal(one.name)]
