"""FAULT-1, FAULT-2: a door finds who answers, and some answer always comes."""

import logging
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.front.door import Door, Route, http_date
from broker_sim.service.exchange import Answer, Reply, Request


def said(text: str) -> Route:
    return Route(text, lambda _: Answer(200, body=text.encode()), below=text.endswith("/"))


def ask(door: Door, path: str) -> Answer:
    reply = door.ask(door.find(path), Request("GET", path, body=b"a secret"))
    assert isinstance(reply, Answer)
    return reply


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("/a", b"/a"),
        ("/a/b", b"/a/b"),
        ("/m/", b"/m/"),
        ("/m/x", b"/m/"),
        ("/m/x/y", b"/m/x/"),
        ("/m/x/y/../..", b"/m/x/"),
    ],
)
def test_the_closest_route_answers(path: str, answers: bytes) -> None:
    """FAULT-2: an exact path before one above it, a longer one before a shorter."""
    door = Door([said("/m/"), said("/a"), said("/a/b"), said("/m/x/")])

    assert ask(door, path).body == answers


@pytest.mark.parametrize("path", ["/", "/ab", "/a/", "/mm", "/A", "*"])
def test_an_unknown_path_is_told_which_doors_there_are(path: str) -> None:
    """FAULT-1: a sentence a person can act on."""
    answer = ask(Door([said("/m/"), said("/a")]), path)

    assert answer.status == 404
    assert answer.body == b"There is nothing at this path. The doors are: /a, /m/....\n"


def test_a_route_below_answers_at_its_own_path_too() -> None:
    """FAULT-2: with and without its last slash, and not beside it."""
    door = Door([Route("/m", lambda _: Answer(204), below=True)])

    found = [ask(door, path).status for path in ("/m", "/m/", "/m/x", "/mx")]

    assert found == [204, 204, 204, 404]


@pytest.mark.parametrize("paths", [["a"], [""], ["/a", "/a"]])
def test_a_wrong_table_is_refused_at_the_start(paths: list[str]) -> None:
    """FAULT-2: two routes for one path would answer by chance."""
    with pytest.raises(ValueError, match="path"):
        Door([said(path) for path in paths])


def test_a_failing_handler_is_an_incident(caplog: pytest.LogCaptureFixture) -> None:
    """FAULT-1: an id for both sides; the cause in the log only, the body in neither."""

    def fail(_: Request) -> Reply:
        msg = "the cause"
        raise LookupError(msg)

    door = Door([Route("/a", fail)], incidents=iter(["i-1", "i-2"]).__next__)

    with caplog.at_level(logging.ERROR, "broker_sim.front"):
        answers = [ask(door, "/a"), ask(door, "/a")]

    assert [answer.status for answer in answers] == [500, 500]
    assert b"i-1" in answers[0].body
    assert b"i-2" in answers[1].body
    assert b"cause" not in answers[0].body
    assert "i-1" in caplog.text
    assert "the cause" in caplog.text
    assert "a secret" not in caplog.text


def test_an_incident_is_told_to_whoever_keeps_the_journal() -> None:
    """FAULT-1: a handler that fails leaves its exchange to the front."""
    told: list[tuple[str, int]] = []

    def note(request: Request, answer: Answer) -> None:
        told.append((request.path, answer.status))

    def fail(_: Request) -> Reply:
        raise RuntimeError

    route = Route("/a", fail, unserved=note)
    door = Door([route], lost=note)
    door.ask(route, Request("GET", "/a"))
    door.ask(door.find("/b"), Request("GET", "/b"))

    assert told == [("/a", 500), ("/b", 404)]


def test_the_date_is_the_clock_that_was_given() -> None:
    """RFC 9110, 6.6.1: a server with a clock sends a date, one without does not."""
    noon = datetime(2030, 1, 1, 12, tzinfo=UTC)
    times = iter([noon, noon.replace(microsecond=999_999), noon.replace(second=1)])
    door = Door([], today=times.__next__)

    assert [door.date(), door.date(), door.date()] == [
        "date: Tue, 01 Jan 2030 12:00:00 GMT\r\n",
        "date: Tue, 01 Jan 2030 12:00:00 GMT\r\n",
        "date: Tue, 01 Jan 2030 12:00:01 GMT\r\n",
    ]
    assert Door([]).date() == ""


@given(st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1)))  # noqa: DTZ001  made aware below
def test_dates_are_those_of_the_standard_library(naive: datetime) -> None:
    """RFC 9110, 5.6.7: for every day and month."""
    instant = naive.replace(tzinfo=UTC)

    assert http_date(instant) == format_datetime(instant, usegmt=True)
