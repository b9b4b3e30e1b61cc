"""CONN-1, CONN-2: connections beside a database in memory are what they are in a table."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker_sim.adapters.database import sqlite_url
from broker_sim.adapters.sql import SqlStore
from broker_sim.contract import faults
from broker_sim.core.connection import Connection
from broker_sim.core.refusal import Refused
from broker_sim.service.storage import Login, MustWrite, Transaction
from broker_sim.tests.stores import START, add_portals, no_past

NAMES: Final = ("amy", "bob", "eve")
DIGESTS: Final = tuple(bytes([number]) * 32 for number in range(6))


def put(name: str, number: int) -> Callable[[Transaction], None]:
    # a digest of its own for each login, as chance gives them
    digest = bytes([NAMES.index(name)]) + DIGESTS[number][1:]
    opened = Connection(name, "alpha", START + timedelta(seconds=number))
    return lambda tx: tx.put_connection(digest, opened)


def touch(name: str, number: int) -> Callable[[Transaction], None]:
    used = Connection(name, "alpha", START + timedelta(minutes=number))
    return lambda tx: tx.touch_connection(used)


def drop(name: str, _number: int) -> Callable[[Transaction], None]:
    return lambda tx: tx.drop_connection(name)


ACTS: Final = st.builds(
    lambda act, name, number: act(name, number),
    st.sampled_from([put, touch, drop]),
    st.sampled_from(NAMES),
    st.integers(0, 5),
)
ENDS: Final = st.sampled_from([None, Refused(faults.ALREADY_LOGGED_ON, seconds_left=1), OSError()])
# What is done to a store: a transaction and how it ends, or a copy taken or put back.
STEPS: Final = st.lists(
    st.tuples(st.lists(ACTS, max_size=4), ENDS)
    | st.sampled_from(["save", "restore", "fill", "empty"]),
    max_size=8,
)


def opened(url: str) -> SqlStore:
    store = SqlStore(no_past, url)
    make(store)
    return store


def make(store: SqlStore) -> None:
    add_portals(store)
    with store.writing() as tx:
        for name in NAMES:
            tx.add_login(Login(name, "alpha", "scrypt$..."))


def take(store: SqlStore, step: Any, kept: list[Any]) -> None:
    match step:
        case "save":
            kept[:] = [store.saved(), store.tables()]
        case "restore" if kept:
            store.restore(kept[0])
        case "fill" if kept:
            store.fill(kept[1])
        case "empty":
            store.empty()
            make(store)
        case acts, end:
            with suppress(Refused, OSError), store.writing() as tx:
                for act in acts:
                    act(tx)
                if end is not None:
                    raise end


def seen(store: SqlStore) -> Any:
    """Tell all that can be asked about connections."""
    with store.reading() as tx:
        asked = [
            *(tx.connection_of(name) for name in NAMES),
            *(tx.standing(name) for name in (*NAMES, "nobody")),
            *(
                tx.connection(bytes([place]) + digest[1:])
                for place in range(len(NAMES))
                for digest in DIGESTS
            ),
        ]
    rows = sorted(store.tables()["connection"], key=str)
    return asked, rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(steps=STEPS)
def test_a_dictionary_does_what_the_table_does(steps: list[Any], tmp_path: Path) -> None:
    """CONN-1, CONN-2: also when a transaction is rolled back, and over copies of a world."""
    (tmp_path / "store.db").unlink(missing_ok=True)
    stores = opened("sqlite://"), opened(sqlite_url(tmp_path / "store.db"))
    copies: list[list[Any]] = [[], []]
    try:
        for step in steps:
            for store, kept in zip(stores, copies, strict=True):
                take(store, step, kept)

            in_memory, in_a_file = map(seen, stores)
            assert in_memory == in_a_file
    finally:
        for store in stores:
            store.close()


def test_who_only_reads_changes_nothing() -> None:
    """CONN-2: as with any row."""
    store = opened("sqlite://")

    with pytest.raises(MustWrite), store.reading() as tx:
        tx.drop_connection("amy")
