"""Snapshot reports: counts over days, each day counted once and kept until it changes.

Which days have changed is read from the portals' change logs. So a report costs what has changed
since the last one, and the days of its range; a first one counts in steps, and says how far it
has come. A report is about whole days: one of which a part has left retention is not in it (RET-1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from broker_sim.core import reporting, retention
from broker_sim.core.reporting import Counts, Group, Summary
from broker_sim.core.reviewing import Scope
from broker_sim.service import reviewing
from broker_sim.service.ports import World
from broker_sim.service.settling import settle
from broker_sim.service.storage import Transaction

_DAY: Final = timedelta(days=1)
_CHUNK: Final = 100  # sessions that one transaction counts: others wait for it in memory
_PAGE: Final = 2_000  # entries of a change log that one transaction reads
# Behind by more entries than this, all days are counted anew: reading them would cost more.
_FAR_BEHIND: Final = 50_000
# An answer begins no further day once it has counted so many sessions.
STEP: Final = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is to be about: days, both included; "" for every portal and team."""

    first: date
    last: date
    portal: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says.

    Attributes:
        asked: what it is about, cut to the days that are still kept.
        groups: counts by team and representative.
        by_day: counts of each day of the range.
        counted: how many of the range's days are in it; fewer than all while it is counting.
    """

    asked: Asked
    groups: Summary
    by_day: dict[date, Counts]
    counted: int

    @property
    def total(self) -> Counts:
        """The counts of the whole range."""
        return reporting.total(self.groups)

    @property
    def complete(self) -> bool:
        """Whether every day is in it."""
        return self.counted == len(reporting.days(self.asked.first, self.asked.last))


def range_kept(world: World) -> tuple[date, date]:
    """Give the first and the last day that a report can be about."""
    return _kept(world.clock.now())


def _kept(now: datetime) -> tuple[date, date]:
    # What was posted after the day of the edge has ended after the edge.
    return retention.edge(now).date() + _DAY, now.date()


def report(world: World, scope: Scope, asked: Asked, step: int = STEP) -> Report:
    """Count what is asked for, as far as one answer may."""
    now = world.clock.now()
    first, last = _kept(now)
    asked = Asked(
        max(asked.first, first), max(first, min(asked.last, last)), asked.portal, asked.team
    )
    names = [p.name for p in reviewing.portals(world, scope) if asked.portal in ("", p.name)]
    counting = _Counting(world, now, step)
    kept = counting.days(names, asked)
    keep = _visible(scope, asked)
    groups: list[tuple[Group, Counts]] = []
    by_day: dict[date, Counts] = {}
    for day in reporting.days(asked.first, asked.last):
        if all(day in portal for portal in kept.values()):
            found = [one for p in kept.values() for one in p[day].items() if keep(one[0])]
            groups += found
            by_day[day] = _sum(counts for _, counts in found)
    return Report(asked, reporting.summed(groups), by_day, len(by_day))


def _sum(several: Iterator[Counts]) -> Counts:
    whole: Counter[str] = Counter()
    for counts in several:
        whole.update(counts)
    return whole


def _visible(scope: Scope, asked: Asked) -> Callable[[Group], bool]:
    def keep(group: Group) -> bool:
        return (
            asked.team in ("", group.team)
            and (scope.teams is None or group.team in scope.teams)
            and (scope.representatives is None or group.representative in scope.representatives)
        )

    return keep


class _Counting:
    """The work of one answer; `left` is how many sessions it may still begin to count."""

    def __init__(self, world: World, now: datetime, left: int) -> None:
        self._world = world
        self._now = now
        self._edge = retention.edge(now)
        self._left = left

    def days(self, names: Sequence[str], asked: Asked) -> dict[str, dict[date, Summary]]:
        """Give the days of portals as far as they could be counted, the newest first."""
        seen = {name: self._caught_up(name) for name in names}
        with self._world.store.reading() as tx:
            kept = {name: tx.report_days(name, asked.first, asked.last) for name in names}
        for day in reversed(reporting.days(asked.first, asked.last)):
            if self._left <= 0:
                break
            for name in [name for name in names if day not in kept[name]]:
                kept[name][day] = self._count(name, day)
                self._keep(name, day, kept[name][day], seen[name])
        return kept

    def _caught_up(self, name: str) -> int:
        """Forget the days that have changed; give the entry of the log that this is known to."""
        with self._world.store.writing() as tx:
            settle(tx, name, self._now)
            portal = tx.portal(name)
            assert portal is not None
            seen, newest = tx.report_seen(name), portal.last_update_id
            if seen is None or newest - seen > _FAR_BEHIND or newest < seen:
                tx.drop_report_days(name, None, None)
                tx.set_report_seen(name, newest)
                return newest
        while True:
            with self._world.store.writing() as tx:
                changes = tx.days_changed(name, seen, _PAGE)
                self._forget(tx, name, {day for _, day in changes})
                seen = changes[-1][0] if changes else seen
                tx.set_report_seen(name, seen)
            if len(changes) < _PAGE:
                return seen

    def _forget(self, tx: Transaction, name: str, days: set[date | None]) -> None:
        for day in days:
            if day is not None:
                tx.drop_report_days(name, day, day)
        if None in days:  # a session has gone: it was posted before the edge of retention
            tx.drop_report_days(name, None, self._edge.date())

    def _count(self, name: str, day: date) -> Summary:
        """Count the sessions posted on a day, in bounded transactions."""
        start = datetime.combine(day, time(), UTC)
        before = (start + _DAY, 0)
        whole: dict[Group, Counter[str]] = {}
        while True:
            with self._world.store.reading() as tx:
                found = tx.glimpses(name, start, before, _CHUNK, ended_after=self._edge)
                records = [tx.held(one.session_id) for one in found]
            counted = [reporting.count(held.session) for held in records if held is not None]
            whole = reporting.summed([*whole.items(), *counted])
            self._left -= len(found)
            if len(found) < _CHUNK:
                return whole
            before = found[-1].place

    def _keep(self, name: str, day: date, summary: Summary, seen: int) -> None:
        """Keep a day, unless somebody has read on in the log meanwhile."""
        with self._world.store.writing() as tx:
            if tx.report_seen(name) == seen:
                tx.put_report_day(name, day, summary)


def teams(report: Report) -> Sequence[str]:
    """Give the teams that are in a report, in order."""
    return sorted({group.team for group in report.groups if group.team})
