"""The tester's hand on a world: time moved on in any steps, worlds made anew, live traffic."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Final

import pytest

from broker_sim.core.record import Session
from broker_sim.service.heartbeat import Heartbeat
from broker_sim.service.storage import Update
from broker_sim.tests.refusals import code_of
from broker_sim.tests.stores import START
from broker_sim.tests.test_store_races import at_once
from broker_sim.tests.worlds import NINETY, Hands, world

HOUR: Final = timedelta(hours=1)
BUSY: Final = 60.0


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


def lived(hands: Hands) -> tuple[list[Update], list[Session]]:
    """Give the change log of the first portal and the sessions that it tells of."""
    log: list[Update] = []
    while page := hands.call("getUpdates", since=log[-1].update_id if log else 0):
        log += page
    numbers = dict.fromkeys(update.session_id for update in log)
    with hands.broker.store.reading() as tx:
        found = [tx.held(number) for number in numbers]
    return log, [held.session for held in found if held is not None]


@pytest.mark.parametrize("steps", [2, 97])
def test_time_may_be_moved_on_in_any_steps(steps: int) -> None:
    """UPD-1: what falls due on the way happens at its instant, in order, exactly once."""
    with world(live_per_hour=BUSY) as hands:
        for nth in range(steps):
            hands.broker.tester.advance(START + 2 * HOUR * (nth + 1) / steps)
        log, sessions = lived(hands)
    with world(live_per_hour=BUSY) as hands:
        hands.broker.tester.advance(START + 2 * HOUR)
        assert lived(hands) == (log, sessions)

    assert len(sessions) > 25
    assert [update.time for update in log] == sorted(update.time for update in log)
    assert log[-1].time <= START + 2 * HOUR
    times = {event.time for session in sessions for event in session.events}
    assert len(times) > 3 * len(sessions)


def test_traffic_lives_every_way_to_an_end() -> None:
    """SESS-2: among many some are declined, given up, transferred, rated; none stands for ever."""
    with world(live_per_hour=BUSY) as hands:
        hands.broker.tester.advance(START + 7 * HOUR)
        log, sessions = lived(hands)

    assert {update.kind for update in log} >= {
        "Posted",
        "Accepted",
        "Started",
        "Transferred",
        "Ended",
        "Failed",
        "SurveyReceived",
        "RecordingReady",
    }
    early = [session for session in sessions if session.posted < START + 4 * HOUR]
    assert {session.status for session in early} == {"Finished", "Error"}


@pytest.mark.parametrize("mode", ["frozen", "shifted", "real"])
def test_time_moves_on_in_every_mode(hands: Hands, mode: str) -> None:
    """A real clock becomes a shifted one; the others stay what they are."""
    tester = hands.broker.tester
    tester.set_clock(mode, START)
    later = tester.clock.now() + HOUR

    told = tester.advance(later)

    assert timedelta(0) <= told - later < timedelta(seconds=30)
    assert tester.clock.mode == ("frozen" if mode == "frozen" else "shifted")


def test_time_does_not_move_back(hands: Hands) -> None:
    """Standing still is allowed; going back by an advance is not."""
    tester = hands.broker.tester
    assert tester.advance(START) == START
    with pytest.raises(ValueError, match="time moves on"):
        tester.advance(START - timedelta(milliseconds=1))

    assert tester.clock.now() == START


def test_a_clock_that_is_set_back_upsets_no_rule(hands: Hands) -> None:
    """SESS-1: what happens then happens at the time of what happened before."""
    number = hands.post()
    hands.broker.tester.set_clock("frozen", START - HOUR)
    for act in ("accept", "start", "end"):
        hands.act(act, sessionId=number)
    with hands.broker.store.reading() as tx:
        held = tx.held(number)

    assert held is not None
    assert (held.session.posted, held.session.ended) == (START, START)


def test_time_that_is_set_far_on_takes_what_is_over(hands: Hands) -> None:
    """RET-2: a set clock sweeps like an advanced one."""
    number = hands.finished()
    hands.broker.tester.set_clock("frozen", START + NINETY)

    with hands.broker.store.reading() as tx:
        assert tx.held(number) is None
        assert tx.purged_at(number) == (hands.portal, START + NINETY)


def test_a_reset_gives_the_world_of_its_seed_again() -> None:
    """One seed decides everything: sessions, ids, connections, whatever was done before."""
    with world(sessions=20, seed=3) as hands:
        first = lived(hands)
        hands.connection = ""
        hands.broker.tester.reset(3, 20, START)
        one = (lived(hands), hands.connection)
        hands.finished()
        hands.post()
        hands.broker.tester.advance(START + HOUR)
        hands.connection = ""
        hands.broker.tester.reset(3, 20, START)
        other = (lived(hands), hands.connection)

    assert one == other
    assert one[0] == first


def test_a_reset_to_another_seed_gives_another_world(hands: Hands) -> None:
    """And ends every connection; the time stays where it is if none is named."""
    connection = hands.logon()
    hands.broker.tester.advance(START + HOUR)
    hands.broker.tester.reset(seed=8, sessions=3)
    told = hands.broker.tester.describe()

    assert (told["seed"], told["sessions"]) == (8, 3)
    assert told["clock"]["now"] == START + HOUR
    assert hands.portal not in {portal["name"] for portal in told["portals"]}
    used = partial(hands.begin, "getPortal", connection_id=connection)
    assert code_of(used) in {"InvalidConnection", "ConnectionExpired"}


def test_a_reset_begins_the_traffic_anew() -> None:
    """UPD-1: nobody of the world before comes back."""
    with world(live_per_hour=BUSY) as hands:
        hands.broker.tester.advance(START + HOUR)
        hands.broker.tester.reset()
        hands.connection = ""
        assert lived(hands) == ([], [])
        hands.broker.tester.advance(START + 2 * HOUR)
        hands.connection = ""
        assert lived(hands)[1]


def test_traffic_may_be_played_by_several_at_once() -> None:
    """A served broker's own beat and a tester's advance meet: every act is done once, in order."""

    def played(threads: int) -> tuple[list[Update], list[Session]]:
        with world(live_per_hour=BUSY) as hands:
            hands.pass_time(HOUR)
            traffic = hands.broker.traffic
            assert traffic is not None
            at_once(*[partial(traffic.play, START + HOUR)] * threads)
            return lived(hands)

    expected = played(1)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        assert played(4) == expected
    finally:
        sys.setswitchinterval(before)
    assert len(expected[1]) > 10


def test_a_beat_that_fails_does_not_end_the_world(caplog: pytest.LogCaptureFixture) -> None:
    """RET-3: it is logged, and the next one comes; after the stop none does."""
    beats: list[int] = []

    def work() -> None:
        beats.append(1)
        raise ZeroDivisionError

    failing = Heartbeat(work, seconds=0.001)
    failing.start()
    while len(beats) < 3:
        pass
    failing.stop()
    count = len(beats)

    assert "a beat failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert len(beats) == count
    failing.stop()


def test_a_heart_that_never_beat_may_be_stopped() -> None:
    """A start that fails halfway stops what it has."""
    Heartbeat(lambda: None).stop()
