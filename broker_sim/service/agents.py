"""What a representative does to a session. Live traffic calls the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from broker_sim.contract import faults
from broker_sim.core import chat, session
from broker_sim.core.record import Event, Labelled, Representative, Session
from broker_sim.core.refusal import Refused
from broker_sim.service.customers import check, check_labelled
from broker_sim.service.ports import World
from broker_sim.service.settling import begin, make_ready, store, take


def accept(world: World, session_id: int, rep: Representative) -> Session:
    """Take a waiting request; the first to accept has it. PORTAL-3."""
    return _step(world, session_id, lambda was, now: session.accept(was, rep, now))


def decline(world: World, session_id: int) -> Session:
    """Refuse a waiting request, which ends it in error. SESS-2."""
    return _move(world, session_id, Event.DECLINED)


def fail(world: World, session_id: int, reason: str) -> Session:
    """Note that the download or the connection failed, which ends the session in error."""
    check(reason=reason)
    return _move(world, session_id, Event.FAILED, reason)


def say(world: World, session_id: int, text: str) -> Session:
    """Say something to the customer."""
    check(text=text)
    return _step(world, session_id, lambda was, now: chat.say(was, chat.rep_name(was), text, now))


def send_file(world: World, session_id: int, name: str, size: int) -> Session:
    """Send a file of `size` bytes to the customer."""
    check(name=name)
    return _move(world, session_id, Event.FILE_SENT, f"{name} ({size} bytes)")


def push_url(world: World, session_id: int, url: str) -> Session:
    """Open a page on the customer's machine."""
    check(url=url)
    return _move(world, session_id, Event.URL_PUSHED, url)


def take_diagnostics(world: World, session_id: int) -> Session:
    """Take the customer's diagnostics."""
    return _move(world, session_id, Event.DIAGNOSTICS_TAKEN)


def set_screen_sharing(world: World, session_id: int, *, on: bool) -> Session:
    """Begin or end screen sharing; either party may."""
    return _move(world, session_id, Event.SCREEN_ON if on else Event.SCREEN_OFF)


def reboot_reconnect(world: World, session_id: int, *, reconnected: bool) -> Session:
    """Reboot the customer's machine and come back, or fail to."""

    def reboot(was: Session, now: datetime) -> Session:
        down = session.move(was, Event.REBOOTED, now)
        if not reconnected:
            return replace(down, reboot_reconnect="ReconnectFailed")
        return replace(session.move(down, Event.RECONNECTED, now), reboot_reconnect="Successful")

    return _step(world, session_id, reboot)


def transfer(world: World, session_id: int, sub_portal: str) -> Session:
    """Hand the customer on to a sub-portal; give the successor, which waits there. SESS-3."""
    now = world.clock.now()
    with world.store.writing() as tx:
        held = take(tx, session_id, now)
        portal = tx.portal(held.session.portal)
        if portal is None or sub_portal not in portal.sub_portals:
            reason = "there is none of that name"
            raise Refused(faults.INVALID_ARGUMENT, field="subPortal", reason=reason)
        gone, successor = session.transfer(held.session, tx.next_session_id(), sub_portal, now)
        store(tx, held, gone, now)
        return begin(tx, successor, now)


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
