"""CONN-1 to CONN-3: how long a connection lives, for every history of its use."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from broker_sim.contract import faults
from broker_sim.core import connection
from broker_sim.core.connection import Connection
from broker_sim.core.refusal import Refused
from broker_sim.tests.refusals import refusal_of

START = datetime(2030, 1, 1, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
TWENTY = timedelta(minutes=20)

fractions = st.integers(0, 999).map(lambda ms: ms * TICK)
# Either side of the edge, of the second, and of the edge to the second.
waits = st.sampled_from(
    [timedelta(0), TICK, SECOND - TICK, SECOND, TWENTY - SECOND, TWENTY - TICK, TWENTY]
)


def opened(at: datetime) -> Connection:
    return connection.open_for("amy", "alpha", at)


def seconds_left(live: Connection | None, now: datetime) -> int | None:
    """Give the seconds of the refusal; None where a second logon is let in."""
    refused = refusal_of(lambda: connection.refuse_second(live, now))
    if refused is None:
        return None
    assert refused.fault is faults.ALREADY_LOGGED_ON
    left: int = refused.extra["seconds_left"]
    return left


@given(fraction=fractions)
def test_a_connection_ends_twenty_minutes_after_the_second_of_its_last_use(
    fraction: timedelta,
) -> None:
    """CONN-2: it lives in [opened, last use to the second + 20 min), the end left out."""
    live = opened(START + fraction)

    assert connection.ends_at(live) == START + TWENTY
    assert connection.is_live(live, START + TWENTY - TICK)
    assert not connection.is_live(live, START + TWENTY)


@given(fraction=fractions)
def test_an_ended_connection_cannot_be_used_into_life(fraction: timedelta) -> None:
    """CONN-3: use at the end is refused; a millisecond before, it gives twenty minutes more."""
    live = opened(START + fraction)

    again = connection.use(live, START + TWENTY - TICK)

    assert connection.ends_at(again) == START + TWENTY - SECOND + TWENTY
    assert (again.login, again.portal) == ("amy", "alpha")
    with pytest.raises(Refused) as refused:
        connection.use(live, START + TWENTY)
    assert refused.value.fault is faults.CONNECTION_EXPIRED


@pytest.mark.parametrize(
    ("after", "left"),
    [
        (timedelta(0), 1200),
        (TICK, 1200),
        (SECOND, 1199),
        (TWENTY - SECOND - TICK, 2),
        (TWENTY - SECOND, 1),
        (TWENTY - TICK, 1),
        (TWENTY, None),
    ],
)
def test_a_second_logon_is_told_the_seconds_left_rounded_up(
    after: timedelta, left: int | None
) -> None:
    """CONN-1: never 0 while the first lives; who waits that long is let in."""
    assert left == seconds_left(opened(START), START + after)


class AgainstTheDiary(RuleBasedStateMachine):
    """CONN-1 to CONN-3: a login's one connection agrees with a diary kept beside it."""

    @initialize(fraction=fractions)
    def begin(self, fraction: timedelta) -> None:
        self.now = START + fraction
        self.live: Connection | None = None
        self.used: int | None = None  # the second of the last use; None when logged off

    def ends(self) -> float:
        """Give the second at which the diary says the connection ends."""
        return float("-inf") if self.used is None else self.used + 20 * 60

    def lives(self) -> bool:
        return (self.now - START) / SECOND < self.ends()

    @rule(after=waits)
    def log_on(self, after: timedelta) -> None:
        self.now += after
        left = seconds_left(self.live, self.now)
        if self.lives():
            assert left is not None
            assert 0 <= left - (self.ends() - (self.now - START) / SECOND) < 1
            return
        assert left is None
        self.live = opened(self.now)
        self.used = int((self.now - START) / SECOND)

    @rule(after=waits)
    def use(self, after: timedelta) -> None:
        self.now += after
        if self.live is None:
            return
        if self.lives():
            self.live = connection.use(self.live, self.now)
            self.used = int((self.now - START) / SECOND)
            return
        with pytest.raises(Refused):
            connection.use(self.live, self.now)

    @rule()
    def log_off(self) -> None:
        self.live = self.used = None

    @invariant()
    def agrees(self) -> None:
        alive = self.live is not None and connection.is_live(self.live, self.now)
        assert self.lives() == alive


TestAgainstTheDiary = AgainstTheDiary.TestCase


def test_a_use_in_the_second_of_the_last_one_changes_nothing() -> None:
    """CONN-2: the same connection comes back, so that nothing is stored."""
    live = opened(START)

    assert connection.use(live, START + SECOND - TICK) is live
    assert connection.use(live, START + SECOND).last_used == START + SECOND
