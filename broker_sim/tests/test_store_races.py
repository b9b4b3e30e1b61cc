"""UPD-1, CONN-1: several writers and readers at once, threads and processes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import pytest

from broker_sim.adapters.sql import SqlStore
from broker_sim.core.connection import Connection
from broker_sim.core.record import Change
from broker_sim.tests.side_by_side import side_by_side
from broker_sim.tests.stores import KINDS, START, add_portals, no_past, opened, post, url_of

WRITERS: Final = 3
EACH: Final = 25


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all acts in threads that begin at one moment; give their ends."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        gate.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [end.result(60) for end in [threads.submit(run, act) for act in acts]]


def write(store: SqlStore) -> list[int]:
    """Post sessions and take a step in each; give their ids."""
    numbers = []
    for _ in range(EACH):
        number = post(store, START).session_id
        with store.writing() as tx:
            held = tx.held(number)
            assert held is not None
            tx.put(held, (Change.ACCEPTED, Change.STARTED), START)
        numbers.append(number)
    return numbers


def poll(store: SqlStore, until: int) -> list[int]:
    """Follow the log from its beginning to update `until`; give what was seen."""
    seen: list[int] = []
    while not seen or seen[-1] < until:
        with store.reading() as tx:
            page = tx.updates("alpha", seen[-1] if seen else 0, 7, ended_after=START)
            for update in page:
                held = tx.held(update.session_id)
                assert held is not None
                assert held.session.last_update_id >= update.update_id
        seen += [update.update_id for update in page]
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_a_poller_misses_nothing_while_threads_write(kind: str) -> None:
    """UPD-1, UPD-2: no gap, no double; what it then reads shows at least that change."""
    until = WRITERS * EACH * 3
    with opened(kind) as store:
        *written, seen, again = at_once(
            *[lambda: write(store)] * WRITERS, *[lambda: poll(store, until)] * 2
        )

    assert seen == again == list(range(1, until + 1))
    ids = [number for numbers in written if isinstance(numbers, list) for number in numbers]
    assert len(set(ids)) == len(ids) == WRITERS * EACH


WRITER: Final = """
import sys
from broker_sim.adapters.sql import SqlStore
from broker_sim.tests.stores import no_past
from broker_sim.tests.test_store_races import poll, write
store = SqlStore(no_past, sys.argv[1])
# begin
print(*write(store))
store.close()
"""
POLLER: Final = WRITER.replace("write(store)", "poll(store, int(sys.argv[2]))")


@pytest.mark.parametrize("kind", ["file", "postgresql"])
def test_a_poller_misses_nothing_while_processes_write(kind: str) -> None:
    """UPD-1: the same with nothing in common but the database."""
    until = 2 * EACH * 3
    with url_of(kind) as url:
        store = SqlStore(no_past, url)
        add_portals(store)
        store.close()
        *written, seen = side_by_side(WRITER, WRITER, POLLER, arguments=[url, str(until)])

    assert [int(number) for number in seen.split()] == list(range(1, until + 1))
    ids = " ".join(written).split()
    assert len(set(ids)) == len(ids) == 2 * EACH


@pytest.mark.parametrize("kind", KINDS)
def test_forty_threads_may_use_one_store(kind: str) -> None:
    """RET-3: nobody waits for another's connection to become free."""
    with opened(kind) as store:
        numbers = at_once(*[lambda: post(store, START).session_id] * 40)

    assert len(set(numbers)) == 40


@pytest.mark.parametrize("kind", KINDS)
def test_of_connections_put_at_once_one_is_left(kind: str) -> None:
    """CONN-1: that a login has one connection holds whoever writes."""
    with opened(kind) as store:

        def put(digest: bytes) -> None:
            with store.writing() as tx:
                tx.put_connection(digest, Connection("amy", "alpha", START))

        digests = [bytes([nth]) for nth in range(8)]
        at_once(*[partial(put, digest) for digest in digests])
        with store.reading() as tx:
            assert len([digest for digest in digests if tx.connection(digest)]) == 1
