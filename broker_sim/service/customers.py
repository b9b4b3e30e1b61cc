"""What a customer does: post a request, wait, agree, chat, rate. Live traffic calls the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from broker_sim.contract import faults, limits
from broker_sim.core import access, chat, magic, routing, session
from broker_sim.core.record import Event, Labelled, Session
from broker_sim.core.refusal import Refused
from broker_sim.service import alerts, lateness
from broker_sim.service.lateness import Survey
from broker_sim.service.ports import World
from broker_sim.service.settling import begin, settle, store, take
from broker_sim.service.storage import Transaction


def post(
    world: World,
    portal: str,
    sub_portal: str,
    question: str,
    *,
    smart_box_entries: Sequence[Labelled] = (),
    reference_id: str | None = None,
    customer_ip: str | None = None,
    locale: str = "",
    mode: str = "Web",
    picked: str = "",
) -> Session:
    """Post a request into a sub-portal's queue; at first for the rep of address `picked` alone.

    Raises:
        Refused: InvalidArgument; no such portal or sub-portal, or a text that XML forbids.
            NotAvailable; who was picked does not serve the sub-portal, or takes no requests.
    """
    check(question=question, referenceId=reference_id, customerIp=customer_ip, locale=locale)
    check_labelled("smartBoxEntries", smart_box_entries)
    now = world.clock.now()
    with world.store.writing() as tx:
        known = tx.portal(portal)
        if known is None or sub_portal not in known.sub_portals:
            field = "portal" if known is None else "subPortal"
            raise Refused(faults.INVALID_ARGUMENT, field=field, reason="there is none of that name")
        settle(tx, portal, now)
        if picked:
            serving = alerts.presences(tx.members_at(portal, sub_portal))
            routing.may_accept(picked, serving, (), now)
        begun = session.post(
            tx.next_session_id(),
            portal,
            sub_portal,
            question,
            now,
            smart_box_entries=tuple(smart_box_entries),
            reference_id=reference_id,
            customer_ip=customer_ip,
            locale=locale,
            mode=mode,
            picked=picked,
        )
        stored = begin(tx, begun, now)
        event = magic.outcome(question) if world.magic else None
        held = None if event is None else tx.held(stored.session_id)
        if event is None or held is None:
            return stored
        return store(tx, held, session.move(stored, event, now), now)


def abandon(world: World, session_id: int) -> Session:
    """Give up waiting, or leave before the session starts."""
    return _step(world, session_id, Event.ABANDONED)


def agree(world: World, session_id: int) -> Session:
    """Agree to the session, which starts it and opens its channel. PORTAL-4, CHAN-1."""
    now, key = world.clock.now(), world.entropy.take(limits.CHANNEL_KEY_BYTES)
    with world.store.writing() as tx:
        held = take(tx, session_id, now)
        started = session.start(held.session, now)
        tx.open_channel(session_id, key, now)
        return store(tx, held, started, now)


def say(world: World, session_id: int, text: str) -> Session:
    """Say something to the representative."""
    now = world.clock.now()
    with world.store.writing() as tx:
        return say_in(tx, session_id, text, now)


def say_in(tx: Transaction, session_id: int, text: str, now: datetime) -> Session:
    """Do what `say` does, in a transaction that is open."""
    check(text=text)
    held = take(tx, session_id, now)
    spoken = chat.say(held.session, chat.customer_name(held.session), text, now)
    return store(tx, held, spoken, now)


def rate(
    world: World, session_id: int, ratings: Sequence[Labelled], *, at_once: bool = False
) -> Session:
    """Answer the survey, once; under the hostile profile it may take a while. PORTAL-5.

    Args:
        world: where.
        session_id: of a session that has ended.
        ratings: the answers.
        at_once: whether it arrives at once, whatever the profile says.
    """
    check_labelled("customerRatings", ratings)
    now = world.clock.now()
    with world.store.writing() as tx:
        held = take(tx, session_id, now)
        rated = session.rate(held.session, tuple(ratings), now)
        takes = world.manners.survey_takes(session_id)
        if at_once or not takes:
            return store(tx, held, rated, now)
        survey = Survey(now + takes, tuple(ratings))
        lateness.send(tx, session_id, survey)
        return tx.put(replace(held, due=lateness.earliest(held.due, survey.due)), (), now)


def _step(world: World, session_id: int, event: Event, detail: str = "") -> Session:
    now = world.clock.now()
    with world.store.writing() as tx:
        held = take(tx, session_id, now)
        return store(tx, held, session.move(held.session, event, now, detail), now)


def check(**texts: str | None) -> None:
    """Accept texts by their wire names that XML can carry and the door takes. SESS-4."""
    for field, text in texts.items():
        if text is None:
            continue
        access.check_text(field, text)
        if len(text) > limits.TEXT_MAX:
            reason = f"it is longer than {limits.TEXT_MAX} characters"
            raise Refused(faults.INVALID_ARGUMENT, field=field, reason=reason)


def check_labelled(field: str, values: Sequence[Labelled]) -> None:
    """Accept label/value pairs like texts."""
    for labelled in values:
        check(**{field: labelled.label})
        check(**{field: labelled.value})
