"""PORTAL-3: which representatives are alerted to a request, and which of them has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from broker_sim.core.record import Labelled
from broker_sim.tests.desks import Desk, desks, elsewhere, read
from broker_sim.tests.refusals import code_of
from broker_sim.tests.side_by_side import side_by_side
from broker_sim.tests.stores import START
from broker_sim.tests.test_store_races import at_once
from broker_sim.tests.worlds import Hands, world

MINUTE: Final = timedelta(minutes=1)


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


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
