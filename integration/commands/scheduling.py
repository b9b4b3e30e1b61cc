"""`schedule`: fetch what has changed, at the times of a cron expression, until stopped.

Source: C-SCHED-1.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from integration.clock import SystemClock
from integration.commands.fetching import observer_for
from integration.commands.opening import opened
from integration.config import Portal
from integration.core import backoff, schedule
from integration.errors import Exit, Park, Retry, Stop
from integration.ledger import runs
from integration.ledger.runs import Runs
from integration.pipeline.ondemand import OnDemand

# The machine's clock may be set, or sleep, while we wait for a time of it
_LOOK_SECONDS: Final = 1.0
_CAP_SECONDS: Final = 300.0
_log = logging.getLogger("integration.pipeline")


def follow(portal: Portal, clock: SystemClock) -> Exit:
    """Run at each time of the portal's schedule, and at once for those missed.

    Raises:
        Stop: the portal has no schedule, or a person has to look at something.
    """
    if portal.schedule is None:
        raise Stop(f"portal {portal.nickname} has no schedule")
    kept = runs.read(portal.state)
    if kept is None:
        kept = Runs(clock.now())
        runs.keep(portal.state, kept)
    failures = 0
    while not clock.stopping:
        due = schedule.due(portal.schedule, kept.done, clock.now())
        if due is None:
            _wait(portal.schedule, clock)
            continue
        try:
            kept = Runs(due, _run(portal, clock, kept.fetched))
            runs.keep(portal.state, kept)
            failures = 0
        except (Retry, Park) as why:
            failures += 1
            _log.warning("the run for %s failed: %s", due.isoformat(), why)
            clock.wait(backoff.delay(failures, clock.chance(), cap=_CAP_SECONDS))
    return Exit.OK


def _wait(text: str, clock: SystemClock) -> None:
    now = clock.now()
    left = (schedule.following(text, now) - now).total_seconds()
    clock.wait(min(left, _LOOK_SECONDS))


def _run(portal: Portal, clock: SystemClock, since: datetime | None) -> datetime | None:
    """Fetch what changed since then; tell until when all is stored."""
    observer = observer_for(clock, quiet=True)
    with opened(portal, clock, observer, "schedule", persistent=True) as work:
        on_demand = OnDemand(work.carrier(), work.told, portal.workers)
        outcome = on_demand.changed(portal.start_at if since is None else since)
    if clock.stopping:
        raise Retry("stopped")
    if outcome.waiting:
        _log.warning("%s sessions are left to the next run", len(outcome.waiting))
        return since
    assert outcome.listed is not None
    return outcome.listed.end
