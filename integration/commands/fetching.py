"""`fetch`, `watch` and `run`.

Source: C-TIME-1, C-POLL-1, C-ONCE-3.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from integration.clock import SystemClock
from integration.commands.opening import Work, opened
from integration.config import Portal
from integration.core.record import instant
from integration.errors import Exit
from integration.pipeline.crew import Crew
from integration.pipeline.listing import patiently
from integration.pipeline.ondemand import OnDemand, Outcome
from integration.pipeline.realtime import Follower
from integration.pipeline.sources import Queued
from integration.status.progress import Bar, Lines, Silent

_SHOWN: Final = 10
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What `fetch` is asked for: single sessions, or a range; None is an open end."""

    sessions: Sequence[int]
    start: datetime | None
    end: datetime | None
    clamp: bool
    anew: bool


def fetch(portal: Portal, clock: SystemClock, asked: Asked, *, as_json: bool) -> tuple[Exit, Any]:
    """Fetch on demand; gives the exit code and what is to be printed."""
    observer = observer_for(clock, quiet=as_json)
    with observer.showing(), opened(portal, clock, observer, "fetch", persistent=False) as work:
        on_demand = OnDemand(work.carrier(anew=asked.anew), work.told, portal.workers)
        if asked.sessions:
            outcome = on_demand.sessions(asked.sessions)
        else:
            start = asked.start or portal.start_at
            outcome = on_demand.range(start, asked.end, clamp=asked.clamp)
    told = _outcome(outcome)
    code = Exit.OK if outcome.complete else Exit.NOT_ALL_STORED
    if clock.interrupted and not outcome.complete:
        code = Exit.INTERRUPTED
    return code, told if as_json else _lines(outcome)


def watch(portal: Portal, clock: SystemClock, *, catch_up: bool, summary: bool) -> tuple[Exit, Any]:
    """Follow in real time until Ctrl-C; first, for `run`, fetch what ended since `start_at`."""
    observer = observer_for(clock, quiet=False) if catch_up else Silent()
    mode = "run" if catch_up else "watch"
    with opened(portal, clock, observer, mode, persistent=True) as work:
        follower = _follower(work)
        _patiently(work, follower.begin)
        work.store.ledger.hasten(clock.now())
        if catch_up:
            with observer.showing():
                _catch_up(work)
        with _summary(portal, clock, show=summary):
            _follow(work, follower)
    return Exit.OK, None


def _follower(work: Work) -> Follower:
    on_demand = OnDemand(work.carrier(), work.told, work.portal.workers)

    def polled(problem: str | None, seconds: float) -> None:
        due = work.clock.now() + timedelta(seconds=seconds)
        work.presence.tell(next_poll=instant(due), problem=problem)

    work.presence.tell(interval_seconds=work.portal.interval_seconds)
    return Follower(
        work.store, work.broker, work.clock, Silent(), work.told, on_demand.missed, polled
    )


def _catch_up(work: Work) -> None:
    """Fetch what ended since the start, unless an earlier run has done so to its end."""
    cursor = work.store.database.cursor(work.portal.nickname)
    since, start = cursor.caught_up_from if cursor else None, work.portal.start_at
    if since is not None and (start is None or since <= start):
        return
    on_demand = OnDemand(work.carrier(), work.told, work.portal.workers)
    outcome = _patiently(work, lambda: on_demand.catch_up(start))
    if outcome.listed is None or work.clock.stopping:
        return
    with work.store.database.begin() as transaction:
        work.store.database.set_caught_up(transaction, work.portal.nickname, outcome.listed.start)


def _patiently(work: Work, step: Callable[[], T]) -> T:
    """Do a step of a program that runs for ever: what fails for now comes again."""
    return patiently(work.clock, step, patience=sys.maxsize)


def _follow(work: Work, follower: Follower) -> None:
    """Poll here, carry in a thread beside; either one's trouble ends both."""
    crew = Crew(work.carrier(), work.portal.workers)
    trouble: list[BaseException] = []

    def carry() -> None:
        try:
            crew.work(Queued(work.store.ledger, work.clock))
        except BaseException as error:  # noqa: BLE001  handed to the main thread, not swallowed
            trouble.append(error)
            work.clock.stop()

    thread = threading.Thread(target=carry, name="crew")
    thread.start()
    try:
        follower.follow(work.portal.interval_seconds)
    finally:
        work.clock.stop()
        thread.join()
    if trouble:
        raise trouble[0]


def _summary(portal: Portal, clock: SystemClock, *, show: bool) -> AbstractContextManager[object]:
    if not show:
        return nullcontext()
    from rich.console import Console  # noqa: PLC0415  `status` must not wait for it

    from integration.status.summary import Summary  # noqa: PLC0415  likewise

    return Summary(portal, clock.now, Console())


def observer_for(clock: SystemClock, *, quiet: bool) -> Silent:
    """Choose how the work is shown: on a terminal a bar, elsewhere lines, for programs nothing."""
    if quiet:
        return Silent()
    return Bar() if sys.stdout.isatty() else Lines(sys.stdout, clock.ticks)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    listed = outcome.listed
    return {
        "from": instant(listed.start) if listed else None,
        "to": instant(listed.end) if listed else None,
        "found": outcome.found,
        "stored": outcome.stored,
        "waiting": {w.session_id: w.problem for w in outcome.waiting},
        "lost": {w.session_id: w.problem for w in outcome.lost},
    }


def _lines(outcome: Outcome) -> list[str]:
    listed = outcome.listed
    where = f" of [{instant(listed.start)}, {instant(listed.end)})" if listed else ""
    shown = [f"{outcome.stored} of {outcome.found} sessions{where} are stored"]
    unstored = [*outcome.lost, *outcome.waiting]
    shown += [f"not stored: {w.session_id}: {w.problem or w.step}" for w in unstored[:_SHOWN]]
    if len(unstored) > _SHOWN:
        shown.append(f"and {len(unstored) - _SHOWN} more; see `broker-client status`")
    return shown
