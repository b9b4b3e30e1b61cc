"""LOGON-2, LOGON-5, CONN-1, RET-2, UPD-3: what the store keeps, and what it must not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.adapters.schema import metadata
from broker_sim.adapters.sql import SqlStore
from broker_sim.contract import limits
from broker_sim.core import session
from broker_sim.core.access import PortalKey
from broker_sim.core.connection import Connection
from broker_sim.core.lockout import HardLocked, Locked, Lockout, Open
from broker_sim.core.record import Change, Event
from broker_sim.service.storage import Doomed, Held, Login, Portal
from broker_sim.tests.stores import KINDS, START, opened, post

TICK = timedelta(milliseconds=1)
NINETY = timedelta(days=90)
sides = pytest.mark.parametrize("side", [-1, 0, 1])


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    with opened(request.param) as made:
        yield made


def purge(store: SqlStore, number: int, after: timedelta = NINETY) -> None:
    """End a session at START and purge it."""
    with store.writing() as tx:
        held = tx.held(number)
        assert held is not None
        gone = session.move(held.session, Event.ABANDONED, START)
        tx.put(Held(gone, recorded=True), (Change.FAILED,), START)
    with store.writing() as tx:
        tx.purge(Doomed(number, "alpha", START), START + after)


def rows(store: SqlStore) -> dict[str, list[tuple[object, ...]]]:
    """Give every row of every table."""
    with store.reading() as tx:
        return {
            table.name: tx.cursor.execute(f"SELECT * FROM {table.name}").fetchall()
            for table in metadata.sorted_tables
        }


def test_of_a_purged_session_only_id_portal_and_instant_remain(store: SqlStore) -> None:
    """RET-2, RET-3: looked for in every table; the bytes of large files are noted for deletion."""
    number = post(store, START).session_id
    with store.writing() as tx:
        tx.put_blob(number, "small", b"words of the customer")
        tx.put_blob(number, "large", f"{number}/digest")
    post(store, START)
    untouched = rows(store)

    purge(store, number)

    found = {
        name: [row for row in found if number in row or b"words of the customer" in row]
        for name, found in rows(store).items()
    }
    assert {name: len(kept) for name, kept in found.items() if kept} == {
        "tombstone": 1,
        "update_log": 1,
    }
    assert rows(store)["orphan"] == [(f"{number}/",)]
    assert len(found["tombstone"][0]) == 3
    assert untouched["portal_key"] == rows(store)["portal_key"]


@sides
def test_a_purge_entry_is_forgotten_after_ninety_days_of_its_own(
    store: SqlStore, side: int
) -> None:
    """RET-2: it is kept in [purged, + 90 days), the end left out; then the floor knows of it."""
    purge(store, post(store, START).session_id)
    with store.writing() as tx:
        forgotten = tx.forget(START + NINETY + side * TICK, 100)

    with store.reading() as tx:
        assert forgotten == (1 if side >= 0 else 0)
        kept = tx.updates("alpha", 0, 100, ended_after=START)
        assert [update.kind for update in kept] == [Change.PURGED] * (1 - forgotten)
        assert tx.floor("alpha", START) == (3 if forgotten else 2)


@sides
def test_the_floor_is_the_newest_entry_of_that_instant_or_before(
    store: SqlStore, side: int
) -> None:
    """UPD-3: with several entries of one instant, the last of them."""
    for _ in range(3):
        post(store, START)
    post(store, START + 10 * TICK)

    with store.reading() as tx:
        assert tx.floor("alpha", START + side * TICK) == (3 if side >= 0 else 0)
        assert tx.floor("beta", START + side * TICK) == 0


def test_forgetting_is_bounded(store: SqlStore) -> None:
    """RET-3: a batch at a time in every portal."""
    for _ in range(5):
        purge(store, post(store, START).session_id)
    gone: list[int] = []
    while not gone or gone[-1]:
        with store.writing() as tx:
            gone.append(tx.forget(START + NINETY, 2))

    assert gone == [2, 2, 1, 0]


def test_an_id_is_never_given_again(store: SqlStore) -> None:
    """RET-2: not even after the newest session was purged, nor after a crash took it back."""
    first = post(store, START).session_id
    purge(store, first)
    with suppress(KeyError), store.writing() as tx:
        tx.next_session_id()
        raise KeyError

    assert (first, post(store, START).session_id) == (
        limits.FIRST_SESSION_ID,
        limits.FIRST_SESSION_ID + 1,
    )


lockouts: st.SearchStrategy[Lockout] = st.one_of(
    st.builds(Open, st.integers(0, 20)),
    st.builds(Locked, st.integers(1, 20), st.integers(0, 10**9).map(lambda ms: START + ms * TICK)),
    st.builds(HardLocked, st.integers(0, 10**9).map(lambda ms: START + ms * TICK)),
)
names = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    # 255 characters of the wire may be 4,590 when they are canonical.
    st.integers(254, 4600).map(lambda many: "x" * many),
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(kept=st.dictionaries(names, lockouts, max_size=5))
def test_lockouts_are_kept_one_by_one(kind: str, kept: dict[str, Lockout]) -> None:
    """LOGON-5: whatever a name is made of, known or not, it has a count of its own."""
    with opened(kind) as store:
        with store.writing() as tx:
            for name, state in kept.items():
                tx.set_lockout(name, Open(2), START)
                tx.set_lockout(name, state, START)
        with store.reading() as tx:
            assert {name: tx.lockout(name) for name in kept} == kept
            assert tx.lockout("nobody at all") == Open()


def test_unknown_names_are_counted_in_a_bounded_table(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LOGON-2: the oldest go; a known login's lock never does."""
    monkeypatch.setattr(limits, "UNKNOWN_NAMES_KEPT", 200)
    with store.writing() as tx:
        tx.add_login(Login("amy", "alpha", "hash"))
        tx.set_lockout("amy", HardLocked(START), START)
        for nth in range(201):
            tx.set_lockout(f"unknown {nth}", Open(1), START + nth * TICK)

    with store.reading() as tx:
        found = {nth for nth in range(201) if tx.lockout(f"unknown {nth}") == Open(1)}
        assert found == set(range(2, 201))
        assert tx.lockout("amy") == HardLocked(START)


