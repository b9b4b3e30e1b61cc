"""SEC-2: what one session gives to a report, against counts made by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from broker_sim.core import reporting, session
from broker_sim.core.record import Event, Labelled, Representative, Session
from broker_sim.core.reporting import Group

# A Tuesday, at five in the afternoon.
START = datetime(2030, 1, 1, 17, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
AMY = Representative("amy@a.example", "Amy A", "Amy", "Desk", "192.0.2.1")


def waiting(**more: Any) -> Session:
    """Give a session that waits."""
    return session.post(1, "a", "p", "Q", START, **more)


def lived(wait: float, length: float, **more: Any) -> Session:
    """Give one that was answered after `wait` seconds and took `length`."""
    answered = START + wait * SECOND
    begun = session.start(session.accept(waiting(**more), AMY, answered), answered)
    return session.end(begun, answered + length * SECOND, resolution="Resolved")


def test_a_request_that_waits_is_posted_and_open() -> None:
    """Nobody's, in the hour of its week."""
    assert reporting.count(waiting()) == (
        Group("", "", ""),
        Counter({"posted": 1, "hour 1 17": 1, "open": 1}),
    )


def test_a_whole_session_is_counted_with_its_spans() -> None:
    """Its team's and its representative's; spans in milliseconds, and in bins."""
    group, counts = reporting.count(lived(12.5, 250, mode="Phone"))

    assert group == Group("Desk", "amy@a.example", "Amy A")
    assert type(counts["waited ms"]) is int
    assert counts == Counter(
        {
            "posted": 1,
            "hour 1 17": 1,
            "phone": 1,
            "accepted": 1,
            "started": 1,
            "waits": 1,
            "waited ms": 12_500,
            "waits 2": 1,
            "lengths": 1,
            "lasted ms": 250_000,
            "lengths 1": 1,
            "finished": 1,
            "resolution Resolved": 1,
        }
    )


def test_a_session_that_goes_on_has_no_length_yet() -> None:
    """A transferred one counts as such; an end without a word is Unknown."""
    going = session.start(session.accept(waiting(), AMY, START), START)
    gone, heir = session.transfer(going, 2, "other", START)

    _, counts = reporting.count(going)
    assert (counts["started"], counts["open"], counts["lengths"]) == (1, 1, 0)
    _, counts = reporting.count(gone)
    assert (counts["transferred"], counts["resolution Unknown"], counts["open"]) == (1, 1, 0)
    assert reporting.count(heir)[1]["transferred"] == 0
    assert reporting.count(replace(gone, resolution=None))[1]["resolution Unknown"] == 1


@pytest.mark.parametrize(
    ("seconds", "place"),
    [(0, 0), (4.999, 0), (5, 1), (10, 2), (30, 3), (60, 4), (120, 5), (299.999, 5), (300, 6)],
)
def test_a_wait_has_a_bin_whose_end_is_left_out(seconds: float, place: int) -> None:
    """The last bin has no end."""
    _, counts = reporting.count(lived(seconds, 1))

    assert {name for name in counts if name.startswith("waits ")} == {f"waits {place}"}


@pytest.mark.parametrize(
    ("event", "accepted", "started", "name"),
    [
        (Event.DECLINED, False, False, "declined"),
        (Event.UNANSWERED, False, False, "no response"),
        (Event.ABANDONED, False, False, "abandoned"),
        (Event.ABANDONED, True, False, "abandoned"),
        (Event.FAILED, False, False, "failed after posting"),
        (Event.FAILED, True, False, "failed after posting"),
        (Event.FAILED, True, True, "failed in session"),
    ],
)
def test_a_request_that_came_to_nothing_says_how(
    event: Event, *, accepted: bool, started: bool, name: str
) -> None:
    """And is not finished."""
    was = session.accept(waiting(), AMY, START) if accepted else waiting()
    was = session.start(was, START) if started else was
    _, counts = reporting.count(session.move(was, event, START))

    ends = {"declined", "no response", "abandoned", "failed after posting", "failed in session"}
    assert {each: counts[each] for each in ends if counts[each]} == {name: 1}
    assert counts["finished"] == counts["open"] == 0


def rated(*answers: tuple[str | None, str]) -> Counter[str]:
    """Count a survey with these answers, and nothing else of its session."""
    pairs = tuple(Labelled(label, value) for label, value in answers)
    _, counts = reporting.count(session.rate(lived(1, 1), pairs, START + 9 * SECOND))
    _, bare = reporting.count(lived(1, 1))
    return counts - bare


def test_answers_are_counted_by_question_and_scale() -> None:
    """Words of a scale of five are ratings, in any case; others are answers alone."""
    assert rated(("Mood", " Very Positive "), ("Mood", "2"), ("Solved", "Yes")) == Counter(
        {
            "surveys": 1,
            "ratings": 2,
            "rated": 7,
            "rated 5": 1,
            "rated 2": 1,
            "answer\tMood\tVery Positive": 1,
            "answer\tMood\t2": 1,
            "answer\tSolved\tYes": 1,
        }
    )


@pytest.mark.parametrize(
    ("words", "score"),
    [
        *((str(number), number) for number in range(1, 6)),
        *(("very positive", 5), ("positive", 4), ("neutral", 3), ("negative", 2)),
        *(("very negative", 1), ("very satisfied", 5), ("satisfied", 4)),
        *(("dissatisfied", 2), ("very dissatisfied", 1)),
    ],
)
def test_words_have_their_place_on_the_scale(words: str, score: int) -> None:
    """Of five."""
    counts = rated(("Q", words))

    assert (counts["rated"], counts[f"rated {score}"]) == (score, 1)


@pytest.mark.parametrize(
    ("label", "value", "remark"),
    [
        ("Q", "x" * 40, False),
        ("Q", "x" * 41, True),
        ("Q" * 120, "x", False),
        ("Q" * 121, "x", True),
        (None, "x", True),
        ("", "x", True),
        ("Q", "  ", True),
    ],
)
def test_what_is_long_or_has_no_question_is_a_remark(
    label: str | None, value: str, *, remark: bool
) -> None:
    """Neither answer nor rating."""
    counts = rated((label, value))

    assert counts["remarks"] == int(remark)
    assert any(name.startswith("answer") for name in counts) is not remark


def test_remarks_are_counted_and_hide_no_answer() -> None:
    """Wherever they stand."""
    counts = rated(("Q", ""), ("R", "x" * 99), ("Mood", "5"))

    assert (counts["remarks"], counts["rated"]) == (2, 5)
    twice = rated(("Mood", "5"), ("Mood", "5"))
    assert (twice["rated 5"], twice["answer\tMood\t5"]) == (2, 2)


def test_a_tab_separates_and_is_in_no_question() -> None:
    """It becomes a blank, in the answer, too."""
    assert rated(("a\tb", "c\td"))["answer\ta b\tc d"] == 1


def test_sums_are_by_group_and_over_all() -> None:
    """Days are both ends and all between."""
    one, other = Group("A", "a", "a"), Group("B", "b", "b")
    summed = reporting.summed([(one, {"x": 1}), (other, {"x": 2}), (one, {"x": 4, "y": 1})])

    assert summed == {one: Counter({"x": 5, "y": 1}), other: Counter({"x": 2})}
    assert reporting.total(summed) == Counter({"x": 7, "y": 1})
    first = date(2030, 1, 30)
    assert reporting.days(first, date(2030, 2, 1)) == [first, date(2030, 1, 31), date(2030, 2, 1)]
    assert reporting.days(first, first) == [first]
