"""AGENT-1, AGENT-2, PORTAL-3: what representatives do at their desktops, and what they hear."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sim.contract import limits
from broker_sim.core.record import Labelled, Session
from broker_sim.service import agents, desk_events, dispatch
from broker_sim.service.exchange import Wait
from broker_sim.tests.desks import OPERATIONS, Desk, desks, elsewhere
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.side_by_side import side_by_side
from broker_sim.tests.stores import START
from broker_sim.tests.test_store_races import at_once
from broker_sim.tests.worlds import Hands, world

MINUTE: Final = timedelta(minutes=1)
PAIR: Final = Labelled("Solved?", "yes")
GIVEN: Final = {"label": "Solved?", "value": "yes"}  # as the wire brings it


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


@pytest.fixture
def amy(hands: Hands) -> Desk:
    return desks(hands)[0].sit_down()


@pytest.fixture
def ben(hands: Hands) -> Desk:
    return desks(hands)[1].sit_down()


def read(hands: Hands, number: int) -> Session:
    session: Session = hands.call("getSession", session_id=number)
    return session


# Who is alerted, and who has it.


def test_a_request_alerts_who_serves_it_and_takes_requests(hands: Hands, amy: Desk) -> None:
    """PORTAL-3, AGENT-1: with all that the customer entered; nobody else hears of it."""
    others = [desks(hands)[1], elsewhere(hands).sit_down()]
    entries = [{"label": "Name", "value": "Eve"}, {"label": None, "value": ""}]

    number = hands.post(question="slow?", smartBoxEntries=entries, referenceId="INC-1")

    (news,) = amy.news()
    assert (news.kind, news.session_id, news.time) == ("RequestWaiting", number, START)
    assert (news.portal, news.question, news.reference_id) == (hands.portal, "slow?", "INC-1")
    assert news.smart_box_entries == (Labelled("Name", "Eve"), Labelled(None, ""))
    assert [other.heard() for other in others] == [[], []]


def test_who_begins_to_take_requests_hears_of_what_waits(hands: Hands) -> None:
    """PORTAL-3: in order of their coming, and of each once."""
    amy = desks(hands)[0]
    numbers = [hands.post(), hands.post()]
    hands.act("accept", sessionId=hands.post())

    amy.sit_down()
    amy.call("setAvailability", available=False)
    amy.call("setAvailability", available=True)
    amy.call("setAvailability", available=True)

    assert amy.heard() == [("RequestWaiting", number) for number in numbers]


def test_the_first_to_accept_has_it(hands: Hands, amy: Desk, ben: Desk) -> None:
    """PORTAL-3: the others hear that it is gone, and come too late."""
    number = hands.post()
    amy.call("acceptRequest", session_id=number)

    assert code_of(partial(ben.call, "acceptRequest", session_id=number)) == "OutOfTurn"
    assert amy.heard() == [("RequestWaiting", number), ("Accepted", number)]
    assert ben.heard() == [("RequestWaiting", number), ("RequestGone", number)]
    assert read(hands, number).representative == amy.email
    assert read(hands, number).rep_ip is not None


@pytest.mark.parametrize("end", ["abandon", "fail", "time", "decline"])
def test_who_was_alerted_hears_that_it_is_gone(hands: Hands, amy: Desk, end: str) -> None:
    """PORTAL-3, SESS-2: however it ended, and why."""
    number = hands.post()
    if end == "time":
        hands.pass_time(timedelta(minutes=10))
    else:
        hands.act(end, sessionId=number, reason="broke")

    news = amy.news()

    assert [one.kind for one in news] == ["RequestWaiting", "RequestGone"]
    why = {"abandon": "Abandoned", "fail": "Failed", "time": "Unanswered", "decline": "Declined"}
    assert news[1].detail == why[end]
    assert news[1].time == START + (timedelta(minutes=10) if end == "time" else 0 * MINUTE)


def test_only_who_is_there_and_serves_it_may_accept(hands: Hands) -> None:
    """PORTAL-3: not who serves elsewhere, takes no requests, or is unknown to the desk."""
    amy, other = desks(hands)[0], elsewhere(hands).sit_down()
    number = hands.post()
    amy.logon()

    for desk in (amy, other):
        for name in ("acceptRequest", "declineRequest"):
            assert code_of(partial(desk.call, name, session_id=number)) == "NotAvailable"
    amy.call("setAvailability", available=True)
    amy.call("acceptRequest", session_id=number)


def test_one_who_declines_does_not_see_it_any_more(hands: Hands, amy: Desk, ben: Desk) -> None:
    """PORTAL-3, SESS-2: it waits for the others; when all have declined, it ends as declined."""
    number = hands.post()
    amy.call("declineRequest", session_id=number)

    assert code_of(partial(amy.call, "acceptRequest", session_id=number)) == "OutOfTurn"
    assert code_of(partial(amy.call, "declineRequest", session_id=number)) == "OutOfTurn"
    assert read(hands, number).status == "New"
    assert [event.kind for event in read(hands, number).events] == ["Posted"]
    hands.pass_time(MINUTE)
    ben.call("declineRequest", session_id=number)

    gone = read(hands, number)
    assert (gone.status, gone.ended) == ("Error", START + MINUTE)
    assert gone.events[-1].kind == "Declined"
    assert gone.events[-1].detail == f"{amy.email}, {ben.email}"
    assert [amy.heard(), ben.heard()] == [[("RequestWaiting", number)]] * 2
    assert code_of(partial(ben.call, "declineRequest", session_id=number)) == "OutOfTurn"


def test_a_decline_is_remembered_and_one_alert_is_not(hands: Hands, amy: Desk, ben: Desk) -> None:
    """PORTAL-3: over a logoff, what was declined stays off the desk; what waits comes anew."""
    declined, waiting = hands.post(), hands.post()
    amy.call("declineRequest", session_id=declined)
    amy.call("logoff")
    amy.logon()
    amy.sit_down()

    assert amy.heard()[-1:] == [("RequestWaiting", waiting)]
    assert code_of(partial(amy.call, "acceptRequest", session_id=declined)) == "OutOfTurn"
    ben.call("acceptRequest", session_id=declined)


@pytest.mark.parametrize("in_file", [False, True])
def test_of_those_who_accept_at_once_one_has_it(tmp_path: Path, *, in_file: bool) -> None:
    """PORTAL-3: each hears its own end, and the record names one."""
    with world(tmp_path if in_file else None) as hands:
        staff = [desk.sit_down() for desk in desks(hands)]
        number = hands.post()
        ends = at_once(
            *[partial(code_of, partial(d.call, "acceptRequest", session_id=number)) for d in staff]
        )
        assert Counter(ends) == {None: 1, "OutOfTurn": len(staff) - 1}
        winner = staff[ends.index(None)]
        assert read(hands, number).representative == winner.email
        assert [desk.heard()[-1][0] for desk in staff if desk is not winner] == ["RequestGone"] * (
            len(staff) - 1
        )


ACCEPTING: Final = """
import sys
from functools import partial
from pathlib import Path
from broker_sim.tests.desks import desks
from broker_sim.tests.refusals import code_of
from broker_sim.tests.worlds import world
with world(Path(sys.argv[1])) as hands:
    desk = desks(hands)[int(sys.argv[2])]
    desk.connection = sys.argv[3]
    # begin
    ends = [code_of(partial(desk.call, "acceptRequest", session_id=int(n))) for n in sys.argv[4:]]
    print(*ends)
