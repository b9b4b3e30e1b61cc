"""The seeded company's people, on their way into the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from broker_sim.core.management import Role
from broker_sim.core.record import Representative
from broker_sim.service.manager_storage import Manager, Team
from broker_sim.service.ports import Vault, World
from broker_sim.service.staff_storage import Hired
from broker_sim.service.storage import Transaction
from broker_sim.synthetic.company import CompanyPlan, ManagerPlan

_HIRED_NOTE: Final = "hired"


def staff(plan: CompanyPlan, vault: Vault) -> Sequence[Hired]:
    """Give all representatives; hashes one password for all: slow where hashes are."""
    hashed = vault.hash_password(plan.staff_password)
    return [
        Hired(
            Representative(rep.email, rep.name, rep.screen_name, rep.team, rep.ip),
            hashed,
            rep.sub_portals,
        )
        for rep in plan.reps
    ]


def hire(tx: Transaction, hired: Sequence[Hired], now: datetime) -> None:
    """Put the representatives into the store, and that this was done: once in a world's life."""
    tx.hire(hired, now)
    tx.set_note(_HIRED_NOTE, "yes")


def hire_where_nobody_was(world: World, plan: CompanyPlan) -> None:
    """Add the representatives to a world that was made before there were any in the store.

    Where managers have removed all of them, nobody comes back.
    """
    with world.store.reading() as tx:
        if tx.note(_HIRED_NOTE) is not None:
            return
        is_older = bool(tx.members())  # than the note
    hired = () if is_older else staff(plan, world.vault)
    with world.store.writing() as tx:
        if tx.note(_HIRED_NOTE) is None:
            hire(tx, () if tx.members() else hired, world.clock.now())


def management(plan: CompanyPlan, vault: Vault) -> tuple[Sequence[Manager], Sequence[Team]]:
    """Give all managers and the teams; hashes one password for all: slow where hashes are."""
    hashed = vault.hash_password(plan.manager_password)
    managers = [_manager(each, hashed) for each in plan.managers]
    return managers, [Team(team.name, team.parent) for team in plan.teams]


def _manager(each: ManagerPlan, hashed: str) -> Manager:
    role = Role(each.role)
    own = "" if role is Role.REPRESENTATIVE else hashed  # it has that of its desk
    return Manager(each.email, each.name, role, each.team, own)


def appoint(tx: Transaction, found: tuple[Sequence[Manager], Sequence[Team]]) -> None:
    """Put managers and teams into the store."""
    managers, teams = found
    for manager in managers:
        tx.put_manager(manager)
    for team in teams:
        tx.put_team(team)


def appoint_where_nobody_is(world: World, plan: CompanyPlan) -> None:
    """Add the managers to a world that was made before there were any."""
    with world.store.reading() as tx:
        if tx.managers():
            return
    found = management(plan, world.vault)
    with world.store.writing() as tx:
        if not tx.managers():
            appoint(tx, found)


def manager_logins(plan: CompanyPlan) -> Sequence[Mapping[str, str]]:
    """Give the logins of all managers, with role and password."""
    return [
        {
            "name": each.name,
            "role": each.role,
            "username": each.email,
            "password": plan.staff_password
            if each.role == Role.REPRESENTATIVE
            else plan.manager_password,
        }
        for each in plan.managers
    ]


def demo(plan: CompanyPlan) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Give what the login pages of a demonstration offer with one click.

    A representative's `serves` names its sub-portals, for a request shows at the desks of its own
    only: who is to accept one has to be somebody who serves it.
    """
    reps = [
        {
            "name": rep.name,
            "username": rep.email,
            "password": plan.staff_password,
            "serves": ", ".join(sub_portal for _, sub_portal in rep.sub_portals),
        }
        for rep in plan.reps
    ]
    return {"representatives": reps, "managers": manager_logins(plan)}


def rep_logins(plan: CompanyPlan) -> Sequence[Mapping[str, str]]:
    """Give the logins of all representatives, with their password."""
    return [{"username": rep.email, "password": plan.staff_password} for rep in plan.reps]
