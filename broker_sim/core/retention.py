"""Until when may a session be read?

Everything about it until 90 days after its end, the end left out; nothing of it later.
A session without an end is kept, however old.

Source: RET-1 to RET-4.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from broker_sim.contract import faults, limits
from broker_sim.core.refusal import Refused


def purge_at(ended: datetime, keep: timedelta = limits.RETENTION) -> datetime:
    """Tell when a session may no longer be had.

    It may be read during [`ended`, the answer), the end left out. A day is 24 hours,
    whatever the clocks of the summer do.

    Args:
        ended: when the session ended; aware, UTC.
        keep: how long a session is kept; 90 days unless the company has less.

    Returns:
        The first instant without the session; aware, UTC.

    Raises:
        ValueError: `ended` has no time zone.

    Source: RET-1.
    """
    if ended.tzinfo is None:
        msg = f"naive instant: {ended!r}"
        raise ValueError(msg)
    return ended + keep


def is_gone(ended: datetime | None, now: datetime, keep: timedelta = limits.RETENTION) -> bool:
    """Tell whether nothing of the session may be read at `now`. Source: RET-1, RET-4."""
    return ended is not None and now >= purge_at(ended, keep)


def edge(now: datetime, keep: timedelta = limits.RETENTION) -> datetime:
    """Tell where retention ends: what ended at the answer or before is gone."""
    return now - keep


def refuse_gone(ended: datetime | None, now: datetime) -> None:
    """Refuse to read a session whose time is over.

    Raises:
        Refused: SessionPurged, with the instant it went.

    Source: RET-2.
    """
    if ended is not None and is_gone(ended, now):
        raise Refused(faults.SESSION_PURGED, purged_at=purge_at(ended))
