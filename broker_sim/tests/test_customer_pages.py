"""PORTAL-1, PORTAL-2: customers come in, over HTTP and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from broker_sim.core.form import Form, FormField, SurveyField
from broker_sim.service import forms, launching
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.browser import JSON, Browser
from broker_sim.tests.customer_portals import ASK, AWKWARD, Place, a_place

NUMBERS = count(1)


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def place(broker: RunningBroker) -> Place:
    """A portal that no other test uses."""
    return a_place(broker, f"portal-{next(NUMBERS)}")


def test_a_form_filled_in_becomes_a_request(place: Place) -> None:
    """PORTAL-1, SESS-4: what was typed is on the record, byte for byte, in the form's order."""
    there = Browser().get(place.home)
    assert there.title == "Help & Co"

    there.send("Ask for help", Question=AWKWARD, Name=AWKWARD, Phone="555-0100", SubPortal="print")

    assert there.title == "Please wait"
    told = there.read()
    found = place.session(told["sessionId"])
    assert (found.question, found.sub_portal, found.mode) == (AWKWARD, "print", "Web")
    entries = [(entry.label, entry.value) for entry in found.smart_box_entries]
    assert entries == [("Name", AWKWARD), ("Phone", "555-0100")]
    assert (found.customer_ip, found.status) == ("127.0.0.1", "New")


@pytest.mark.parametrize("path", ["/ds/queryPost.flow", "/servlet/dispatch/ds/queryPost.flow"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_is_launched_by_one_request(place: Place, path: str, method: str) -> None:
    """PORTAL-1: seen and unseen fields; those that nobody asked for are ignored."""
    fields = {
        "portal": place.portal,
        "NAME": "Eva",
        "question": "Why?",
        "CustomField1": "SN-1",
        "SubPortal": "print",
        "ReferenceId": "INC-7",
        "Locale": "de",
        "Template": "x.tmpl",
        "JavaScript": "1",
        "Whatever": "?",
    }
    sent = {"params" if method == "GET" else "data": fields}
    answer = requests.request(method, place.at(path), headers=JSON, timeout=10, **sent)  # type: ignore[arg-type]  # one of the two

    assert answer.status_code == 201
    found = place.session(answer.json()["sessionId"])
    entries = [(entry.label, entry.value) for entry in found.smart_box_entries]
    assert entries == [("Name", "Eva"), ("CustomField1", "SN-1")]
    assert (found.question, found.sub_portal) == ("Why?", "print")
    assert (found.reference_id, found.locale) == ("INC-7", "de")


@pytest.mark.parametrize("path", ["/h/{}", "/h/{}/", "/sb/{}", "/sb/{}/"])
def test_every_way_to_the_form_is_one(place: Place, path: str) -> None:
    """PORTAL-1: as web sites link to it; what the link carries is filled in."""
    there = Browser().get(place.at(path.format(place.portal)), name="Eva", Question="Why?")

    assert (there.typed("Name"), there.typed("Question")) == ("Eva", "Why?")
    assert there.send("Ask for help").title == "Please wait"
    posted = requests.post(place.at(path.format(place.portal)), ASK, headers=JSON, timeout=10)
    assert posted.json()["stage"] == "waiting"


@pytest.mark.parametrize("name", ["north/south", "a?b#c&d=e", "Zoë & Søn", "100%", "a/"])
def test_a_portal_of_any_name_has_its_pages(broker: RunningBroker, name: str) -> None:
    """PORTAL-1: where the control API says; the form leads back to it."""
    place = a_place(broker, name)
    portals = broker.worlds.hand(None).describe()["portals"]
    url = next(each["customerUrl"] for each in portals if each["name"] == name)
    there = Browser().get(url).send("Ask for help")
    assert there.answer.status_code == 400

    number = there.send("Ask for help", **ASK).read()["sessionId"]
    assert place.session(number).portal == name
    assert Browser().get(url.replace("/h/", "/ph/")).typed("Code") == ""


def test_an_old_page_in_latin_1_is_understood(place: Place) -> None:
    """PORTAL-1: bytes of ISO-8859-1, without a word about it, and a Target to an action."""
    body = f"Target=/ds/queryPost.flow&Name=Zo%EB&Question=gr%FC%DFe&Portal={place.portal}"
    there = Browser().get(f"{place.home}?{body}")

    found = place.session(there.read()["sessionId"])
    assert (found.question, found.smart_box_entries[0].value) == ("grüße", "Zoë")


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}]
)
@pytest.mark.parametrize("path", ["/ds/queryPost.flow?", "/h/{}?Target=x.flow&"])
def test_who_only_looks_launches_nothing(place: Place, path: str, headers: dict[str, str]) -> None:
    """PORTAL-1: a HEAD asks what a GET would give; a browser that reads ahead is nobody's click."""
    before = place.count()
    url = place.at(path.format(place.portal)) + urlencode({"Portal": place.portal, **ASK})
    answer = requests.request("GET" if headers else "HEAD", url, headers=headers, timeout=10)

    assert answer.status_code == 200
    assert place.count() == before
    assert requests.get(url, timeout=10).ok
    assert place.count() == before + 1


