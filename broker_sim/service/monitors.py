"""The Monitors service: representatives and queues, as they are at one instant.

Source: MON-1 to MON-3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from broker_sim.core import staff
from broker_sim.core.record import Session
from broker_sim.core.staff import Status, Work
from broker_sim.service.ports import Call
from broker_sim.service.settling import settle
from broker_sim.service.staff_storage import Engagement, Member

_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class RepresentativeAnswer:
    """What getRepresentatives tells of one; the contract's Representative record."""

    login: str
    name: str
    screen_name: str
    team_name: str
    sub_portals: Sequence[str]
    status: str
    since: datetime
    takes_requests: bool
    session_ids: Sequence[int]
    handled_today: int


@dataclass(frozen=True, slots=True)
class QueueAnswer:
    """What getQueues tells of one sub-portal; the contract's Queue record."""

    sub_portal: str
    waiting: int
    longest_wait_seconds: int
    requests: Sequence[Session]
    representatives_available: int
    representatives_in_session: int


def get_representatives(call: Call) -> Sequence[RepresentativeAnswer]:
    """Tell of everybody who serves the portal, in order of their addresses. MON-1."""
    settle(call.tx, call.portal, call.now)
    desks: dict[str, list[str]] = {}
    members: dict[str, Member] = {}
    for sub_portal, member in call.tx.serving(call.portal):
        desks.setdefault(member.rep.email, []).append(sub_portal)
        members[member.rep.email] = member
    engaged = _engaged(call)
    done = {
        email: (handled, last_end)
        for email, handled, last_end in call.tx.work(call.portal, *staff.today(call.now))
    }
    return [
        _told(call, members[email], desks[email], engaged.get(email, ()), *done[email])
        for email in sorted(members)
    ]


def _engaged(call: Call) -> Mapping[str, Sequence[Engagement]]:
    found: dict[str, list[Engagement]] = {}
    for engagement in call.tx.engagements(call.portal):
        found.setdefault(engagement.representative, []).append(engagement)
    return found


def _told(
    call: Call,
    member: Member,
    sub_portals: Sequence[str],
    engaged: Sequence[Engagement],
    handled_today: int,
    last_end: datetime | None,
) -> RepresentativeAnswer:
    rep = member.rep
    work = Work(min((one.started for one in engaged), default=None), last_end)
    return RepresentativeAnswer(
        rep.email,
        rep.name,
        rep.screen_name,
        rep.team,
        sub_portals,
        staff.status(member.presence, work, call.now),
        staff.since(member.presence, work, call.now),
        staff.takes_requests(member.presence, call.now),
        sorted(one.session_id for one in engaged if one.portal == call.portal),
        handled_today,
    )


def get_queues(call: Call) -> Sequence[QueueAnswer]:
    """Tell of every sub-portal, in the portal's order. MON-2."""
    settle(call.tx, call.portal, call.now)
    portal = call.tx.portal(call.portal)
    assert portal is not None
    waiting: dict[str, list[Session]] = {name: [] for name in portal.sub_portals}
    for session in call.tx.waiting(call.portal):
        waiting[session.sub_portal].append(session)
    words = _words(call)
    return [
        QueueAnswer(
            name,
            len(requests),
            (call.now - requests[0].posted) // _SECOND if requests else 0,
            requests,
            words.get(name, []).count(Status.AVAILABLE),
            words.get(name, []).count(Status.IN_SESSION),
        )
        for name, requests in waiting.items()
    ]


def _words(call: Call) -> Mapping[str, Sequence[Status]]:
    """Give what the reps of each sub-portal are doing."""
    engaged = {one.representative: one.started for one in call.tx.engagements(call.portal)}
    found: dict[str, list[Status]] = {}
    for sub_portal, member in call.tx.serving(call.portal):
        work = Work(engaged.get(member.rep.email))
        found.setdefault(sub_portal, []).append(staff.status(member.presence, work, call.now))
    return found
