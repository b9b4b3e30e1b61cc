"""What a customer's page waits for: the session goes on, or its place in the queue changes.

Source: PORTAL-4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from broker_sim.contract import faults
from broker_sim.core import retention
from broker_sim.core.record import Session, Stage
from broker_sim.core.refusal import Refused
from broker_sim.service import launching, sweeper
from broker_sim.service.exchange import Wait
from broker_sim.service.ports import World
from broker_sim.service.storage import Transaction

WAIT_MAX_SECONDS: Final = 25
# How often who waits looks again: of the machine's time, and counted, so no clock is asked.
_STEPS_PER_SECOND: Final = 4


@dataclass(frozen=True, slots=True)
class Glance:
    """How a session stands, in short.

    Attributes:
        mark: another one whenever a page would show anything else.
        place: in the queue, from 1; None where it does not wait.
        log: its portal, and how far that one's change log had come; None where it does not
            wait. While the log stays as it is, so does the queue.
    """

    mark: str
    stage: Stage
    place: int | None
    log: tuple[str, int] | None = None


def watch(world: World, session_id: int, seen: str, wait_seconds: int) -> Glance | Wait:
    """Tell how a session stands as soon as its mark is not `seen`, or when the wait is over.

    Args:
        world: where.
        session_id: whose page it is.
        seen: the mark of what the page shows; empty for an answer at once.
        wait_seconds: of the machine's time; more than `WAIT_MAX_SECONDS` is that.

    Raises:
        Refused: NoSuchSession; SessionPurged. So do the further steps of a wait.
    """
    steps = min(wait_seconds, WAIT_MAX_SECONDS) * _STEPS_PER_SECOND
    return _watch(world, session_id, seen, steps)


def _watch(
    world: World, session_id: int, seen: str, steps: int, before: Glance | None = None
) -> Glance | Wait:
    found = glance(world, session_id, before)
    if found.mark != seen or steps <= 0:
        return found
    return Wait(1 / _STEPS_PER_SECOND, lambda: _watch(world, session_id, seen, steps - 1, found))


def glance(world: World, session_id: int, before: Glance | None = None) -> Glance:
    """Tell how a session stands now, after what time alone has done.

    `before` is what was told last, if anything was.

    Raises:
        Refused: NoSuchSession; SessionPurged.
    """
    now = world.clock.now()
    with world.store.reading() as tx:
        due = tx.next_due()
        if due is None or due > now:
            return _read(tx, session_id, now, before)
    sweeper.settle_all(world)
    with world.store.reading() as tx:
        return _read(tx, session_id, now, None)


def _read(tx: Transaction, session_id: int, now: datetime, before: Glance | None) -> Glance:
    if before is not None and before.log is not None and _log(tx, before.log[0]) == before.log:
        return before
    held = tx.held(session_id)
    if held is None:
        gone = tx.purged_at(session_id)
        if gone is not None:
            raise Refused(faults.SESSION_PURGED, purged_at=gone[1])
        raise Refused(faults.NO_SUCH_SESSION)
    session = held.session
    retention.refuse_gone(session.ended, now)
    if session.stage is not Stage.WAITING:
        return Glance(mark(session, None), session.stage, None)
    place = launching.place(tx, session)
    return Glance(mark(session, place), session.stage, place, _log(tx, session.portal))


def _log(tx: Transaction, portal: str) -> tuple[str, int] | None:
    """Tell how far a portal's change log has come."""
    known = tx.portal(portal)
    return None if known is None else (portal, known.last_update_id)


def mark(session: Session, place: int | None) -> str:
    """Give what is another text whenever the session's page would show anything else."""
    return f"{session.stage}.{place or 0}.{len(session.events)}"
