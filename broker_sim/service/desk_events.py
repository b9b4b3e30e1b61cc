"""What a desktop hears of, by long poll: at once where there is something, else when it comes.

Source: AGENT-1, PORTAL-3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from broker_sim.contract import faults, limits
from broker_sim.core import listing, staff
from broker_sim.core.record import Event, Labelled
from broker_sim.core.refusal import Refused
from broker_sim.service import alerts, sweeper
from broker_sim.service.exchange import Wait
from broker_sim.service.ports import RepCall, World
from broker_sim.service.settling import settle
from broker_sim.service.staff_storage import AgentEvent, Member
from broker_sim.service.storage import Transaction

# How often who waits looks again: of the machine's time, and counted, so no clock is asked.
_STEPS_PER_SECOND: Final = 10
# With these the desktop shows who asks, and what.
_WHOLE: Final = frozenset({alerts.WAITING, alerts.RESUMED, Event.ACCEPTED})


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """One event; the contract's AgentEvent record."""

    event_id: int
    time: datetime
    kind: str
    session_id: int
    portal: str
    sub_portal: str
    detail: str
    question: str | None
    reference_id: str | None
    smart_box_entries: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class _Poll:
    """Who waits for what, on the connection whose id has this digest.

    Attributes:
        whole: the answer is None where something behind `since` is forgotten, or nothing has ever
            come so far: the world was restored.
    """

    world: World
    email: str
    digest: bytes | None
    since: int
    size: int
    whole: bool = False


def get_events(
    call: RepCall, since: int, wait_seconds: int | None = None, limit: int | None = None
) -> Sequence[EventAnswer] | Wait:
    """Tell what has happened behind `since`, and forget what has not; wait where nothing has."""
    size = listing.page_size(limit, limits.EVENTS_MAX)
    poll = _Poll(call.world, call.email, call.member.digest, since, size)
    found = _begin(poll, call, wait_seconds or 0)
    assert found is not None  # who asks so is not told what is forgotten
    return found


def get_whole_events(
    call: RepCall, since: int, wait_seconds: int
) -> Sequence[EventAnswer] | Wait | None:
    """Tell as `get_events` does; None, also while it waits, where some of it is forgotten.

    Somebody else on the same connection has then dealt with it: another window of the desk.
    """
    size = limits.EVENTS_MAX
    poll = _Poll(call.world, call.email, call.member.digest, since, size, whole=True)
    return _begin(poll, call, wait_seconds)


def _begin(poll: _Poll, call: RepCall, wait: int) -> Sequence[EventAnswer] | Wait | None:
    """Look once, on the call's own transaction, and go on where nothing has happened."""
    if wait > limits.EVENTS_WAIT_MAX.total_seconds():
        reason = f"it must lie between 0 and {limits.EVENTS_WAIT_MAX.seconds}"
        raise Refused(faults.INVALID_ARGUMENT, field="waitSeconds", reason=reason)
    for portal in sorted({portal for portal, _ in call.tx.desks(call.email)}):
        settle(call.tx, portal, call.now)
    member = _at_cursor(call, poll.since)
    found = _read(call.tx, poll, member)
    _forget(call.tx, call.email, poll.since)
    if found or found is None or not wait:
        return found
    return _later(poll, wait * _STEPS_PER_SECOND)


def _at_cursor(call: RepCall, since: int) -> Member:
    member = call.tx.member(call.email)
    if member is None or since > member.last_event_id:
        reason = "there is no such event yet"
        raise Refused(faults.INVALID_ARGUMENT, field="since", reason=reason)
    return member


def _forget(tx: Transaction, email: str, since: int) -> None:
    """Drop what was dealt with; where nothing was, this writes nothing, and so waits for nobody."""
    oldest = tx.events(email, 0, 1)
    if oldest and oldest[0].event_id <= since:
        tx.forget_events(email, since)


def _later(poll: _Poll, steps: int) -> Wait:
    """Look again in a moment, at most `steps` times."""

    def again() -> Any:
        found = _look(poll)
        return found if found or found is None or steps <= 1 else _later(poll, steps - 1)

    return Wait(1 / _STEPS_PER_SECOND, again)


def _look(poll: _Poll) -> Sequence[EventAnswer] | None:
    """Read once more, after what time has done meanwhile."""
    world = poll.world
    now = world.clock.now()
    with world.store.reading() as tx:
        due = tx.next_due()
        if due is None or due > now:
            return _read_on(tx, poll, now)
    sweeper.settle_all(world)
    with world.store.reading() as tx:
        return _read_on(tx, poll, now)


def _read_on(tx: Transaction, poll: _Poll, now: datetime) -> Sequence[EventAnswer] | None:
    """Read, if the connection still lives: it may have ended, and another one begun. CONN-3."""
    member = tx.member(poll.email)
    if (
        member is None
        or member.digest != poll.digest
        or not staff.is_logged_on(member.presence, now)
    ):
        raise Refused(faults.CONNECTION_EXPIRED)
    return _read(tx, poll, member)


def _read(tx: Transaction, poll: _Poll, member: Member) -> Sequence[EventAnswer] | None:
    events = tx.events(poll.email, poll.since, poll.size)
    next_kept = events[0].event_id if events else member.last_event_id + 1
    if poll.whole and next_kept != poll.since + 1:
        return None
    return [_answer(tx, event) for event in events]


def _answer(tx: Transaction, event: AgentEvent) -> EventAnswer:
    held = tx.held(event.session_id)
    assert held is not None  # a session's events go with it
    session, whole = held.session, event.kind in _WHOLE
    return EventAnswer(
        event.event_id,
        event.time,
        event.kind,
        event.session_id,
        session.portal,
        session.sub_portal,
        event.detail,
        session.question if whole else None,
        session.reference_id if whole else None,
        session.smart_box_entries if whole else (),
    )
