"""A tester's hand puts a representative at the desk, so that an act needs no preparation.

No connection's id leads to a representative who was put there, and a real logon takes its place.
"""

from __future__ import annotations

from datetime import datetime

from broker_sim.contract import faults
from broker_sim.core import access, connection, routing, staff
from broker_sim.core.record import Session, Stage
from broker_sim.core.refusal import Refused
from broker_sim.service import alerts
from broker_sim.service.ports import World
from broker_sim.service.settling import take
from broker_sim.service.staff_storage import Member
from broker_sim.service.storage import Transaction


def bring(world: World, session_id: int, email: str | None) -> str:
    """Let a representative take requests where a session stands; give its address.

    Args:
        world: where.
        session_id: of a request; where it waits no more, nobody is brought.
        email: who; for None one who serves the sub-portal, if somebody does, and rather one who
            takes requests already.

    Raises:
        Refused: InvalidArgument; there is none of that address. NoSuchSession, SessionPurged.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        waiting = take(tx, session_id, now).session
        member = _chosen(tx, waiting, email, now)
        if waiting.stage is Stage.WAITING:
            _put_at_desk(tx, waiting, member, now)
        return member.rep.email


def _chosen(tx: Transaction, waiting: Session, email: str | None, now: datetime) -> Member:
    wanted = email or (routing.picked(waiting) if waiting.stage is Stage.WAITING else None)
    if wanted is not None:
        found = tx.member(access.canonical(wanted))
    else:
        serving = tx.members_at(waiting.portal, waiting.sub_portal) or tx.members()
        there = [member for member in serving if staff.takes_requests(member.presence, now)]
        found = next(iter(there or serving), None)
    if found is None:
        reason = "the company has no representative of that address"
        raise Refused(faults.INVALID_ARGUMENT, field="representative", reason=reason)
    return found


def _put_at_desk(tx: Transaction, waiting: Session, member: Member, now: datetime) -> None:
    email = member.rep.email
    is_new = tx.assign(email, (waiting.portal, waiting.sub_portal))
    if member.stood_in or not staff.is_logged_on(member.presence, now):
        tx.connect_rep(email, None, connection.to_the_second(now))
    takes_requests = staff.takes_requests(member.presence, now)
    if not takes_requests:
        tx.set_available(email, available=True, since=now)
    if is_new or not takes_requests:
        brought = tx.member(email)
        assert brought is not None
        alerts.arrived(tx, brought, now)
