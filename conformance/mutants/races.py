"""Brokers that are wrong only while several write at once: UPD-1, SESS-4."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from broker_sim.contract import limits
from broker_sim.core.record import Change
from broker_sim.testing import Overlay
from conformance.mutants.registry import Original, mutant

_PERFORM: Final = "broker_sim.service.acts.Acts.perform"
# How long a thread dawdles between two steps that belong together.
_DAWDLE_SECONDS: Final = 0.004
_FAR_AWAY: Final = limits.FIRST_SESSION_ID + 5_000_000


class _Number:
    """A number that a thread has drawn for what it is about to do, and uses up later."""

    def __init__(self, draw: Callable[[], int]) -> None:
        self._draw = draw
        self._mine = threading.local()

    def before(self, perform: Original) -> Original:
        """Draw one before every act."""

        def drawing(*given: Any) -> Any:
            self._mine.next = self._draw()
            try:
                return perform(*given)
            finally:
                self._mine.next = None

        return drawing

    def take(self, many: int) -> int | None:
        """Give the first of `many` numbers; None if this thread has drawn none."""
        first: int | None = getattr(self._mine, "next", None)
        if first is not None:
            self._mine.next = first + many
        return first


class _Draws:
    """Numbers that count up; every other draw dawdles after it, or all of them amid it."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def one_by_one(self) -> int:
        """Draw as a database sequence does: no number twice, but nobody waits for a slow one."""
        with self._lock:
            self._last += 1
            turn = self._last
        if turn % 2:
            threading.Event().wait(_DAWDLE_SECONDS)
        return turn * 8  # an act makes a few updates

    def racing(self) -> int:
        """Draw by reading and writing, with nothing to keep others out in between."""
        seen = self._last
        threading.Event().wait(_DAWDLE_SECONDS)
        self._last = seen + 1
        return _FAR_AWAY + seen


_UPDATE: Final = _Number(_Draws().one_by_one)
_SESSION: Final = _Number(_Draws().racing)


@mutant(
    "UPD-1",
    at="broker_sim.adapters.sql_log.LogRows._log",
    with_=(Overlay(_PERFORM, _UPDATE.before),),
)
def update_ids_are_drawn_before_the_write(log: Original) -> Original:
    """Update ids come from a sequence, so a later one can be seen before an earlier one."""

    def late(tx: Any, portal: int, number: int, changes: Sequence[Change], now: datetime) -> int:
        first = _UPDATE.take(len(changes))
        if first is None:
            return int(log(tx, portal, number, changes, now))
        newest = tx.cursor.execute("SELECT last_update_id FROM portal WHERE id = ?", (portal,))
        before = newest.fetchone()[0]
        _set_last(tx, portal, first - 1)
        last = int(log(tx, portal, number, changes, now))
        _set_last(tx, portal, max(before, last))
        return last

    return late


def _set_last(tx: Any, portal: int, last: int) -> None:
    tx.cursor.execute("UPDATE portal SET last_update_id = ? WHERE id = ?", (last, portal))


@mutant(
    "UPD-1",
    "SESS-4",
    at="broker_sim.adapters.sql_sessions.SessionRows.next_session_id",
    with_=(Overlay(_PERFORM, _SESSION.before),),
)
def requests_at_the_same_time_share_an_id(next_id: Original) -> Original:
    """The next session id is read and written in two steps, so two requests can get one id."""

    def racing(tx: Any) -> int:
        return _SESSION.take(1) or int(next_id(tx))

    return racing