def test_locks_that_hold_are_listed_those_of_accounts_first(store: SqlStore) -> None:
    """LOGON-3, LOGON-4: the end left out; then the newest."""
    with store.writing() as tx:
        tx.add_login(Login("amy", "alpha", "hash"))
        tx.set_lockout("amy", HardLocked(START), START)
        tx.set_lockout("early", Locked(3, START + 2 * TICK), START)
        tx.set_lockout("late", Locked(3, START + 2 * TICK), START + TICK)
        tx.set_lockout("over", Locked(3, START + TICK), START)
        tx.set_lockout("open", Open(2), START)

    with store.reading() as tx:
        found = tx.lockouts(START + TICK)
    assert [name for name, _ in found] == ["amy", "late", "early"]
    assert found[0][1] == HardLocked(START)


def test_a_clean_state_takes_no_room(store: SqlStore) -> None:
    """LOGON-2: logons that succeed leave no row behind."""
    with store.writing() as tx:
        tx.set_lockout("amy", Open(2), START)
        tx.set_lockout("amy", Open(), START)

    assert rows(store)["lockout"] == []


def test_a_login_has_one_connection(store: SqlStore) -> None:
    """CONN-1: the later one takes the place of the one before; others are left alone."""
    old, new = Connection("amy", "alpha", START), Connection("amy", "alpha", START + NINETY)
    bob = Connection("bob", "beta", START)
    with store.writing() as tx:
        for digest, connection in ((b"1", old), (b"2", bob), (b"3", new)):
            tx.put_connection(digest, connection)
    with store.reading() as tx:
        assert [tx.connection(digest) for digest in (b"1", b"2", b"3")] == [None, bob, new]
        assert (tx.connection_of("amy"), tx.connection_of("eve")) == (new, None)
    with store.writing() as tx:
        tx.touch_connection(old)
        tx.drop_connection("bob")
    with store.reading() as tx:
        assert [tx.connection(digest) for digest in (b"2", b"3")] == [None, old]


def test_a_portal_keeps_every_version_of_its_key(store: SqlStore) -> None:
    """REC-8: the newest is what applies; a portal does not see another's."""
    keys = [PortalKey(n, secured=True, kek=bytes([n] * 16), kdf="x", salt=b"s") for n in (2, 3, 10)]
    with store.writing() as tx:
        for key in keys:
            tx.add_key("alpha", key)

    with store.reading() as tx:
        assert tx.key("alpha") == keys[-1]
        assert [tx.key("alpha", key.version) for key in keys] == keys
        assert (tx.key("alpha", 4), tx.key("beta", 2)) == (None, None)


def test_a_portal_that_was_taken_back_is_not_remembered(store: SqlStore) -> None:
    """UPD-1: its number may soon be another's."""
    made = Portal("gamma", "G", "Example", "SmartBox", ("a",), hard_lockouts=False)
    with suppress(ZeroDivisionError), store.writing() as tx:
        tx.add_portal(made, PortalKey(1, secured=False, kek=bytes(16)))
        tx.set_hard_lockouts("gamma", on=True)
        raise ZeroDivisionError
    with store.writing() as tx:
        assert tx.portal("gamma") is None
        tx.add_portal(
            Portal("delta", "D", "Example", "SmartBox", ("b",), hard_lockouts=False),
            PortalKey(1, secured=False, kek=bytes(16)),
        )
    with store.reading() as tx:
        assert [portal.name for portal in tx.portals()] == ["alpha", "beta", "delta"]
        assert tx.portal("gamma") is None


def test_an_emptied_store_is_like_a_new_one(store: SqlStore) -> None:
    """A reset leaves nothing, not even in what the store remembers of it."""
    purge(store, post(store, START).session_id)
    with store.writing() as tx:
        tx.set_note("a", "b")
        tx.add_login(Login("amy", "alpha", "hash"))
        tx.set_lockout("amy", Open(1), START)

    store.empty()

    assert not any(rows(store).values())
    with store.reading() as tx:
        assert tx.portal("alpha") is None
