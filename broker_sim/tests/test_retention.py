"""RET-1, RET-2, RET-4: until when a session may be read, to the millisecond."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import faults
from broker_sim.core import retention
from broker_sim.core.refusal import Refused

TICK = timedelta(milliseconds=1)
NINETY = timedelta(days=90)
START = datetime(2024, 1, 1, tzinfo=UTC)  # a leap year, with a summer

instants = st.integers(0, 400 * 86_400_000).map(lambda ms: START + ms * TICK)


@given(ended=instants)
def test_a_session_is_gone_ninety_times_24_hours_after_its_end(ended: datetime) -> None:
    """RET-1: it may be read in [end, end + 90 days), the end of that left out."""
    gone = ended + NINETY

    assert gone == retention.purge_at(ended)
    assert [retention.is_gone(ended, gone + d * TICK) for d in (-1, 0, 1)] == [False, True, True]


@given(ended=instants, after=st.sampled_from([-TICK, timedelta(0), TICK]))
def test_what_ended_at_the_edge_or_before_is_what_is_gone(
    ended: datetime, after: timedelta
) -> None:
    """RET-1: the edge of a range and the end of a session say the same."""
    now = ended + NINETY + after

    assert retention.is_gone(ended, now) == (ended <= retention.edge(now))


@given(ended=instants)
def test_who_reads_a_gone_session_is_told_when_it_went(ended: datetime) -> None:
    """RET-2: the instant is its end plus 90 days, however much later one asks."""
    retention.refuse_gone(ended, ended + NINETY - TICK)

    with pytest.raises(Refused) as refused:
        retention.refuse_gone(ended, ended + 3 * NINETY)

    assert refused.value.fault is faults.SESSION_PURGED
    assert {"purged_at": ended + NINETY} == refused.value.extra


@given(now=instants)
def test_an_open_session_is_never_gone(now: datetime) -> None:
    """RET-4: without an end there is nothing to count from."""
    assert not retention.is_gone(None, now)
    retention.refuse_gone(None, now)


@given(ended=instants, days=st.integers(1, 90))
def test_a_company_may_keep_less(ended: datetime, days: int) -> None:
    """RET-1: end and edge move together."""
    keep = timedelta(days=days)

    assert retention.is_gone(ended, ended + keep, keep)
    assert not retention.is_gone(ended, ended + keep - TICK, keep)
    assert ended == retention.edge(ended + keep, keep)


def test_an_instant_without_a_zone_is_our_mistake() -> None:
    """RET-1: ninety days from a naive instant could be any instant of a day."""
    with pytest.raises(ValueError, match="naive instant"):
        retention.purge_at(datetime(2030, 1, 1))  # noqa: DTZ001  that is the mistake
