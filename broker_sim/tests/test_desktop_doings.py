"""AGENT-1, AGENT-2: what representatives do in a session, and to whom it is forbidden."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest

from broker_sim.contract import limits
from broker_sim.core.record import Labelled
from broker_sim.service import agents
from broker_sim.tests.desks import OPERATIONS, Desk, read
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.stores import START
from broker_sim.tests.worlds import Hands, world

MINUTE: Final = timedelta(minutes=1)
PAIR: Final = Labelled("Solved?", "yes")
GIVEN: Final = {"label": "Solved?", "value": "yes"}  # as the wire brings it


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


def test_every_doing_leaves_its_mark_in_order(hands: Hands, amy: Desk) -> None:
    """AGENT-1, AGENT-2: in the events, in what the desktop hears, and in the transcript."""
    number = amy.in_session()
    doings: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
        ("sendChat", {"text": "Good day"}, [("Chat", "{screen}: Good day")]),
        (
            "pushUrl",
            {"url": "https://example.com/?a=b"},
            [("UrlPushed", "https://example.com/?a=b")],
        ),
        ("sendFile", {"name": "a.txt", "content": b"abc"}, [("FileSent", "a.txt (3 bytes)")]),
        ("requestDiagnostics", {}, [("DiagnosticsTaken", "")]),
        ("setScreenSharing", {"on": True}, [("ScreenSharingOn", "")]),
        ("setScreenSharing", {"on": False}, [("ScreenSharingOff", "")]),
        ("rebootReconnect", {}, [("Rebooted", ""), ("Reconnected", "")]),
        ("rebootReconnect", {"reconnected": False}, [("Rebooted", "")]),
        ("endSession", {"resolution": "Resolved"}, [("Ended", "")]),
    ]
    amy.news()
    for name, given, _ in doings:
        hands.pass_time(timedelta(seconds=1))
        assert amy.call(name, session_id=number, **given) is None

    session = read(hands, number)
    marks = [(event.kind, event.detail) for event in session.events][3:]
    expected = [mark for _, _, marks in doings for mark in marks]
    screen = str(session.rep_screen_name)
    assert marks == [(kind, detail.format(screen=screen)) for kind, detail in expected]
    assert [event.time for event in session.events] == sorted(e.time for e in session.events)
    heard = [(event.kind, event.detail) for event in amy.news()]
    assert heard == marks
    transcript = hands.broker.world.content.body(session, f"chatTranscript{number}.txt").decode()
    told = [
        "Good day",
        "opened the page https://example.com/?a=b",
        "sent the file a.txt (3 bytes)",
        "received the diagnostics",
        "can see the screen",
        "Screen sharing has ended",
        "The computer restarts",
        "is connected again",
        "The session has ended",
    ]
    places = [transcript.find(line) for line in told]
    assert -1 not in places
    assert places == sorted(places)


def test_a_session_ends_with_what_the_rep_notes(hands: Hands, amy: Desk) -> None:
    """AGENT-1, SESS-4: resolution, comment, label and data; then the rep's survey, once."""
    number = amy.in_session()
    noted = {"comment": "c\u00e9", "end_label": "KB", "end_data": "4711"}
    assert code_of(partial(amy.call, "submitRating", session_id=number, ratings=[GIVEN])) == (
        "OutOfTurn"
    )

    amy.call("endSession", session_id=number, resolution="Unresolved", **noted)
    amy.call("submitRating", session_id=number, ratings=[GIVEN, GIVEN])

    session = read(hands, number)
    assert (session.status, session.resolution) == ("Finished", "Unresolved")
    assert (session.rep_comment, session.end_label, session.end_data) == tuple(noted.values())
    assert session.rep_ratings == (PAIR, PAIR)
    again = partial(amy.call, "submitRating", session_id=number, ratings=[GIVEN])
    assert code_of(again) == "OutOfTurn"


