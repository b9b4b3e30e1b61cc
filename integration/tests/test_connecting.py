"""C-CONN-1, C-LOCK-1, C-NET-2: how long the first word with the broker is waited for."""

from __future__ import annotations

import itertools

import pytest

from integration.errors import Busy, Exit, Locked, Retry, Stop, Unreachable
from integration.pipeline.connecting import PATIENCE, connect
from integration.tests.fakes import FakeBroker, ManualClock


def after(broker: FakeBroker, *errors: Exception) -> None:
    """Let the broker fail with these in turn, then answer."""
    left = list(errors)
    broker.trouble = lambda _: left.pop(0) if left else None


@pytest.mark.parametrize("persistent", [False, True])
def test_a_login_in_use_is_waited_for(
    broker: FakeBroker, clock: ManualClock, persistent: bool
) -> None:
    """C-CONN-1: as long as the broker says, in every mode."""
    after(broker, Busy("in use", after=1200), Busy("in use", after=0.1))

    assert connect(broker, clock, persistent=persistent).name == "acme"
    assert clock.waits == [1200, 1.0]


def test_a_lock_is_told_or_waited_out(broker: FakeBroker, clock: ManualClock) -> None:
    """C-LOCK-1: on demand a person is told until when; a service waits."""
    after(broker, Locked("locked", after=300))
    with pytest.raises(Stop, match=r"locked\. Try again after 2030-01-01 00:12:00") as stop:
        connect(broker, clock, persistent=False)
    assert stop.value.exit_code is Exit.REFUSED
    assert clock.waits == []

    after(broker, Locked("locked", after=300))
    connect(broker, clock, persistent=True)
    assert clock.waits == [300]


def test_a_broker_that_does_not_answer(broker: FakeBroker, clock: ManualClock) -> None:
    """C-NET-2: on demand some attempts, more slowly each time; a service never gives up."""
    after(broker, *[Unreachable("no route")] * 50)
    with pytest.raises(Stop, match="no route") as stop:
        connect(broker, clock, persistent=False)
    assert stop.value.exit_code is Exit.UNREACHABLE
    assert len(clock.waits) == PATIENCE - 1
    assert all(a < b for a, b in itertools.pairwise(clock.waits))

    after(broker, *[Retry("503", after=7.0)] * 50)
    connect(broker, clock, persistent=True)
    assert min(clock.waits[PATIENCE:]) >= 7.0


def test_a_refusal_ends_it(broker: FakeBroker, clock: ManualClock) -> None:
    """C-LOCK-1: nothing is tried twice."""
    after(broker, Stop("refused", exit_code=Exit.REFUSED))
    with pytest.raises(Stop, match="refused"):
        connect(broker, clock, persistent=True)
    assert clock.waits == []


def test_waiting_ends_when_the_program_is_to_stop(broker: FakeBroker, clock: ManualClock) -> None:
    """C-CONN-1: Ctrl-C does not wait twenty minutes."""
    after(broker, *[Busy("in use", after=1200)] * 9)
    clock.on_wait = clock.stop
    with pytest.raises(Stop) as stop:
        connect(broker, clock, persistent=True)
    assert stop.value.exit_code is Exit.INTERRUPTED
