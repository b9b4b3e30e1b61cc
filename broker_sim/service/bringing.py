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
            takes requests already; never one who is deactivated.

    Raises:
        Refused: InvalidArgument; there is none of that address, or it is deactivated.
            NoSuchSession, SessionPurged.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        waiting = take(tx, session_id, now).session
        member = _chosen(tx, waiting, email, now)
        if waiting.stage is Stage.WAITING:
            _put_at_desk(tx, waiting, member, now)
        return member.rep.email


def _chosen(tx: Transaction, waiting: Session, email: str | None, now: datetime) -> Member:
    if email is not None:
        found = tx.member(access.canonical(email))
    else:
        found = _picked(tx, waiting) or _serving(tx, waiting, now)
    if found is None:
        raise _wrong("the company has no representative of that address")
    if not found.is_active:
        raise _wrong("this representative is deactivated: a new password makes it active again")
    return found


def _picked(tx: Transaction, waiting: Session) -> Member | None:
    """Give whom the customer picked; None where nobody was, or who was cannot log on."""
    wanted = routing.picked(waiting) if waiting.stage is Stage.WAITING else None
    found = None if wanted is None else tx.member(wanted)
    return found if found is not None and found.is_active else None


def _serving(tx: Transaction, waiting: Session, now: datetime) -> Member | None:
    """Give who is there rather than who is not, of the sub-portal, or else of the company."""
    for members in (tx.members_at(waiting.portal, waiting.sub_portal), tx.members()):
        active = [member for member in members if member.is_active]
        there = [member for member in active if staff.takes_requests(member.presence, now)]
        if active:
            return next(iter(there or active))
    return None


def _wrong(reason: str) -> Refused:
    return Refused(faults.INVALID_ARGUMENT, field="representative", reason=reason)


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
