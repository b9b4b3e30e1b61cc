"""PORTAL-4, PORTAL-5: a session from the queue to the survey, over HTTP and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from urllib.parse import unquote

import pytest
import requests

from broker_sim.service import agents, passes
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.browser import JSON, Browser
from broker_sim.tests.customer_portals import AWKWARD, Place, a_place

NUMBERS = count(1)


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def place(broker: RunningBroker) -> Place:
    """A portal that no other test uses."""
    return a_place(broker, f"portal-{next(NUMBERS)}")


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
