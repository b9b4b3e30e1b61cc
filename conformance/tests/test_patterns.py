"""Patterns: what they allow, and that a file can carry them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.caller import Outcome
from conformance.history import Break, History, Reader, Step, Writer, as_json
from conformance.patterns import (
    Anything,
    AtMost,
    Between,
    Holding,
    InOrder,
    Not,
    OneOf,
    Unordered,
    allows,
    fault,
    gives,
    http,
    told,
)

START = datetime(2030, 1, 1, tzinfo=UTC)

singles = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.integers(-(10**9), 10**9).map(lambda n: START + timedelta(milliseconds=n)),
)
values = st.recursive(
    singles,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc_", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(values)
def test_a_plain_value_allows_itself(value: Any) -> None:
    assert allows(value, value)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (Anything(), 0, None),
        (Between(1, 3), 3, 4),
        (Between(1, 3), 1, True),
        (Between(START, START), START, START + timedelta(milliseconds=1)),
        (OneOf((1, 2)), 2, 3),
        (Unordered((1, 2)), [2, 1], [1, 1]),
        (Unordered((Anything(), 2)), [2, 2], [2]),
        (InOrder((1, 2)), [1, 9, 2], [2, 1]),
        (Holding(2), [1, 2], [1]),
        (Holding("b"), "abc", "ac"),
        (AtMost(1), [1], [1, 2]),
        (Not([]), [1], []),
        ([1, Anything()], [1, 2], [1, None]),
        ({"a": 1}, {"a": 1, "b": 2}, {"b": 2}),
        (1, 1, True),
        (gives(None), {"gives": None}, {"fault": "X"}),
        (fault("X", left=1), {"fault": "X", "fields": {"left": 1}}, {"fault": "X", "fields": {}}),
        (http(400, 499), {"status": 404}, {"status": 500}),
    ],
)
def test_a_pattern_tells_good_from_bad(pattern: Any, good: Any, bad: Any) -> None:
    assert allows(pattern, good)
    assert not allows(pattern, bad)


def _history(outcome: Outcome, **arguments: Any) -> History:
    step = Step(1, timedelta(0), "call", {"name": "logon", **arguments}, outcome)
    return History(START, [step], {"user-1": "user-abc-7"})


@given(values)
def test_what_is_written_reads_back(value: Any) -> None:
    """A history in a file means what it meant in memory, through JSON."""
    history = _history({})
    reader = Reader(START, {"user-1": "user-abc-7"})

    assert reader.value(json.loads(json.dumps(Writer(history).plain(value)))) == value


@pytest.mark.parametrize(
    "pattern",
    [
        gives({"a": Between(1, 2), "b": OneOf((1, "x"))}),
        Unordered(({"time": Between(START, START)},)),
        [InOrder((1, Holding("x"))), Not(AtMost(3)), Anything("a name")],
    ],
)
def test_patterns_read_back_too(pattern: Any) -> None:
    written = json.dumps(Writer(_history({})).plain(pattern))

    assert Reader(START, {}).value(json.loads(written)) == pattern


def test_what_was_made_up_gets_a_name_and_what_was_answered_a_reference() -> None:
    """So that the history means the same on another target."""
    history = _history({"gives": "connection-0123456789"}, username="user-abc-7")
    written = Writer(history)

    assert written.plain("user-abc-7") == {"$new": "user-1"}
    assert written.plain("connection-0123456789") == {"$ref": [1, "gives"]}
    assert written.plain(START + timedelta(seconds=1)) == {"$at": 1000}


def test_instants_move_with_the_start() -> None:
    later = Reader(START + timedelta(days=9), {})

    assert later.value({"$at": 1000}) == START + timedelta(days=9, seconds=1)


def test_a_record_is_json_even_with_forbidden_characters() -> None:
    history = _history({"fault": "X", "message": "\ud800\x01"})
    broken = Break("LOGON-1", history, (gives(Anything()),), "gives anything", "Fault X")

    assert json.loads(as_json(broken, {"seed": 7}))["steps"][0]["outcome"]["fault"] == "X"


def test_an_outcome_is_told_in_a_line() -> None:
    assert told({"fault": "LockedOut", "message": "m", "fields": {"seconds_left": 240}}) == (
        "Fault LockedOut seconds_left=240"
    )
    assert told(gives({"status": "New"})) == "gives {status='New'}"
    assert told({"status": 404, "text": "x" * 500}).endswith(" ...")
