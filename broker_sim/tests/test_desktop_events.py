"""AGENT-2: what representatives hear: by number, by waiting, by being brought."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from broker_sim.contract import limits
from broker_sim.service import desk_events, desk_view, dispatch
from broker_sim.service.exchange import Wait
from broker_sim.tests.desks import OPERATIONS, Desk, desks, elsewhere, read
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.worlds import Hands, world


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


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


def test_a_window_that_waits_is_told_what_another_one_has_dealt_with(
    hands: Hands, amy: Desk
) -> None:
    """AGENT-1: the other forgets it between two looks of the first, which reads the desk anew."""

    def news(since: int) -> Any:
        given = {"since": since, "wait_seconds": 20}
        return dispatch.at_desk(hands.broker.world, desk_view.news, amy.connection, **given)

    both = [news(0), news(0)]
    hands.post()
    (event,) = both[0].then()
    second = news(event.event_id)
    assert isinstance(second, Wait)

    assert both[1].then() is None

    assert isinstance(second.then(), Wait)
    hands.post()
    hands.post()
    (one, _) = second.then()
    third = news(one.event_id)
    assert [event.event_id for event in third] == [one.event_id + 1]
    assert news(event.event_id) is None


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
