"""The journal held against what a test wants: counts, order, time, and what came close."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.adapters.journal import MemoryJournal
from broker_sim.service.journaling import VerificationError
from broker_sim.tests.journal_entries import SESSIONS, at, exchange, journal_of

LOCKED = exchange("logon", status=500, fault="AccountLocked", arguments={"username": "amy"})
LOGON = exchange("logon", arguments={"username": "amy"})
LOGOFF = exchange("logoff")


def read(number: int) -> Any:
    """Make a getSession of this session."""
    return exchange(arguments={"session_id": number})


def problem(journal: MemoryJournal, *asked: Any, **said: Any) -> str:
    """Give the report of a verification that must fail."""
    with pytest.raises(VerificationError) as failed:
        journal.verify(*asked, **said)
    return str(failed.value)


@given(count=st.integers(0, 5), least=st.integers(0, 6), most=st.none() | st.integers(0, 6))
def test_a_count_holds_between_its_bounds(count: int, least: int, most: int | None) -> None:
    """At least and at most, both included."""
    journal = journal_of(*[LOGOFF] * count, LOGON)
    held = least <= count and (most is None or count <= most)

    try:
        found = journal.verify("logoff", at_least=least, at_most=most)
    except VerificationError:
        assert not held
    else:
        assert held
        assert len(found) == count


def test_without_a_bound_one_is_enough_and_exactly_none_is_never() -> None:
    """The sentence one would say aloud."""
    journal = journal_of(LOGON, LOGON)

    assert len(journal.verify("logon")) == 2
    assert len(journal.verify("logon", exactly=2)) == 2
    assert journal.verify("logoff", exactly=0) == []
    assert "there were 2" in problem(journal, "logon", exactly=1)
    assert "wanted: no logon" in problem(journal, "logon", exactly=0)


@pytest.mark.parametrize(
    ("conditions", "numbers"),
    [
        ({"door": "Sessions"}, [1, 2, 3]),
        ({"door": SESSIONS}, [1, 2, 3]),
        ({"door": "recordings"}, [4]),
        ({"login": "amy"}, [1, 3]),
        ({"status": "5xx"}, [3]),
        ({"status": "200"}, [1, 2]),
        ({"status": 200}, [1, 2]),
        ({"status": "0"}, [4]),
        ({"fault": "AccountLocked"}, [3]),
        ({"fault": "*"}, [3]),
        ({"fault": "none"}, [1, 2, 4]),
        ({"provoked": "rule-1"}, [4]),
        ({"provoked": "none"}, [1, 2, 3]),
        ({"method": "GET"}, [4]),
        ({"after": 2}, [3, 4]),
        ({"since": at(2)}, [3, 4]),
        ({"operation": "download"}, [4]),
        ({"arguments": {"username": "amy"}}, [1, 3]),
    ],
)
def test_each_condition_finds_its_own(conditions: dict[str, Any], numbers: list[int]) -> None:
    """By door, operation, login, fault, status, time."""
    torn = exchange("download", door="/recordings", status=0, method="GET", provoked=("rule-1",))

    found = journal_of(LOGON, LOGOFF, LOCKED, torn).find(**conditions)

    assert [seen.number for seen in found] == numbers


@pytest.mark.parametrize(
    ("wanted", "held"),
    [
        (5, True),
        ("5", True),
        (6, False),
        ({"oneOf": [4, 5]}, True),
        ({"oneOf": [4]}, False),
        ({"like": "*"}, True),
        ({"like": "x*"}, False),
        ({"like": "*" * 40 + "x"}, False),
        ({"contains": "5"}, True),
        ({"present": True}, True),
        ({"present": False}, False),
    ],
)
def test_an_argument_is_a_value_or_a_pattern(wanted: object, held: bool) -> None:
    """Values are compared as the wire writes them."""
    found = journal_of(read(5)).find("getSession", {"sessionId": wanted})

    assert bool(found) == held


def test_instants_and_lists_are_compared_by_what_they_say() -> None:
    """An instant in any of its spellings; a list item by item."""
    page = exchange("getSessionIds", arguments={"start": at(0), "end": at(60)})
    form = exchange("page", door="/h", arguments={"fields": ["a", "b"]})
    journal = journal_of(page, form)

    assert journal.find("getSessionIds", {"from": "2030-01-15T10:00:00+01:00"})
    assert not journal.find("getSessionIds", {"from": "2030-01-15T10:00:00Z"})
    assert journal.find("page", {"fields": ["a", "b"]})
    assert not journal.find("page", {"fields": ["a"]})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"operation": "getSesion"}, "did you mean getSession?"),
        ({"operation": "getSession", "arguments": {"sessionID": 1}}, "did you mean sessionId?"),
        ({"operator": "getSession"}, "did you mean operation?"),
        ({"status": "6xx"}, "like 200 or 4xx"),
        ({"login": 5}, "must be a text"),
        ({"status": True}, "must be a text"),
        ({"exactly": -1}, "whole number"),
        ({"exactly": 1, "at_most": 2}, "not both"),
        ({"within": 0}, "more than 0"),
        ({"arguments": {"sessionId": {"like": 1}}}, "cannot take"),
        ({"arguments": {"sessionId": {"like": "a", "matches": "b"}}}, "not by 'matches'"),
        ({"following": 1}, "an operation or an object"),
    ],
)
def test_what_cannot_be_asked_is_said_at_once(asked: dict[str, Any], said: str) -> None:
    """A mistyped "never" would hold for ever."""
    with pytest.raises(ValueError, match=said.replace("?", "[?]")):
        MemoryJournal().verify(**asked)


def test_within_and_apart_are_measured_from_start_to_before_the_end() -> None:
    """[start, start + T): what comes T seconds later is not within."""
    journal = journal_of((LOGON, 0.0), (LOGON, 10.0))

    assert journal.verify("logon", within=10.001)
    assert "took 10 seconds" in problem(journal, "logon", within=10)
    assert journal.verify("logon", not_within=10)
    assert "only 10 seconds apart" in problem(journal, "logon", not_within=10.001)


def test_a_client_that_tries_during_a_lock_is_caught() -> None:
    """LOGON-5: after the fault, logon again, but not within five minutes."""
    asked = {"operation": "logon", "fault": "AccountLocked"}
    patient = journal_of((LOCKED, 0.0), (LOGON, 300.0))
    hasty = journal_of((LOCKED, 0.0), (LOGON, 299.9))
    gone = journal_of((LOCKED, 0.0))

    assert patient.verify("logon", following=asked, not_within=300)
    assert "#2 came 299.9 seconds after #1" in problem(
        hasty, "logon", following=asked, not_within=300
    )
    assert "after #1" in problem(gone, "logon", following=asked, not_within=300)


def test_each_of_what_is_followed_is_looked_at() -> None:
    """One of two that stays alone is told; and where there is none, that is told."""
    journal = journal_of((LOGON, 0.0), (LOGOFF, 1.0), (LOGON, 2.0), (LOGOFF, 20.0))

    assert journal.verify("logoff", following="logon")
    assert "after #3 (logon) there were none" in problem(
        journal, "logoff", following="logon", within=10
    )
    assert "no getSession that anything could follow" in problem(
        journal, "logoff", following="getSession", exactly=0
    )


def test_an_order_is_found_with_others_between() -> None:
    """One after the other; the numbers of the chain are given."""
    journal = journal_of(LOGOFF, LOGON, LOGON, read(1), LOGOFF)

    found = journal.verify_order("logon", {"operation": "getSession"}, "logoff")

    assert [seen.number for seen in found] == [2, 4, 5]


@given(
    st.lists(st.sampled_from("abc"), max_size=7),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4),
)
def test_an_order_is_a_subsequence(calls: list[str], steps: list[str]) -> None:
    """Whatever the calls and the steps."""
    names = {"a": "logon", "b": "logoff", "c": "getSession"}
    journal = journal_of(*(exchange(names[one]) for one in calls))
    rest = iter(calls)
    held = all(step in rest for step in steps)

    if held:
        assert journal.verify_order(*(names[one] for one in steps))
    else:
        with pytest.raises(VerificationError):
            journal.verify_order(*(names[one] for one in steps))


def test_an_order_may_be_bound_in_time() -> None:
    """Another beginning is tried where the first takes too long."""
    journal = journal_of((LOGON, 0.0), (LOGON, 50.0), (LOGOFF, 55.0))

    found = journal.verify_order("logon", "logoff", within=10)
    apart = journal.verify_order("logon", "logoff", not_within=10)

    assert [seen.number for seen in found] == [2, 3]
    assert [seen.number for seen in apart] == [1, 3]
    with pytest.raises(VerificationError, match=r"no logoff \(step 2\); but #3, which is not in"):
        journal.verify_order("logon", "logoff", within=5)
    with pytest.raises(VerificationError, match=r"after #3 there was no logon \(step 2\); but #2"):
        journal.verify_order("logoff", "logon")


def test_a_block_is_judged_for_itself() -> None:
    """What came before it does not count."""
    journal = journal_of(LOGON)

    with journal.expect("logoff", exactly=1):
        journal.add(LOGOFF, at(9))
    with pytest.raises(VerificationError, match="nobody called"), journal.expect("logon"):
        pass


def test_the_report_says_what_was_sent_and_what_was_wanted() -> None:
    """The closest first: the right operation with the wrong argument."""
    report = problem(journal_of(LOGON, read(6), LOGOFF), "getSession", {"sessionId": 5})

    assert report.splitlines() == [
        "wanted: at least 1 getSession with sessionId=5",
        "but there were none",
        "closest:",
        "      2  09:00:01.000  200    0.0 ms  getSession(sessionId=6)",
        "           arguments.sessionId: you sent 6, wanted was 5",
    ]


@pytest.mark.parametrize(
    ("said", "difference"),
    [
        (
            {"status": 415, "headers": {"content-type": "application/json"}, "refusal": "No."},
            "Content-Type: you sent application/json, wanted was text/xml or application/soap+xml",
        ),
        (
            {"asked": "{urn:other}getSession", "refusal": "No."},
            "namespace: you sent urn:other, wanted was urn:broker-sim:v1",
        ),
        (
            {"asked": "{urn:broker-sim:v1}getSesssion", "refusal": "No."},
            "operation: you sent getSesssion, wanted was getSession",
        ),
        ({"refusal": "No."}, "operation: you sent POST that named none, wanted was getSession"),
    ],
)
def test_a_request_that_named_no_operation_is_a_near_miss(
    said: dict[str, Any], difference: str
) -> None:
    """Wrong content type, wrong namespace, wrong element: what was wanted is said."""
    said = {"operation": None, "status": 500, **said}

    report = problem(journal_of(exchange(**said)), "getSession", {"sessionId": 5})

    assert difference in report
    assert "refused: No." in report


def test_what_was_forgotten_can_not_be_vouched_for() -> None:
    """A bound from above holds for what is kept; where something is gone, that is said."""
    journal = MemoryJournal(kept=2)
    for second in range(3):
        journal.add(LOGON, at(second))

    assert "has forgotten 1 before them" in problem(journal, "logoff", exactly=0)
    assert journal.verify("logoff", exactly=0, after=1) == []
    assert journal.verify("logoff", exactly=0, since=at(2)) == []
    journal.clear()
    assert journal.verify("logon", exactly=0) == []
