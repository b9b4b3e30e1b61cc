"""What a manager sees of the sessions, and what there is to choose from. SEC-2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from broker_sim.core.management import Role
from broker_sim.core.reviewing import Scope
from broker_sim.core.team import below
from broker_sim.service.manager_storage import Entry, Manager
from broker_sim.service.ports import World
from broker_sim.service.storage import Portal


@dataclass(frozen=True, slots=True)
class Choices:
    """What a filter can name; `representatives` are (address, name)."""

    portals: Sequence[Portal]
    teams: Sequence[str]
    representatives: Sequence[tuple[str, str]]


def scope_of(world: World, manager: Manager) -> Scope:
    """Tell what a manager may see.

    A company manager sees all; a team manager the sessions of the own team and of those below
    it; a representative with access the own ones; an API manager none.
    """
    match manager.role:
        case Role.COMPANY:
            return Scope()
        case Role.TEAM:
            with world.store.reading() as tx:
                teams = {team.name: team.parent for team in tx.teams()}
            return Scope(teams=below(manager.team or "", teams))
        case Role.REPRESENTATIVE:
            return Scope(representatives=frozenset({manager.email}))
        case Role.API:
            return Scope(portals=frozenset())


def choices(world: World, scope: Scope) -> Choices:
    """Give what there is to choose from, each in order of its name."""
    with world.store.reading() as tx:
        portals = [one for one in tx.portals() if scope.sees_portal(one.name)]
        reps = [member.rep for member in tx.members()]
        named = {team.name for team in tx.teams()}
    seen = [
        rep
        for rep in reps
        if (scope.teams is None or rep.team in scope.teams)
        and (scope.representatives is None or rep.email in scope.representatives)
    ]
    teams = named if scope.teams is None else named & scope.teams
    if scope.representatives is not None:
        teams = set()
    return Choices(
        portals,
        sorted(teams | {rep.team for rep in seen}),
        sorted(((rep.email, rep.name) for rep in seen), key=lambda one: (one[1], one[0])),
    )


def note_look(
    world: World, manager: Manager, how: str, portal: str | None, subject: str, detail: str = ""
) -> None:
    """Put into the audit trail that a manager has looked at sessions.

    Args:
        world: where.
        manager: who.
        how: `read`, `replayed` or `exported`.
        portal: the sessions', where they are all of one.
        subject: the session, or how many.
        detail: how they were looked for.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        tx.note_deed(Entry(0, now, manager.email, f"session.{how}", portal, subject, detail))
