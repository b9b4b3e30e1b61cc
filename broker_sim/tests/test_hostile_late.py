"""The hostile profile and time: small pages, what comes late, how long it lasts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Final

import pytest

from broker_sim.contract import limits
from broker_sim.core.hostility import PAGE_LEAST, PAGE_MOST, manners, profile
from broker_sim.core.record import Change, Labelled, Session
from broker_sim.service import customers
from broker_sim.tests.refusals import code_of
from broker_sim.tests.worlds import Hands
from broker_sim.tests.worlds import world as hands_on

SEEDS: Final = range(6)
MINUTE: Final = timedelta(minutes=1)
RATINGS: Final = [Labelled("how", "well")]


def wait(hands: Hands, by: timedelta) -> None:
    """Let time pass, and keep the connection alive."""
    while by > 10 * MINUTE:
        hands.pass_time(10 * MINUTE)
        hands.call("getLastUpdateId")
        by -= 10 * MINUTE
    hands.pass_time(by)


@pytest.fixture
def hands() -> Iterator[Hands]:
    with hands_on() as made:
        made.logon()
        yield made


def test_a_portal_tells_its_small_pages_and_keeps_to_them(hands: Hands) -> None:
    """SESS-5, UPD-1: complete and in order over small pages, whatever max is asked for."""
    for _ in range(12):
        hands.post()
    ids = hands.call(
        "getSessionIds",
        start=hands.broker.clock.now(),
        end=hands.broker.clock.now() + MINUTE,
        by="Posted",
    )
    for seed in SEEDS:
        hands.broker.faults.hostility.on(seed, ["small-pages"])
        most = hands.call("getPortal").page_max
        found: list[int] = []
        for limit in (None, 1000, 1, most, most + 1) * 12:
            page = hands.call(
                "getSessionIds",
                start=hands.broker.clock.now(),
                end=hands.broker.clock.now() + MINUTE,
                by="Posted",
                after=found[-1] if found else None,
                limit=limit,
            )
            assert len(page) <= min(most, limit or 1000)
            found += page
        updates = hands.call("getUpdates", since=0)

        assert PAGE_LEAST <= most <= PAGE_MOST
        assert found == list(ids)
        assert len(updates) == most
        for wrong in (0, 1001):
            asked = partial(hands.call, "getUpdates", since=0, limit=wrong)
            assert code_of(asked) == "InvalidArgument"


def ended(hands: Hands) -> int:
    number = hands.post()
    for act in ("accept", "start", "end"):
        hands.act(act, sessionId=number)
    return number


def answer(hands: Hands, number: int) -> Session:
    """Answer the survey as a customer does."""
    return customers.rate(hands.broker.world, number, RATINGS)


def changes(hands: Hands, number: int) -> list[str]:
    return [one.kind for one in hands.call("getUpdates", since=0) if one.session_id == number]


@pytest.mark.parametrize("side", [-1, 0, 1])
def test_a_late_recording_is_ready_at_its_instant(hands: Hands, side: int) -> None:
    """UPD-2: later than the usual five seconds, and not a millisecond before its time."""
    hands.broker.faults.hostility.on(3, ["late-recordings"])
    number = ended(hands)
    takes = manners(profile(3)).recording_takes(number)
    wait(hands, takes + side * timedelta(milliseconds=1))

    read = hands.call("getSession", session_id=number)

    assert limits.RECORDING_TAKES < takes <= timedelta(minutes=15, seconds=6)
    assert bool(read.files) is (side >= 0)
    assert (Change.RECORDING_READY in changes(hands, number)) is (side >= 0)


def test_the_testers_hand_is_never_late(hands: Hands) -> None:
    """PORTAL-5: the act `survey` says when it arrives."""
    hands.broker.faults.hostility.on(5, ["late-surveys"])
    number = ended(hands)
    given = [{"label": "how", "value": "well"}]
    hands.act("survey", sessionId=number, customerRatings=given)

    assert Change.SURVEY_RECEIVED in changes(hands, number)


@pytest.mark.parametrize("first", ["recording", "survey"])
def test_a_late_survey_arrives_once_at_its_instant(hands: Hands, first: str) -> None:
    """PORTAL-5, UPD-2: not before, whole, its update with it; a second one is refused."""
    only = ["late-surveys"] if first == "recording" else ["late-surveys", "late-recordings"]
    hands.broker.faults.hostility.on(5, only)
    number = ended(hands)
    takes = manners(profile(5, only)).survey_takes(number)
    answer(hands, number)
    again = code_of(lambda: answer(hands, number))

    wait(hands, takes - timedelta(milliseconds=1))
    before = hands.call("getSession", session_id=number)
    hands.pass_time(timedelta(milliseconds=1))
    after = hands.call("getSession", session_id=number)
    wait(hands, 20 * MINUTE)

    assert again == "OutOfTurn"
    assert (before.customer_ratings, len(after.customer_ratings)) == ((), 1)
    assert changes(hands, number).count(Change.SURVEY_RECEIVED) == 1
    assert changes(hands, number).count(Change.RECORDING_READY) == 1
    assert code_of(lambda: answer(hands, number)) == ("OutOfTurn")


def test_what_was_late_still_comes_when_the_profile_is_switched_off(hands: Hands) -> None:
    """UPD-2: nothing that was promised gets lost."""
    hands.broker.faults.hostility.on(5, ["late-surveys", "late-recordings"])
    number = ended(hands)
    answer(hands, number)
    hands.broker.faults.hostility.off()
    wait(hands, 20 * MINUTE)

    assert len(hands.call("getSession", session_id=number).customer_ratings) == 1
    assert {Change.SURVEY_RECEIVED, Change.RECORDING_READY} <= set(changes(hands, number))


def test_the_profile_outlives_its_process_and_goes_with_a_snapshot(hands: Hands) -> None:
    """One switch: what is kept says the same as what is on."""
    rules = hands.broker.faults
    rules.hostility.on(4, ["bom", "small-pages"])
    for _ in range(3):
        rules.hostility.draw()
    saved = json.loads(json.dumps(rules.saved()))
    drawn = [rules.hostility.draw()[1].below(1000) for _ in range(5)]
    rules.hostility.off()

    assert hands.call("getPortal").page_max == 1000
    rules.restore(saved)
    assert hands.call("getPortal").page_max < 10
    assert rules.hostility.told()["answers"] == 3
    assert [rules.hostility.draw()[1].below(1000) for _ in range(5)] == drawn
    rules.hostility.resume()
    assert rules.hostility.told()["provocations"] == ["bom", "small-pages"]


def test_a_reset_is_plain_again(hands: Hands) -> None:
    """A world begins as it began."""
    hands.broker.faults.hostility.on(4)
    hands.broker.tester.reset()

    assert hands.broker.faults.hostility.told() == {
        "on": False,
        "seed": None,
        "provocations": [],
        "answers": 0,
    }


def test_wrong_profiles_are_refused(hands: Hands) -> None:
    """The name that is wrong is named."""
    switch: Callable[..., object] = hands.broker.faults.hostility.on

    with pytest.raises(ValueError, match="not 'bomb'"):
        switch(1, ["bomb"])
    assert not hands.broker.faults.hostility.is_on
