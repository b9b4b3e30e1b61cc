"""PHONE-1 to PHONE-6: a code's life, its digits, and what people make of it when they type."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.core import phonecode
from broker_sim.core.phonecode import PhoneCode
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.stores import START

TICK = timedelta(milliseconds=1)
FIFTEEN = timedelta(minutes=15)


def code(ended: datetime | None = None, expires: datetime = START + FIFTEEN) -> PhoneCode:
    return PhoneCode(
        "012345678", "alpha", "print", "amy@a.example", "C", "INC-1", START, expires, ended
    )


@given(st.binary(min_size=phonecode.CHANCE_BYTES, max_size=phonecode.CHANCE_BYTES))
def test_every_draw_is_nine_digits_that_can_be_typed(chance: bytes) -> None:
    """PHONE-1: zeros in front are kept."""
    drawn = phonecode.drawn(chance)

    assert len(drawn) == 9
    assert drawn.isdecimal()
    assert drawn.isascii()
    assert phonecode.as_typed(drawn) == drawn


def test_every_code_can_be_drawn_and_none_far_more_often() -> None:
    """PHONE-1: the draw takes the whole of its chance, the first and the last code included."""
    least, most = bytes(8), (10**9 - 1).to_bytes(8, "big")

    assert phonecode.drawn(least) == "000000000"
    assert phonecode.drawn(most) == "999999999"
    assert 2 ** (8 * phonecode.CHANCE_BYTES) // 10**9 > 2**34


BETWEEN = st.text(alphabet=" \t\u00a0\u2007-\u2010\u2013\u2014\u2212", max_size=3)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True), st.lists(BETWEEN, min_size=10, max_size=10))
def test_spaces_and_dashes_are_ignored(digits: str, between: list[str]) -> None:
    """PHONE-3: wherever they stand, of any kind."""
    typed = "".join(gap + digit for gap, digit in zip(between, digits, strict=False)) + between[9]

    assert phonecode.as_typed(typed) == digits


@given(st.text(max_size=12))
def test_whatever_else_is_typed_is_a_code_or_none(typed: str) -> None:
    """PHONE-3: never an error, never other than nine plain digits."""
    read = phonecode.as_typed(typed)

    assert read is None or (len(read) == 9 and read.isascii() and read.isdecimal())


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("\uff11\uff12\uff13456789", "123456789"),
        ("123 456-789", "123456789"),
        ("12345678", None),
        ("1234567890", None),
        ("", None),
        ("12345678x", None),
        ("123.456.789", None),
        ("\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669", None),
    ],
)
def test_what_people_type(typed: str, read: str | None) -> None:
    """PHONE-3: wide digits are digits; what is too long, too short or no digit is no code."""
    assert phonecode.as_typed(typed) == read


@pytest.mark.parametrize(
    ("after", "works"), [(0 * TICK, True), (FIFTEEN - TICK, True), (FIFTEEN, False)]
)
def test_a_code_expires_at_its_instant(after: timedelta, *, works: bool) -> None:
    """PHONE-3: at fifteen minutes, not a millisecond before."""
    assert phonecode.expires_at(START, FIFTEEN) == START + FIFTEEN
    assert phonecode.is_active(code(), START + after) is works
    refused = code_of(partial(phonecode.refuse_dead, code(), START + after))
    assert refused == (None if works else "NoSuchCode")


def test_the_dead_look_alike() -> None:
    """PHONE-6: unknown, ended and expired give one refusal, with nothing to tell them apart."""
    dead = [None, code(ended=START), code(expires=START)]

    said = [refusal_of(partial(phonecode.refuse_dead, one, START)) for one in dead]

    assert {(one.sentence, tuple(one.extra)) for one in said if one is not None} == {
        ("There is no such code, or not any more.", ())
    }
    assert None not in said


@given(st.integers(0, 20), st.integers(1, 20))
def test_the_limit_is_the_last_that_is_granted(active: int, limit: int) -> None:
    """PHONE-2: with eight there is no ninth."""
    refused = refusal_of(partial(phonecode.refuse_more, active, limit))

    assert (refused is None) == (active + 1 <= limit)
    if refused is not None:
        assert (refused.fault.code, refused.extra) == ("TooManyCodes", {"limit": limit})


def test_a_code_is_given_again_when_nobody_can_know_it_any_more() -> None:
    """PHONE-1: it has to have expired so long ago."""
    assert phonecode.forgotten_by(START) == START - limits.CODE_REMEMBERED
