"""RATE-1: how fast a connection may call; what is too fast is told and costs nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.core import rate
from broker_sim.core.rate import Rate
from broker_sim.core.refusal import Refused
from broker_sim.service.throttle import Throttle
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.stores import START
from broker_sim.tests.worlds import world

TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)

# Rates whose token takes a whole number of microseconds, so that a model can be exact.
rates = st.builds(Rate, st.sampled_from([0.5, 1, 2, 4, 5, 8, 10, 100]), st.integers(1, 25))


@st.composite
def calls(draw: st.DrawFn) -> tuple[Rate, list[timedelta]]:
    """Give a rate and when calls are made, in order; many at the edges of its token."""
    limit = draw(rates)
    token = limit.token
    edges = [timedelta(0), TICK, token - TICK, token, token + TICK, limit.burst * token]
    gaps = st.sampled_from(edges) | st.timedeltas(timedelta(0), 3 * token)
    waits = draw(st.lists(gaps, max_size=80))
    return limit, [sum(waits[: n + 1], timedelta(0)) for n in range(len(waits))]


def admitted(limit: Rate, instants: Sequence[timedelta]) -> list[bool]:
    """Make calls at START and so much; tell which are let in."""
    full, answers = None, []
    for at in instants:
        try:
            full = rate.take(full, limit, START + at)
        except Refused:
            answers.append(False)
        else:
            answers.append(True)
    return answers


@pytest.mark.parametrize("burst", [1, 2, 20])
def test_a_new_connection_may_call_burst_times_at_once(burst: int) -> None:
    """RATE-1: one less and as many are let in, one more is not."""
    limit = Rate(10, burst)

    assert admitted(limit, [timedelta(0)] * (burst - 1)) == [True] * (burst - 1)
    assert admitted(limit, [timedelta(0)] * (burst + 1)) == [True] * burst + [False]


def test_the_contract_has_ten_a_second_and_twenty_at_once() -> None:
    """RATE-1: the default; a minute of asking every millisecond gets 20 and 10 for each second."""
    every = [timedelta(milliseconds=n) for n in range(60_000)]

    assert sum(admitted(Rate(), every)) == 20 + 10 * 60 - 1  # the last token comes at 60.0 s


@given(calls())
def test_it_is_a_bucket_that_fills_evenly(given_calls: tuple[Rate, list[timedelta]]) -> None:
    """RATE-1: against a bucket that counts tokens in fractions."""
    limit, instants = given_calls
    tokens, last, expected = Fraction(limit.burst), timedelta(0), []
    for at in instants:
        come = Fraction((at - last) // TICK, limit.token // TICK)
        tokens = min(Fraction(limit.burst), tokens + come)
        last = at
        expected.append(tokens >= 1)
        tokens -= tokens >= 1

    assert admitted(limit, instants) == expected


@given(calls())
def test_no_span_of_time_has_more_than_its_share(
    given_calls: tuple[Rate, list[timedelta]],
) -> None:
    """RATE-1: never more than burst and one for every token time in between."""
    limit, instants = given_calls
    let_in = [at for at, yes in zip(instants, admitted(limit, instants), strict=True) if yes]

    for first, begin in enumerate(let_in):
        for last in range(first, len(let_in)):
            assert last - first + 1 <= limit.burst + (let_in[last] - begin) // limit.token


@given(calls())
def test_a_refused_call_takes_nothing(given_calls: tuple[Rate, list[timedelta]]) -> None:
    """RATE-1: without the calls that were refused, the others go the same way."""
    limit, instants = given_calls
    let_in = [at for at, yes in zip(instants, admitted(limit, instants), strict=True) if yes]

    assert all(admitted(limit, let_in))


@given(limit=rates, since=st.timedeltas(timedelta(0), timedelta(seconds=5)))
def test_who_waits_as_told_is_let_in(limit: Rate, since: timedelta) -> None:
    """RATE-1: whole seconds, no fewer than it takes and no more than a second too many."""
    full = None
    for _ in range(limit.burst):
        full = rate.take(full, limit, START)
    assume(since < limit.token)
    now = START + since
    told = refusal_of(lambda: rate.take(full, limit, now))
    assert told is not None
    assert isinstance(told.extra["retry_after_seconds"], int)
    wait = told.extra["retry_after_seconds"] * SECOND

    assert code_of(lambda: rate.take(full, limit, now + wait)) is None
    assert limit.token - since <= wait < limit.token - since + SECOND
    assert code_of(lambda: rate.take(full, limit, START + limit.token)) is None
    assert code_of(lambda: rate.take(full, limit, START + limit.token - TICK)) == "RateLimited"


@given(limit=rates, back=st.timedeltas(TICK, timedelta(days=4000)))
def test_a_clock_set_back_locks_nobody_out(limit: Rate, back: timedelta) -> None:
    """RATE-1: what an empty bucket could not hold was taken in another time: it counts no more."""
    full = None
    for _ in range(limit.burst):
        full = rate.take(full, limit, START)

    assert code_of(lambda: rate.take(full, limit, START - back)) is None


@pytest.mark.parametrize(
    ("per_second", "burst"),
    [(0, 1), (-1, 1), (float("nan"), 1), (1, 0), (1e-300, 1), (1, 10**15), (10**9, 1)],
)
def test_a_rate_of_nothing_or_without_end_is_none(per_second: float, burst: int) -> None:
    """RATE-1: such numbers are refused where they are made."""
    with pytest.raises(ValueError, match="no rate"):
        Rate(per_second, burst)


LEAST, MOST = limits.RATE_LEAST, limits.RATE_MOST


@pytest.mark.parametrize("per_second", [LEAST, MOST])
@pytest.mark.parametrize("burst", [1, MOST])
def test_the_bounds_of_a_rate_belong_to_it(per_second: float, burst: int) -> None:
    """RATE-1: the least and the most are rates that there are, and let a call in."""
    assert admitted(Rate(per_second, burst), [timedelta(0)]) == [True]


@pytest.mark.parametrize(
    ("per_second", "burst"),
    [(math.nextafter(LEAST, 0), 1), (math.nextafter(MOST, math.inf), 1), (1, MOST + 1)],
)
def test_what_is_next_to_the_bounds_of_a_rate_is_none(per_second: float, burst: int) -> None:
    """RATE-1: either side of the edge."""
    with pytest.raises(ValueError, match="no rate"):
        Rate(per_second, burst)


def test_each_connection_has_a_bucket_of_its_own() -> None:
    """RATE-1: one that calls too fast holds up no other."""
    throttle = Throttle(Rate(1, 1))
    throttle.admit("one", START)
    throttle.admit("other", START)

    assert code_of(lambda: throttle.admit("one", START)) == "RateLimited"
    throttle.admit("one", START + SECOND)


def test_buckets_that_are_full_are_forgotten() -> None:
    """RATE-1: memory stays small, whoever comes; what is forgotten is what says nothing."""
    throttle = Throttle(Rate(1, 2))
    for number in range(10_000):
        throttle.admit(f"connection {number}", START + number * timedelta(milliseconds=1))
    kept = len(throttle._full_at)

    assert kept < 5_000
    throttle.admit("connection 9999", START + timedelta(seconds=9.999))
    limited = code_of(lambda: throttle.admit("connection 9999", START + timedelta(seconds=9.999)))
    assert limited == "RateLimited"


def test_a_limited_connection_lives_on_and_loses_nothing() -> None:
    """RATE-1: what it did stands, its logoff waits like any call, another is not held up."""
    with world(rate=10, burst=5) as hands:
        number = hands.finished()
        hands.call("getSession", session_id=number)
        for _ in range(4):
            newest = hands.call("getLastUpdateId")
        assert code_of(lambda: hands.call("getLastUpdateId")) == "RateLimited"
        assert code_of(lambda: hands.call("logoff")) == "RateLimited"
        assert code_of(hands.logon) == "AlreadyLoggedOn"

        hands.pass_time(timedelta(milliseconds=99))
        assert code_of(lambda: hands.call("getLastUpdateId")) == "RateLimited"
        hands.pass_time(timedelta(milliseconds=1))
        assert hands.call("getLastUpdateId") == newest
        assert code_of(lambda: hands.call("getLastUpdateId")) == "RateLimited"


def test_a_call_that_fails_counts_and_one_of_an_unknown_connection_does_not() -> None:
    """RATE-1, CONN-3: the gate of the connection comes first."""
    with world(rate=10, burst=2) as hands:
        unknown = partial(hands.begin, "getLastUpdateId", connection_id="nobody")
        assert [code_of(unknown) for _ in range(5)] == ["InvalidConnection"] * 5

        asked = [code_of(lambda: hands.call("getSession", session_id=1)) for _ in range(3)]
        assert asked == ["NoSuchSession", "NoSuchSession", "RateLimited"]


def test_a_new_connection_begins_with_a_full_bucket() -> None:
    """RATE-1: the limit is the connection's, not the login's."""
    with world(rate=10, burst=2) as hands:
        hands.call("getLastUpdateId")
        hands.call("logoff")
        hands.logon()
        hands.call("getLastUpdateId")
        hands.call("getLastUpdateId")
        assert code_of(lambda: hands.call("getLastUpdateId")) == "RateLimited"


@pytest.mark.parametrize(
    ("given_settings", "holds"),
    [
        ({"for_tests": True}, False),
        ({"for_tests": True, "frozen_at": None}, False),
        ({"for_tests": True, "rate": 10}, True),
        ({"for_tests": False, "frozen_at": None}, True),
        ({"for_tests": False}, False),
        ({"for_tests": False, "rate": 10}, True),
        ({"for_tests": False, "frozen_at": None, "rate": 0}, False),
    ],
)
def test_where_the_limit_holds(given_settings: dict[str, Any], holds: bool) -> None:
    """RATE-1: by default where time goes on and the world is no test's; elsewhere if asked for."""
    with world(**given_settings) as hands:
        codes = {code_of(lambda: hands.call("getLastUpdateId")) for _ in range(60)}
        assert codes == ({None, "RateLimited"} if holds else {None})
