"""SESS-4, C-NET-2: answers that fit become records; what does not fit is not taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.core import record
from integration.errors import Distrust
from integration.tests.fakes import FIRST_ID, START, make_file, make_session
from integration.wire import shapes
from integration.wire.refusals import as_error

OPTIONAL = """
    referenceId responseTime representative repName repScreenName teamName repIp customerIp
    transferredFrom transferredTo startTime durationMinutes resolution sessionEndLabel
    sessionEndData representativeComment remoteReplayUrl localReplayUrl
"""
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def answer() -> dict[str, Any]:
    """A session as zeep gives it: wire names, absent things None, empty arrays in odd ways."""
    optional = dict.fromkeys(OPTIONAL.split())
    return optional | {
        "sessionId": FIRST_ID,
        "status": "Finished",
        "mode": "Web",
        "lastUpdateId": 7,
        "portal": "acme",
        "subPortal": "general",
        "question": "",
        "postTime": NOON,
        "endTime": datetime(2030, 1, 1, 14, 0, 0, 1000, tzinfo=timezone(timedelta(hours=2))),
        "locale": "",
        "rebootReconnect": "No",
        "smartBoxEntries": [{"label": None, "value": ""}],
        "customerRatings": None,
        "repRatings": {"LabelledValue": None},
        "events": [{"time": NOON, "kind": "Posted", "detail": ""}],
        "files": "",
    }


def test_an_answer_that_fits() -> None:
    """SESS-4: nothing and an empty text are kept apart; every zone is UTC in the end."""
    found = shapes.session(answer())

    assert found.question == ""
    assert found.reference_id is None
    assert found.smart_box_entries == (record.Labelled(None, ""),)
    assert (found.customer_ratings, found.rep_ratings, found.files) == ((), (), ())
    assert found.end_time == NOON + timedelta(milliseconds=1)
    assert found.end_time.tzinfo is UTC


@given(st.sampled_from(sorted(answer())), st.sampled_from([object(), -1, 2.5, b"x", {"a": 1}]))
def test_an_answer_with_something_odd(name: str, odd: object) -> None:
    """C-NET-2: whatever is odd in it, it is not trusted; the error does not quote it."""
    with pytest.raises(Distrust, match=r"^the broker's answer is not a session: \w+$"):
        shapes.session(answer() | {name: odd})


@given(st.sampled_from(sorted(answer())))
def test_an_answer_that_lacks_something(name: str) -> None:
    """C-NET-2: each field is there, or said to be absent."""
    less = answer()
    del less[name]

    with pytest.raises(Distrust):
        shapes.session(less)


@pytest.mark.parametrize(
    ("take", "odd"),
    [
        (shapes.portal, None),
        (shapes.updates, [{"updateId": 1}]),
        (shapes.ids, ["1"]),
        (shapes.number, True),
        (shapes.key, {"key": bytes(15)}),
        (shapes.text, ""),
    ],
)
def test_other_answers_that_do_not_fit(take: Callable[[object], object], odd: object) -> None:
    """C-NET-2: nothing half-understood goes on."""
    with pytest.raises(Distrust):
        take(odd)


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/passwd", "", ".hidden", "a\\b", "a b", "ä.txt", "x" * 300, "session.json"],
)
def test_a_file_name_that_would_leave_its_folder(name: str) -> None:
    """C-STORE-2: such a session is not stored."""
    file = make_file(FIRST_ID, "Chat", b"x", name)

    assert record.problems(make_session(FIRST_ID, START, files=(file,)))


def test_a_record_that_is_fit() -> None:
    """C-STORE-1: contract names pass; doubles, bad digests and missing keys do not."""
    screen = make_file(FIRST_ID, "LocalScreen", b"x")
    chat = make_file(FIRST_ID, "Chat", b"x")

    assert not record.problems(make_session(FIRST_ID, START, files=(screen, chat)))
    for unfit in (
        (chat, chat),
        (replace(chat, sha256="../" * 21 + "a"),),
        (replace(screen, wrapped_key=None),),
    ):
        assert record.problems(make_session(FIRST_ID, START, files=unfit))


@given(st.text(max_size=20), st.dictionaries(st.text(max_size=20), st.text(max_size=20)))
def test_any_fault_means_something_to_do(code: str, fields: dict[str, str]) -> None:
    """C-NET-2: also one that nobody has heard of, or with fields that make no sense."""
    assert isinstance(as_error(code, fields), Exception)


@pytest.mark.parametrize("code", ["LockedOut", "AlreadyLoggedOn", "RateLimited", "InvalidRange"])
def test_a_known_fault_with_odd_fields(code: str) -> None:
    """C-NET-2: tried again later."""
    odd = {"secondsLeft": "soon", "retryAfterSeconds": "", "edge": "?"}

    assert type(as_error(code, odd)).__name__ == "Retry"
    assert type(as_error(code, {})).__name__ == "Retry"
