"""C-LOCK-1: for every history of logons, also with lost answers, changes and restarts."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.core import logon
from integration.core.logon import Go, Memory, Refuse, Wait
from integration.tests.fakes import START

SOFT, HARD = 3, 10
outcomes = st.lists(st.sampled_from(["answer", "lost", "unsent"]), max_size=40)


def attempt(memory: Memory, now: datetime, outcome: str, *, right: bool) -> Memory:
    """One logon at a broker that always judges it, and an answer that may get lost."""
    sent = logon.send(memory, now)
    if outcome == "unsent":
        return logon.unsent(sent)
    if outcome == "lost":
        return sent
    return logon.worked(sent) if right else logon.was_refused(sent, "wrong")


@given(outcomes)
def test_a_wrong_password_never_reaches_the_third_try(history: list[str]) -> None:
    """C-LOCK-1: not even when every refusal gets lost on its way."""
    memory, now, judged = logon.about(Memory(), "wrong"), START, 0
    for outcome in history:
        match logon.judge(memory, now):
            case Go():
                memory = attempt(memory, now, outcome, right=False)
                judged += outcome != "unsent"
            case Wait(until):
                now = until
            case Refuse():
                break

    assert judged < SOFT


@given(outcomes)
def test_a_password_that_was_changed_at_the_broker_never_reaches_ten(history: list[str]) -> None:
    """C-LOCK-1: one that has worked gets more patience, and still an end."""
    memory = logon.worked(logon.send(logon.about(Memory(), "was right"), START))
    now, judged = START, 0
    for outcome in history:
        match logon.judge(memory, now):
            case Go():
                memory = attempt(memory, now, outcome, right=False)
                judged += outcome != "unsent"
            case Wait(until):
                now = until
            case Refuse():
                break

    assert judged < HARD


@pytest.mark.parametrize(("proven", "most"), [(False, SOFT - 1), (True, HARD - 2)])
def test_when_every_answer_is_lost(proven: bool, most: int) -> None:
    """C-LOCK-1: two tries of a new credential, eight of one that has worked, in some hours."""
    memory, now, judged = logon.about(Memory(), "a"), START, 0
    if proven:
        memory = logon.worked(memory)
    while not isinstance(verdict := logon.judge(memory, now), Refuse):
        now = verdict.until if isinstance(verdict, Wait) else now
        memory = attempt(memory, now, "lost", right=False)
        judged += 1

    assert judged == most
    assert now - START < timedelta(hours=3)


def test_a_refused_credential_is_not_tried_again() -> None:
    """C-LOCK-1: until a person changes it or says so."""
    refused = logon.was_refused(logon.about(Memory(), "a"), "wrong")

    assert Refuse("wrong") == logon.judge(refused, START)
    assert Go() == logon.judge(logon.about(refused, "b"), START)
    assert Refuse("wrong") == logon.judge(logon.about(refused, "a"), START + timedelta(days=9))
    assert Go() == logon.judge(logon.forget(refused), START)


@given(st.integers(1, 300_000))
def test_a_lock_is_waited_out_whatever_else_changes(left: int) -> None:
    """C-LOCK-1: not before the time given; a new credential does not open the lock."""
    until = START + timedelta(milliseconds=left)
    locked = logon.must_wait(logon.send(logon.about(Memory(), "a"), START), until)
    before = until - timedelta(microseconds=1)

    for memory in (locked, logon.about(locked, "b"), logon.forget(locked)):
        assert Wait(until) == logon.judge(memory, before)
        assert Go() == logon.judge(memory, until)


def test_a_success_clears_the_count() -> None:
    """C-LOCK-1: lost answers are forgotten once one has come."""
    lost = logon.send(logon.send(logon.about(Memory(), "a"), START), START)

    assert Go() == logon.judge(logon.worked(lost), START)
    assert Go() == logon.judge(logon.must_wait(lost, None), START)