"""


def test_of_those_who_accept_in_several_processes_one_has_it(tmp_path: Path) -> None:
    """PORTAL-3: ten requests, two processes, each request accepted once."""
    with world(tmp_path) as hands:
        staff = [desk.sit_down() for desk in desks(hands)[:2]]
        numbers = [hands.post() for _ in range(10)]
        programs = [
            ACCEPTING.replace("sys.argv[2]", str(nth)).replace("sys.argv[3]", repr(d.connection))
            for nth, d in enumerate(staff)
        ]
        given = [str(tmp_path), "", "", *map(str, numbers)]

        said = [line.split() for line in side_by_side(*programs, arguments=given)]

        for nth, number in enumerate(numbers):
            assert sorted([ends[nth] for ends in said]) == ["None", "OutOfTurn"]
            winner = staff[[ends[nth] for ends in said].index("None")]
            assert read(hands, number).representative == winner.email


# What is done in a session.


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


# Transfers.


def test_a_transfer_to_a_sub_portal_waits_there(hands: Hands, amy: Desk) -> None:
    """AGENT-1, SESS-3: alerted are those who serve it."""
    other = elsewhere(hands).sit_down()
    with hands.broker.store.reading() as tx:
        theirs = {sub for name, sub in tx.desks(other.email) if name == hands.portal}
    number = amy.in_session()

    successor = amy.call("transferSession", session_id=number, sub_portal=min(theirs))

    old, new = read(hands, number), read(hands, successor)
    assert (old.status, old.transferred_to) == ("Finished", successor)
    assert (new.status, new.transferred_from, new.sub_portal) == ("New", number, min(theirs))
    assert other.heard() == [("RequestWaiting", successor)]
    heard = [kind for kind, session_id in amy.heard() if session_id == number]
    assert heard[-2:] == ["Transferred", "Ended"]


def test_a_transfer_to_a_rep_is_accepted_at_once(hands: Hands, amy: Desk, ben: Desk) -> None:
    """AGENT-1, SESS-3: it goes on when the customer agrees; nobody else is alerted."""
    number = amy.in_session()
    ben.news()

    successor = amy.call("transferSession", session_id=number, representative=ben.email.upper())

    new = read(hands, successor)
    assert (new.representative, new.transferred_from) == (ben.email, number)
    assert new.sub_portal == read(hands, number).sub_portal
    assert ben.heard() == [("Accepted", successor)]
    hands.act("start", sessionId=successor)
    ben.call("sendChat", session_id=successor, text="Hello")
    assert code_of(partial(amy.call, "sendChat", session_id=successor, text="")) == "NoSuchSession"


def test_a_rep_of_another_sub_portal_has_it_in_one_of_its_own(hands: Hands, amy: Desk) -> None:
    """AGENT-1: the first of the portal's sub-portals that it serves."""
    other = elsewhere(hands).sit_down()
    number = amy.in_session()

    successor = amy.call("transferSession", session_id=number, representative=other.email)

    new = read(hands, successor)
    with hands.broker.store.reading() as tx:
        assert (hands.portal, new.sub_portal) in tx.desks(other.email)


