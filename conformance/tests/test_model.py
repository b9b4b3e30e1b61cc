"""The suite's own models, held against worked rows; a wrong model would blame right brokers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cases import ACCEPTED, ERROR, FINISHED, RUNNING, WAITING, Case
from conformance.model import Account, Wire, seconds_up
from conformance.patterns import allows, fault

START = datetime(2030, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
FIVE = timedelta(minutes=5)


@pytest.mark.parametrize(("hard", "row"), [(False, "..x..x..x."), (True, "..x..x..xX")])
def test_ten_failures_in_a_row(hard: bool, row: str) -> None:  # a parameter
    """LOGON-3, LOGON-4: every third locks; the tenth for good where that is on."""
    account, now, seen = Account(hard=hard), START, ""
    for _ in range(10):
        account.fail(now)
        seen += "X" if account.locked_for_good else "x" if account.locked(now) else "."
        now = account.locked_until or now

    assert seen == row


def test_a_lock_ends_at_its_end() -> None:
    """LOGON-3: [start, start + 300 s)."""
    account = Account()
    for _ in range(3):
        account.fail(START)

    assert account.refusal(START + FIVE - MS) == fault("LockedOut", seconds_left=1)
    assert account.refusal(START + FIVE) is None


@given(st.integers(0, 10**7))
def test_seconds_are_rounded_up(milliseconds: int) -> None:
    whole = seconds_up(milliseconds * MS)

    assert 0 <= whole * 1000 - milliseconds < 1000


def test_a_connection_used_at_a_whole_second_ends_exactly() -> None:
    """CONN-2: twenty minutes, the end left out."""
    wire = Wire("c", START)

    assert wire.state(START + 4 * FIVE - MS) == "alive"
    assert wire.state(START + 4 * FIVE) == "ended"
    assert wire.left(START) == 1200


def test_a_use_within_a_second_leaves_a_second_open() -> None:
    """CONN-2: last use is kept to the second; nobody can say which way."""
    wire = Wire("c", START)
    wire.use(START + 500 * MS)
    end = START + 500 * MS + 4 * FIVE

    assert wire.state(end - timedelta(seconds=1) - MS) == "alive"
    assert wire.state(end - 500 * MS) == "either"
    assert wire.state(end + timedelta(seconds=1)) == "ended"


@pytest.mark.parametrize(
    ("milliseconds", "minutes"), [(0, 0), (1, 1), (60_000, 1), (60_001, 2), (3_600_000, 60)]
)
def test_a_begun_minute_counts(milliseconds: int, minutes: int) -> None:
    """SESS-1: rounded up."""
    case = Case(1, START, {}, stage=RUNNING, started=START)
    case.did("end", START + milliseconds * MS)

    assert (case.stage, case.duration_minutes()) == (FINISHED, minutes)


@pytest.mark.parametrize(
    ("acts", "stage"),
    [
        ((), WAITING),
        (("accept",), ACCEPTED),
        (("accept", "start"), RUNNING),
        (("accept", "start", "chat", "end"), FINISHED),
        (("decline",), ERROR),
        (("unanswered",), ERROR),
        (("accept", "start", "fail"), ERROR),
    ],
)
def test_a_session_moves_as_the_contract_says(acts: tuple[str, ...], stage: str) -> None:
    """SESS-2."""
    case = Case(1, START, {})
    for act in acts:
        case.did(act, START)

    assert case.stage == stage
    assert case.open == (stage in (WAITING, ACCEPTED, RUNNING))


def test_an_event_must_hold_what_was_said() -> None:
    """SESS-4: the text of a chat stands in its event, whoever's name stands before it."""
    case = Case(1, START, {}, stage=RUNNING)
    case.did("chat", START, text="a <b>", speaker="customer")
    told = [{"time": START, "kind": "Chat", "detail": "customer: a <b>"}]

    assert allows(case.status()["events"], told)
    assert not allows(case.status()["events"], [{**told[0], "detail": "customer: a b"}])
