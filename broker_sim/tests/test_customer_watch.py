"""PORTAL-4: a customer's page learns at once of what it is to show next."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import requests

from broker_sim.contract import limits
from broker_sim.service import passes
from broker_sim.testing import RunningBroker, running_broker


@dataclass(frozen=True, slots=True)
class Place:
    """The first portal of a broker, and pages of customers there."""

    broker: RunningBroker

    def post(self) -> int:
        given = {"portal": self.broker.logins[0][0], "subPortal": "email", "question": "Why?"}
        return self.broker.tester.perform("post", given).session_id

    def act(self, act: str, number: int, **given: object) -> None:
        self.broker.tester.perform(act, {"sessionId": number, **given})

    def url(self, number: int) -> str:
        token = passes.session_pass(self.broker.tester.world, number)
        return f"{self.broker.url}/watch/{token}"

    def look(self, number: int, seen: str = "") -> dict[str, Any]:
        found = requests.get(self.url(number), {"seen": seen}, timeout=30)
        assert found.status_code == 200
        told: dict[str, Any] = found.json()
        return told


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with running_broker() as running:
        yield Place(running)


def test_who_has_seen_nothing_is_told_at_once(place: Place) -> None:
    """PORTAL-4: stage, place, and a mark to wait with."""
    first, second = place.post(), place.post()

    assert place.look(first)["stage"] == "waiting"
    assert [place.look(number)["place"] for number in (first, second)] == [1, 2]


def test_every_step_of_a_session_ends_the_wait(place: Place) -> None:
    """PORTAL-4, AGENT-2: acceptance, start, what is said, and the end."""
    number = place.post()
    mark = place.look(number)["mark"]
    steps: list[tuple[str, dict[str, object]]] = [
        ("accept", {}),
        ("start", {}),
        ("chat", {"speaker": "representative", "text": "Hello"}),
        ("screen", {"on": True}),
        ("end", {}),
    ]
    stages = []
    with ThreadPoolExecutor(1) as pool:
        for act, given in steps:
            waiting = pool.submit(place.look, number, mark)
            assert not waiting.done()
            place.act(act, number, **given)
            told = waiting.result(20)
            assert told["mark"] != mark
            mark = told["mark"]
            stages.append(told["stage"])

    assert stages == ["consent", "talking", "talking", "talking", "finished"]


def test_a_place_that_closes_up_ends_the_wait(place: Place) -> None:
    """PORTAL-4: who came before was taken."""
    first, second = place.post(), place.post()
    seen = place.look(second)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(place.look, second, seen["mark"])
        place.act("accept", first)

        assert waiting.result(20)["place"] == seen["place"] - 1


def test_what_time_does_ends_the_wait(place: Place) -> None:
    """SESS-2: nobody answered."""
    number = place.post()
    mark = place.look(number)["mark"]
    clock = place.broker.tester.clock
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(place.look, number, mark)
        clock.to(clock.now() + limits.UNANSWERED_AFTER)  # nobody else looks

        assert waiting.result(20)["stage"] == "failed"


def test_only_the_link_opens_it(place: Place) -> None:
    """PORTAL-5: a made-up one, another session's, a purged session's; a HEAD never waits."""
    number, other = place.post(), place.post()
    right = place.url(number)
    signature = place.url(other).rpartition(".")[2]
    for wrong in (right[:-1], f"{right.rpartition('.')[0]}.{signature}", f"{right}/x", ""):
        assert requests.get(wrong or f"{place.broker.url}/watch/", timeout=10).status_code == 404
    assert requests.post(right, timeout=10).status_code == 405
    mark = place.look(number)["mark"]
    assert requests.head(right, params={"seen": mark}, timeout=5).status_code == 200

    for act in ("accept", "start", "end"):
        place.act(act, number)
    place.broker.tester.advance(place.broker.tester.clock.now() + timedelta(days=90))
    assert requests.get(right, timeout=10).status_code == 410


def test_the_journal_has_no_link_of_a_watch(place: Place) -> None:
    """REC-7: whoever has the link is the customer."""
    number = place.post()
    mark = place.broker.journal.last
    place.look(number)
    kept = str([*place.broker.journal.after(mark, 10)])

    assert "/watch/" in kept
    assert place.url(number).rpartition(".")[2] not in kept
