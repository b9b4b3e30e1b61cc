"""A recording that cannot be made: said once, tried again more and more seldom."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from broker_sim.service.unmade import FIRST_WAIT, LONGEST_WAIT, Unmade
from broker_sim.tests.stores import START

BEAT: Final = timedelta(seconds=0.5)
TICK: Final = timedelta(microseconds=1)


def test_a_day_of_beats_tries_seldom_and_says_it_once() -> None:
    """CHAN-1: two lines a second were 172,800 a day."""
    unmade = Unmade()
    said = [
        unmade.fail(7, now)
        for now in (START + beat * BEAT for beat in range(172_800))
        if unmade.is_due(7, now)
    ]

    assert said == [True] + [False] * (len(said) - 1)
    assert 100 < len(said) < 200


@given(failures=st.integers(1, 30))
def test_the_wait_doubles_up_to_the_longest(failures: int) -> None:
    """CHAN-1: due at its end and not before."""
    unmade, now = Unmade(), START
    wait = min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT)
    for _ in range(failures):
        unmade.fail(7, now)

    assert not unmade.is_due(7, now + wait - TICK)
    assert unmade.is_due(7, now + wait)
    assert unmade.is_due(7, now - TICK)  # the clock was set back
    assert unmade.is_due(8, now)


def test_what_was_made_or_purged_is_forgotten() -> None:
    """CHAN-1: nothing piles up, and a new failure is said anew."""
    unmade = Unmade()
    assert [unmade.fail(number, START) for number in (1, 2)] == [True, True]
    unmade.keep([2])

    assert unmade.is_due(1, START)
    assert [unmade.fail(number, START) for number in (1, 2)] == [True, False]
