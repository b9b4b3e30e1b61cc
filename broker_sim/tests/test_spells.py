"""Magic values as pure rules: which texts are spells, and what each of them does."""

from __future__ import annotations

import pytest

from broker_sim.contract.faults import BY_CODE
from broker_sim.core import magic
from broker_sim.core.effects import (
    STATUSES,
    Delay,
    Effect,
    Empty,
    Garbage,
    Refuse,
    Sever,
    Status,
    Truncate,
)
from broker_sim.core.record import Event


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("fault.LockedOut", Refuse("LockedOut")),
        ("fault:lockedout", Refuse("LockedOut")),
        ("fault.NoSuchFault", None),
        ("status.503", Status(503, 1)),
        ("status.200", None),
        ("status.0503", None),
        ("delay.1", Delay(1)),
        ("delay.30", Delay(30)),
        ("delay.07", Delay(7)),
        ("delay.0", None),
        ("delay.31", None),
        ("delay.001", None),
        ("delay.x", None),
        ("cut.rst", Sever("rst")),
        ("cut.fin", Sever("fin")),
        ("cut.no", None),
        ("truncated", Truncate()),
        ("garbage", Garbage()),
        ("empty", Empty()),
        ("empty.1", None),
        ("fault", None),
        ("cut", None),
        ("nothing", None),
        ("nothing.1", None),
        ("Empty", None),
        ("empty ", None),
        ("", None),
    ],
)
def test_a_text_is_a_spell_as_a_whole_or_none(text: str, effect: Effect | None) -> None:
    """Each as its row in the manual says."""
    assert magic.spelled(text) == effect


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_every_fault_can_be_spelled_in_any_case(code: str) -> None:
    """FAULT-1: by its code."""
    assert magic.spelled(f"fault.{code.upper()}") == Refuse(code)


@pytest.mark.parametrize("number", sorted(STATUSES))
def test_every_status_that_can_be_provoked_can_be_spelled(number: int) -> None:
    """It says when to come back."""
    assert magic.spelled(f"status.{number}") == Status(number, magic.RETRY_AFTER)


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("empty@magic.example", Empty()),
        (" empty@MAGIC.example ", Empty()),
        ("empty@magic.example@magic.example", None),
        ("empty@other.example", None),
        ("empty@", None),
        ("empty", None),
        ("@magic.example", None),
    ],
)
def test_a_name_is_magic_by_its_domain(name: str, effect: Effect | None) -> None:
    """SEC-1: what stands before it is the spell."""
    assert magic.in_name(name) == effect


@pytest.mark.parametrize(
    ("code", "effect"),
    [
        ("000000000", Sever("rst")),
        ("000-000-001", Delay(1)),
        ("000 000 009", Delay(9)),
        ("000000010", None),
        ("000000429", Status(429, 1)),
        ("000000200", None),
        ("001000503", None),
        ("00000000", None),
        ("", None),
    ],
)
def test_a_code_is_magic_by_its_zeros(code: str, effect: Effect | None) -> None:
    """PHONE-6: nobody is given one of these."""
    assert magic.in_code(code) == effect
    assert magic.is_reserved("000000999")
    assert not magic.is_reserved("000001000")


@pytest.mark.parametrize(
    ("question", "effect", "outcome"),
    [
        ("#empty", Empty(), None),
        ("  #delay.2 please", Delay(2), None),
        ("#declined", None, Event.DECLINED),
        ("#abandoned or not", None, Event.ABANDONED),
        ("empty", None, None),
        ("please #empty", None, None),
        ("##empty", None, None),
        ("xempty", None, None),
        ("xdeclined", None, None),
        ("", None, None),
        ("   ", None, None),
        (" " * 57 + "#empty", Empty(), None),
        (" " * 58 + "#empty", Empty(), None),
        (" " * 59 + "#empty", None, None),
        (" " * 64 + "#empty", None, None),
    ],
)
def test_a_question_is_magic_by_its_first_word(
    question: str, effect: Effect | None, outcome: Event | None
) -> None:
    """SESS-4: behind a hash, within the first 64 characters."""
    assert magic.in_question(question) == effect
    assert magic.outcome(question) == outcome
