"""What a representative does to a session. Live traffic calls the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from broker_sim.contract import faults
from broker_sim.core import chat, desktop, retention, routing, session
from broker_sim.core.record import Event, Labelled, Session, Stage
from broker_sim.core.refusal import Refused
from broker_sim.core.staff import Presence
from broker_sim.service.alerts import posted, presences
from broker_sim.service.customers import check, check_labelled
from broker_sim.service.ports import World
from broker_sim.service.settling import begin, begin_with, make_ready, store, take
from broker_sim.service.staff_storage import Member
from broker_sim.service.storage import Held, Transaction


def accept(world: World, session_id: int, email: str) -> Session:
    """Take a waiting request as the representative of that address. PORTAL-3.

    Raises:
        Refused: NotAvailable; it does not serve the sub-portal or takes no requests. OutOfTurn;
            somebody was quicker, or it has declined this one.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        return accept_in(tx, session_id, email, now)


def accept_in(tx: Transaction, session_id: int, email: str, now: datetime) -> Session:
    """Do what `accept` does, in a transaction that is open."""
    held = take(tx, session_id, now)
    member = tx.member(email)
    if member is None:
        raise Refused(faults.NOT_AVAILABLE)
    if held.session.stage is Stage.WAITING:
        alerts = tx.alerts(session_id)
        serving = routing.open_to(held.session, _serving(tx, held.session), alerts, now)
        routing.may_accept(email, serving, alerts, now)
    return store(tx, held, session.accept(held.session, member.rep, now), now)


def decline(world: World, session_id: int) -> Session:
    """Refuse a waiting request for all representatives, which ends it in error. SESS-2."""
    return _move(world, session_id, Event.DECLINED)


def decline_in(tx: Transaction, session_id: int, email: str, now: datetime) -> Session:
    """Refuse a waiting request for one representative. PORTAL-3, SESS-2.

    It ends when all who take requests of its sub-portal have declined; until then it waits.
    """
    held = take(tx, session_id, now)
    if held.session.stage is not Stage.WAITING:
        raise Refused(faults.OUT_OF_TURN)
    serving = _serving(tx, held.session)
    alerts = tx.alerts(session_id)
    routing.may_accept(email, routing.open_to(held.session, serving, alerts, now), alerts, now)
    if email not in {alert.representative for alert in alerts}:
        tx.add_alerts(session_id, (email,))
    tx.decline_alert(session_id, email)
    alerts = tx.alerts(session_id)
    if not routing.declined_by_all(serving, alerts, now):
        posted(tx, held.session, now)  # who was picked has declined: it is everybody's now
        return held.session
    names = ", ".join(alert.representative for alert in alerts if alert.declined)
    return store(tx, held, session.move(held.session, Event.DECLINED, now, names), now)


def _serving(tx: Transaction, waiting: Session) -> dict[str, Presence]:
    return presences(tx.members_at(waiting.portal, waiting.sub_portal))


def fail(world: World, session_id: int, reason: str) -> Session:
    """Note that the download or the connection failed, which ends the session in error."""
    check(reason=reason)
    return _move(world, session_id, Event.FAILED, reason)


def say(world: World, session_id: int, text: str) -> Session:
    """Say something to the customer."""
    now = world.clock.now()
    with world.store.writing() as tx:
        return say_in(tx, session_id, text, now)


def say_in(tx: Transaction, session_id: int, text: str, now: datetime) -> Session:
    """Do what `say` does, in a transaction that is open."""
    check(text=text)
    held = take(tx, session_id, now)
    return store(tx, held, chat.say(held.session, chat.rep_name(held.session), text, now), now)


def send_content_in(tx: Transaction, held: Held, name: str, content: bytes, now: datetime) -> None:
    """Send a file with its bytes, which the customer may fetch."""
    check(name=name)
    desktop.check_file(name, len(content))
    after = store(tx, held, desktop.send_file(held.session, name, len(content), now), now)
    place = len(desktop.files_sent(after))
    tx.put_blob(held.session.session_id, sent_name(place), content)


def send_file(world: World, session_id: int, name: str, size: int) -> Session:
    """Send a file of `size` bytes to the customer."""
    check(name=name)
    return _step(world, session_id, lambda was, now: desktop.send_file(was, name, size, now))