def test_what_is_missing_is_said_and_nothing_is_queued(place: Place) -> None:
    """PORTAL-2: the form comes back with what was typed; hidden fields come back, too."""
    before = place.count()
    carried = {"Portal": place.portal, "Name": " ", "Company": AWKWARD, "CustomField2": "x"}
    there = Browser().get(place.at("/ds/queryPost.flow"), SubPortal="print", **carried)

    assert there.answer.status_code == 400
    assert "Please fill in: Name, Question" in there.text
    assert there.typed("Company") == AWKWARD
    assert there.typed("SubPortal") == "print"
    assert place.count() == before
    there.send("Ask for help", Name="Eva", Question="Why?")
    entries = place.session(there.read()["sessionId"]).smart_box_entries
    assert [entry.value for entry in entries] == ["Eva", AWKWARD, "x"]


def test_a_script_is_told_what_is_missing(place: Place) -> None:
    """PORTAL-2: in JSON, with all that the form asks."""
    answer = requests.post(place.home, {"Company": "x"}, headers=JSON, timeout=10)

    assert answer.status_code == 400
    assert answer.json()["missing"] == ["Name", "Question"]
    assert {"name": "Name", "label": "Name", "required": True, "seen": True} in answer.json()[
        "fields"
    ]


def test_a_portal_has_a_form_of_its_own(place: Place) -> None:
    """PORTAL-2: what a setting asks for is asked, from then on."""
    own = Form(
        (FormField("Asset", "Asset <number>", required=True), FormField("Site", "Site")),
        (SurveyField("Again", "Would you ask again?", ("Yes", "No")),),
        question_required=False,
    )
    forms.set_form(place.broker.tester.world, place.portal, own)
    there = Browser().get(place.home)

    assert there.send("Ask for help").answer.status_code == 400
    assert "Please fill in: Asset <number>" in there.text
    there.send("Ask for help", Asset="A-1")
    found = place.session(there.read()["sessionId"])
    assert [(e.label, e.value) for e in found.smart_box_entries] == [("Asset <number>", "A-1")]


def test_a_tester_sets_a_form(place: Place) -> None:
    """PORTAL-2: by the control API; what is wrong is named and changes nothing."""
    url = f"{place.broker.control_url}/_sim/portals/{place.portal}/form"
    token = {"Authorization": f"Bearer {place.broker.control_token}"}
    before = requests.get(url, headers=token, timeout=10).json()
    assert [field["name"] for field in before["fields"]][:2] == ["Name", "Company"]

    mistakes: list[dict[str, Any]] = [{"fields": [{"name": "Token"}]}, {"fields": [{}]}, {"a": 1}]
    for wrong in mistakes:
        assert requests.put(url, json=wrong, headers=token, timeout=10).status_code == 400
    assert requests.get(url, headers=token, timeout=10).json() == before
    wanted = {"fields": [{"name": "Asset", "required": True}]}
    told = requests.put(url, json=wanted, headers=token, timeout=10).json()
    assert told["fields"] == [{"name": "Asset", "label": "Asset", "required": True, "seen": True}]
    assert "Asset (required)" in Browser().get(place.home).text
    nobody = url.replace(place.portal, "nobody")
    assert requests.put(nobody, json=wanted, headers=token, timeout=10).status_code == 404


def test_a_smart_button_takes_one_click(broker: RunningBroker) -> None:
    """PORTAL-1: nothing has to be typed."""
    place = a_place(broker, "button", "SmartButton")
    there = Browser().get(place.home).send("Ask for help")

    assert there.title == "Please wait"


@pytest.mark.parametrize(
    "fields", [{"SubPortal": "none"}, {"Question": "a\x01b"}, {"Name": "x" * 100_001}]
)
def test_what_the_door_does_not_take_comes_back_with_a_sentence(
    place: Place, fields: dict[str, str]
) -> None:
    """SESS-4, FAULT-1: the form again, a reason, and nothing queued."""
    before = place.count()
    answer = requests.post(place.home, {**ASK, **fields}, timeout=10)

    assert answer.status_code == 400
    assert "is longer" in answer.text or "there is none" in answer.text or "U+0001" in answer.text
    assert place.count() == before


def test_a_failure_of_ours_is_an_incident(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """FAULT-1: an id that the log has too, and nothing of the inside."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(launching, "asked", fail)
    answer = requests.get(place.home, timeout=10)

    assert answer.status_code == 500
    found = re.search(r"Incident (\S+)\.", answer.text)
    assert found is not None
    assert found[1] in caplog.text
    assert "secret" not in answer.text


def test_pages_of_a_world_stand_below_its_prefix() -> None:
    """Every link stays in the world, and its customers are nobody else's."""
    with running_broker() as broker:
        made: dict[str, Any] = requests.post(
            f"{broker.control_url}/_sim/worlds",
            json={"name": "blue"},
            headers={"Authorization": f"Bearer {broker.control_token}"},
            timeout=10,
        ).json()
        portal = next(p["name"] for p in made["portals"] if p["portalType"] == "SmartBox")
        there = Browser().get(f"{broker.url}/w/blue/h/{portal}")
        there.send("Ask for help", Name="Eva", Question="Why?")

        assert there.answer.url.startswith(f"{broker.url}/w/blue/cs/")
        assert there.read()["links"]["session"] == there.answer.url
        elsewhere = there.answer.url.replace("/w/blue", "")
        assert requests.get(elsewhere, timeout=10).status_code == 404
        with broker.tester.world.store.reading() as tx:
            assert tx.count_sessions() == 0
