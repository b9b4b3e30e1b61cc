"""The pages of sessions: the list, a session whole, its replay, and who may see them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

import pytest

from broker_sim.core.record import Session
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browser import Browser
from broker_sim.tests.managers_in import logged_in, password_of
from broker_sim.web.manager import sessions

EVIL = '<img src=x onerror="alert(1)">'
FORMULA = '=HYPERLINK("http://evil.example/","Click")'


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture(scope="module")
def past(broker: RunningBroker) -> Iterator[BrokerWorld]:
    """A world with a past, for those who only look."""
    with broker.world(sessions=120) as made:
        yield made


@pytest.fixture
def world(broker: RunningBroker) -> Iterator[BrokerWorld]:
    with broker.world() as made:
        yield made


def posted(world: BrokerWorld, **more: object) -> int:
    """Post a request; give its id."""
    portal = world.logins[0][0]
    with world.tester.world.store.reading() as tx:
        known = tx.portal(portal)
    assert known is not None
    asked = {"portal": portal, "subPortal": known.sub_portals[0], "question": "Why?", **more}
    return world.tester.perform("post", asked).session_id


def finished(world: BrokerWorld, **more: object) -> int:
    """Live a session until its recording is ready; give its id."""
    number = posted(world, **more)
    for act in ("accept", "start", "end", "record"):
        world.tester.perform(act, {"sessionId": number})
    return number


def session(world: BrokerWorld, number: int) -> Session:
    """Give a session as the store has it."""
    with world.tester.world.store.reading() as tx:
        held = tx.held(number)
    assert held is not None
    return held.session


def listed(there: Browser) -> list[int]:
    """Give the ids on a page of the list."""
    return [int(link.text_content()) for link in there.page.xpath("//a[@class='id']")]


def review(world: BrokerWorld, number: int, more: str = "") -> str:
    """Give the address of a session's page."""
    return f"{world.url}/manager/sessions/{number}{more}"


def test_the_list_goes_on_to_its_end_and_its_links_keep_the_filters(past: BrokerWorld) -> None:
    """SESS-5 for people: no page repeats or leaves out what another one has."""
    there = logged_in(past, "company").get(f"{past.url}/manager/sessions", status="Finished")
    found = listed(there)
    while there.page.xpath("//a[@rel='next']"):
        there.follow("Older sessions")
        assert "status=Finished" in there.answer.url
        found += listed(there)

    assert len(found) == len(set(found)) > 50
    assert found == sorted(found, reverse=True)
    assert all(session(past, number).status == "Finished" for number in found)


def test_the_csv_has_what_the_list_has(past: BrokerWorld) -> None:
    """Under the same filters, all pages at once."""
    there = logged_in(past, "company")
    there.get(f"{past.url}/manager/sessions", resolution="Unresolved")
    (link,) = there.page.xpath("//a[@download]/@href")
    answer = there.session.get(past.url.split("/w/")[0] + link, timeout=10)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert {row["resolution"] for row in rows} == {"Unresolved"}
    assert [int(row["sessionId"]) for row in rows][: len(listed(there))] == listed(there)


