"""C-ONCE-1, C-STORE-2: killed at any point, started again, nothing is lost and nothing doubled.

Here the client runs in this process with a broker in memory, so that every point can be tried in a
second; `test_killed_processes.py` does the same with real ones.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from integration import crashpoint
from integration.config import Portal
from integration.crashpoint import POINTS
from integration.tests.fakes import FIRST_ID, START, FakeBroker, ManualClock
from integration.tests.home import Client, archives, half_written, index, portal_in, rows

IDS = range(FIRST_ID, FIRST_ID + 5)
Scene = Callable[[Client], None]


class KilledError(BaseException):
    """The process is gone."""


def _die() -> NoReturn:
    raise KilledError


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    crashpoint.arm(None)


def world(clock: ManualClock) -> FakeBroker:
    """Five sessions: four that ended, one of them without a recording, and one under way."""
    broker = FakeBroker(clock)
    for session_id in IDS:
        broker.open(session_id)
        clock.advance(60)
        if session_id != IDS[4]:
            broker.end(session_id)
        if session_id in IDS[:3]:
            broker.record(session_id, size=1000)
    broker.survey(IDS[0])
    clock.advance(1)
    return broker


def on_demand(client: Client) -> None:
    client.on_demand().range(START, None, clamp=False)


def in_real_time(client: Client) -> None:
    client.store.ledger.note_page([], [], client.store.ledger.polled or 0, START)
    client.poll()


def run(portal: Portal, broker: FakeBroker, scene: Scene) -> bool:
    """Run a scene in a client of its own; tells whether it came to its end."""
    broker.clock.stopping = False
    client = Client(portal, broker, broker.clock)
    try:
        scene(client)
    except KilledError:
        return False
    finally:
        client.close()
    return True


@pytest.mark.parametrize("unpacked", [False, True], ids=["zip", "folder"])
@pytest.mark.parametrize("scene", [on_demand, in_real_time])
def test_killed_at_every_point_in_turn(tmp_path: Path, scene: Scene, unpacked: bool) -> None:
    """C-ONCE-1: each start gets one point further; the end is that of a run without kills."""
    whole = portal_in(tmp_path / "whole", decompress=unpacked, workers=1)
    broker = world(ManualClock())
    assert run(whole, broker, scene)
    killed = portal_in(tmp_path / "killed", decompress=unpacked, workers=1)
    kills = 0
    for starts in range(1, 500):
        crashpoint.arm(str(starts), _die)
        if run(killed, broker, scene):
            break
        assert half_written(killed) == []
        kills += 1

    assert kills > 10
    assert rows(whole) == rows(killed)
    assert archives(whole) == archives(killed)


@pytest.mark.parametrize("nth", random.Random(7).sample(range(1, 45), 8))
@pytest.mark.parametrize("scene", [on_demand, in_real_time])
def test_killed_once_at_some_point_of_a_fresh_store(tmp_path: Path, scene: Scene, nth: int) -> None:
    """C-ONCE-1: with several workers; a later start finishes what the first one left."""
    whole, killed = portal_in(tmp_path / "whole"), portal_in(tmp_path / "killed")
    broker = world(ManualClock())
    assert run(whole, broker, scene)
    crashpoint.arm(str(nth), _die)
    assert not run(killed, broker, scene)
    crashpoint.arm(None)
    assert run(killed, broker, scene)

    assert rows(whole) == rows(killed)
    assert archives(whole) == archives(killed)


@pytest.mark.parametrize("scene", [on_demand, in_real_time])
@pytest.mark.parametrize("point", sorted(set(POINTS) - {"logged-on", "part-begun"}))
def test_killed_at_the_same_point_again_and_again(tmp_path: Path, scene: Scene, point: str) -> None:
    """C-ONCE-1: even then each start does something that stays."""
    whole, killed = portal_in(tmp_path / "whole"), portal_in(tmp_path / "killed")
    broker = world(ManualClock())
    assert run(whole, broker, scene)
    for nth in (1, 2, 3):
        crashpoint.arm(f"{point}:{nth}", _die)
        run(killed, broker, scene)
    crashpoint.arm(None)
    assert run(killed, broker, scene)

    assert rows(whole) == rows(killed)
    assert archives(whole) == archives(killed)


@pytest.mark.parametrize("point", sorted(set(POINTS) - {"logged-on", "part-begun", "noted"}))
def test_killed_while_a_later_change_is_stored(tmp_path: Path, point: str) -> None:
    """C-ONCE-2: the survey changes the session that is there; it does not make a second one."""
    portal = portal_in(tmp_path)
    broker = world(ManualClock())
    assert run(portal, broker, in_real_time)
    before = set(archives(portal))
    broker.record(IDS[3])
    broker.survey(IDS[1])
    crashpoint.arm(f"{point}:1", _die)
    run(portal, broker, in_real_time)
    crashpoint.arm(None)
    assert run(portal, broker, in_real_time)

    assert before == set(archives(portal))
    assert len(rows(portal)["support_session"]) == 5
    assert index(portal, IDS[1])["customer_ratings"][0]["value"] == "fine"
    assert len(index(portal, IDS[3])["files"]) == 5
