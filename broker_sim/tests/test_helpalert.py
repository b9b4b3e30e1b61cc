"""AGENT-1, AGENT-2, PORTAL-3: a representative's desk over HTTP, from log-in to log-off."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from broker_sim.core.record import Event
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.desk_pages import (
    DeskPage,
    ask_for_help,
    first_queue,
    in_session,
    record,
    rep,
)


@pytest.fixture
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def desk(broker: RunningBroker) -> DeskPage:
    """Somebody who takes requests."""
    return rep(broker).sit_down()


def test_a_whole_session_is_lived_at_the_desk(broker: RunningBroker, desk: DeskPage) -> None:
    """AGENT-1, AGENT-2: every doing leaves its mark in the record, in order."""
    customer, number = ask_for_help(broker, Email="eva@example.com")
    (alert,) = desk.state()["alerts"]
    assert (alert["sessionId"], alert["customer"], alert["question"]) == (
        number,
        "Eva",
        "It broke.",
    )
    assert {"label": "E-mail", "value": "eva@example.com"} in alert["entries"]
    desk.do("acceptRequest", number)
    assert desk.session(number)["stage"] == "consent"
    customer.get(customer.answer.url).send("I agree, begin")
    desk.do("sendChat", number, text="Hello")
    desk.do("pushUrl", number, url="https://help.example.com/")
    content = base64.b64encode(b"read me").decode()
    desk.do("sendFile", number, name="notes.txt", content=content)
    desk.do("requestDiagnostics", number)
    desk.do("setScreenSharing", number, on=True)
    desk.do("setScreenSharing", number, on=False)
    desk.do("rebootReconnect", number)
    desk.do("endSession", number, resolution="Resolved", comment="A cable.")
    desk.do("submitRating", number, ratings=[{"label": "Mood", "value": "Good"}])
    lived = record(broker, number)
    assert [event.kind for event in lived.events] == [
        Event.POSTED,
        Event.ACCEPTED,
        Event.STARTED,
        Event.CHAT,
        Event.URL_PUSHED,
        Event.FILE_SENT,
        Event.DIAGNOSTICS_TAKEN,
        Event.SCREEN_ON,
        Event.SCREEN_OFF,
        Event.REBOOTED,
        Event.RECONNECTED,
        Event.ENDED,
        Event.SURVEY_RECEIVED,
    ]
    assert (lived.resolution, lived.rep_comment) == ("Resolved", "A cable.")
    assert [(one.label, one.value) for one in lived.rep_ratings] == [("Mood", "Good")]


def test_the_desk_is_read_anew_at_any_time(broker: RunningBroker, desk: DeskPage) -> None:
    """AGENT-1: a reload shows requests, sessions with their talk, and codes as they are."""
    _, waiting = ask_for_help(broker, Name="Ada")
    customer, number = in_session(desk)
    customer.send("Send", Text="Hi")
    desk.do("sendChat", number, text="Hello")
    portal = desk.state()["portals"][0]["name"]
    code = desk.do("startByCode", portal=portal, customerName="Ann")["code"]
    state = desk.state()
    assert [one["sessionId"] for one in state["alerts"]] == [waiting]
    assert [(o["sessionId"], o["lines"], o["heard"]) for o in state["sessions"]] == [(number, 2, 1)]
    assert [one["code"] for one in state["codes"]] == [code]
    assert state["available"]
    talk = desk.session(number)["talk"]
    assert [(line["who"], line["text"]) for line in talk] == [("customer", "Hi"), ("rep", "Hello")]
    assert desk.read(f"/sessions/{number}", **{"from": 1})["talk"] == talk[1:]


def test_what_is_over_is_shown_to_who_asks_for_it_by_number(
    broker: RunningBroker, desk: DeskPage
) -> None:
    """AGENT-1: the survey can be answered after a reload."""
    _, number = in_session(desk)
    desk.do("endSession", number, resolution="Unknown")
    assert desk.state()["sessions"] == []
    (over,) = desk.state(also=str(number))["sessions"]
    assert (over["stage"], over["mayRate"]) == ("finished", True)
    desk.do("submitRating", number, ratings=[{"label": "Mood", "value": "Good"}])
    (over,) = desk.state(also=f"{number},{number},")["sessions"]
    assert not over["mayRate"]


def test_diagnostics_are_to_be_seen_only_once_they_are_taken(
    broker: RunningBroker, desk: DeskPage
) -> None:
    """AGENT-1: they are those of the recording."""
    _, number = in_session(desk)
    refused = desk.ask(f"/sessions/{number}/diagnostics")
    assert (refused.status_code, refused.json()["fault"]) == (409, "OutOfTurn")
    desk.do("requestDiagnostics", number)
    tables = desk.read(f"/sessions/{number}/diagnostics")["tables"]
    shown = [cell for table in tables for row in table["rows"] for cell in row]
    assert all(len(row) == len(table["columns"]) for table in tables for row in table["rows"])
    desk.do("endSession", number, resolution="Unknown")
    world = broker.tester.world
    written = world.content.body(record(broker, number), "remoteDiagnostics.txt").decode()
    assert tables[0]["title"] == "System"
    assert all(cell in written for cell in shown)


def test_a_customer_is_handed_on_to_who_is_there(broker: RunningBroker, desk: DeskPage) -> None:
    """SESS-3: the dialog offers queues and colleagues, and says who takes requests."""
    colleague = rep(broker, 1).sit_down()
    _, number = in_session(desk)
    found = desk.read(f"/sessions/{number}/targets")
    there = {one["email"]: one["available"] for one in found["representatives"]}
    assert there[colleague.email]
    assert desk.email not in there
    assert sum(there.values()) == 1
    _, queue = first_queue(broker)
    assert {"name": queue, "available": 2, "waiting": 0} in found["subPortals"]
    further = desk.do("transferSession", number, representative=colleague.email)["transferredTo"]
    (other,) = colleague.state()["sessions"]
    assert (other["sessionId"], other["transferredFrom"]) == (further, number)
    assert desk.session(number)["transferredTo"] == further


def test_codes_are_made_and_cancelled_by_their_owner_only(
    broker: RunningBroker, desk: DeskPage
) -> None:
    """PHONE-1, PHONE-5: another's code is as one that does not exist."""
    portal = desk.state()["portals"][0]["name"]
    made = [desk.do("startByCode", portal=portal, customerName=name) for name in ("A", "B", "C")]
    colleague = rep(broker, 1).log_in()
    assert colleague.state()["codes"] == []
    assert colleague.refused("cancelCode", code=made[0]["code"]) == (400, "NoSuchCode")
    assert colleague.do("cancelCodes") == {"cancelled": 0}
    desk.do("cancelCode", code=made[0]["code"])
    assert desk.refused("cancelCode", code=made[0]["code"]) == (400, "NoSuchCode")
    left = sorted(one["code"] for one in made[1:])
    assert [one["code"] for one in desk.state()["codes"]] == left  # all expire at one instant
    assert desk.do("cancelCodes") == {"cancelled": 2}
