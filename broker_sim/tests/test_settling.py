"""SESS-2, UPD-2, RET-1: what time alone does happens at its instant, whoever comes by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.core.record import Change, Event, Session
from broker_sim.service import sweeper
from broker_sim.service.heartbeat import beat
from broker_sim.service.storage import Update
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.stores import START
from broker_sim.tests.worlds import NINETY, Hands, world

TICK: Final = timedelta(milliseconds=1)
LATE: Final = timedelta(hours=3)
sides = pytest.mark.parametrize("side", [-1, 0, 1])

# Everybody who may come by first.
COMERS: Final[dict[str, Callable[[Hands], object]]] = {
    "getSession": lambda hands: code_of(partial(hands.call, "getSession", session_id=1)),
    "getUpdates": lambda hands: hands.call("getUpdates", since=0),
    "getLastUpdateId": lambda hands: hands.call("getLastUpdateId"),
    "getSessionIds": lambda hands: hands.call(
        "getSessionIds", start=START, end=START + NINETY, by="Posted"
    ),
    "another request": lambda hands: hands.post(),
    "a sweep": lambda hands: sweeper.sweep(hands.broker.world),
    "a beat": lambda hands: beat(hands.broker.world, None),
}


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        made.logon()
        yield made


def stored(hands: Hands, number: int) -> Session:
    """Give a session as it is stored, which settles nothing."""
    with hands.broker.store.reading() as tx:
        held = tx.held(number)
    assert held is not None
    return held.session


def entries(hands: Hands, number: int) -> list[tuple[Change, datetime]]:
    """Give the stored change log of a session, which settles nothing."""
    with hands.broker.store.reading() as tx:
        log = tx.updates(hands.portal, 0, 1000, ended_after=START - NINETY)
    return [(entry.kind, entry.time) for entry in log if entry.session_id == number]


@pytest.mark.parametrize("comer", COMERS.values(), ids=COMERS)
def test_a_request_is_given_up_at_its_instant_whoever_comes_by(
    hands: Hands, comer: Callable[[Hands], object]
) -> None:
    """SESS-2, UPD-2: three hours late, it ended ten minutes after its post all the same."""
    number = hands.post()
    hands.pass_time(LATE)
    hands.log_on_anew()
    comer(hands)

    at = START + limits.UNANSWERED_AFTER
    given_up = stored(hands, number)
    assert (given_up.status, given_up.ended) == ("Error", at)
    assert given_up.events[-1].kind is Event.UNANSWERED
    assert entries(hands, number) == [(Change.POSTED, START), (Change.FAILED, at)]


@pytest.mark.parametrize("comer", COMERS.values(), ids=COMERS)
def test_a_recording_is_ready_at_its_instant_whoever_comes_by(
    hands: Hands, comer: Callable[[Hands], object]
) -> None:
    """UPD-2: five seconds after the end; it is no event of the session."""
    number = hands.finished()
    hands.pass_time(LATE)
    hands.log_on_anew()
    comer(hands)

    ready = (Change.RECORDING_READY, START + limits.RECORDING_TAKES)
    assert entries(hands, number)[-1] == ready
    assert stored(hands, number).events[-1].kind is Event.ENDED


@sides
def test_a_request_waits_until_its_instant_and_not_longer(hands: Hands, side: int) -> None:
    """SESS-2: [posted, posted + 10 min), the end left out; then nobody can take it."""
    number = hands.post()
    hands.pass_time(limits.UNANSWERED_AFTER + side * TICK)

    assert code_of(partial(hands.act, "accept", sessionId=number)) == (
        None if side < 0 else "OutOfTurn"
    )
    status = hands.call("getSession", session_id=number).status
    assert status == ("New" if side < 0 else "Error")


@sides
def test_files_are_there_when_the_recording_is_ready(hands: Hands, side: int) -> None:
    """UPD-2, REC-1: not a millisecond before."""
    number = hands.finished()
    hands.pass_time(limits.RECORDING_TAKES + side * TICK)

    told = hands.call("getSession", session_id=number)

    assert len(told.files) == (0 if side < 0 else 6)


def test_a_session_in_error_gets_no_recording(hands: Hands) -> None:
    """SESS-2: neither one that failed on the way nor one that was given up."""
    number = hands.post()
    hands.act("accept", sessionId=number)
    hands.act("start", sessionId=number)
    hands.act("fail", sessionId=number, reason="the line broke")
    hands.pass_time(timedelta(minutes=19))

    assert hands.call("getSession", session_id=number).files == ()
    assert code_of(partial(hands.act, "record", sessionId=number)) == "OutOfTurn"


@settings(max_examples=25)
@given(waits=st.lists(st.integers(0, 400), min_size=1, max_size=8))
def test_a_log_that_is_settled_late_is_in_order_of_time(waits: list[int]) -> None:
    """UPD-1: whatever fell due in between, in the order in which it fell due."""
    with world() as hands:
        for seconds in waits:
            hands.pass_time(timedelta(seconds=seconds))
            hands.post() if seconds % 2 else hands.finished()
        hands.pass_time(LATE)
        log: list[Update] = hands.call("getUpdates", since=0)

    times = [entry.time for entry in log]
    assert times == sorted(times)
    assert [entry.update_id for entry in log] == list(range(1, len(log) + 1))


def test_a_recording_that_was_made_at_once_does_not_come_again(hands: Hands) -> None:
    """UPD-2: one RecordingReady, however often it is asked for."""
    number = hands.finished()
    before = hands.act("record", sessionId=number)
    again = hands.act("record", sessionId=number)
    hands.pass_time(timedelta(minutes=1))
    hands.call("getUpdates", since=0)

    assert again == before
    assert [kind for kind, _ in entries(hands, number)].count(Change.RECORDING_READY) == 1


@sides
@pytest.mark.parametrize("swept", [False, True])
def test_a_survey_comes_in_until_the_session_is_gone(
    hands: Hands, side: int, *, swept: bool
) -> None:
    """PORTAL-5, RET-1: then it is refused with the instant, swept or not, and comes to nothing."""
    number = hands.finished()
    now = hands.pass_time(NINETY + side * TICK)
    if swept:
        sweeper.sweep(hands.broker.world)

    refused = refusal_of(partial(hands.act, "survey", sessionId=number, customerRatings=[]))

    if side < 0:
        assert refused is None
        assert entries(hands, number)[-1] == (Change.SURVEY_RECEIVED, now)
    else:
        assert refused is not None
        assert refused.fault.code == "SessionPurged"
        assert refused.extra == {"purged_at": START + NINETY}


def test_a_survey_is_answered_once(hands: Hands) -> None:
    """PORTAL-5: the second answer is refused; the first stays."""
    number = hands.finished()
    first = [{"label": None, "value": "well"}]
    hands.act("survey", sessionId=number, customerRatings=first)

    again = partial(hands.act, "survey", sessionId=number, customerRatings=[])

    assert code_of(again) == "OutOfTurn"
    assert [rating.value for rating in stored(hands, number).customer_ratings] == ["well"]


def test_a_beat_does_all_that_a_world_does_by_itself(hands: Hands) -> None:
    """RET-2: a served broker drops old purge entries without a tester's sweep."""
    number = hands.finished()
    for _ in range(3):
        hands.pass_time(NINETY)
        beat(hands.broker.world, None)

    assert entries(hands, number) == []
    with hands.broker.store.reading() as tx:
        assert tx.purged_at(number) == (hands.portal, START + NINETY)
