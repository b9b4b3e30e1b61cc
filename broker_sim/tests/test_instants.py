"""UPD-1: instants as the database keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import example, given
from hypothesis import strategies as st

from broker_sim.adapters.instants import all_from_ms, from_ms, to_ms

FIRST: Final = to_ms(datetime.min.replace(tzinfo=UTC))
LAST: Final = to_ms(datetime.max.replace(tzinfo=UTC))
# From here on a float of seconds tells no milliseconds apart for sure.
TOO_FAR: Final = 2**33 * 1000
YEARS: Final = timedelta(days=100_000) // timedelta(milliseconds=1)


@given(
    st.lists(
        st.integers(FIRST, LAST)
        | st.integers(-TOO_FAR, TOO_FAR)
        | st.integers(TOO_FAR - 5, TOO_FAR + YEARS)
        | st.integers(-TOO_FAR - YEARS, 5 - TOO_FAR)
    )
)
@example([TOO_FAR - 1, TOO_FAR])
@example([TOO_FAR + each for each in range(1, 1000)])
@example([-TOO_FAR - each for each in range(1, 1000)])
@example([FIRST, LAST])
def test_many_instants_are_read_as_each_of_them(milliseconds: list[int]) -> None:
    """UPD-1: to the millisecond, in every year that a world can have."""
    read = all_from_ms(milliseconds)

    assert read == [from_ms(each) for each in milliseconds]
    assert [to_ms(instant) for instant in read] == milliseconds
    assert all(instant.tzinfo is UTC for instant in read)