def test_transfers_that_lead_nowhere(hands: Hands, amy: Desk) -> None:
    """AGENT-1, SESS-3: the session goes on, and there is no other."""
    number = amy.in_session()
    away = desks(hands)[1].email
    for given, code in (
        ({}, "InvalidArgument"),
        ({"sub_portal": "email", "representative": away}, "InvalidArgument"),
        ({"sub_portal": "nowhere"}, "InvalidArgument"),
        ({"representative": "nobody@example.invalid"}, "NoSuchRepresentative"),
        ({"representative": away}, "NotAvailable"),
    ):
        call = partial(amy.call, "transferSession", session_id=number, **given)
        assert code_of(call) == code
    assert read(hands, number).status == "InSession"
    assert len(hands.call("getUpdates", since=0)) == 3


# The long poll.


def test_events_are_numbered_and_read_by_cursor(hands: Hands, amy: Desk) -> None:
    """AGENT-1: each once, in order, in pages; what was dealt with is forgotten."""
    numbers = [hands.post() for _ in range(5)]

    first = amy.call("getEvents", since=0, limit=2)
    again = amy.call("getEvents", since=0, limit=2)
    rest = amy.call("getEvents", since=first[-1].event_id)

    assert first == again
    assert [one.session_id for one in [*first, *rest]] == numbers
    ids = [one.event_id for one in [*first, *rest]]
    assert ids == sorted(set(ids))
    assert amy.call("getEvents", since=0) == rest
    assert amy.call("getEvents", since=ids[-1]) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"since": 1}, "since"),
        ({"since": 0, "limit": 0}, "max"),
        ({"since": 0, "limit": 101}, "max"),
        ({"since": 0, "wait_seconds": 31}, "waitSeconds"),
    ],
)
def test_what_cannot_be_asked_for(amy: Desk, given: dict[str, Any], field: str) -> None:
    """AGENT-1: a cursor from the future, a page or a wait beyond the limits."""
    refused = refusal_of(partial(amy.call, "getEvents", **given))

    assert refused is not None
    assert (refused.fault.code, refused.extra["field"]) == ("InvalidArgument", field)


