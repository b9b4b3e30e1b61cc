"""What charts show, worked out: heights of columns, lengths of bars, depths of a heat map.

Every chart is a table, or stands beside one, so that screen readers and paper have the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from broker_sim.core import reporting
from broker_sim.core.reporting import Counts

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DEPTHS: Final = 8
_SPAN_NAMES: Final = {
    reporting.WAITS: ("under 5 s", "5 to 10 s", "10 to 30 s", "30 s to 1 min", "1 to 2 min",
                      "2 to 5 min", "5 min and more"),
    reporting.LENGTHS: ("under 2 min", "2 to 5 min", "5 to 10 min", "10 to 15 min",
                        "15 to 30 min", "30 to 60 min", "an hour and more"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `part` of 0 to 100 is its length beside the longest, `share` of 0 to 1 that of all.

    `tone` is a word of the style sheet: good, warn, bad or nothing.
    """

    name: str
    value: float
    part: float
    share: float
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a chart in units of its picture: `y` from above, and where its label is.

    `wait` and `length` are the day's averages in milliseconds, None where there was nothing.
    """

    day: date
    value: int
    wait: float | None
    length: float | None
    x: float
    y: float
    width: float
    height: float

    @property
    def name(self) -> str:
        """How the day is called."""
        return f"{self.day:%a %Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Columns:
    """A chart of columns, 100 units high without its labels.

    Attributes:
        ticks: (value, its y) of the lines behind the columns.
        labels: (text, its x) below them.
    """

    columns: Sequence[Column]
    ticks: Sequence[tuple[int, float]]
    labels: Sequence[tuple[str, float]]
    width: float


@dataclass(frozen=True, slots=True)
class Heat:
    """One row of the heat map: for every hour how many, and how deep its colour is, 0 to 8."""

    name: str
    hours: Sequence[tuple[int, int]]
    whole: int


def bars(values: Mapping[str, float], tones: Mapping[str, str] | None = None) -> Sequence[Bar]:
    """Give bars for values that are not below 0."""
    longest, whole = max(values.values(), default=0) or 1, sum(values.values()) or 1
    return [
        Bar(name, value, 100 * value / longest, value / whole, (tones or {}).get(name, ""))
        for name, value in values.items()
    ]


def spans(counts: Counts, what: str) -> Sequence[Bar]:
    """Give the distribution of waits or lengths."""
    return bars(
        {
            name: counts.get(reporting.binned(what, place), 0)
            for place, name in enumerate(_SPAN_NAMES[what])
        }
    )


def by_day(days: Mapping[date, Counts], what: str, width: float = 720) -> Columns:
    """Give a column for each day."""
    top = _round_up(max((counts.get(what, 0) for counts in days.values()), default=0))
    step = width / max(1, len(days))
    columns = [
        _column(day, counts, what, (step * place, step, top))
        for place, (day, counts) in enumerate(days.items())
    ]
    every = max(1, -(-len(days) // 9))
    labels = [
        (f"{day.day} {day:%b}", step * (place + 0.5))
        for place, day in enumerate(days)
        if place % every == 0
    ]
    ticks = [(top * part // 2, 100 - 50.0 * part) for part in range(3)]
    return Columns(columns, ticks, labels, width)


def _column(day: date, counts: Counts, what: str, room: tuple[float, float, int]) -> Column:
    """Give a day's column in its room: from where, how wide, what the full height stands for."""
    start, step, top = room
    value, gap = counts.get(what, 0), min(3.0, step / 4)
    height = 100 * value / top
    return Column(
        day,
        value,
        reporting.average(counts, reporting.WAITED, reporting.WAITS),
        reporting.average(counts, reporting.LASTED, reporting.LENGTHS),
        start + gap / 2,
        100 - height,
        step - gap,
        height,
    )


def _round_up(value: int) -> int:
    """Give the next round even number, 2 at least."""
    power = 1
    while True:
        for lead in (2, 4, 6, 8, 10):
            if value <= lead * power:
                return lead * power
        power *= 10


def heat(counts: Counts) -> Sequence[Heat]:
    """Give when requests come: a row for each weekday, a cell for each hour."""
    cells = [[counts.get(reporting.hour(day, hour), 0) for hour in range(24)] for day in range(7)]
    most = max(max(row) for row in cells) or 1
    return [
        Heat(name, [(value, -(-_DEPTHS * value // most)) for value in row], sum(row))
        for name, row in zip(WEEKDAYS, cells, strict=True)
    ]
