"""A world in the hand of a test: its clock, its doors, its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from broker_sim import testing
from broker_sim.bootstrap.worlds import START
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.testing.telling import journal_told


@pytest.fixture(scope="module")
def server() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def test_its_clock_goes_as_it_is_told(server: RunningBroker) -> None:
    """By units, by a span, by both, to an instant; by nothing it does what is due."""
    with server.world() as world:
        clock = world.clock
        moved = [
            clock.advance(minutes=5),
            clock.advance(timedelta(hours=1), seconds=1.5),
            clock.advance(to=START + timedelta(days=2)),
            clock.advance(),
        ]
        with pytest.raises(ValueError, match="not both"):
            clock.advance(days=1, to=START + timedelta(days=9))
        with pytest.raises(ValueError, match="time moves on"):
            clock.advance(days=-1)

    spans = [at - START for at in moved]
    assert spans == [
        timedelta(minutes=5),
        timedelta(hours=1, minutes=5, seconds=1.5),
        timedelta(days=2),
        timedelta(days=2),
    ]


def test_its_clock_is_let_go_and_stopped(server: RunningBroker) -> None:
    """Where it was, or at another instant."""
    with server.world(frozen_at=None) as world:
        assert world.clock.mode == "real"
        assert world.clock.run(START) - START < timedelta(minutes=1)
        assert world.clock.mode == "shifted"
        stopped = world.clock.freeze()
        assert (world.clock.mode, world.clock.now()) == ("frozen", stopped)
        assert world.clock.freeze(START) == START


def test_its_control_api_is_at_its_url(server: RunningBroker) -> None:
    """For code under test that wants HTTP; the world at the root has the same shape."""
    headers = {"Authorization": f"Bearer {server.control_token}"}
    with server.world(seed=3, sessions=2) as world:
        for one in (world, server.default_world):
            told = requests.get(f"{one.control_url}/world", headers=headers, timeout=10).json()
            assert (told["name"], told["seed"], told["url"]) == (one.name, one.seed, one.url)
            assert requests.get(one.wsdl, timeout=10).status_code == 200
            assert one.wsdls.keys() == told["services"].keys()
            assert one.control_token not in repr(one)


def test_it_is_dropped_whatever_its_block_ends_in(server: RunningBroker) -> None:
    """And then its URL is nobody's."""
    with pytest.raises(ZeroDivisionError), server.world() as world:
        raise ZeroDivisionError

    assert server.worlds.names() == ["default"]
    assert requests.get(world.wsdl, timeout=10).status_code == 404


def test_a_broker_with_a_store_has_its_world_at_the_root(tmp_path: Path) -> None:
    """The one that a restart goes on with."""
    with running_broker(store="file", home=tmp_path, sessions=3) as broker:
        broker.default_world.clock.advance(days=1)
        broker.restart()

        assert broker.default_world.clock.now() == START + timedelta(days=1)
        assert broker.default_world.tester.describe()["sessions"] == 3


def test_a_report_has_the_last_calls_and_says_how_many_came_before(server: RunningBroker) -> None:
    """A test that calls for long does not fill the screen."""
    with server.world() as world:
        assert journal_told(world.journal) == "(nobody called)"
        for number in range(40):
            requests.post(f"{world.url}/services/Sessions", data=f"call {number}", timeout=10)
        told = journal_told(world.journal)

    assert told.startswith("(10 earlier calls)\n")
    assert [number in told for number in ("call 9", "call 10", "call 39")] == [False, True, True]


def test_what_the_package_names_is_there_when_asked_for() -> None:
    """And nothing else."""
    for name in testing.__all__:
        assert getattr(testing, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'broker'"):
        _ = testing.broker
