"""How many exchanges there were of each kind, and how long they took: counted, not kept."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from broker_sim.service.seen import Exchange

# Upper ends of the buckets of the histogram, in seconds; the last one has no end.
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
OTHER: Final = "other"
_KINDS_MOST: Final = 200
_FAULTS_MOST: Final = 50


@dataclass(slots=True)
class Tally:
    """The exchanges of one kind.

    Attributes:
        faults: by code, how many.
        buckets: how many took at most so long, each bucket for itself; one more than BUCKETS.
        seconds: all of them together.
    """

    faults: dict[str, int] = field(default_factory=dict)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0

    def add(self, other: Tally) -> None:
        """Take in what was counted elsewhere."""
        for place, count in enumerate(other.buckets):
            self.buckets[place] += count
        for code, count in dict(other.faults).items():  # a copy: others are counting
            self.faults[code] = self.faults.get(code, 0) + count
        self.seconds += other.seconds

    @property
    def requests(self) -> int:
        """How many there were."""
        return sum(self.buckets)


class Tallies:
    """Counts by door and operation; what callers invent makes no new kinds without end."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str], Tally] = {}

    def count(self, exchange: Exchange) -> None:
        """Count one exchange; less than a microsecond or two."""
        kind = exchange.door, exchange.operation or "none"
        tally = self._kinds.get(kind)
        if tally is None:
            tally = self._new(kind)
        tally.buckets[bisect_left(BUCKETS, exchange.seconds)] += 1
        tally.seconds += exchange.seconds
        if exchange.status != 200:
            code = exchange.fault or (f"HTTP {exchange.status}" if exchange.status else "cut")
            if code not in tally.faults and len(tally.faults) >= _FAULTS_MOST:
                code = OTHER
            tally.faults[code] = tally.faults.get(code, 0) + 1

    def kinds(self) -> Mapping[tuple[str, str], Tally]:
        """Give the tallies by (door, operation); "none" where a request named none."""
        return dict(self._kinds)

    def _new(self, kind: tuple[str, str]) -> Tally:
        if len(self._kinds) >= _KINDS_MOST:
            kind = (OTHER, OTHER)
        return self._kinds.setdefault(kind, Tally())
