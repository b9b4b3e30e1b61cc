"""What a customer's browser does: launch a request, look how it stands, leave.

Source: PORTAL-1, PORTAL-2, PORTAL-4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from broker_sim.contract import faults
from broker_sim.core import customer, form, session
from broker_sim.core.branding import Branding
from broker_sim.core.customer import Sight
from broker_sim.core.form import Filled, Form
from broker_sim.core.record import Event, Session, Stage
from broker_sim.core.refusal import Refused
from broker_sim.service import branding, customers, forms, picking
from broker_sim.service.picking import Choice
from broker_sim.service.ports import World
from broker_sim.service.settling import store, take
from broker_sim.service.storage import Portal, Transaction

_HANDED_ON_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What a portal asks, and how it presents itself.

    Attributes:
        choices: who can be picked, at a SmartMatch.
    """

    portal: Portal
    form: Form
    branding: Branding
    choices: Sequence[Choice] = ()


@dataclass(frozen=True, slots=True)
class Launched:
    """What became of a launch: a session, or the form as it was filled in."""

    filled: Filled
    session: Session | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as its page shows it.

    Attributes:
        place: in the queue of its sub-portal, from 1; None where it does not wait.
        successor: what a transfer made of it.
    """

    sight: Sight
    session: Session
    place: int | None
    successor: int | None


def asked(world: World, portal: str) -> Asked | None:
    """Give what a portal asks; None where there is no such portal."""
    now = world.clock.now()
    with world.store.reading() as tx:
        known = tx.portal(portal)
        if known is None:
            return None
        form = forms.form_of(tx, known)
        shown = branding.branding_of(world, tx, known)
        return Asked(known, form, shown, picking.choices(world, tx, known, form, now))


def launch(world: World, portal: str, given: Mapping[str, str], customer_ip: str) -> Launched:
    """Launch a request into the sub-portal that it names, or else into the portal's first.

    Args:
        world: where.
        portal: its name.
        given: what the launch carries, by lower-case name; what nobody asked for is ignored.
        customer_ip: where it comes from.

    Returns:
        The form as filled in; without a session where something required is missing.

    Raises:
        Refused: InvalidArgument; no such portal or sub-portal, a text that XML forbids.
            NotAvailable; who was picked takes no requests, or not any more.
    """
    found = asked(world, portal)
    if found is None:
        reason = "there is none of that name"
        raise Refused(faults.INVALID_ARGUMENT, field="portal", reason=reason)
    filled = form.fill(found.form, given)
    if filled.missing:
        return Launched(filled, None)
    sub_portal, picked = given.get("subportal") or None, ""
    if found.portal.portal_type == picking.SMART_MATCH and given.get("representative"):
        picked, sub_portal = picking.pick(found.choices, given["representative"], sub_portal)
    posted = customers.post(
        world,
        found.portal.name,
        sub_portal or found.portal.sub_portals[0],
        filled.question,
        picked=picked,
        smart_box_entries=filled.entries,
        reference_id=given.get("referenceid") or None,
        customer_ip=customer_ip,
        locale=given.get("locale", ""),
    )
    return Launched(filled, posted)


def look(world: World, session_id: int) -> Seen:
    """Show a session to its customer.

    Raises:
        Refused: NoSuchSession, SessionPurged.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        held = take(tx, session_id, now)
        waits = held.session.stage is Stage.WAITING
        found = held.session
        nth = place(tx, found) if waits else None
    return Seen(customer.sight(found), found, nth, found.transferred_to)


def earlier(world: World, of: Session) -> Sequence[Session]:
    """Give the sessions that were handed on and became this one, oldest first."""
    found: list[Session] = []
    number = of.transferred_from
    with world.store.reading() as tx:
        while number is not None and len(found) < _HANDED_ON_MOST:
            held = tx.held(number)
            if held is None:
                break
            found.append(held.session)
            number = held.session.transferred_from
    return found[::-1]


def place(tx: Transaction, waiting: Session) -> int:
    """Tell the place among those who wait in the same sub-portal, from 1."""
    queue = [one for one in tx.waiting(waiting.portal) if one.sub_portal == waiting.sub_portal]
    return 1 + [one.session_id for one in queue].index(waiting.session_id)


def leave(world: World, session_id: int) -> Session:
    """Leave: a request that waits is abandoned, a session that goes on ends.

    Raises:
        Refused: OutOfTurn; it is over.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        held = take(tx, session_id, now)
        if held.session.stage is Stage.IN_SESSION:
            return store(tx, held, session.end(held.session, now), now)
        return store(tx, held, session.move(held.session, Event.ABANDONED, now), now)


def end_screen_sharing(world: World, session_id: int) -> Session:
    """End screen sharing; either party may, at any time. PORTAL-4.

    Raises:
        Refused: OutOfTurn; there is none.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        held = take(tx, session_id, now)
        if not customer.shares_screen(held.session):
            raise Refused(faults.OUT_OF_TURN)
        return store(tx, held, session.move(held.session, Event.SCREEN_OFF, now), now)
