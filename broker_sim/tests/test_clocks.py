"""The world's time and chance: set by a tester, kept over a restart, never twice the same."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.adapters.clocks import MODES, WorldClock, machine_time, stopwatch
from broker_sim.adapters.entropy import SeededEntropy, SystemEntropy
from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.tests.stores import START
from broker_sim.tests.worlds import world

TICK = timedelta(milliseconds=1)
DAY = timedelta(days=1)
spans = st.integers(-(10**12), 10**12).map(lambda ms: ms * TICK)


class Machine:
    """A machine's time that a test moves on."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@given(at=spans, passed=st.integers(0, 10**9))
def test_each_mode_goes_on_in_its_way(at: timedelta, passed: int) -> None:
    """Real is the machine's, shifted runs beside it, frozen stands still."""
    machine = Machine()
    clock = WorldClock(machine)
    instant, later = START + at, timedelta(microseconds=passed)
    seen = {}
    for mode in MODES:
        clock.set(mode, instant)
        machine.time += later
        seen[mode] = clock.now() - (machine.time if mode == "real" else instant)

    cut = timedelta(microseconds=passed // 1000 * 1000)
    assert -TICK < seen["real"] <= timedelta(0)
    assert abs(seen["shifted"] - cut) <= TICK
    assert seen["frozen"] == timedelta(0)


@given(at=spans, micro=st.integers(0, 999), mode=st.sampled_from(MODES))
def test_time_has_milliseconds_and_nothing_finer(at: timedelta, micro: int, mode: str) -> None:
    """SESS-1: every instant of the broker can be stored, written and read back."""
    clock = WorldClock(Machine())
    clock.set(mode, START + at + timedelta(microseconds=micro))

    now = clock.now()

    assert now.microsecond % 1000 == 0
    assert now.tzinfo is UTC
    assert from_ms(to_ms(now)) == now


@given(at=spans, micro=st.integers(0, 999), hours=st.integers(-12, 12))
def test_an_instant_is_kept_to_the_millisecond_cut(at: timedelta, micro: int, hours: int) -> None:
    """SESS-5: whatever its zone, before 1970 too."""
    instant = START + at + timedelta(microseconds=micro)
    told = instant.astimezone(timezone(timedelta(hours=hours)))

    assert timedelta(0) <= instant - from_ms(to_ms(told)) < TICK
    assert to_ms(None) is None


def test_setting_the_time_keeps_the_mode_but_a_real_clock_becomes_shifted() -> None:
    """A tester who names a time gets it."""
    clock = WorldClock(Machine())
    clock.to(START)
    assert (clock.mode, clock.now()) == ("shifted", START)
    clock.set("frozen")
    clock.to(START + DAY)

    assert (clock.mode, clock.now()) == ("frozen", START + DAY)


@given(mode=st.sampled_from(MODES), at=spans)
def test_a_clock_goes_on_where_it_was_kept(mode: str, at: timedelta) -> None:
    """LOGON-6: a restart does not set the world's time back."""
    machine = Machine()
    clock, later = WorldClock(machine), WorldClock(machine)
    clock.set(mode, START + at)
    later.restore(clock.saved())
    machine.time += DAY

    assert (later.mode, later.now()) == (clock.mode, clock.now())


def test_a_mode_that_is_none_is_refused_and_changes_nothing() -> None:
    """The sentence names the modes."""
    clock = WorldClock(frozen_at=START)
    with pytest.raises(ValueError, match="real, shifted, frozen, not 'warp'"):
        clock.set("warp")

    assert (clock.mode, clock.now()) == ("frozen", START)


def test_a_clock_may_be_set_while_others_read_it() -> None:
    """RET-3: no reader ever finds it between two modes."""
    clock, wrong = WorldClock(frozen_at=START), []
    enough = threading.Event()

    def read() -> None:
        while not enough.is_set():
            now: object = clock.now()
            if not isinstance(now, datetime) or abs(now - START) > DAY:
                wrong.append(now)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(4000):
        clock.set("frozen" if turn % 2 else "shifted", START)
    enough.set()
    reader.join()
    sys.setswitchinterval(before)

    assert wrong == []


def test_the_machine_s_clocks_run_forward() -> None:
    """The one file that reads them reads them in UTC and to the millisecond."""
    one, other = machine_time(), machine_time()

    assert one <= other <= one + DAY
    assert (one.tzinfo, one.microsecond % 1000) == (UTC, 0)
    assert stopwatch() <= stopwatch()


@given(seed=st.integers(0, 2**64), counts=st.lists(st.integers(1, 64), min_size=1, max_size=5))
def test_a_seed_gives_the_same_chance_again(seed: int, counts: list[int]) -> None:
    """The same calls in the same order; another seed gives other bytes."""
    one, other, foreign = SeededEntropy(seed), SeededEntropy(seed), SeededEntropy(seed + 1)
    drawn = [one.take(count) for count in counts]

    assert drawn == [other.take(count) for count in counts]
    assert [len(bytes_) for bytes_ in drawn] == counts
    assert SeededEntropy(seed).take(16) != foreign.take(16)


@pytest.mark.parametrize("chance", [SeededEntropy(7), SystemEntropy()])
def test_chance_never_repeats_itself(chance: SystemEntropy | SeededEntropy) -> None:
    """LOGON-1: ids are made of it."""
    assert len({chance.take(20) for _ in range(1000)}) == 1000


def test_a_world_for_tests_that_starts_again_draws_other_chance(tmp_path: Path) -> None:
    """LOGON-1, REC-8: no connection id is given out twice, no data key seals two files."""
    given_out = []
    for _ in range(2):
        with world(tmp_path) as hands:
            for _ in range(3):
                given_out.append(hands.logon())
                hands.call("logoff")

    assert len(set(given_out)) == 6
