"""What calls cost in a large world, against the same calls in a small one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Final

from bench.finding import Bench, Finding, Round, interleaved, ratio
from bench.worlds import DAYS, Desk, opened
from broker_sim.adapters.clocks import machine_time

_SMALL: Final = 10_000
_LARGE: Final = 200_000
_LARGEST: Final = 1_000_000
_AT_ONCE: Final = 300
_AT_MOST: Final = 1.5
_HOW: Final = """\
Two worlds in database files, filled by the broker's own seeding; the calls go through the service
room to the database and back, without HTTP, which would hide the difference. Ids, cursors and
instants are drawn anew for every call from the whole of the world. Compared is CPU time, in turns
of 300 calls; the ratio is the median over all turns. A session that is asked for the first time
hands the making of its files over to a thread; "get by id" is the call up to there, which is all
that the database does, and the same again for sessions whose files are known. The short run
compares 10,000 with 200,000 sessions, `--full` compares 10,000 with 1,000,000.
"""
_FIRST: Final = 0.02  # of the log and of the past: the edge of retention moves while this runs
_KNOWN: Final = 30
_ORDERS: Final = ("Posted", "Started", "Ended", "Updated")
_NAMES: Final = (
    "get by id",
    "get by id, files known",
    "empty poll",
    "poll of ten",
    "range page of 50",
)


class _Calls:
    """The calls that are measured, in one world; what they ask for is drawn anew every time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._random = Random(7)
        self._now = machine_time()
        self._last: int = desk.call("getLastUpdateId")
        self._ids = [self._some_id() for _ in range(20 * _AT_ONCE)]
        self._known = self._ids[:_KNOWN]
        for number in self._known:
            desk.call("getSession", session_id=number)

    def turns(self) -> list[Round]:
        """Give the turns to measure, as many as there are names."""
        calls = (self._get, self._get_known, self._poll_nothing, self._poll_ten, self._page)
        return [partial(_turn, call) for call in calls]

    def _some_id(self) -> int:
        """Give the session that ended next behind some instant."""
        (found,) = self._ids_behind(self._instant(), "Ended", 1)
        return found

    def _instant(self) -> datetime:
        return self._now - timedelta(days=DAYS) * self._random.uniform(_FIRST, 1 - _FIRST)

    def _ids_behind(self, start: datetime, by: str, limit: int) -> Sequence[int]:
        found: Sequence[int] = self._desk.call(
            "getSessionIds", start=start, end=self._now, by=by, limit=limit
        )
        return found

    def _get(self) -> None:
        self._desk.begin("getSession", session_id=self._random.choice(self._ids))

    def _get_known(self) -> None:
        self._desk.begin("getSession", session_id=self._random.choice(self._known))

    def _poll_nothing(self) -> None:
        self._desk.begin("getUpdates", since=self._last)

    def _poll_ten(self) -> None:
        since = self._random.randint(int(self._last * _FIRST), self._last - 10)
        assert len(self._desk.begin("getUpdates", since=since, limit=10)) == 10

    def _page(self) -> None:
        self._ids_behind(self._instant(), self._random.choice(_ORDERS), 50)


def _turn(call: Callable[[], None]) -> float:
    before = process_time()
    for _ in range(_AT_ONCE):
        call()
    return process_time() - before


def _run(full: bool) -> Sequence[Finding]:
    rounds = 30 if full else 15
    many = _LARGEST if full else _LARGE
    found: list[Finding] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        small = _Calls(stack.enter_context(opened(folder / "small", _SMALL)))
        began = perf_counter()
        large = _Calls(stack.enter_context(opened(folder / "large", many)))
        seconds = perf_counter() - began
        for name, *turns in zip(_NAMES, small.turns(), large.turns(), strict=True):
            little, much = interleaved(rounds, *turns)
            what = f"{name}, {many:,} against {_SMALL:,} sessions"
            found.append(Finding(what, ratio(much, little), "times", _AT_MOST))
            found.append(Finding(f"CPU of a {name} at {many:,}", _per_call_us(much), "us"))
        size = (folder / "large" / "broker.db").stat().st_size
    found.append(Finding(f"filling a world with {many:,} sessions", seconds, "s"))
    found.append(Finding("its database file", size / 1e6, "MB"))
    return found


BENCH: Final = Bench("scale", "A large world against a small one", _HOW, _run)


def _per_call_us(turns: Sequence[float]) -> float:
    return median(turns) / _AT_ONCE * 1e6
