"""How busy each hour of a week is, and the way back: at which instant a share of it is over.

Whole numbers throughout, so that every machine finds the same millisecond.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(milliseconds=1)
HOUR_MS: Final = 3_600_000
_WEEK_MS: Final = 168 * HOUR_MS
# The epoch was a Thursday: its week began three days before.
_SHIFT_MS: Final = 3 * 24 * HOUR_MS

# Arrivals by hour of a working day, UTC; office hours with a dip at noon, a thin night.
_DAY: Final = (
    2,
    1,
    1,
    1,
    2,
    4,
    10,
    26,
    58,
    88,
    100,
    92,
    62,
    78,
    96,
    90,
    74,
    46,
    24,
    16,
    12,
    9,
    6,
    3,
)
# Percent of that on Monday to Sunday.
_DAYS: Final = (118, 104, 100, 98, 84, 22, 12)
WEIGHTS: Final = tuple(max(20, hour * day) for day in _DAYS for hour in _DAY)
_BEFORE: Final = (0, *accumulate(WEIGHTS))
_TOTAL: Final = _BEFORE[-1] * HOUR_MS


def to_ms(instant: datetime) -> int:
    """Give milliseconds since 1970, the part below a millisecond cut off."""
    return (instant - EPOCH) // _TICK


def from_ms(milliseconds: int) -> datetime:
    """Give the instant so many milliseconds after 1970; aware, UTC."""
    return EPOCH + milliseconds * _TICK


def hour_of_week(milliseconds: int) -> int:
    """Give 0 for Monday 00:00 to 01:00 UTC, up to 167."""
    return (milliseconds + _SHIFT_MS) % _WEEK_MS // HOUR_MS


def business(milliseconds: int) -> int:
    """Give how much has happened until that instant; grows with it."""
    weeks, rest = divmod(milliseconds + _SHIFT_MS, _WEEK_MS)
    hour, part = divmod(rest, HOUR_MS)
    return weeks * _TOTAL + _BEFORE[hour] * HOUR_MS + part * WEIGHTS[hour]


def at_business(amount: int) -> int:
    """Give the millisecond in which so much has happened; `business` the other way."""
    weeks, rest = divmod(amount, _TOTAL)
    hour = bisect_right(_BEFORE, rest // HOUR_MS) - 1
    part = (rest - _BEFORE[hour] * HOUR_MS) // WEIGHTS[hour]
    return weeks * _WEEK_MS + hour * HOUR_MS + part - _SHIFT_MS
