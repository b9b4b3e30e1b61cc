"""LOGON-3 to LOGON-5: what is remembered of who wants to log on is what the database says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker_sim.adapters import applicants
from broker_sim.adapters.database import sqlite_url
from broker_sim.adapters.sql import SqlStore
from broker_sim.contract import faults
from broker_sim.core.lockout import HardLocked, Locked, Open
from broker_sim.core.refusal import Refused
from broker_sim.service.storage import Login, Transaction
from broker_sim.tests.stores import START, add_portals, no_past

NAMES: Final = ("amy", "bob")
LOCKOUTS: Final = (Open(), Open(2), Locked(3, START + timedelta(minutes=5)), HardLocked(START))

Act = Callable[[Transaction], object]


def look(name: str, _number: int) -> Act:
    return lambda tx: tx.standing(name)


def add(name: str, number: int) -> Act:
    return lambda tx: tx.add_login(Login(name, ("alpha", "beta")[number % 2], f"hash {number}"))


def drop(name: str, _number: int) -> Act:
    return lambda tx: tx.drop_login(name)


def lock(name: str, number: int) -> Act:
    return lambda tx: tx.set_lockout(name, LOCKOUTS[number], START)


ACTS: Final = st.builds(
    lambda act, name, number: act(name, number),
    st.sampled_from([look, add, drop, lock]),
    st.sampled_from(NAMES),
    st.integers(0, 3),
)
ENDS: Final = st.sampled_from([None, Refused(faults.INVALID_CREDENTIALS), OSError()])
# A transaction and how it ends, or what is done to the store as a whole.
STEPS: Final = st.lists(
    st.tuples(st.lists(ACTS, max_size=4), ENDS)
    | st.sampled_from(["save", "restore", "fill", "empty"]),
    max_size=8,
)


def opened(url: str) -> SqlStore:
    store = SqlStore(no_past, url)
    add_portals(store)
    return store


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
            add_portals(store)
        case acts, end:
            with suppress(Refused, OSError), store.writing() as tx:
                for act in acts:
                    act(tx)
                if end is not None:
                    raise end


def seen(store: SqlStore) -> Any:
    with store.reading() as tx:
        return [tx.standing(name) for name in (*NAMES, "nobody")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(steps=STEPS)
def test_what_is_remembered_is_what_the_database_says(steps: list[Any], tmp_path: Path) -> None:
    """LOGON-3 to LOGON-5: whatever was written, undone or put in the place of all."""
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


def test_a_store_in_a_file_asks_every_time(tmp_path: Path) -> None:
    """LOGON-3: another process may have counted meanwhile."""
    url = sqlite_url(tmp_path / "store.db")
    ours, theirs = opened(url), SqlStore(no_past, url)
    assert seen(ours)[0].lockout == Open()

    with theirs.writing() as tx:
        tx.set_lockout("amy", LOCKOUTS[2], START)

    assert seen(ours)[0].lockout == LOCKOUTS[2]
    ours.close()
    theirs.close()


def test_names_that_callers_invent_take_no_memory_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """LOGON-2: they are forgotten when there are so many."""
    monkeypatch.setattr(applicants, "_MOST", 10)
    store = opened("sqlite://")
    with store.reading() as tx:
        for number in range(25):
            tx.standing(f"nobody {number}")

    assert len(store.applicants) <= 10
    store.close()