def push_url(world: World, session_id: int, url: str) -> Session:
    """Open a page on the customer's machine."""
    check(url=url)
    return _step(world, session_id, lambda was, now: desktop.push_url(was, url, now))


def take_diagnostics(world: World, session_id: int) -> Session:
    """Take the customer's diagnostics."""
    return _step(world, session_id, desktop.take_diagnostics)


def set_screen_sharing(world: World, session_id: int, *, on: bool) -> Session:
    """Begin or end screen sharing; either party may."""
    return _step(world, session_id, partial(desktop.share_screen, on=on))


def reboot_reconnect(world: World, session_id: int, *, reconnected: bool) -> Session:
    """Reboot the customer's machine and come back, or fail to."""
    return _step(world, session_id, partial(desktop.reboot, reconnected=reconnected))


def transfer(world: World, session_id: int, sub_portal: str) -> Session:
    """Hand the customer on to a sub-portal; give the successor, which waits there. SESS-3."""
    now = world.clock.now()
    with world.store.writing() as tx:
        return transfer_in(tx, take(tx, session_id, now), sub_portal, now)


def transfer_in(
    tx: Transaction, held: Held, sub_portal: str, now: datetime, to: Member | None = None
) -> Session:
    """Do what `transfer` does, in a transaction that is open; `to` has the successor at once."""
    portal = tx.portal(held.session.portal)
    if portal is None or sub_portal not in portal.sub_portals:
        reason = "there is none of that name"
        raise Refused(faults.INVALID_ARGUMENT, field="subPortal", reason=reason)
    gone, successor = session.transfer(held.session, tx.next_session_id(), sub_portal, now)
    store(tx, held, gone, now)
    if to is None:
        return begin(tx, successor, now)
    return begin_with(tx, successor, to.rep, now)


def end(
    world: World,
    session_id: int,
    *,
    resolution: str = "Unknown",
    comment: str | None = None,
    end_label: str | None = None,
    end_data: str | None = None,
    rep_ratings: Sequence[Labelled] = (),
) -> Session:
    """End the session with resolution, comment, end data and the rep's survey."""
    check(comment=comment, endLabel=end_label, endData=end_data)
    check_labelled("repRatings", rep_ratings)
    return _step(
        world,
        session_id,
        lambda was, now: session.end(
            was,
            now,
            resolution=resolution,
            comment=comment,
            end_label=end_label,
            end_data=end_data,
            rep_ratings=tuple(rep_ratings),
        ),
    )


def sent_name(place: int) -> str:
    """Name the bytes of the file sent as the `place`th, from 1 on; no recording has such a name."""
    return f"sent/{place}"


def sent_file(world: World, session_id: int, place: int) -> tuple[str, bytes] | None:
    """Give name and bytes of the file sent as the `place`th, from 1 on, for the customer.

    None where there is none, where the session is gone, and where an act without bytes sent it.
    """
    now = world.clock.now()
    with world.store.reading() as tx:
        held = tx.held(session_id)
        if held is None or retention.is_gone(held.session.ended, now):
            return None
        said = desktop.files_sent(held.session)[place - 1 : place] if place > 0 else ()
        data = tx.blob(session_id, sent_name(place)) if said else None
    return (desktop.file_name(said[0]), data) if isinstance(data, bytes) else None


def record(world: World, session_id: int) -> Session:
    """Make the recording of a finished session ready at once; once it is, change nothing."""
    now = world.clock.now()
    with world.store.writing() as tx:
        held = take(tx, session_id, now)
        if held.recorded:
            return held.session
        if held.due is None or held.session.ended is None:
            raise Refused(faults.OUT_OF_TURN)
        return make_ready(tx, held, now)


def _move(world: World, session_id: int, event: Event, detail: str = "") -> Session:
    return _step(world, session_id, lambda was, now: session.move(was, event, now, detail))


def _step(world: World, session_id: int, step: Callable[[Session, datetime], Session]) -> Session:
    now = world.clock.now()
    with world.store.writing() as tx:
        held = take(tx, session_id, now)
        return store(tx, held, step(held.session, now), now)
