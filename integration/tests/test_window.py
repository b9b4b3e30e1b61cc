"""C-TIME-1: instants as people write them, ranges as the broker counts them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.core import window
from integration.core.record import instant
from integration.tests.fakes import START

moments = st.builds(
    lambda micros, zone: (START + timedelta(microseconds=micros)).astimezone(zone),
    st.integers(0, 100 * 365 * 86_400 * 10**6),
    st.timezones(),
)


@given(moments)
def test_a_written_instant_reads_back(moment: datetime) -> None:
    """C-TIME-1: in any zone, over the clock changes of the year."""
    read = window.parse(moment.isoformat())

    assert timedelta(0) <= read - moment < timedelta(milliseconds=1)
    assert window.parse(instant(read)) == read


@given(moments, moments)
def test_rounding_keeps_a_range_right(time: datetime, bound: datetime) -> None:
    """C-TIME-1: a session at a whole millisecond is on the same side before and after."""
    whole = window.utc(time)

    assert (whole >= bound) == (whole >= window.utc(bound))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-01-25", datetime(2026, 1, 25, tzinfo=UTC)),
        ("2026-01-25T08:07:29", datetime(2026, 1, 25, 8, 7, 29, tzinfo=UTC)),
        ("2026-01-25T08:07:29Z", datetime(2026, 1, 25, 8, 7, 29, tzinfo=UTC)),
        (
            "2026-01-25T08:07:29+02:00",
            datetime(2026, 1, 25, 8, 7, 29, tzinfo=timezone(timedelta(hours=2))),
        ),
    ],
)
def test_without_a_zone_it_is_utc(text: str, means: datetime) -> None:
    """C-TIME-1: as on the wire."""
    assert means == window.parse(text)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "2026-01-25T25:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """C-TIME-1: with an example of what is one."""
    with pytest.raises(ValueError, match="write 2026-01-25"):
        window.parse(text)
