"""What time alone does to sessions, brought into the store before anybody looks.

A waiting request is given up, a recording becomes ready, each at its own instant, whether
or not somebody came by. So every use case settles its portal first.

Source: SESS-2, UPD-2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from broker_sim.contract import faults
from broker_sim.core import retention, routing, session
from broker_sim.core.record import Change, Event, Representative, Session, Stage
from broker_sim.core.refusal import Refused
from broker_sim.core.session import CHANGES
from broker_sim.service import alerts, lateness
from broker_sim.service.hostility import manners_in
from broker_sim.service.storage import Held, Transaction

_AT_ONCE: Final = 100


def settle(tx: Transaction, portal: str, now: datetime) -> None:
    """Bring a portal's sessions up to `now`."""
    while due := tx.due(portal, now, _AT_ONCE):
        for held in due:
            _settle_one(tx, held)


def _settle_one(tx: Transaction, held: Held) -> None:
    assert held.due is not None
    given_up = session.unanswered_at(held.session)
    if given_up is not None and held.due < given_up:
        tx.put(replace(held, due=given_up), (), held.due)
        alerts.posted(tx, held.session, held.due)
        return
    if given_up is not None:
        store(tx, held, session.move(held.session, Event.UNANSWERED, held.due), held.due)
        return
    survey = lateness.on_its_way(tx, held.session.session_id)
    if survey is not None and survey.due <= held.due:
        lateness.arrived(tx, held.session.session_id)
        store(tx, held, session.rate(held.session, survey.ratings, held.due), held.due)
    else:
        make_ready(tx, held, held.due)


def make_ready(tx: Transaction, held: Held, now: datetime) -> Session:
    """Note that the recording of a finished session is ready.

    The key of its channel goes, unless there is a stream that the recording is yet to be made of.
    """
    tx.close_channel(held.session.session_id, unless_kept=True)
    survey = lateness.on_its_way(tx, held.session.session_id)
    due = None if survey is None else survey.due
    return tx.put(replace(held, recorded=True, due=due), (Change.RECORDING_READY,), now)


def store(tx: Transaction, held: Held, after: Session, now: datetime) -> Session:
    """Store a session that took a step at `now`, with the changes that the step made."""
    new = after.events[len(held.session.events) :]
    changes = tuple(CHANGES[happening.kind] for happening in new if happening.kind in CHANGES)
    ended_now = after.ended is not None and held.session.ended is None
    key_version = held.key_version
    if ended_now:
        key = tx.key(after.portal)
        key_version = key.version if key else 0
    if ended_now and after.stage is Stage.ERROR:
        tx.close_channel(after.session_id)  # it comes to no recording
    kept = replace(held, session=after, due=_due(tx, held, after, now), key_version=key_version)
    stored = tx.put(kept, changes, now)
    alerts.followed(tx, held.session, after)
    return stored


def _due(tx: Transaction, held: Held, after: Session, now: datetime) -> datetime | None:
    """Tell when time alone will next change the session, retention apart."""
    if after.ended is None:
        return session.unanswered_at(after)
    survey = lateness.on_its_way(tx, after.session_id)
    ready = None
    if after.stage is Stage.FINISHED and not held.recorded:
        ready = max(now, after.ended + manners_in(tx).recording_takes(after.session_id))
    return lateness.earliest(ready, None if survey is None else survey.due)


def begin(tx: Transaction, begun: Session, now: datetime) -> Session:
    """Store a session that was just posted, and alert to it."""
    changes: Sequence[Change] = (Change.POSTED,)
    due = lateness.earliest(routing.alone_until(begun), session.unanswered_at(begun))
    stored = tx.put(Held(begun, due=due), changes, now)
    alerts.posted(tx, stored, now)
    return stored


def begin_with(tx: Transaction, begun: Session, rep: Representative, now: datetime) -> Session:
    """Store a session that was just posted for one representative, who has it at once."""
    accepted = session.accept(begun, rep, now)
    stored = tx.put(Held(accepted), (Change.POSTED, Change.ACCEPTED), now)
    alerts.followed(tx, begun, accepted)
    return stored


def take(tx: Transaction, session_id: int, now: datetime) -> Held:
    """Give a session for its next step, settled.

    Raises:
        Refused: NoSuchSession, SessionPurged.
    """
    held = tx.held(session_id)
    if held is None:
        gone = tx.purged_at(session_id)
        if gone is not None:
            raise Refused(faults.SESSION_PURGED, purged_at=gone[1])
        raise Refused(faults.NO_SUCH_SESSION)
    settle(tx, held.session.portal, now)
    retention.refuse_gone(held.session.ended, now)
    if held.due is not None and held.due <= now:
        settled = tx.held(session_id)
        assert settled is not None
        return settled
    return held
