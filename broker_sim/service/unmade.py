"""Recordings that could not be made: said once each, tried again more and more seldom.

In the memory of the process: who starts anew says it anew. The time is the world's, for a beat
comes only while it goes on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Failed:
    """Tried in vain at `last`, and due `wait` later."""

    last: datetime
    wait: timedelta


class Unmade:
    """The recordings of one world that could not be made, by their session's number."""

    def __init__(self) -> None:
        self._failed: dict[int, _Failed] = {}

    def is_due(self, number: int, now: datetime) -> bool:
        """Tell whether to try; a clock that was set back holds nothing up."""
        failed = self._failed.get(number)
        return failed is None or not failed.last <= now < failed.last + failed.wait

    def fail(self, number: int, now: datetime) -> bool:
        """Note a try in vain; tell whether it was the first."""
        failed = self._failed.get(number)
        wait = FIRST_WAIT if failed is None else min(2 * failed.wait, LONGEST_WAIT)
        self._failed[number] = _Failed(now, wait)
        return failed is None

    def keep(self, numbers: Collection[int]) -> None:
        """Forget all but these: the others are made, or gone."""
        for number in self._failed.keys() - set(numbers):
            del self._failed[number]

    def forget(self) -> None:
        """Forget all: it is another world now."""
        self._failed.clear()
