"""SEC-2, CHAN-1, PORTAL-5: what is another customer's, another portal's, or not yet, is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from broker_sim.service import passes
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.browser import JSON, Browser

SAID = "This link is not valid. Please go back to where you came from, and ask again."


@dataclass(frozen=True, slots=True)
class Place:
    """A broker, and customers of its portals."""

    broker: RunningBroker

    def launch(self, portal: str) -> Browser:
        ask = {"Portal": portal, "Name": "Eva", "Question": "Why?"}
        return Browser().get(f"{self.broker.url}/ds/queryPost.flow", **ask)

    def talking(self, portal: str) -> tuple[Browser, int]:
        there = self.launch(portal)
        number = there.read()["sessionId"]
        self.broker.tester.perform("accept", {"sessionId": number})
        return there.get(there.answer.url).send("I agree, begin"), number


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with running_broker() as running:
        yield Place(running)


def test_the_key_of_a_channel_is_for_its_customer_while_it_talks(place: Place) -> None:
    """CHAN-1: not before the session starts, not after its end, not by another's link."""
    portal = place.broker.logins[0][0]
    waiting = place.launch(portal)
    early = requests.get(f"{waiting.answer.url}/channel", headers=JSON, timeout=10)
    assert early.status_code == 409
    assert "key" not in early.json()

    there, number = place.talking(portal)
    page = there.answer.url
    answer = requests.get(f"{page}/channel", headers=JSON, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["party"] == "customer"
    assert answer.json()["key"] not in requests.get(page, timeout=10).text
    forged = page.replace(str(number), str(waiting.read()["sessionId"]))
    assert requests.get(f"{forged}/channel", headers=JSON, timeout=10).status_code == 404

    place.broker.tester.perform("end", {"sessionId": number})
    late = requests.get(f"{page}/channel", headers=JSON, timeout=10)
    assert late.status_code == 409


@pytest.mark.parametrize("what", ["", "/talk", "/channel", "/files/1"])
def test_a_link_opens_one_session_only(place: Place, what: str) -> None:
    """PORTAL-5: the signature of one is none of another's, whichever portal that is of."""
    first, second = (place.launch(portal) for portal, _, _ in place.broker.logins[:2])
    number, other = first.read()["sessionId"], second.answer.url.rpartition(".")[2]
    for made_up in (
        f"{number}.{other}",
        f"{number}.",
        f"0{number}.{other}",
        f"{number}.{'A' * 43}",
    ):
        url = f"{place.broker.url}/cs/{made_up}{what}"
        answer = requests.get(url, headers=JSON, timeout=10)
        assert (answer.status_code, answer.json()["message"]) == (404, SAID)


@pytest.mark.parametrize("act", ["agree", "say", "leave", "endScreenSharing"])
def test_nobody_acts_for_another_customer(place: Place, act: str) -> None:
    """PORTAL-4: and a link alone, by GET, does nothing at all."""
    there, number = place.talking(place.broker.logins[0][0])
    forged = f"{place.broker.url}/cs/{number}.{'A' * 43}/{act}"
    assert requests.post(forged, {"Text": "x"}, timeout=10).status_code == 404
    assert requests.get(f"{there.answer.url}/{act}", timeout=10).status_code == 405
    assert there.read()["stage"] == "talking"
    assert there.read()["lines"] == []


def test_a_survey_is_of_its_session_and_its_portal(place: Place) -> None:
    """PORTAL-5: neither the token of another session nor the name of another portal gets in."""
    (portal, _, _), (elsewhere, _, _) = place.broker.logins[:2]
    world, done = place.broker.tester.world, []
    for _ in range(2):
        _, number = place.talking(portal)
        place.broker.tester.perform("end", {"sessionId": number})
        done.append(number)
    number, other = done
    right = {
        "QueryKey": number,
        "Portal": portal,
        "Token": passes.survey_token(world, number, portal),
    }
    wrong = [
        {**right, "QueryKey": other},
        {**right, "Portal": elsewhere},
        {**right, "Token": passes.survey_token(world, number, elsewhere)},
        {**right, "Token": passes.survey_token(world, other, portal)},
        {**right, "Token": passes.session_pass(world, number)},
        {**right, "Token": ""},
    ]
    url = f"{place.broker.url}/ds/sessionEndV8.flow"
    for given in wrong:
        answer = requests.post(url, {**given, "Solved": "Yes"}, headers=JSON, timeout=10)
        assert (answer.status_code, answer.json()["message"]) == (
            404,
            "This link to a survey is not valid.",
        )
    assert requests.post(url, {**right, "Solved": "Yes"}, timeout=10).status_code == 200
    assert requests.post(url, {**right, "Solved": "No"}, timeout=10).status_code == 409


def test_a_sub_portal_of_another_portal_is_none(place: Place) -> None:
    """PORTAL-3: nothing is queued anywhere."""
    portal = place.broker.logins[0][0]
    portals = place.broker.tester.describe()["portals"]
    (others,) = (each["subPortals"] for each in portals if each["name"] != portal)
    ask = {"Portal": portal, "Name": "Eva", "Question": "?", "SubPortal": others[0]}
    answer = requests.post(f"{place.broker.url}/ds/queryPost.flow", ask, headers=JSON, timeout=10)
    assert answer.status_code == 400
    assert "subPortal" in answer.json()["problems"][0]


def test_too_much_is_refused_before_it_is_read(place: Place) -> None:
    """FAULT-2: bodies of more than 256 KiB, forms of more than 300 fields."""
    page = place.talking(place.broker.logins[0][0])[0].answer.url
    assert requests.post(f"{page}/say", {"Text": "x" * 300_000}, timeout=10).status_code == 413
    assert requests.post(f"{page}/say", {"Text": "x" * 100_001}, timeout=10).status_code == 400
    many = {f"f{n}": "x" for n in range(301)}
    home = f"{place.broker.url}/h/{place.broker.logins[0][0]}"
    assert requests.post(home, many, timeout=10).status_code == 400
