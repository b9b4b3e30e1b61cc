"""Where the crew's work comes from: a list that a person asked for, or the ledger's queue.

Source: C-ONCE-1.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Collection, Iterable
from typing import Final, Protocol

from integration.core.ports import Clock
from integration.ledger import Ledger

# A listed session that has failed this often is left to a later start
PATIENCE: Final = 8


class Source(Protocol):
    """Gives sessions to carry, and takes back those that failed.

    Attributes:
        endless: whether more may come for as long as the program runs.
    """

    endless: bool

    def take(self, in_hand: Collection[int]) -> int | None:
        """Give a session that may be tried now and is not `in_hand`; None if there is none."""

    def put_back(self, session_id: int, seconds: float, failures: int) -> None:
        """So many attempts in a row failed: the next one after so many seconds."""

    @property
    def exhausted(self) -> bool:
        """Whether nothing will come any more."""


class Listed:
    """A list, in its order; each failed session comes back until patience ends."""

    endless = False

    def __init__(self, ids: Iterable[int], clock: Clock) -> None:
        self._clock = clock
        self._ready = deque(ids)
        self._later: list[tuple[float, int]] = []

    def take(self, in_hand: Collection[int]) -> int | None:
        """Give the next one, first those whose time has come again."""
        if self._later and self._later[0][0] <= self._clock.ticks():
            return heapq.heappop(self._later)[1]
        while self._ready:
            session_id = self._ready.popleft()
            if session_id not in in_hand:
                return session_id
        return None

    def put_back(self, session_id: int, seconds: float, failures: int) -> None:
        """Let it come again, unless it has failed too often."""
        if failures < PATIENCE:
            heapq.heappush(self._later, (self._clock.ticks() + seconds, session_id))

    @property
    def exhausted(self) -> bool:
        """Whether every session has been taken for the last time."""
        return not self._ready and not self._later


class Queued:
    """The ledger's queue, for as long as the program runs."""

    endless = True

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._ready: deque[int] = deque()

    def take(self, in_hand: Collection[int]) -> int | None:
        """Give the longest waiting one that is due."""
        if not self._ready:
            self._ready.extend(self._ledger.due(self._clock.now(), 50, in_hand))
        while self._ready:
            session_id = self._ready.popleft()
            if session_id not in in_hand:
                return session_id
        return None

    def put_back(self, session_id: int, seconds: float, failures: int) -> None:
        """The ledger knows when it is due; nothing to do."""

    @property
    def exhausted(self) -> bool:
        """Never."""
        return False
