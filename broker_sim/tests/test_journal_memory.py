"""The journal under load: bounded by count and by bytes, and no larger for it."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.adapters.journal import KEPT, KEPT_BYTES, MemoryJournal
from broker_sim.service.seen import Exchange
from broker_sim.service.tallies import BUCKETS, Tallies
from broker_sim.tests.journal_entries import at, exchange


def load(count: int) -> Iterator[Exchange]:
    """Give exchanges of every size: logons, strangers' operations, bodies of a megabyte."""
    for number in range(count):
        size = 1_000_000 if number % 500 == 0 else number % 3000
        yield exchange(
            "logon",
            request=bytes(size),
            response=bytes(size // 2),
            opened=f"{number}",
            arguments={"username": f"user{number}", "password": "x" * size},
            headers={"user-agent": f"agent {number}"},
        )
        yield exchange(f"made up {number}", door=f"/{number}", fault=f"F{number}", status=500)


def in_use(journal: MemoryJournal, count: int) -> int:
    """Give the bytes in use after so many more exchanges."""
    for one in load(count // 2):
        journal.add(one, at(0))
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_memory_after_twenty_thousand_exchanges_is_as_after_five_thousand() -> None:
    """What callers send and how much of it there is does not add up."""
    journal = MemoryJournal()
    tracemalloc.start()
    try:
        before = in_use(journal, 10)
        after_5k = in_use(journal, 4_990)
        after_20k = in_use(journal, 15_000)
    finally:
        tracemalloc.stop()

    assert after_5k - before < 1.5 * KEPT_BYTES
    assert after_20k - after_5k < 0.05 * (after_5k - before)


@pytest.mark.parametrize(("size", "kept"), [(0, KEPT), (4000, 760)])
def test_few_large_ones_take_the_place_of_many_small(size: int, kept: int) -> None:
    """The bytes are a bound of their own: 4000 either way weigh 22 thousand."""
    journal = MemoryJournal()
    for _ in range(KEPT + 500):
        journal.add(exchange(request=bytes(size), response=bytes(size)), at(0))

    count, weight = journal.size

    assert count == kept
    assert weight <= KEPT_BYTES
    assert journal.forgotten(0) == KEPT + 500 - kept


def test_several_may_tell_and_read_at_once() -> None:
    """Nothing is lost or told twice: other processes' exchanges come in by a thread of its own."""
    journal = MemoryJournal(kept=50)

    def tell(who: int) -> None:
        for number in range(100):
            opened = f"{who}-{number}"
            journal.add(exchange("logon", arguments={"username": "amy"}, opened=opened), at(0))
            numbers = [seen.number for seen in journal.seen()]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))

    patience = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # else each thread would be through before the next begins
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(tell, range(4)))
    finally:
        sys.setswitchinterval(patience)
    (tally,) = journal.tallies.kinds().values()
    names = [seen.connection for seen in journal.seen()]

    assert tally.requests == journal.last == 400
    assert names == [f"connection-{number}" for number in range(351, 401)]


@given(st.lists(st.floats(0, 20), max_size=30))
def test_every_exchange_lies_in_one_bucket(seconds: list[float]) -> None:
    """A bucket holds what took at most its upper end."""
    tallies = Tallies()
    for one in seconds:
        tallies.count(exchange(seconds=one))
    kinds = tallies.kinds().values()

    counted = [sum(tally.buckets[: place + 1]) for tally in kinds for place in range(len(BUCKETS))]
    wanted = [sum(one <= end for one in seconds) for end in BUCKETS] if seconds else []

    assert counted == wanted
    assert sum(tally.requests for tally in kinds) == len(seconds)


def test_callers_cannot_make_kinds_or_faults_without_end() -> None:
    """Each would be a series of its own for whoever scrapes the metrics."""
    tallies = Tallies()
    for number in range(1000):
        tallies.count(exchange(f"op{number}", fault="x", status=500))
        tallies.count(exchange("op1", fault=f"fault {number}", status=500))
    kinds = tallies.kinds()

    assert len(kinds) <= 201
    assert max(len(tally.faults) for tally in kinds.values()) <= 51
    assert sum(tally.requests for tally in kinds.values()) == 2000
