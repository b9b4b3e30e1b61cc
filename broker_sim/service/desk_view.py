"""What a representative's desk shows: read anew at any time, so that a reload loses nothing.

Each use case goes through `dispatch.at_desk`. What is not the representative's own is as what
does not exist.

Source: AGENT-1, PORTAL-3, CONN-4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker_sim.contract import faults
from broker_sim.core import retention, staff
from broker_sim.core.record import Event, Representative, Session
from broker_sim.core.refusal import Refused
from broker_sim.core.routing import Alert
from broker_sim.service import desk_events
from broker_sim.service.desk_events import EventAnswer
from broker_sim.service.exchange import Wait
from broker_sim.service.ports import RepCall, Table
from broker_sim.service.settling import settle, take
from broker_sim.service.storage import Portal


@dataclass(frozen=True, slots=True)
class Served:
    """A portal and those of its sub-portals that a representative serves."""

    portal: Portal
    sub_portals: Sequence[str]


@dataclass(frozen=True, slots=True)
class DeskView:
    """A whole desk at one instant.

    Attributes:
        cursor: the last event that this view contains; events behind it are news.
        alerts: requests that may be accepted here, the longest waiting first.
        sessions: its own that go on, by id; then those asked for by number that are over.
    """

    now: datetime
    rep: Representative
    available: bool
    cursor: int
    served: Sequence[Served]
    alerts: Sequence[Session]
    sessions: Sequence[Session]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody to whom a session of the portal could be handed on."""

    rep: Representative
    sub_portals: Sequence[str]
    takes_requests: bool
    sessions: int


@dataclass(frozen=True, slots=True)
class Targets:
    """To whom and where a session can go on; (sub-portal, who takes its requests, who waits)."""

    sub_portals: Sequence[tuple[str, int, int]]
    receivers: Sequence[Receiver]


def view(call: RepCall, also: Sequence[int] = ()) -> DeskView:
    """Show the desk; of the sessions in `also`, those that are its own and still kept."""
    served = list(_served(call))
    for one in served:
        settle(call.tx, one.portal.name, call.now)
    going_on = call.tx.open_sessions(call.email)
    over = [number for number in dict.fromkeys(also) if number not in going_on]
    member = call.tx.member(call.email)
    assert member is not None
    takes = staff.takes_requests(member.presence, call.now)
    return DeskView(
        call.now,
        member.rep,
        takes,
        member.last_event_id,
        served,
        sorted(_alerts(call, served), key=lambda one: one.posted) if takes else (),
        [*_own_ones(call, going_on), *_own_ones(call, over)],
    )


def _served(call: RepCall) -> Iterator[Served]:
    desks = call.tx.desks(call.email)
    for name in sorted({name for name, _ in desks}):
        portal = call.tx.portal(name)
        if portal is not None:
            mine = {sub_portal for at, sub_portal in desks if at == name}
            yield Served(portal, [one for one in portal.sub_portals if one in mine])


def _alerts(call: RepCall, served: Sequence[Served]) -> Iterator[Session]:
    told = Alert(call.email)
    for one in served:
        for waiting in call.tx.waiting(one.portal.name):
            if waiting.sub_portal in one.sub_portals and told in call.tx.alerts(waiting.session_id):
                yield waiting


def _own_ones(call: RepCall, numbers: Sequence[int]) -> Iterator[Session]:
    for number in numbers:
        held = call.tx.held(number)
        if held is None or held.session.representative != call.email:
            continue
        if not retention.is_gone(held.session.ended, call.now):
            yield held.session


def look(call: RepCall, session_id: int) -> Session:
    """Give one of the representative's sessions, whatever its stage.

    Raises:
        Refused: NoSuchSession, SessionPurged.
    """
    held = take(call.tx, session_id, call.now)
    if held.session.representative != call.email:
        raise Refused(faults.NO_SUCH_SESSION)
    return held.session


def diagnostics(call: RepCall, session_id: int) -> Sequence[Table]:
    """Show the diagnostics that were taken in a session.

    Raises:
        Refused: NoSuchSession, SessionPurged. OutOfTurn; none were taken.
    """
    own = look(call, session_id)
    if all(event.kind is not Event.DIAGNOSTICS_TAKEN for event in own.events):
        raise Refused(faults.OUT_OF_TURN)
    return call.world.content.diagnostics(own)


def targets(call: RepCall, session_id: int) -> Targets:
    """Tell where a session can be handed on to: the sub-portals and people of its portal.

    Raises:
        Refused: NoSuchSession, SessionPurged.
    """
    name = look(call, session_id).portal
    portal = call.tx.portal(name)
    assert portal is not None
    serving = call.tx.serving(name)
    waiting = [one.sub_portal for one in call.tx.waiting(name)]
    there = [at for at, m in serving if staff.takes_requests(m.presence, call.now)]
    queues = [(at, there.count(at), waiting.count(at)) for at in portal.sub_portals]
    members = {m.rep.email: m for _, m in serving if m.rep.email != call.email}
    receivers = [
        Receiver(
            member.rep,
            [at for at, one in serving if one.rep.email == email],
            staff.takes_requests(member.presence, call.now),
            len(call.tx.open_sessions(email)),
        )
        for email, member in members.items()
    ]
    return Targets(
        queues, sorted(receivers, key=lambda one: (not one.takes_requests, one.rep.name))
    )


def news(call: RepCall, since: int, wait_seconds: int) -> Sequence[EventAnswer] | Wait | None:
    """Tell what has happened behind `since`, as getEvents does.

    None where some of it is forgotten already, because another window of the desk has dealt with
    it, or where there is no such event yet: the desk is to be read anew.

    Raises:
        Refused: what getEvents says.
    """
    member = call.tx.member(call.email)
    assert member is not None
    if since > member.last_event_id:
        return None
    return desk_events.get_whole_events(call, since, wait_seconds)
