"""What representatives hear of requests and of their sessions.

Every step of a session comes by here, whoever took it, in the transaction that stores it. Events
are for desktops: who was put at the desk by a tester, or never logged on, has none.

Source: PORTAL-3, AGENT-1.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from broker_sim.core import routing
from broker_sim.core.record import Session, Stage
from broker_sim.core.staff import Presence
from broker_sim.service.staff_storage import AgentEvent, Member
from broker_sim.service.storage import Transaction

WAITING = "RequestWaiting"
GONE = "RequestGone"
RESUMED = "Resumed"


def presences(members: Iterable[Member]) -> dict[str, Presence]:
    """Give what each says of itself, by e-mail address."""
    return {member.rep.email: member.presence for member in members}


def posted(tx: Transaction, session: Session, now: datetime) -> None:
    """Alert to a request that begins to wait, or that begins to be everybody's."""
    members = {m.rep.email: m for m in tx.members_at(session.portal, session.sub_portal)}
    alerts = tx.alerts(session.session_id)
    serving = routing.open_to(session, presences(members.values()), alerts, now)
    told = routing.to_be_alerted(serving, alerts, now)
    tx.add_alerts(session.session_id, told)
    for email in told:
        _tell(tx, members[email], session.session_id, WAITING, "", now)


def arrived(tx: Transaction, member: Member, now: datetime) -> None:
    """Alert who begins to take requests to all that wait at its desks."""
    email = member.rep.email
    for portal, sub_portal in _desks_by_portal(tx, email).items():
        for session in tx.waiting(portal):
            alerts = tx.alerts(session.session_id)
            here = {email: member.presence} if session.sub_portal in sub_portal else {}
            serving = routing.open_to(session, here, alerts, now)
            if routing.to_be_alerted(serving, alerts, now):
                tx.add_alerts(session.session_id, (email,))
                _tell(tx, member, session.session_id, WAITING, "", now)


def _desks_by_portal(tx: Transaction, email: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for portal, sub_portal in tx.desks(email):
        found.setdefault(portal, set()).add(sub_portal)
    return found


def resumed(tx: Transaction, member: Member, now: datetime) -> None:
    """Tell who has just logged on of the sessions that it is in."""
    for engagement in tx.engagements_of(member.rep.email):
        _tell(tx, member, engagement.session_id, RESUMED, "", now)


def followed(tx: Transaction, before: Session, after: Session) -> None:
    """Tell of the steps that a session has taken; times are the steps' own."""
    new = after.events[len(before.events) :]
    if before.stage is Stage.WAITING and after.stage is not Stage.WAITING:
        _gone(tx, after, new[0].kind, new[0].time)
    member = None if after.representative is None else tx.member(after.representative)
    if member is not None:
        for happening in new:
            _tell(tx, member, after.session_id, happening.kind, happening.detail, happening.time)


def _gone(tx: Transaction, session: Session, why: str, now: datetime) -> None:
    alerts = tx.alerts(session.session_id)
    if not alerts:
        return
    tx.drop_alerts(session.session_id)
    for alert in alerts:
        if not alert.declined and alert.representative != session.representative:
            member = tx.member(alert.representative)
            if member is not None:
                _tell(tx, member, session.session_id, GONE, why, now)


def _tell(
    tx: Transaction, member: Member, session_id: int, kind: str, detail: str, now: datetime
) -> None:
    """Give an event to a desktop; where there is none, to nobody."""
    if member.presence.connection is not None and not member.stood_in:
        tx.add_event(member.rep.email, AgentEvent(0, session_id, kind, detail, now))
