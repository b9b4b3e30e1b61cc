"""The Agents service: one function per operation, each on the representative's own sessions.

Logging on and off is in `desk_login`, the long poll in `desk_events`.

Source: AGENT-1, AGENT-2, PORTAL-3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from broker_sim.contract import faults
from broker_sim.core import access, chat, desktop, session, staff
from broker_sim.core.record import Labelled, Session
from broker_sim.core.refusal import Refused
from broker_sim.service import agents, alerts, phonemode
from broker_sim.service.customers import check, check_labelled
from broker_sim.service.phonemode import CodeAnswer
from broker_sim.service.ports import RepCall
from broker_sim.service.settling import store, take
from broker_sim.service.staff_storage import Member
from broker_sim.service.storage import Held


def set_availability(call: RepCall, available: bool) -> None:
    """Take requests, or take none; who begins to hears of all that wait. PORTAL-3."""
    if available == call.member.presence.available:
        return
    call.tx.set_available(call.email, available=available, since=call.now)
    member = call.tx.member(call.email)
    if available and member is not None:
        alerts.arrived(call.tx, member, call.now)


def accept_request(call: RepCall, session_id: int) -> None:
    """Take a waiting request; the first to accept has it. PORTAL-3."""
    agents.accept_in(call.tx, session_id, call.email, call.now)


def decline_request(call: RepCall, session_id: int) -> None:
    """Refuse a waiting request; it ends when all who could take it have. SESS-2."""
    agents.decline_in(call.tx, session_id, call.email, call.now)


def start_by_code(
    call: RepCall, portal: str, customer_name: str, reference_id: str | None = None
) -> CodeAnswer:
    """Get a code to read to a caller. PHONE-1."""
    args = (call.email, portal, customer_name, reference_id, call.now)
    return phonemode.make(call.world, call.tx, *args)


def send_chat(call: RepCall, session_id: int, text: str) -> None:
    """Say something to the customer."""
    check(text=text)
    _step(call, session_id, lambda was, now: chat.say(was, chat.rep_name(was), text, now))


def push_url(call: RepCall, session_id: int, url: str) -> None:
    """Open a page on the customer's machine."""
    check(url=url)
    _step(call, session_id, lambda was, now: desktop.push_url(was, url, now))


def send_file(call: RepCall, session_id: int, name: str, content: bytes) -> None:
    """Send a file, which the customer may fetch."""
    agents.send_content_in(call.tx, _own(call, session_id), name, content, call.now)


def request_diagnostics(call: RepCall, session_id: int) -> None:
    """Take the customer's diagnostics."""
    _step(call, session_id, desktop.take_diagnostics)


def set_screen_sharing(call: RepCall, session_id: int, on: bool) -> None:
    """Begin or end screen sharing."""
    _step(call, session_id, partial(desktop.share_screen, on=on))


def reboot_reconnect(call: RepCall, session_id: int, reconnected: bool | None = None) -> None:
    """Reboot the customer's machine and connect again."""
    _step(call, session_id, partial(desktop.reboot, reconnected=reconnected is not False))


def transfer_session(
    call: RepCall,
    session_id: int,
    sub_portal: str | None = None,
    representative: str | None = None,
) -> int:
    """Hand the customer on; give the session that goes on. SESS-3."""
    if (sub_portal is None) == (representative is None):
        reason = "name a sub-portal or a representative, and one of them only"
        raise Refused(faults.INVALID_ARGUMENT, field="subPortal", reason=reason)
    held = _own(call, session_id)
    to = None
    if representative is not None:
        to, sub_portal = _receiver(call, held, access.canonical(representative))
    assert sub_portal is not None
    return agents.transfer_in(call.tx, held, sub_portal, call.now, to).session_id


def _receiver(call: RepCall, held: Held, email: str) -> tuple[Member, str]:
    """Give who is to have the session, and the sub-portal that it will stand in."""
    member = call.tx.member(email)
    first = phonemode.first_desk(call.tx, email, held.session.portal)
    if member is None or not staff.takes_requests(member.presence, call.now):
        raise Refused(faults.NOT_AVAILABLE)
    here = (held.session.portal, held.session.sub_portal)
    return member, here[1] if here in call.tx.desks(email) else first


def end_session(
    call: RepCall,
    session_id: int,
    resolution: str,
    comment: str | None = None,
    end_label: str | None = None,
    end_data: str | None = None,
) -> None:
    """End the session with resolution, comment and end data."""
    check(comment=comment, sessionEndLabel=end_label, sessionEndData=end_data)
    end = partial(
        session.end, resolution=resolution, comment=comment, end_label=end_label, end_data=end_data
    )
    _step(call, session_id, end)


def submit_rating(
    call: RepCall, session_id: int, ratings: Sequence[Mapping[str, str | None]]
) -> None:
    """Answer the representative's survey, once."""
    given = tuple(Labelled(one["label"], one["value"] or "") for one in ratings)
    check_labelled("ratings", given)
    _step(call, session_id, lambda was, now: session.rate_as_rep(was, given, now))


def _step(call: RepCall, session_id: int, step: Callable[[Session, datetime], Session]) -> Session:
    held = _own(call, session_id)
    return store(call.tx, held, step(held.session, call.now), call.now)


def _own(call: RepCall, session_id: int) -> Held:
    """Give one of the representative's sessions; another's is as one that does not exist."""
    held = take(call.tx, session_id, call.now)
    if held.session.representative != call.email:
        raise Refused(faults.NO_SUCH_SESSION)
    return held