def test_who_waits_is_told_when_it_happens(hands: Hands, amy: Desk) -> None:
    """AGENT-1: nothing is held meanwhile, and a clock that stands still does not matter."""
    waiting = amy.begin("getEvents", connection_id=amy.connection, since=0, wait_seconds=30)
    assert isinstance(waiting, Wait)
    assert 0 < waiting.seconds <= 1
    for _ in range(3):
        waiting = waiting.then()
        assert isinstance(waiting, Wait)
    number = hands.post()

    (news,) = waiting.then()

    assert (news.kind, news.session_id) == ("RequestWaiting", number)


def test_a_wait_ends_when_its_time_is_over(amy: Desk) -> None:
    """AGENT-1: as many seconds as were asked for, by the machine's clock; then an empty answer."""
    waited = 0.0
    answer = amy.begin("getEvents", connection_id=amy.connection, since=0, wait_seconds=2)
    while isinstance(answer, Wait):
        waited += answer.seconds
        answer = answer.then()

    assert answer == []
    assert waited == pytest.approx(2)


def test_where_something_is_there_nobody_waits(hands: Hands, amy: Desk) -> None:
    """AGENT-1: at once, however long one would have waited."""
    hands.post()

    assert not isinstance(
        amy.begin("getEvents", connection_id=amy.connection, since=0, wait_seconds=30), Wait
    )


def test_a_wait_hears_what_time_alone_does(hands: Hands, amy: Desk) -> None:
    """AGENT-1, SESS-2: a request that nobody answers is gone at its instant."""
    number = hands.post()
    amy.news()
    waiting = amy.begin("getEvents", connection_id=amy.connection, since=amy.seen, wait_seconds=30)
    hands.pass_time(timedelta(minutes=10))

    (news,) = waiting.then()

    assert (news.kind, news.session_id) == ("RequestGone", number)


def test_a_drop_of_the_world_ends_the_wait(hands: Hands, amy: Desk) -> None:
    """CONN-3: its connections are over with it; nothing went wrong inside."""
    waiting = amy.begin("getEvents", connection_id=amy.connection, since=0, wait_seconds=30)
    assert isinstance(waiting, Wait)
    hands.broker.close()

    assert code_of(waiting.then) == "ConnectionExpired"


def test_a_logoff_ends_the_wait(amy: Desk) -> None:
    """CONN-3: what waits on an ended connection hears that it has ended."""
    waiting = amy.begin("getEvents", connection_id=amy.connection, since=0, wait_seconds=30)
    amy.call("logoff")

    assert code_of(waiting.then) == "ConnectionExpired"