def test_a_csv_that_is_full_says_where_the_list_goes_on(
    past: BrokerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part after part, they have every session once."""
    monkeypatch.setattr(sessions, "SHEET_MOST", 50)
    there = logged_in(past, "company").session
    found, url = list[str](), f"{past.url}/manager/sessions.csv?status=Finished"
    while url:
        answer = there.get(url, timeout=10)
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
        url = answer.links.get("next", {}).get("url", "")
        if url:
            assert rows.pop() == [f"The list goes on at {url}"]
        found += [row[0] for row in rows]

    assert 50 < len(found) == len(set(found))
    assert found == sorted(found, reverse=True)


def test_no_cell_of_a_csv_is_a_formula(world: BrokerWorld) -> None:
    """SEC-2: a spreadsheet shows what the customer typed and works nothing out."""
    posted(world, question=FORMULA, customerName="@SUM(1)", referenceId="\t-1+1")
    answer = logged_in(world, "company").session.get(f"{world.url}/manager/sessions.csv", timeout=9)
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))

    assert row["question"] == f"'{FORMULA}"
    assert not any(value.startswith(("=", "+", "-", "@", "\t")) for value in row.values())


@pytest.mark.parametrize(
    "query",
    ["status=Lost", "from=yesterday", "waited=-1", "before=1", "before=9-9-9", f"q={'x' * 201}"],
)
def test_a_filter_that_is_none_is_said_so(past: BrokerWorld, query: str) -> None:
    """FAULT-1 for people: 400 and a sentence."""
    there = logged_in(past, "company").get(f"{past.url}/manager/sessions?{query}")

    assert there.answer.status_code == 400


def test_the_list_says_that_there_is_nothing(world: BrokerWorld) -> None:
    """Nothing yet, nothing that fits, nothing more."""
    there = logged_in(world, "company").get(f"{world.url}/manager/sessions")
    assert "No sessions yet" in there.text
    assert "No session fits" in there.get(f"{world.url}/manager/sessions", q="printer").text


@pytest.mark.parametrize(
    ("act", "said"),
    [("abandon", "Abandoned"), ("decline", "Declined"), ("fail", "Connection failed")],
)
def test_a_request_that_came_to_nothing_says_why(world: BrokerWorld, act: str, said: str) -> None:
    """SESS-2 for people: on the list and on its page."""
    number = posted(world)
    world.tester.perform(act, {"sessionId": number, "reason": "cable"})
    there = logged_in(world, "company").get(f"{world.url}/manager/sessions")

    assert f"Failed {said}" in there.text
    assert f"Failed {said}" in there.get(review(world, number)).text


def test_a_session_is_shown_whole(past: BrokerWorld) -> None:
    """SESS-4 for people: facts, talk, files, diagnostics, surveys, events."""
    there = logged_in(past, "company").get(f"{past.url}/manager/sessions", status="Finished")
    rated = next(n for n in listed(there) if session(past, n).customer_ratings)
    there.get(review(past, rated))
    shown = session(past, rated)

    for entry in (*shown.smart_box_entries, *shown.customer_ratings):
        assert " ".join(entry.value.split()) in there.text
    for file in shown.files:
        assert file.sha256 in there.text
    assert "Operating system" in there.text
    assert len(there.page.xpath("//ol[@class='timeline']/li")) == len(shown.events)
    (address,) = there.page.xpath("//dt[.='Representative']/following-sibling::dd[1]")
    assert address.text_content() == shown.representative
    assert address.xpath(".//wbr"), "a narrow column breaks an address wherever it ends"


def test_its_files_can_be_fetched_by_its_links(past: BrokerWorld) -> None:
    """REC-5: the links on the page are those that programs get, on the page's own host."""
    there = logged_in(past, "company").get(f"{past.url}/manager/sessions", status="Finished")
    there.get(review(past, listed(there)[0]))
    links = there.page.xpath("//section//a[@download]/@href")
    sizes = [len(there.session.get(past.url.split("/w/")[0] + one).content) for one in links]

    assert sizes == [file.size for file in session(past, int(there.answer.url[-8:])).files]


def test_transfers_lead_to_each_other(world: BrokerWorld) -> None:
    """SESS-3 for people."""
    number = posted(world)
    for act in ("accept", "start"):
        world.tester.perform(act, {"sessionId": number})
    sub = session(world, number).sub_portal
    world.tester.perform("transfer", {"sessionId": number, "subPortal": sub})
    there = logged_in(world, "company").get(review(world, number))
    there.follow(f"session {session(world, number).transferred_to}")
    there.follow(f"session {number}")

    assert there.title == f"Session {number}"


def test_nothing_that_a_customer_typed_is_markup(world: BrokerWorld) -> None:
    """SEC-2: on the list, on the session's page, in the form of the search."""
    number = posted(world, question=EVIL, customerName=EVIL, referenceId=EVIL)
    there = logged_in(world, "company")
    for address in (f"{world.url}/manager/sessions?q={EVIL[:9]}", review(world, number)):
        there.get(address)
        assert EVIL in there.text
        assert not there.page.xpath("//img[@onerror]")


def test_what_is_not_there_and_what_is_gone_is_said_so(world: BrokerWorld) -> None:
    """RET-2: to who may know of it."""
    number = finished(world)
    world.tester.advance(world.tester.clock.now() + timedelta(days=90))
    there = logged_in(world, "company")

    assert there.get(review(world, number)).answer.status_code == 410
    assert there.get(review(world, number, "/replay")).answer.status_code == 410
    assert there.get(review(world, 1)).answer.status_code == 404
    assert logged_in(world, "team").get(review(world, number)).answer.status_code == 404


def test_a_team_manager_sees_the_own_teams_and_a_representative_the_own_sessions(
    past: BrokerWorld,
) -> None:
    """SEC-2: another team's session is as one that does not exist."""
    boss, rep = logged_in(past, "team"), logged_in(past, "representative")
    every = logged_in(past, "company").get(f"{past.url}/manager/sessions", status="Finished")
    theirs = set(listed(boss.get(f"{past.url}/manager/sessions", status="Finished")))
    own = listed(rep.get(f"{past.url}/manager/sessions", status="Finished"))
    email, _ = password_of(past, "representative")

    assert own
    assert {session(past, number).representative for number in own} == {email}
    assert theirs
    assert set(listed(every)) - theirs
    for number in listed(every)[:8]:
        seen = boss.get(review(past, number)).answer.status_code
        assert seen == (200 if number in theirs or number < min(theirs) else 404)
    alien = next(number for number in listed(every) if number not in own)
    for more in ("", "/replay", "/replay/remote"):
        assert rep.get(review(past, alien, more)).answer.status_code == 404


def test_an_api_manager_reads_no_session(past: BrokerWorld) -> None:
    """SEC-2: nor the list, nor reports."""
    there = logged_in(past, "api")
    for page in ("sessions", "sessions.csv", "reports", "reports/summary.csv"):
        assert there.get(f"{past.url}/manager/{page}").answer.status_code == 403


@pytest.mark.parametrize("number", [str(2**63 - 1), str(2**63), "9" * 40, "9" * 4301], ids=len)
@pytest.mark.parametrize("more", ["", "/replay", "/replay/remote", "/diagnostics"])
def test_a_number_that_no_session_can_have_is_no_session(
    past: BrokerWorld, number: str, more: str
) -> None:
    """SEC-2: limit - 1, limit, far beyond: not found, like any other."""
    there = logged_in(past, "company").get(review(past, 0, more).replace("/0", f"/{number}"))

    assert there.answer.status_code == 404
