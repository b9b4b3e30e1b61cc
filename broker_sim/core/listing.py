"""Which pages and ranges may be asked for?

Source: SESS-5, SESS-6, UPD-1, UPD-3, UPD-4.
"""

from __future__ import annotations

from datetime import datetime

from broker_sim.contract import faults, limits
from broker_sim.core import retention
from broker_sim.core.refusal import Refused


def page_size(limit: int | None, most: int = limits.PAGE_MAX) -> int:
    """Give the size of the page asked for: 1 to `most`, `most` where nothing is said.

    Raises:
        Refused: InvalidArgument.
    """
    if limit is None:
        return most
    if not 1 <= limit <= most:
        reason = f"it must lie between 1 and {most}"
        raise Refused(faults.INVALID_ARGUMENT, field="max", reason=reason)
    return limit


def page(limit: int | None, page_max: int) -> int:
    """Give the size of a page of ids or updates: what was asked for, at most the portal's pageMax.

    Raises:
        Refused: InvalidArgument.

    Source: SESS-5.
    """
    return min(page_size(limit), page_max)


def check_range(start: datetime, end: datetime, now: datetime) -> None:
    """Accept [`start`, `end`) if it begins at the retention edge or later; it may be empty.

    Raises:
        Refused: InvalidRange, with the edge.
    """
    edge = retention.edge(now)
    if start < edge or end < start:
        raise Refused(faults.INVALID_RANGE, edge=edge)


def check_cursor(since: int, floor: int, last: int) -> None:
    """Accept the cursor `since` if the log still holds, or will hold, what follows it.

    Args:
        since: the last update that the caller has seen; 0 for none.
        floor: the newest update made 90 days ago or earlier; 0 for none.
        last: the newest update of all; 0 for none.

    Raises:
        Refused: UpdateExpired (UPD-3), InvalidUpdateId (UPD-4).
    """
    if since > last:
        raise Refused(faults.INVALID_UPDATE_ID, last_update_id=last)
    if since < floor:
        raise Refused(faults.UPDATE_EXPIRED, oldest_update_id=floor + 1)
