"""PHONE-1, PHONE-6: codes that strangers try."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Final

import pytest

from broker_sim.tests.desks import desks
from broker_sim.tests.phone_codes import made, typed
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.worlds import Hands, world

TICK: Final = timedelta(milliseconds=1)


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


def test_guessing_is_throttled(hands: Hands) -> None:
    """PHONE-6: ten wrong codes from one address, and it waits a minute, right code or not."""
    code = made(hands).code
    guess = partial(typed, hands, "000000000", customer_ip="192.0.2.1")
    assert [code_of(guess) for _ in range(11)] == ["NoSuchCode"] * 10 + ["RateLimited"]

    right = partial(typed, hands, code, customer_ip="192.0.2.1")
    refused = refusal_of(right)
    assert refused is not None
    assert refused.extra == {"retry_after_seconds": 60}
    hands.pass_time(timedelta(minutes=1) - TICK)
    assert code_of(right) == "RateLimited"
    hands.pass_time(TICK)
    right()


def test_one_who_guesses_holds_up_nobody_else(hands: Hands) -> None:
    """PHONE-6: another address goes on; a right code clears the count."""
    for nth in range(25):
        if nth in (8, 16):
            typed(hands, made(hands).code, customer_ip="192.0.2.1")
        guess = partial(typed, hands, "1", customer_ip="192.0.2.1")
        assert code_of(guess) == "NoSuchCode"
    for _ in range(20):
        code_of(partial(typed, hands, "1", customer_ip="192.0.2.2"))

    assert typed(hands, made(hands).code, customer_ip="192.0.2.1").mode == "Phone"


def test_a_code_is_as_unguessable_as_chance(hands: Hands) -> None:
    """PHONE-1: two worlds of other seeds share none; a served world draws from the machine."""
    mine = {made(hands, desk).code for desk in desks(hands) for _ in range(8)}
    with world(seed=8) as others:
        theirs = {made(others, desk).code for desk in desks(others) for _ in range(8)}

    assert len(mine) >= 16
    assert mine.isdisjoint(theirs)
    assert len({code[:2] for code in mine}) > len(mine) // 4
