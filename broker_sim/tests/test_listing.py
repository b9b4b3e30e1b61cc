"""SESS-5, SESS-6, UPD-3, UPD-4: which pages, ranges and cursors are accepted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import faults, limits
from broker_sim.core import listing
from broker_sim.core.refusal import Refused
from broker_sim.tests.refusals import refusal_of

NOW = datetime(2030, 1, 15, 9, tzinfo=UTC)
EDGE = NOW - timedelta(days=90)
TICK = timedelta(milliseconds=1)

sides = st.sampled_from([-1, 0, 1])
cursors = st.integers(0, 40)


@pytest.mark.parametrize("asked", [1, 2, 999, 1000])
def test_a_page_holds_what_is_asked_for(asked: int) -> None:
    """SESS-5: from one to a thousand; a thousand where nothing is said."""
    assert asked == listing.page_size(asked)
    assert limits.PAGE_MAX == listing.page_size(None) == 1000


@pytest.mark.parametrize("asked", [-1, 0, 1001, 2**31 - 1])
def test_a_page_of_another_size_is_refused(asked: int) -> None:
    """SESS-5: and not silently cut, which would look like the last page."""
    with pytest.raises(Refused) as refused:
        listing.page_size(asked)

    assert refused.value.fault is faults.INVALID_ARGUMENT
    assert refused.value.extra == {"field": "max", "reason": "it must lie between 1 and 1000"}


@given(start=sides, end=sides)
def test_a_range_begins_at_the_edge_or_later_and_does_not_run_backwards(
    start: int, end: int
) -> None:
    """SESS-6: a millisecond before the edge, or before its start, is refused with the edge."""
    begin = EDGE + start * TICK
    asked = (begin, begin + end * TICK)

    if start >= 0 and end >= 0:
        listing.check_range(*asked, NOW)
        return
    with pytest.raises(Refused) as refused:
        listing.check_range(*asked, NOW)
    assert refused.value.fault is faults.INVALID_RANGE
    assert refused.value.extra == {"edge": EDGE}


@given(since=cursors, floor=cursors, newer=cursors)
def test_a_cursor_lies_between_what_has_left_the_log_and_its_end(
    since: int, floor: int, newer: int
) -> None:
    """UPD-3, UPD-4: from the floor to the newest, both included; who is told where to go on may."""
    last = floor + newer
    refused = refusal_of(lambda: listing.check_cursor(since, floor, last))

    if since > last:
        assert refused is not None
        assert refused.fault is faults.INVALID_UPDATE_ID
        assert refused.extra == {"last_update_id": last}
    elif since < floor:
        assert refused is not None
        assert refused.fault is faults.UPDATE_EXPIRED
        assert refused.extra == {"oldest_update_id": floor + 1}
        listing.check_cursor(floor, floor, last)
    else:
        assert refused is None


@given(st.none() | st.integers(1, 1000), st.integers(1, 1000))
def test_a_page_has_at_most_what_the_portal_gives(limit: int | None, page_max: int) -> None:
    """SESS-5: any max from 1 to 1000 may be asked for, whatever the portal's pageMax."""
    assert listing.page(limit, page_max) == min(limit or 1000, page_max)
