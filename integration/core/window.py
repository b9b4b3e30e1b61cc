"""Ranges of time: how a person writes them and where the broker's retention cuts them.

Every range is [start, end). Source: C-TIME-1, SESS-5, SESS-6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from integration.core.record import Portal


@dataclass(frozen=True, slots=True)
class Window:
    """The instants from `start` on and before `end`; aware, UTC."""

    start: datetime
    end: datetime


def parse(text: str) -> datetime:
    """Read an instant as ISO 8601 writes it; without a zone it is UTC, without a time midnight.

    Raises:
        ValueError: it is not one.
    """
    try:
        return utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):  # the latter of a zone at the calendar's ends
        msg = f"not a time: {text!r}; write 2026-01-25, 2026-01-25T08:07:29Z or with +02:00"
        raise ValueError(msg) from None


def utc(moment: datetime) -> datetime:
    """The same instant in UTC; without a zone it is UTC already.

    Anything finer than a millisecond is rounded up: the broker counts in whole ones, so both ends
    of a half-open range stay right.
    """
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware + timedelta(microseconds=-aware.microsecond % 1000)


def edge(portal: Portal) -> datetime:
    """The first instant whose sessions the broker still keeps, at the broker's time."""
    return portal.broker_time - timedelta(days=portal.retention_days)


def later_edge(named: datetime, refusals: int) -> datetime:
    """Where to start after the broker named an edge for the `refusals`-th time, from 1.

    The edge moves while a question travels. A frozen clock takes the first answer as it is; a
    running one a second later, then two, then four.
    """
    return named if refusals <= 1 else named + timedelta(seconds=2 ** (refusals - 2))