def test_a_wait_is_its_connection_s_alone(hands: Hands, amy: Desk) -> None:
    """CONN-3: the next connection's events are not for who still waits on the last one."""
    waiting = amy.begin("getEvents", connection_id=amy.connection, since=0, wait_seconds=30)
    amy.call("logoff")
    amy.logon()
    amy.sit_down()
    hands.post()

    assert code_of(waiting.then) == "ConnectionExpired"
    assert [event.kind for event in amy.news()] == ["RequestWaiting"]


@pytest.mark.parametrize(("seconds", "expired"), [(-1, False), (0, True)])
def test_a_wait_ends_with_its_idle_connection(
    hands: Hands, amy: Desk, seconds: int, expired: bool
) -> None:
    """CONN-2, CONN-3: at its instant, where time was moved on meanwhile."""
    waiting = amy.begin("getEvents", connection_id=amy.connection, since=0, wait_seconds=30)
    hands.pass_time(limits.CONNECTION_IDLE + timedelta(seconds=seconds))

    assert code_of(waiting.then) == ("ConnectionExpired" if expired else None)


def test_nobody_writes_events_for_who_is_not_there(hands: Hands) -> None:
    """AGENT-1: whom a tester has put at the desk has no desktop."""
    number = hands.finished()

    email = read(hands, number).representative
    assert email is not None
    with hands.broker.store.reading() as tx:
        assert tx.events(email, 0, 100) == []


def test_an_act_brings_who_is_named(hands: Hands) -> None:
    """PORTAL-3: to whichever desk the request stands at; an act of the past needs nobody."""
    other = elsewhere(hands)
    number = hands.post()

    accepted = hands.act("accept", sessionId=number, representative=other.email.upper())

    assert accepted.representative == other.email
    late = next(desk for desk in desks(hands) if desk.email != other.email)
    again = partial(hands.act, "accept", sessionId=number, representative=late.email)
    assert code_of(again) == "OutOfTurn"
    words = {one.login: one.status for one in hands.call("getRepresentatives")}
    assert (words[other.email], words[late.email]) == ("Available", "LoggedOut")


def test_who_is_brought_to_a_new_desk_hears_of_what_waits_there(hands: Hands) -> None:
    """PORTAL-3: and may accept or decline it, like all who serve it."""
    other = elsewhere(hands).sit_down()
    first, second = hands.post(), hands.post()
    hands.act("accept", sessionId=first, representative=other.email)

    assert ("RequestWaiting", second) in other.heard()
    other.call("declineRequest", session_id=second)
    assert read(hands, second).events[-1].detail == other.email


def test_a_decline_counts_without_an_alert(hands: Hands, amy: Desk) -> None:
    """PORTAL-3: whoever serves it and takes requests may decline it, however that came to be."""
    other = elsewhere(hands).sit_down()
    number = hands.post()
    desk = (hands.portal, read(hands, number).sub_portal)
    with hands.broker.store.writing() as tx:
        tx.assign(other.email, desk)

    other.call("declineRequest", session_id=number)

    assert code_of(partial(other.call, "acceptRequest", session_id=number)) == "OutOfTurn"
    amy.call("declineRequest", session_id=number)
    assert read(hands, number).status == "Error"


def test_every_event_has_what_the_contract_says(hands: Hands, amy: Desk) -> None:
    """WIRE-1: every field of the record, under its name."""
    hands.post()
    (news,) = amy.news()

    gives = OPERATIONS["getEvents"].gives
    assert gives is not None
    assert not isinstance(gives.type, str)
    names = {field.name for field in gives.type.fields}  # type: ignore[union-attr]  # a Record
    assert names == set(desk_events.EventAnswer.__dataclass_fields__)
    assert all(getattr(news, name) is not None for name in names - {"reference_id"})


def test_handlers_are_of_the_desktop_s_own_connections() -> None:
    """CONN-3: every operation of Agents but the logon is on a connection, and no other's is."""
    for name, operation in OPERATIONS.items():
        assert operation.handler in dispatch._OF_REPS
        assert (operation.takes[0].name == "connection_id") == (name != "logon")