def test_both_surveys_come_whichever_is_first(hands: Hands, amy: Desk) -> None:
    """AGENT-1, PORTAL-5, UPD-2: each once, each a change of the record."""
    for first in ("rep", "customer"):
        number = amy.in_session()
        amy.call("endSession", session_id=number, resolution="Resolved")
        rep = partial(amy.call, "submitRating", session_id=number, ratings=[GIVEN])
        pair = {"label": "Good?", "value": "5"}
        customer = partial(hands.act, "survey", sessionId=number, customerRatings=[pair])
        for survey in (rep, customer) if first == "rep" else (customer, rep):
            survey()

        session = read(hands, number)
        assert session.rep_ratings == (PAIR,)
        assert session.customer_ratings == (Labelled("Good?", "5"),)
        assert (code_of(rep), code_of(customer)) == ("OutOfTurn", "OutOfTurn")
        kinds = [u.kind for u in hands.call("getUpdates", since=0) if u.session_id == number]
        assert kinds[-2:] == ["SurveyReceived"] * 2


def test_the_recording_is_the_same_before_and_after_the_surveys(hands: Hands, amy: Desk) -> None:
    """AGENT-2, REC-1: they come later and change no file, whenever the files are made."""
    number = amy.in_session()
    amy.call("endSession", session_id=number, resolution="Resolved")
    ended = hands.act("record", sessionId=number)
    name = f"session{number}.properties"
    before = hands.broker.world.content.body(ended, name)

    amy.call("submitRating", session_id=number, ratings=[GIVEN])

    made = {file.name: file.sha256 for file in read(hands, number).files}
    assert made[name] == hashlib.sha256(before).hexdigest()


def test_a_session_lived_here_ends_like_any_other(hands: Hands, amy: Desk) -> None:
    """AGENT-1: in the log, in the lists, in the recording."""
    number = amy.in_session()
    amy.call("sendChat", session_id=number, text="Hello")
    hands.act("chat", sessionId=number, text="Hi")
    amy.call("setScreenSharing", session_id=number, on=True)
    hands.pass_time(MINUTE)
    amy.call("endSession", session_id=number, resolution="Resolved")
    hands.pass_time(limits.RECORDING_TAKES)

    kinds = [update.kind for update in hands.call("getUpdates", since=0)]
    assert kinds == ["Posted", "Accepted", "Started", "Ended", "RecordingReady"]
    hour = timedelta(hours=1)
    assert hands.call("getSessionIds", start=START, end=START + hour, by="Ended") == [number]
    names = {file.name for file in read(hands, number).files}
    assert {f"chatTranscript{number}.txt", f"remoteScreen{number}.g2a"} <= names


DOINGS: Final[dict[str, dict[str, Any]]] = {
    "sendChat": {"text": "a"},
    "pushUrl": {"url": "http://example.com"},
    "sendFile": {"name": "a", "content": b""},
    "requestDiagnostics": {},
    "setScreenSharing": {"on": True},
    "rebootReconnect": {},
    "transferSession": {"sub_portal": "email"},
    "endSession": {"resolution": "Unknown"},
    "submitRating": {"ratings": [GIVEN]},
}
ON_A_SESSION: Final = {**DOINGS, "acceptRequest": {}, "declineRequest": {}}


def test_every_operation_on_a_session_is_tried_here() -> None:
    """AGENT-1: the tables below forget none."""
    named = {name for name, op in OPERATIONS.items() if "session_id" in {f.name for f in op.takes}}
    assert set(ON_A_SESSION) == named


@pytest.mark.parametrize("name", DOINGS)
def test_another_s_session_is_as_one_that_does_not_exist(
    hands: Hands, amy: Desk, ben: Desk, name: str
) -> None:
    """AGENT-1, CONN-4: nothing is done to it."""
    number = amy.in_session()
    before = hands.call("getLastUpdateId")

    for wrong in (number, 99_999_999):
        call = partial(ben.call, name, session_id=wrong, **DOINGS[name])
        assert code_of(call) == "NoSuchSession"
    assert hands.call("getLastUpdateId") == before
    assert len(read(hands, number).events) == 3


