"""The seeded company's representatives, on their way into the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from broker_sim.core.record import Representative
from broker_sim.service.ports import Vault, World
from broker_sim.service.staff_storage import Hired
from broker_sim.synthetic.company import CompanyPlan


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


def hire_where_nobody_is(world: World, plan: CompanyPlan) -> None:
    """Add the representatives to a world that was made before there were any in the store."""
    with world.store.reading() as tx:
        if tx.members():
            return
    hired = staff(plan, world.vault)
    with world.store.writing() as tx:
        if not tx.members():
            tx.hire(hired, world.clock.now())


def rep_logins(plan: CompanyPlan) -> Sequence[Mapping[str, str]]:
    """Give the logins of all representatives, with their password."""
    return [{"username": rep.email, "password": plan.staff_password} for rep in plan.reps]
