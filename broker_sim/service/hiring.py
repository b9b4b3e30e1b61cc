"""What an administrator does about representatives: hire one, open a locked one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from broker_sim.contract import faults
from broker_sim.core import access
from broker_sim.core.record import Representative
from broker_sim.core.refusal import Refused
from broker_sim.service.managers import check_names
from broker_sim.service.ports import World
from broker_sim.service.staff_storage import Hired
from broker_sim.service.storage import Transaction


def hire(
    world: World, rep: Representative, password: str, portal: str, sub_portals: Sequence[str] = ()
) -> Representative:
    """Add a representative who serves these sub-portals of a portal; all of them if none is named.

    Raises:
        Refused: InvalidArgument; the address is taken, there is no such portal or sub-portal, or
            a name that the wire could not carry.
    """
    check_names(email=rep.email, name=rep.name, screenName=rep.screen_name, team=rep.team)
    check_names(password=password, ip=rep.ip)
    hired = replace(rep, email=access.canonical(rep.email))
    password_hash = world.vault.hash_password(password)
    with world.store.writing() as tx:
        served = _served(tx, portal, sub_portals)
        if not hired.email or tx.member(hired.email) is not None:
            raise _wrong("email", "it is empty or taken")
        desks = tuple((portal, sub_portal) for sub_portal in served)
        tx.hire([Hired(hired, password_hash, desks)], world.clock.now())
    return hired


def _served(tx: Transaction, portal: str, sub_portals: Sequence[str]) -> Sequence[str]:
    known = tx.portal(portal)
    if known is None:
        raise _wrong("portal", "there is none of that name")
    for sub_portal in sub_portals:
        if sub_portal not in known.sub_portals:
            raise _wrong("subPortals", f"the portal has none of the name {sub_portal}")
    return tuple(dict.fromkeys(sub_portals)) or known.sub_portals


def _wrong(field: str, reason: str) -> Refused:
    return Refused(faults.INVALID_ARGUMENT, field=field, reason=reason)
