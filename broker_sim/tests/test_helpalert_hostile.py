"""SEC-2, CONN-4, SESS-4: what strangers, customers and broken scripts send to the desk."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

import pytest

from broker_sim.contract import limits
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.browser import JSON
from broker_sim.tests.desk_pages import DeskPage, ask_for_help, in_session, record, rep

AWKWARD: Final = '</script><img src=x onerror="alert(1)">\u202egpj.exe\u2028 {{7*7}} ' + "W" * 300
READS: Final = ("", "/diagnostics", "/targets", "/channel")
DOINGS: Final[dict[str, dict[str, Any]]] = {
    "sendChat": {"text": "x"},
    "pushUrl": {"url": "https://example.com/"},
    "sendFile": {"name": "a.txt", "content": ""},
    "requestDiagnostics": {},
    "setScreenSharing": {"on": True},
    "rebootReconnect": {},
    "transferSession": {"subPortal": "general"},
    "endSession": {"resolution": "Resolved"},
    "submitRating": {"ratings": []},
}


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture(scope="module")
def desk(broker: RunningBroker) -> DeskPage:
    return rep(broker).sit_down()


@pytest.fixture(scope="module")
def colleague(broker: RunningBroker) -> DeskPage:
    return rep(broker, 1).sit_down()


@pytest.mark.parametrize("path", READS)
def test_another_s_session_reads_as_one_that_does_not_exist(
    desk: DeskPage, colleague: DeskPage, path: str
) -> None:
    """CONN-4: word for word, but for its number."""
    _, number = in_session(desk)
    theirs = colleague.ask(f"/sessions/{number}{path}")
    nobody_s = colleague.ask(f"/sessions/99999999{path}")
    assert (theirs.status_code, theirs.json()) == (nobody_s.status_code, nobody_s.json())
    assert theirs.json()["fault"] == "NoSuchSession"


@pytest.mark.parametrize("name", DOINGS)
def test_another_s_session_is_done_nothing_to(
    broker: RunningBroker, desk: DeskPage, colleague: DeskPage, name: str
) -> None:
    """CONN-4: nor is one that does not exist, and both say the same."""
    _, number = in_session(desk)
    before = record(broker, number)
    theirs = colleague.post(f"sessions/{number}/{name}", DOINGS[name])
    nobody_s = colleague.post(f"sessions/99999999/{name}", DOINGS[name])
    assert (theirs.status_code, theirs.json()) == (404, nobody_s.json())
    assert record(broker, number) == before


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.0", "9" * 19, "9" * 5000, "1e3", "٣"])
def test_what_is_no_number_is_no_session(desk: DeskPage, number: str) -> None:
    assert desk.ask(f"/sessions/{number}").status_code == 404
    answer = desk.post(f"sessions/{number}/sendChat", {"text": "x"})
    assert answer.status_code == 404


def test_what_customers_type_comes_back_as_they_typed_it_and_never_as_markup(
    broker: RunningBroker, desk: DeskPage
) -> None:
    """SEC-2, SESS-4: as values of JSON, in an answer that no browser takes for a page."""
    customer, number = ask_for_help(broker, Name=AWKWARD, Question=AWKWARD, Company=AWKWARD)
    desk.do("acceptRequest", number)
    customer.get(customer.answer.url).send("I agree, begin").send("Send", Text=AWKWARD)
    told = desk.ask(f"/sessions/{number}")
    assert told.headers["Content-Type"] == "application/json"
    assert told.headers["X-Content-Type-Options"] == "nosniff"
    said = told.json()
    assert [said["customer"], said["question"]] == [AWKWARD, AWKWARD]
    assert {entry["value"] for entry in said["entries"]} == {AWKWARD}
    assert [line["text"] for line in said["talk"]] == [AWKWARD]
    desk.browser.get(f"{desk.home}/")
    assert "onerror" not in desk.browser.answer.text


def test_a_label_of_a_form_may_be_missing_or_be_anything(
    broker: RunningBroker, desk: DeskPage
) -> None:
    """SESS-4: null stays null."""
    number = desk.broker.tester.perform(
        "post",
        {
            "portal": desk.state()["portals"][0]["name"],
            "subPortal": desk.state()["portals"][0]["subPortals"][0],
            "question": "?",
            "smartBoxEntries": [{"value": "x"}, {"label": "<b>", "value": "y"}],
        },
    ).session_id
    (alert,) = (one for one in desk.state()["alerts"] if one["sessionId"] == number)
    assert alert["entries"] == [{"label": None, "value": "x"}, {"label": "<b>", "value": "y"}]


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("sendChat", {}, "text"),
        ("sendChat", {"text": 7}, "text"),
        ("sendChat", {"text": "\0"}, "text"),
        ("sendChat", {"text": "\ud800"}, "text"),
        ("sendChat", {"text": "x" * (limits.TEXT_MAX + 1)}, "text"),
        ("pushUrl", {"url": "javascript:alert(1)"}, "url"),
        ("pushUrl", {"url": "https://"}, "url"),
        ("sendFile", {"name": "../a", "content": ""}, "name"),
        ("sendFile", {"name": "", "content": ""}, "name"),
        ("sendFile", {"name": "x" * 256, "content": ""}, "name"),
        ("sendFile", {"name": "a", "content": "no base64"}, "content"),
        ("sendFile", {"name": "a", "content": ["AA=="]}, "content"),
        ("setScreenSharing", {"on": "yes"}, "on"),
        ("endSession", {"resolution": "Perhaps"}, "resolution"),
        ("endSession", {"resolution": ["Resolved"]}, "resolution"),
        ("transferSession", {}, "subPortal"),
        ("transferSession", {"subPortal": "nowhere"}, "subPortal"),
        ("transferSession", {"representative": "\0"}, "representative"),
        ("submitRating", {"ratings": "x"}, "ratings"),
        ("submitRating", {"ratings": [7]}, "ratings"),
        ("submitRating", {"ratings": [{"label": "x"}]}, "value"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_done(
    broker: RunningBroker, desk: DeskPage, name: str, given: dict[str, Any], field: str
) -> None:
    """FAULT-1: as the service names it."""
    _, number = in_session(desk)
    before = record(broker, number)
    answer = desk.post(f"sessions/{number}/{name}", given)
    assert answer.status_code == 400
    assert (answer.json()["fault"], answer.json()["field"]) == ("InvalidArgument", field)
    assert record(broker, number) == before


def test_a_file_may_have_so_many_bytes_and_no_more(broker: RunningBroker, desk: DeskPage) -> None:
    """AGENT-1: one more is refused, and leaves no trace."""
    _, number = in_session(desk)
    most = limits.SENT_FILE_MAX_BYTES
    for size, status in ((most, 200), (most + 1, 400)):
        content = base64.b64encode(bytes(size)).decode()
        answer = desk.post(f"sessions/{number}/sendFile", {"name": "a.bin", "content": content})
        assert answer.status_code == status
    assert [line["text"] for line in desk.session(number)["talk"]] == [f"a.bin ({most} bytes)"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"7", b'"x"', b"null", b"\xff", b"[" * 100_000, b'{"text":' * 20_000],
    ids=lambda body: repr(body[:9]),
)
def test_a_body_that_is_no_object_is_refused(desk: DeskPage, body: bytes) -> None:
    _, number = in_session(desk)
    headers = {**JSON, "X-Desk-Token": desk.token, "Content-Type": "application/json"}
    url = f"{desk.home}/sessions/{number}/sendChat"
    answer = desk.http.post(url, data=body, headers=headers, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_a_body_has_bounds_and_a_kind(desk: DeskPage) -> None:
    """SEC-2: too long a one is refused unseen, a form of another site by its kind."""
    _, number = in_session(desk)
    url = f"{desk.home}/sessions/{number}/sendChat"
    headers = {**JSON, "X-Desk-Token": desk.token}
    long = b'{"text": "' + b"x" * limits.BODY_MAX_BYTES + b'"}'
    assert desk.http.post(url, data=long, headers=headers, timeout=10).status_code == 413
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        said = {**headers, "Content-Type": kind}
        answer = desk.http.post(url, data=b'{"text": "x"}', headers=said, timeout=10)
        assert answer.status_code in (400, 403)
    assert desk.session(number)["talk"] == []


def test_sessions_that_are_over_are_asked_for_in_bounds(desk: DeskPage) -> None:
    assert desk.read("/state", also=",".join(["99999999"] * 500))["sessions"] is not None
    assert desk.ask("/state", also="x").status_code == 404


def test_a_request_is_taken_once_and_only_by_who_serves_it(
    broker: RunningBroker, desk: DeskPage, colleague: DeskPage
) -> None:
    """PORTAL-3: the second is told OutOfTurn; who takes no requests NotAvailable."""
    _, number = ask_for_help(broker)
    desk.do("acceptRequest", number)
    assert colleague.refused("acceptRequest", number) == (409, "OutOfTurn")
    _, another = ask_for_help(broker)
    colleague.do("setAvailability", available=False)
    assert colleague.state()["alerts"] == []
    assert colleague.refused("acceptRequest", another) == (400, "NotAvailable")
    colleague.do("setAvailability", available=True)
    colleague.do("declineRequest", another)
    assert another not in {one["sessionId"] for one in colleague.state()["alerts"]}
    assert another in {one["sessionId"] for one in desk.state()["alerts"]}


def test_the_desk_cannot_be_framed_by_others_and_runs_no_script_of_theirs(desk: DeskPage) -> None:
    """SEC-2: `Browser` checks the policy of each page; this is the rest of it."""
    desk.browser.get(f"{desk.home}/")
    policy = desk.browser.answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "script-src 'self';" in policy
    scripts = desk.browser.page.xpath("//script/@src")
    assert scripts
    ours = ("/static/helpalert/", "/static/once.js?")
    assert all(one.startswith(ours) for one in scripts)
    assert "needs JavaScript" in desk.browser.text