@pytest.mark.parametrize("name", sorted(set(DOINGS) - {"submitRating"}))
def test_nothing_is_done_out_of_turn(hands: Hands, amy: Desk, name: str) -> None:
    """AGENT-1, SESS-2: neither before the customer agrees nor after the end."""
    early = hands.post()
    amy.call("acceptRequest", session_id=early)
    late = amy.in_session()
    amy.call("endSession", session_id=late, resolution="Resolved")

    for number in (early, late):
        call = partial(amy.call, name, session_id=number, **DOINGS[name])
        assert code_of(call) == "OutOfTurn"


@pytest.mark.parametrize("name", ON_A_SESSION)
def test_what_is_purged_is_gone_for_the_desktop_too(hands: Hands, amy: Desk, name: str) -> None:
    """RET-2: the session, what its events said, and the files that were sent."""
    number = amy.in_session()
    amy.call("sendFile", session_id=number, name="a", content=b"secret")
    amy.call("endSession", session_id=number, resolution="Resolved")
    hands.broker.tester.advance(START + timedelta(days=90))
    desk = Desk(hands, amy.email)

    call = partial(desk.call, name, session_id=number, **ON_A_SESSION[name])
    assert code_of(call) == "SessionPurged"
    with hands.broker.store.reading() as tx:
        assert tx.events(amy.email, 0, 100) == []
        assert tx.blob(number, agents.sent_name(1)) is None
    assert agents.sent_file(hands.broker.world, number, 1) is None


TEXTS: Final = [
    (name, field)
    for name, op in OPERATIONS.items()
    for field in (f.name for f in op.takes)
    if field in {"text", "url", "name", "comment", "end_label", "end_data"}
]


@pytest.mark.parametrize(("name", "field"), TEXTS)
@pytest.mark.parametrize("bad", ["https://a/\0", "https://a/\ud800", "https://a/" + "x" * 100_000])
def test_texts_are_checked_at_the_door(
    hands: Hands, amy: Desk, name: str, field: str, bad: str
) -> None:
    """SESS-4: by the name that the wire has for them; nothing has happened."""
    number = amy.in_session()

    call = partial(amy.call, name, session_id=number, **{**DOINGS[name], field: bad})
    refused = refusal_of(call)

    wire = next(f.wire for f in OPERATIONS[name].takes if f.name == field)
    assert refused is not None
    assert (refused.fault.code, refused.extra["field"]) == ("InvalidArgument", wire)
    assert len(read(hands, number).events) == 3


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://example.com", "//example.com", "https://", "example.com"]
)
def test_only_a_page_may_be_pushed(hands: Hands, amy: Desk, url: str) -> None:
    """AGENT-1: nothing that runs in the customer's browser by itself."""
    number = amy.in_session()

    assert code_of(partial(amy.call, "pushUrl", session_id=number, url=url)) == "InvalidArgument"


@pytest.mark.parametrize("name", ["../a", "a/b", "a\\b", "..", "."])
def test_a_file_has_a_name_and_no_path(hands: Hands, amy: Desk, name: str) -> None:
    """AGENT-1: the customer's machine keeps it under that name."""
    number = amy.in_session()
    call = partial(amy.call, "sendFile", session_id=number, name=name, content=b"")
    assert code_of(call) == "InvalidArgument"


def test_the_customer_may_fetch_what_was_sent(hands: Hands, amy: Desk) -> None:
    """AGENT-1: each file under its place, also two of one name; up to the limit."""
    number = amy.in_session()
    world = hands.broker.world
    large = b"x" * limits.SENT_FILE_MAX_BYTES
    for content in (b"one", b"two", large):
        amy.call("sendFile", session_id=number, name="a (1).txt", content=content)
    hands.act("sendFile", sessionId=number, name="told.txt", size=3)
    too_large = partial(amy.call, "sendFile", session_id=number, name="b", content=large + b"x")

    assert code_of(too_large) == "InvalidArgument"
    assert [agents.sent_file(world, number, place) for place in (1, 2, 3)] == [
        ("a (1).txt", b"one"),
        ("a (1).txt", b"two"),
        ("a (1).txt", large),
    ]
    assert [agents.sent_file(world, number, place) for place in (-1, 0, 4, 5)] == [None] * 4
    assert agents.sent_file(world, 5, 1) is None
