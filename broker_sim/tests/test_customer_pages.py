"""PORTAL-1, PORTAL-2, PORTAL-4, PORTAL-5: the customer's side over HTTP, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
import requests

from broker_sim.core.form import Form, FormField, SurveyField
from broker_sim.core.record import Session
from broker_sim.service import agents, forms, launching, passes
from broker_sim.service.storage import Portal
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.browser import JSON, Browser

AWKWARD = '<b onclick="x()">\'Zoë\' & "Søn"</b> {{ 7 * 7 }} %s \u2028 ]]> 🙂'
NUMBERS = count(1)
ASK = {"Name": "Eva", "Question": "It broke."}


@dataclass(frozen=True, slots=True)
class Place:
    """A portal of its own in a broker that answers."""

    broker: RunningBroker
    portal: str

    @property
    def home(self) -> str:
        return f"{self.broker.url}/h/{self.portal}"

    def at(self, path: str) -> str:
        return f"{self.broker.url}{path}"

    def act(self, act: str, session_id: int, **given: object) -> Session:
        return self.broker.tester.perform(act, {"sessionId": session_id, **given})

    def session(self, session_id: int) -> Session:
        with self.broker.tester.world.store.reading() as tx:
            held = tx.held(session_id)
        assert held is not None
        return held.session

    def count(self) -> int:
        with self.broker.tester.world.store.reading() as tx:
            return tx.count_sessions()

    def launched(self, **fields: str) -> tuple[Browser, int]:
        """Give a browser that waits, and the number of its session."""
        there = Browser().get(self.at("/ds/queryPost.flow"), Portal=self.portal, **ASK, **fields)
        return there, int(there.read()["sessionId"])

    def talking(self, **fields: str) -> tuple[Browser, int]:
        """Give a browser in a session, and its number."""
        there, number = self.launched(**fields)
        self.act("accept", number)
        return there.get(there.answer.url).send("I agree, begin"), number


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def place(broker: RunningBroker) -> Place:
    """A portal that no other test uses."""
    return a_place(broker, f"portal-{next(NUMBERS)}")


def a_place(broker: RunningBroker, name: str, kind: str = "SmartBox") -> Place:
    portal = Portal(name, "Help & Co", "Company", kind, ("general", "print"), hard_lockouts=False)
    broker.tester.add_portal(portal, f"api-{name}", "Swordfish-1")
    return Place(broker, name)


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


def test_places_in_the_queue_count_up_and_close_up(place: Place) -> None:
    """PORTAL-1: who came before, in the same sub-portal."""
    browsers = []
    for _ in range(3):
        browsers.append(place.launched(SubPortal="print"))
        place.broker.tester.advance(place.broker.tester.clock.now() + timedelta(seconds=1))
    other = place.launched(SubPortal="general")[0]
    assert [there.read()["place"] for there, _ in browsers] == [1, 2, 3]
    assert other.read()["place"] == 1

    place.act("accept", browsers[0][1])
    assert [there.read()["place"] for there, _ in browsers] == [None, 1, 2]


def test_a_session_is_lived_by_forms(place: Place) -> None:
    """PORTAL-4, PORTAL-5, AGENT-2: wait, agree, talk, end sharing, rate; each on the record."""
    there, number = place.launched()
    place.act("accept", number)
    assert place.session(number).started is None
    there.get(there.answer.url)
    assert "can help you now" in there.title
    there.send("I agree, begin")
    assert place.session(number).status == "InSession"

    there.send("Send", Text=AWKWARD)
    place.act("chat", number, speaker="representative", text="Look: <here>")
    place.act("pushUrl", number, url="https://a.example/help?x=1&y=2")
    place.act("screen", number, on=True)
    talk = there.frame()
    assert AWKWARD in talk.page.text_content()
    assert talk.page.xpath("//a/@href") == ["https://a.example/help?x=1&y=2"]
    there.get(there.answer.url).send("Stop sharing my screen")
    kinds = [event.kind.value for event in place.session(number).events]
    assert kinds[-2:] == ["ScreenSharingOn", "ScreenSharingOff"]

    place.act("end", number, resolution="Resolved")
    assert "The session has ended. Go on" in talk.get(talk.answer.url).text
    there.get(there.answer.url).follow("Tell us how it was")
    assert there.send("Send").answer.status_code == 400
    there.send("Send", Solved="Yes", Remarks=AWKWARD)
    assert there.title == "Thank you"
    found = place.session(number)
    assert [(r.label, r.value) for r in found.customer_ratings][1:] == [
        ("Is there anything else that you would like to say?", AWKWARD)
    ]


def test_a_file_that_was_sent_can_be_fetched(place: Place) -> None:
    """AGENT-1, REC-5: as it was sent, under its name, by this customer only."""
    there, number = place.talking()
    place.act("sendFile", number, name="named only.txt", size=3)
    place.act("sendFile", number, name="Übersicht <1>.exe", size=4)
    with place.broker.tester.world.store.writing() as tx:
        tx.put_blob(number, agents.sent_name(2), b"<b>\0")

    named, sent = there.read()["lines"]
    assert "file" not in named
    answer = requests.get(sent["file"], timeout=10)
    assert answer.content == b"<b>\0"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert there.frame().page.xpath("//a/@href") == [sent["file"].removeprefix(place.broker.url)]
    for wrong in ("/files/1", "/files/0", "/files/3", "/files/x", "/files/-1"):
        assert requests.get(there.answer.url + wrong, timeout=10).status_code == 404
    other = place.talking()[0].answer.url
    assert requests.get(f"{other}/files/2", timeout=10).status_code == 404


def test_a_survey_is_answered_once(place: Place) -> None:
    """PORTAL-5: the first answer stays; before the end there is nothing to answer."""
    there, number = place.talking()
    early = survey_of(place, number)
    assert requests.get(early, timeout=10).status_code == 409
    place.act("end", number)
    link = there.read()["links"]["survey"]

    assert requests.post(link, {"Solved": "Yes"}, headers=JSON, timeout=10).json()["rated"]
    again = requests.post(link, {"Solved": "No"}, headers=JSON, timeout=10)
    assert again.status_code == 409
    assert [rating.value for rating in place.session(number).customer_ratings] == ["Yes"]
    assert "survey" not in there.read()["links"]


def survey_of(place: Place, number: int) -> str:
    token = passes.survey_token(place.broker.tester.world, number, place.portal)
    query = requests.models.PreparedRequest()
    query.prepare_url(
        place.at("/ds/sessionEndV8.flow"),
        {"QueryKey": str(number), "Portal": place.portal, "Token": token},
    )
    assert query.url is not None
    return query.url


def test_the_launcher_fills_in_the_survey(place: Place) -> None:
    """PORTAL-5: what it knew at the launch stands in the survey at the end."""
    there, number = place.talking(Satisfaction="Satisfied", Remarks="Order 7")
    place.act("end", number)
    there.get(there.answer.url).follow("Tell us how it was")

    assert there.typed("Remarks") == "Order 7"
    there.send("Send")
    values = [rating.value for rating in place.session(number).customer_ratings]
    assert values == ["Satisfied", "Order 7"]


def test_a_transfer_takes_the_customer_along(place: Place) -> None:
    """SESS-3: the page of the first goes on to the second."""
    there, number = place.talking()
    successor = place.act("transfer", number, subPortal="print").session_id
    there.get(there.answer.url)

    assert there.title == "Please wait"
    assert there.read()["sessionId"] == successor


@pytest.mark.parametrize(
    ("acts", "status", "title"),
    [
        ([], "Error", "The request has ended"),
        (["accept"], "Error", "The request has ended"),
        (["accept", "start"], "Finished", "The session has ended"),
    ],
)
def test_a_customer_may_leave(place: Place, acts: list[str], status: str, title: str) -> None:
    """SESS-2: whoever waits abandons the request; whoever talks ends the session."""
    there, number = place.launched()
    for act in acts:
        place.act(act, number)
    there.get(there.answer.url).send("Leave")

    assert there.title == title
    assert place.session(number).status == status


@pytest.mark.parametrize(
    ("act", "why"),
    [("decline", "Nobody could"), ("fail", "connection failed"), (None, "Nobody answered")],
)
def test_a_request_that_comes_to_nothing_says_why(place: Place, act: str | None, why: str) -> None:
    """SESS-2: and offers to ask again."""
    there, number = place.launched()
    if act is None:
        place.broker.tester.advance(place.broker.tester.clock.now() + timedelta(minutes=10))
    else:
        place.act(act, number, reason="cable")
    there.get(there.answer.url)

    assert why in there.text
    assert there.follow("Ask again").title == "Help & Co"


def test_what_is_out_of_turn_is_refused_and_changes_nothing(place: Place) -> None:
    """SESS-2, PORTAL-4: by a script that posts whatever it likes."""
    there, number = place.launched()
    page = there.answer.url
    before = place.session(number)
    for act in ("agree", "say", "endScreenSharing"):
        answer = requests.post(f"{page}/{act}", {"Text": "x"}, headers=JSON, timeout=10)
        assert (answer.status_code, answer.json()["fault"]) == (409, "OutOfTurn")
    assert place.session(number) == before


def test_wrong_links_say_so_and_nothing_else(place: Place) -> None:
    """PORTAL-5: of a page, of a survey, of a portal; none tells whether the thing is there."""
    there, number = place.launched()
    page = there.answer.url
    other = place.launched()[1]
    signature = page.rpartition(".")[2]
    wrong = [
        page[:-1] + ("A" if page[-1] != "A" else "B"),
        place.at(f"/cs/{other}.{signature}"),
        place.at(f"/cs/{number}"),
        place.at("/cs/x/talk"),
        place.at("/h/nobody"),
        place.at("/ds/nothing.flow"),
        place.at("/ds/queryPost.flow?Portal=nobody"),
        place.at(f"/ds/sessionEndV8.flow?QueryKey={number}&Portal={place.portal}"),
        place.at(f"/ds/sessionEndV8.flow?QueryKey={number}&Portal={place.portal}&Token=1:x"),
        place.at("/ds/sessionEndV8.flow?QueryKey=²&Token=1:x"),
    ]
    for url in wrong:
        assert Browser().get(url).answer.status_code == 404
        assert requests.get(url, headers=JSON, timeout=10).json()["message"]
    assert requests.put(page, timeout=10).status_code == 405
    assert requests.post(place.home, json={}, timeout=10).status_code == 400
    assert requests.post(place.home, b"a" * 300_000, timeout=10).status_code == 413


def test_a_purged_session_is_gone(place: Place) -> None:
    """RET-1: its page says so."""
    there, number = place.talking()
    place.act("end", number)
    place.broker.tester.advance(place.broker.tester.clock.now() + timedelta(days=90))

    assert Browser().get(there.answer.url).answer.status_code == 410


def test_the_journal_has_the_visits_and_no_link(place: Place) -> None:
    """REC-7: neither in paths nor in bodies nor in where a browser is sent on."""
    journal = place.broker.tester.journal
    mark = journal.last
    there, number = place.talking()
    link = there.answer.url.rpartition(".")[2]
    place.act("end", number)
    there.get(there.answer.url).follow("Tell us how it was").send("Send", Solved="Yes")
    kept = str([*journal.after(mark, 100)])

    assert f"/cs/{number}." in kept
    assert link not in kept
    token = passes.survey_token(place.broker.tester.world, number, place.portal)
    assert token.partition(":")[2].rstrip("=") not in unquote(kept)


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
