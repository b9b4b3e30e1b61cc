"""SEC-2: the sums that a report tells, against small ones made by hand."""

from __future__ import annotations

from collections import Counter

from broker_sim.core import reporting
from broker_sim.core.reporting import Group

AMY, BOB = Group("East", "amy@a.example", "Amy"), Group("West", "bob@a.example", "Bob")
CAT, NOBODY = Group("East", "cat@a.example", "Cat"), Group("East", "", "")


def test_an_average_is_the_whole_by_its_cases() -> None:
    """None without a case; nothing measured in a case is zero."""
    counts = {"waited ms": 900, "waits": 4, "lengths": 2, "none": 0}

    assert reporting.average(counts, "waited ms", "waits") == 225
    assert reporting.average(counts, "lasted ms", "lengths") == 0
    assert reporting.average(counts, "waited ms", "none") is None
    assert reporting.average(counts, "waited ms", "absent") is None
    assert reporting.share(counts, "lengths", "waits") == 0.5
    assert reporting.share(counts, "waits", "absent") is None


def test_a_team_has_what_its_people_have() -> None:
    """In order of names; what nobody had is nobody's."""
    summary = {
        BOB: {"posted": 1},
        AMY: {"posted": 2, "started": 1},
        CAT: {"posted": 4},
        NOBODY: {"posted": 8},
    }

    teams = reporting.by_team(summary)
    assert list(teams.items()) == [
        ("East", Counter({"posted": 6, "started": 1})),
        ("West", Counter({"posted": 1})),
    ]


def answered(*rows: tuple[str, str, int]) -> dict[str, int]:
    """Give counts of answers: question, answer, how often."""
    named = {f"answer\t{label}\t{value}": times for label, value, times in rows}
    return {"posted": 99, **named}


def test_answers_are_told_by_question_most_answered_first() -> None:
    """Equal ones by their words."""
    counts = answered(("B", "no", 3), ("B", "yes", 5), ("A", "x", 4), ("A", "w", 4), ("C", "y", 20))

    told = reporting.answers(counts)
    assert list(told) == ["C", "A", "B"]
    assert list(told["B"].items()) == [("yes", 5), ("no", 3)]
    assert list(told["A"].items()) == [("w", 4), ("x", 4)]


def test_a_question_that_few_were_asked_is_left_out() -> None:
    """From a tenth of the most answered on it is in."""
    counts = answered(("much", "a", 20), ("little", "a", 1), ("tenth", "a", 1), ("tenth", "b", 1))

    assert list(reporting.answers(counts)) == ["much", "tenth"]
    assert reporting.answers({"posted": 3}) == {}
    blanks = answered(("How was it?", "very good", 2))
    assert reporting.answers(blanks) == {"How was it?": {"very good": 2}}


def test_so_many_questions_and_ten_answers_each() -> None:
    """Twelve questions, where no other number is said."""
    many = answered(*((f"q{n:02}", "a", 5) for n in range(14)))
    assert list(reporting.answers(many)) == [f"q{n:02}" for n in range(12)]
    assert list(reporting.answers(many, 2)) == ["q00", "q01"]
    of_one = answered(*(("q", f"a{n:02}", 30 - n) for n in range(12)))
    assert list(reporting.answers(of_one)["q"]) == [f"a{n:02}" for n in range(10)]
