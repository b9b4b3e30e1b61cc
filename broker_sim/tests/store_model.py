"""What a store keeps of sessions, told once more with lists and dicts and no thought of speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from broker_sim.core.record import Change, Session
from broker_sim.service.storage import Held, Update
from broker_sim.tests.stores import PORTALS

NINETY = timedelta(days=90)


def same(got: object, expected: object) -> None:
    """Fail unless both are equal.

    Outside a test module on purpose: pytest would explain a difference of long lists of long
    records line by line, for minutes.
    """
    if got != expected:
        msg = f"\n     got {got!r}\nexpected {expected!r}"
        raise AssertionError(msg)


@dataclass(slots=True)
class StoreModel:
    """The naive model. Instants are aware, UTC, to the millisecond."""

    held: dict[int, Held] = field(default_factory=dict)
    updated: dict[int, datetime] = field(default_factory=dict)
    log: dict[str, list[Update]] = field(default_factory=lambda: {name: [] for name in PORTALS})
    last: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PORTALS, 0))
    left: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PORTALS, 0))
    tombs: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    blobs: dict[tuple[int, str], bytes | str] = field(default_factory=dict)
    orphans: set[str] = field(default_factory=set)
    notes: dict[str, str] = field(default_factory=dict)
    highest_id: int = 0

    def put(self, held: Held, changes: Sequence[Change], now: datetime) -> Session:
        """Store a session and log its changes."""
        number, portal = held.session.session_id, held.session.portal
        for change in changes:
            self._log(portal, number, change, now)
        last = self.last[portal] if changes else held.session.last_update_id
        stored = replace(held, session=replace(held.session, last_update_id=last))
        self.held[number] = stored
        self.updated[number] = now
        return stored.session

    def _log(self, portal: str, number: int, change: Change, now: datetime) -> None:
        self.last[portal] += 1
        self.log[portal].append(Update(self.last[portal], number, change, now))

    def doomed(self, by: datetime) -> list[tuple[datetime, int]]:
        """Give (end, id) of what ended at `by` or before, earliest first."""
        ends = [(held.session.ended, number) for number, held in self.held.items()]
        return sorted((ended, number) for ended, number in ends if ended and ended <= by)

    def purge(self, number: int, now: datetime) -> None:
        """Forget a session but for id, portal and the end of its ninety days."""
        held = self.held.pop(number)
        gone = held.session
        assert gone.ended is not None
        theirs = [entry for entry in self.log[gone.portal] if entry.session_id == number]
        old = [entry.update_id for entry in theirs if entry.time <= now - NINETY]
        self.left[gone.portal] = max([self.left[gone.portal], *old])
        self.log[gone.portal] = [e for e in self.log[gone.portal] if e.session_id != number]
        self.tombs[number] = (gone.portal, gone.ended + NINETY)
        for place in [place for place in self.blobs if place[0] == number]:
            del self.blobs[place]
        if held.recorded:
            self.orphans.add(f"{number}/")
        self._log(gone.portal, number, Change.PURGED, now)

    def forget(self, by: datetime) -> None:
        """Drop purge entries made at `by` or before."""
        for portal, entries in self.log.items():
            old = [e.update_id for e in entries if e.kind is Change.PURGED and e.time <= by]
            self.left[portal] = max([self.left[portal], *old])
            self.log[portal] = [entry for entry in entries if entry.update_id not in old]

    def floor(self, portal: str, instant: datetime) -> int:
        """Give the newest entry made at `instant` or before, kept or not."""
        kept = [entry.update_id for entry in self.log[portal] if entry.time <= instant]
        return max([self.left[portal], *kept])

    def updates(self, portal: str, since: int, limit: int, edge: datetime) -> list[Update]:
        """Give a page of the log; of what ended at `edge` or before only the purge entries."""
        return [
            entry
            for entry in self.log[portal]
            if entry.update_id > since
            and (entry.kind is Change.PURGED or not self.is_gone(entry.session_id, edge))
        ][:limit]

    def is_gone(self, number: int, edge: datetime) -> bool:
        """Tell whether the session ended at `edge` or before, or is not there at all."""
        held = self.held.get(number)
        return held is None or (held.session.ended is not None and held.session.ended <= edge)

    def time_of(self, number: int, by: str) -> datetime | None:
        """Give the instant by which a session stands in that order."""
        record = self.held[number].session
        times = {"Posted": record.posted, "Started": record.started, "Ended": record.ended}
        return self.updated[number] if by == "Updated" else times[by]

    def ids(
        self,
        portal: str,
        by: str,
        start: datetime,
        end: datetime,
        edge: datetime,
        subs: Sequence[str],
        after: int | None,
        limit: int,
    ) -> list[int]:
        """Give a page of ids, ordered by (time, id)."""
        places = [
            (time, number)
            for number, held in self.held.items()
            if held.session.portal == portal
            and (time := self.time_of(number, by)) is not None
            and start <= time < end
            and not self.is_gone(number, edge)
            and (not subs or held.session.sub_portal in subs)
        ]
        if after is not None:
            place = self.time_of(after, by)
            places = [p for p in places if place is not None and p > (place, after)]
        return [number for _, number in sorted(places)][:limit]

    def due(self, portal: str, now: datetime, limit: int) -> list[Held]:
        """Give what time alone changes by `now`, earliest first."""
        found = [
            (held.due, number)
            for number, held in self.held.items()
            if held.session.portal == portal and held.due is not None and held.due <= now
        ]
        return [self.held[number] for _, number in sorted(found)][:limit]
