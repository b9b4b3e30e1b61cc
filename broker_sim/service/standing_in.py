"""Representatives whom nobody plays: live traffic stands in for them at their desks.

Whoever logs on as one of them for real takes the place over; from then on that desk is left
alone. What is done there goes through the rules and the store that the Agents service uses.

Source: PORTAL-3, AGENT-1, AGENT-2.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, TypeAlias

from broker_sim.core import connection, session, staff
from broker_sim.core.record import Event, Session, Stage
from broker_sim.core.refusal import Refused
from broker_sim.service import agents, alerts, phonemode
from broker_sim.service.phonemode import CodeAnswer
from broker_sim.service.ports import World
from broker_sim.service.settling import store, take
from broker_sim.service.staff_storage import Member
from broker_sim.service.storage import Transaction

_NOTE: Final = "live"
_LOST: Final = "The connection was lost."

Step: TypeAlias = Callable[[Session, datetime], Session]


def sit_down(world: World, email: str) -> None:
    """Log a representative on and take requests, unless somebody else plays it."""
    now = world.clock.now()
    with world.store.writing() as tx:
        member = tx.member(email)
        if member is None or not member.is_active or _is_played(member, now):
            return
        tx.connect_rep(email, None, connection.to_the_second(now))
        if not member.presence.available:
            tx.set_available(email, available=True, since=now)
        there = tx.member(email)
        assert there is not None
        alerts.arrived(tx, there, now)


def pause(world: World, email: str) -> None:
    """Take no more requests; the sessions that go on do so."""
    now = world.clock.now()
    with world.store.writing() as tx:
        if _stands(tx, email):
            tx.set_available(email, available=False, since=now)
            tx.withdraw_alerts(email)


def go_home(world: World, email: str) -> bool:
    """Log a representative off; False while a session of it goes on, when it only pauses."""
    now = world.clock.now()
    with world.store.writing() as tx:
        if not _stands(tx, email):
            return True
        tx.set_available(email, available=False, since=now)
        tx.withdraw_alerts(email)
        if tx.engagements_of(email):
            return False
        tx.disconnect_rep(email)
        return True


def stay(world: World, emails: Iterable[str]) -> None:
    """Use the connections of those who sit at their desks, which end idle else. CONN-2."""
    now = connection.to_the_second(world.clock.now())
    with world.store.writing() as tx:
        for email in emails:
            if _stands(tx, email):
                tx.touch_rep(email, now)


def take_up(world: World, session_id: int, rather: str, lot: int) -> Session | None:
    """Let one of those who sit there accept a waiting request; None where nobody does.

    Args:
        world: where.
        session_id: of the request.
        rather: the address of who takes it if there.
        lot: draws among the others.

    Raises:
        Refused: OutOfTurn; it does not wait any more.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        email = _who(tx, take(tx, session_id, now).session, rather, lot, now)
        return None if email is None else agents.accept_in(tx, session_id, email, now)


def _who(tx: Transaction, waiting: Session, rather: str, lot: int, now: datetime) -> str | None:
    if waiting.stage is not Stage.WAITING:
        return rather  # to be refused
    return _one_of(sitting(tx, waiting.portal, waiting.sub_portal, now), rather, lot)


def _one_of(there: Sequence[str], rather: str, lot: int) -> str | None:
    if rather in there:
        return rather
    return there[lot % len(there)] if there else None


def sitting(tx: Transaction, portal: str, sub_portal: str, now: datetime) -> Sequence[str]:
    """Give the addresses of all who sit there and take requests of a sub-portal."""
    return [
        member.rep.email
        for member in tx.members_at(portal, sub_portal)
        if member.stood_in and staff.takes_requests(member.presence, now)
    ]


def turn_down(world: World, session_id: int) -> Session:
    """Let all who sit there decline a request, one by one; the last one's word ends it. SESS-2."""
    now = world.clock.now()
    with world.store.writing() as tx:
        waiting = take(tx, session_id, now).session
        for email in sitting(tx, waiting.portal, waiting.sub_portal, now):
            waiting = agents.decline_in(tx, session_id, email, now)
        return waiting


def do(world: World, session_id: int, steps: Sequence[tuple[datetime, Step]]) -> Session:
    """Do several things in a session, each at its own time, that nobody looked at meanwhile.

    What a rule refuses has come too late and is left out.

    Args:
        world: where.
        session_id: of a session.
        steps: in order of their times, none of which lies ahead.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        held = take(tx, session_id, now)
        after = held.session
        for at, step in steps:
            try:
                after = step(after, at)
            except Refused:
                continue
        return held.session if after is held.session else store(tx, held, after, now)


def remember(world: World, session_ids: Sequence[int]) -> None:
    """Keep which sessions go on between people who are gone if the process ends."""
    with world.store.writing() as tx:
        tx.set_note(_NOTE, json.dumps(session_ids))


def cut_off(world: World) -> None:
    """End what an earlier process left going on: the connections of those people are lost."""
    now = world.clock.now()
    with world.store.writing() as tx:
        kept = tx.note(_NOTE)
        for session_id in [] if kept is None else json.loads(kept):
            with suppress(Refused):
                held = take(tx, session_id, now)
                store(tx, held, session.move(held.session, Event.FAILED, now, _LOST), now)
        if kept is not None:
            tx.set_note(_NOTE, "[]")


def _stands(tx: Transaction, email: str) -> bool:
    member = tx.member(email)
    return member is not None and member.stood_in


def _is_played(member: Member, now: datetime) -> bool:
    return not member.stood_in and staff.is_logged_on(member.presence, now)


def read_out(
    world: World,
    desk: tuple[str, str],
    rather: str,
    lot: int,
    customer_name: str,
    reference_id: str | None,
) -> CodeAnswer | None:
    """Let one of those who sit at a desk make a phone code; None where nobody does. PHONE-1.

    Raises:
        Refused: TooManyCodes.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        email = _one_of(sitting(tx, *desk, now), rather, lot)
        if email is None:
            return None
        return phonemode.make(world, tx, email, desk[0], customer_name, reference_id, now)


def hand_over(
    world: World, session_id: int, sub_portal: str, *, rather: str, to_rep: bool
) -> Session:
    """Transfer a session to a sub-portal, or to one who sits there; give the successor. SESS-3.

    Args:
        world: where.
        session_id: of a session that goes on.
        sub_portal: where it goes.
        rather: the address of who is to have it.
        to_rep: whether that one has it at once, if there; else it waits.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        held = take(tx, session_id, now)
        there = sitting(tx, held.session.portal, sub_portal, now)
        to = tx.member(rather) if to_rep and rather in there else None
        return agents.transfer_in(tx, held, sub_portal, now, to)
