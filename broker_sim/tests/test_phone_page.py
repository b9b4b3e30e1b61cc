"""PHONE-3, PHONE-4, PHONE-6, AGENT-1: the phone code at the page, and files to be fetched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from broker_sim.contract import limits
from broker_sim.service import phonemode
from broker_sim.service.phonemode import CodeAnswer
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.browser import JSON, Browser

WRONG = "This code does not work, or not any more."


@pytest.fixture
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def code_of(
    broker: RunningBroker, name: str = "Eva", reference: str | None = "INC-7"
) -> CodeAnswer:
    """Let the first representative of the first portal make a code."""
    world, portal = broker.tester.world, broker.logins[0][0]
    now = world.clock.now()
    with world.store.writing() as tx:
        email = next(member.rep.email for _, member in tx.serving(portal))
        return phonemode.make(world, tx, email, portal, name, reference, now)


@pytest.mark.parametrize("way", ["link", "dashes", "blanks", "posted", "in one request"])
def test_a_code_connects_with_who_made_it(broker: RunningBroker, way: str) -> None:
    """PHONE-4, PORTAL-4: mode Phone, the reference carried along; it starts by consent."""
    made = code_of(broker)
    there = Browser().get(f"{broker.url}/ph/{made.portal}/")
    match way:
        case "link":
            there.get(made.url).send("Connect")
        case "dashes":
            there.send("Connect", Code="-".join([made.code[:3], made.code[3:6], made.code[6:]]))
        case "blanks":
            there.send("Connect", Code=f" {made.code[:5]} {made.code[5:]} ")
        case "posted":
            there.post(f"{broker.url}/ph/{made.portal}", Question=made.code)
        case _:
            there.post(f"{broker.url}/ds/queryPost.flow", Portal=made.portal, Code=made.code)

    told = there.send("I agree, begin").read()
    with broker.tester.world.store.reading() as tx:
        held = tx.held(told["sessionId"])
    assert held is not None
    assert (held.session.mode, held.session.reference_id) == ("Phone", "INC-7")
    assert held.session.representative == made.representative
    assert held.session.smart_box_entries[0].value == "Eva"
    assert held.session.status == "InSession"


def test_looking_at_a_link_uses_no_code_up(broker: RunningBroker) -> None:
    """PHONE-3: programs that read mail follow links; only the click redeems, and once."""
    made = code_of(broker)
    for _ in range(3):
        there = Browser().get(made.url)
    assert there.typed("Code") == made.code

    assert "can help you now" in there.send("Connect").title
    assert WRONG in Browser().get(made.url).send("Connect").text


def test_dead_codes_look_alike(broker: RunningBroker) -> None:
    """PHONE-6: unknown, used, expired, cancelled, of another portal, none at all."""
    world = broker.tester.world
    used, expired, cancelled = (code_of(broker) for _ in range(3))
    page = f"{broker.url}/ph/{used.portal}"
    Browser().get(used.url).send("Connect")
    with world.store.writing() as tx:
        tx.end_code(cancelled.code, world.clock.now())
    broker.tester.advance(expired.expires)
    typed = ["000000000", used.code, expired.code, cancelled.code, "12345678", "", "x"]
    answers = [requests.post(page, {"Code": code}, timeout=10) for code in typed]
    other = f"{broker.url}/ph/{broker.logins[1][0]}"
    answers.append(requests.post(other, {"Code": code_of(broker).code}, timeout=10))
    shown = {
        answer.text.replace(f'value="{code}"', "").replace("helpdesk", "applications")
        for code, answer in zip(typed, answers[:-1], strict=True)
    }

    assert {answer.status_code for answer in answers} == {400}
    assert len(shown) == 1
    assert WRONG in answers[-1].text


def test_who_guesses_has_to_wait(broker: RunningBroker) -> None:
    """PHONE-6: after so many wrong codes, a right one does not work either, for so long."""
    made = code_of(broker)
    page = f"{broker.url}/ph/{made.portal}"
    for _ in range(limits.GUESSES):
        assert requests.post(page, {"Code": "000000000"}, timeout=10).status_code == 400
    waiting = requests.post(page, {"Code": made.code}, headers=JSON, timeout=10)
    assert waiting.status_code == 429
    assert waiting.headers["Retry-After"] == str(int(limits.GUESSES_WAIT.total_seconds()))

    broker.tester.advance(broker.tester.clock.now() + limits.GUESSES_WAIT - timedelta(seconds=1))
    assert requests.post(page, {"Code": made.code}, timeout=10).status_code == 429
    broker.tester.advance(broker.tester.clock.now() + timedelta(seconds=1))
    assert requests.post(page, {"Code": made.code}, headers=JSON, timeout=10).status_code == 201


def test_a_smart_pin_asks_for_a_code_and_takes_a_question(broker: RunningBroker) -> None:
    """PHONE-4, PORTAL-1: its home is the code's page; a launch in words is one, all the same."""
    portals = broker.tester.describe()["portals"]
    pin = next(each["name"] for each in portals if each["portalType"] == "SmartPin")
    assert Browser().get(f"{broker.url}/h/{pin}").typed("Code") == ""
    fields = {"Portal": pin, "Name": "Eva", "Question": "Why?"}
    assert requests.post(f"{broker.url}/ds/queryPost.flow", fields, headers=JSON, timeout=10).ok
