"""LOGON-3 to LOGON-5, for every history and not only the likely ones."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from broker_sim.core import lockout
from broker_sim.core.lockout import HardLocked, Locked, Lockout, Open, Policy

START = datetime(2030, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
FIVE = timedelta(minutes=5)

policies = st.sampled_from([Policy(), Policy(hard_after=10)])
waits = st.sampled_from([TICK, FIVE - TICK, FIVE])  # either side of the edge
instants = st.timedeltas(timedelta(0), timedelta(days=1)).map(START.__add__)
states: st.SearchStrategy[Lockout] = st.one_of(
    st.builds(Open, st.integers(0, 9)),
    st.builds(Locked, st.integers(1, 9), instants),
    st.builds(HardLocked, instants),
)


MARK = {Open: ".", Locked: "x", HardLocked: "X"}


@pytest.mark.parametrize(("hard_after", "row"), [(None, "..x..x..x."), (10, "..x..x..xX")])
def test_ten_failures_in_a_row(hard_after: int | None, row: str) -> None:
    """LOGON-3, LOGON-4: every third locks; the tenth for good where that is on."""
    state: Lockout = Open()
    seen = ""
    for nth in range(10):
        state = lockout.fail(state, Policy(hard_after=hard_after), START + nth * FIVE)
        seen += MARK[type(state)]

    assert row == seen


@given(until=instants, failures=st.integers(1, 9))
def test_a_lock_ends_at_its_end_and_not_before(until: datetime, failures: int) -> None:
    """LOGON-3: the lock covers [start, start + 5 min), the end left out."""
    locked = Locked(failures, until)

    assert locked == lockout.settle(locked, until - TICK)
    assert Open(failures) == lockout.settle(locked, until)


@given(state=states, policy=policies, now=instants)
def test_an_attempt_during_a_lock_changes_nothing(
    state: Lockout, policy: Policy, now: datetime
) -> None:
    """LOGON-5: a refused attempt is unseen, whether right or wrong."""
    settled = lockout.settle(state, now)

    if not isinstance(settled, Open):
        assert settled == lockout.fail(state, policy, now)
        assert settled == lockout.succeed(state, now)


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (FIVE, 300),
        (FIVE - TICK, 300),
        (timedelta(seconds=2), 2),
        (timedelta(seconds=1) + TICK, 2),
        (timedelta(seconds=1), 1),
        (TICK, 1),
    ],
)
def test_the_seconds_left_are_rounded_up(before: timedelta, told: int) -> None:
    """LOGON-3: who waits as long as told finds the lock open."""
    assert lockout.seconds_left(Locked(3, START), START - before) == told


def test_who_is_locked_for_good_is_so_since_the_last_failure() -> None:
    """LOGON-4: what an administrator is told."""
    assert lockout.fail(Open(9), Policy(hard_after=10), START) == HardLocked(since=START)


class AgainstTheDiary(RuleBasedStateMachine):
    """LOGON-3 to LOGON-5: the machine agrees with a diary kept beside it."""

    @initialize(policy=policies)
    def open_the_account(self, policy: Policy) -> None:
        self.policy = policy
        self.state: Lockout = Open()
        self.now = self.shut_until = START
        self.in_a_row = 0
        self.shut_for_good = False

    @rule(after=waits)
    def fail(self, after: timedelta) -> None:
        self.now += after
        self.state = lockout.fail(self.state, self.policy, self.now)
        if self.may_try():
            self.in_a_row += 1
            if self.in_a_row % 3 == 0:
                self.shut_until = self.now + FIVE
            if self.in_a_row == self.policy.hard_after:
                self.shut_for_good = True

    @rule(after=waits)
    def succeed(self, after: timedelta) -> None:
        self.now += after
        self.state = lockout.succeed(self.state, self.now)
        if self.may_try():
            self.in_a_row = 0

    @invariant()
    def agrees(self) -> None:
        assert self.may_try() == isinstance(lockout.settle(self.state, self.now), Open)

    def may_try(self) -> bool:
        return self.now >= self.shut_until and not self.shut_for_good


TestAgainstTheDiary = AgainstTheDiary.TestCase
