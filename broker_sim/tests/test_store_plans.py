"""UPD-1, RET-1: what reads cost: no hot call reads a whole table or sorts texts in the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from types import ModuleType
from typing import Any, Final

import pytest
from sqlalchemy import String

from broker_sim.adapters import (
    sql_access,
    sql_codes,
    sql_desktop,
    sql_log,
    sql_sessions,
    sql_staff,
)
from broker_sim.adapters.prepared import Prepared
from broker_sim.adapters.sql import SqlStore
from broker_sim.adapters.transactions import SqlTransaction
from broker_sim.contract.sessions import ORDER
from broker_sim.core import session
from broker_sim.core.connection import Connection
from broker_sim.core.lockout import Open
from broker_sim.core.record import Change, Representative
from broker_sim.service.staff_storage import Hired
from broker_sim.service.storage import Doomed, Held, Login
from broker_sim.tests.stores import (
    KINDS,
    PORTALS,
    START,
    opened,
    post,
)

NINETY = timedelta(days=90)


@pytest.fixture
def store() -> Iterator[SqlStore]:
    with opened("file") as made:  # in memory, connections are beside the tables
        for _ in range(3):
            post(made, START)
        yield made


def list_ids(
    tx: SqlTransaction, by: str, subs: tuple[str, ...] = (), after: int | None = None
) -> None:
    tx.session_ids(
        "alpha",
        by,
        START,
        START + NINETY,
        ended_after=START,
        sub_portals=subs,
        after=after,
        limit=50,
    )


BY: Final = {f"by {by}": partial(list_ids, by=by) for by in ORDER.words}
LATER: Final = {f"{by}, a later page": partial(act, after=12_012_694) for by, act in BY.items()}
HOT: Final[dict[str, Callable[[SqlTransaction], object]]] = {
    **BY,
    **LATER,
    "ids of sub-portals": partial(list_ids, by="Ended", subs=("print", "network")),
    "a session": lambda tx: tx.held(12_012_692),
    "what is due": lambda tx: tx.due("alpha", START, 100),
    "where something is due": lambda tx: tx.portals_due(START),
    "a page of updates": lambda tx: tx.updates("alpha", 0, 100, ended_after=START),
    "the floor": lambda tx: tx.floor("alpha", START),
    "what is doomed": lambda tx: tx.doomed(START, 100),
    "a purge": lambda tx: tx.purge(Doomed(12_012_692, "alpha", START), START),
    "old purge entries": lambda tx: tx.forget(START, 100),
    "a tombstone": lambda tx: tx.purged_at(5),
    "a new session": lambda tx: tx.put(
        Held(session.post(5, "alpha", "a", "b", START)), (Change.POSTED,), START
    ),
    "files": lambda tx: tx.put_files(12_012_693, ()),
    "a file": lambda tx: tx.blob(12_012_693, "a"),
    "an id": lambda tx: tx.next_session_id(),
    "a connection": lambda tx: tx.connection(b"1"),
    "a logon": lambda tx: tx.put_connection(b"1", Connection("amy", "alpha", START)),
    "who wants in": lambda tx: tx.standing("amy"),
    "a lockout": lambda tx: tx.lockout("amy"),
    "a failure": lambda tx: tx.set_lockout("amy", Open(1), START),
    "what waits": lambda tx: tx.waiting("alpha"),
    "who is in what": lambda tx: tx.engagements("alpha"),
    "what a rep is in": lambda tx: tx.engagements_of("amy"),
    "what was done today": lambda tx: tx.work("alpha", START, START + NINETY),
    "who serves a sub-portal": lambda tx: tx.members_at("alpha", "print"),
    "who serves a portal": lambda tx: tx.serving("alpha"),
    "a rep": lambda tx: tx.member("amy", lock=True),
    "a rep's call": lambda tx: tx.rep_connected(b"1"),
    "a rep's logon": lambda tx: tx.connect_rep("amy", b"1", START),
    "an empty desk": lambda tx: tx.withdraw_alerts("amy"),
    "events": lambda tx: tx.events("amy", 0, 100),
    "events done with": lambda tx: tx.forget_events("amy", 5),
    "alerts": lambda tx: tx.alerts(12_012_692),
    "a code": lambda tx: tx.code("012345678"),
    "codes of a portal": lambda tx: tx.active_codes("alpha", START),
    "codes of a rep": lambda tx: tx.count_codes("amy", START),
    "a redemption": lambda tx: tx.end_code("012345678", START),
    "codes cancelled": lambda tx: tx.end_codes("amy", START),
    "old codes": lambda tx: tx.forget_codes(START, 100),
}


_GROWING: Final = (
    "session|update_log|blob|tombstone|connection|lockout|rep_connection|agent_event|alert|desk"
    "|phone_code"
)


@pytest.mark.parametrize("act", HOT.values(), ids=HOT)
def test_no_hot_call_reads_a_whole_table_or_sorts(
    store: SqlStore, act: Callable[[SqlTransaction], object]
) -> None:
    """RET-3: what a call costs does not grow with the sessions there are."""
    said: list[str] = []
    raw = store.database.connection()
    with store.writing() as tx:
        raw.set_trace_callback(said.append)
        act(tx)
        raw.set_trace_callback(None)
        plans = {sql: _plan(raw, sql) for sql in said if not sql.startswith(("--", "BEGIN"))}

    assert plans
    for sql, plan in plans.items():
        slow = [
            step
            for step in plan
            if re.match(rf"SCAN ({_GROWING})\b", step) or "TEMP B-TREE" in step
        ]
        assert slow == [], sql


@pytest.fixture
def served() -> Iterator[SqlStore]:
    with opened("postgresql") as made:
        for _ in range(3):
            post(made, START)
        yield made


class Listening:
    """A driver's cursor that has every statement explained before it is carried out."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self.plans: dict[str, str] = {}

    def execute(self, sql: str, values: Any = None) -> Any:
        explained = self._cursor.execute(f"EXPLAIN {sql}", values).fetchall()
        self.plans[sql] = "\n".join(line for (line,) in explained)
        return self._cursor.execute(sql, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@pytest.mark.parametrize("act", HOT.values(), ids=HOT)
def test_no_hot_call_reads_a_whole_table_in_postgresql(
    served: SqlStore, act: Callable[[SqlTransaction], object]
) -> None:
    """RET-3: tables so small would be read whole, were the planner free to; it finds an index."""
    with served.writing() as tx:
        tx.cursor.execute("SET LOCAL enable_seqscan = off")
        tx.cursor.execute("SET LOCAL enable_bitmapscan = off")
        listening = tx.cursor = Listening(tx.cursor)
        act(tx)

    assert listening.plans
    for sql, plan in listening.plans.items():
        assert not re.search(rf"Seq Scan on ({_GROWING})\b", plan), f"{sql}\n{plan}"
        # what is sorted by an index' first columns, and then within an instant, is in order
        assert not re.search(r"(?<!Incremental )Sort  \(", plan), f"{sql}\n{plan}"


def _plan(raw: Any, sql: str) -> list[str]:
    return [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}")]


@pytest.mark.parametrize(
    "module",
    [sql_access, sql_codes, sql_desktop, sql_log, sql_sessions, sql_staff],
    ids=lambda module: module.__name__,
)
def test_no_database_sorts_texts(module: ModuleType) -> None:
    """MON-1: a server sorts by its language, "ab" before "a-b"; the order is the same on all."""
    prepared = [one for one in vars(module).values() if isinstance(one, Prepared)]
    sorted_by = [
        column for one in prepared for column in getattr(one._statement, "_order_by_clauses", ())
    ]

    assert prepared
    assert [str(column) for column in sorted_by if isinstance(column.type, String)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_told_in_order_is_sorted_by_code_point(kind: str) -> None:
    """MON-1: whatever order they were added in."""
    names = ("b", "a-b", "ab", "a.b", "a")
    reps = [Representative(f"{name}@desk.example", name, name, "", "") for name in names]
    desks = [("alpha", "print"), ("alpha", "network")]
    with opened(kind) as store, store.writing() as tx:
        tx.hire([Hired(rep, "x", tuple(desks)) for rep in reps], START)
        emails = sorted(rep.email for rep in reps)
        tx.add_alerts(1, [rep.email for rep in reps])
        for name in names:
            tx.add_login(Login(name, "alpha", "x"))

        assert [member.rep.email for member in tx.members()] == emails
        assert [member.rep.email for member in tx.members_at("alpha", "print")] == emails
        assert [(sub, member.rep.email) for sub, member in tx.serving("alpha")] == [
            (sub, email) for sub in ("network", "print") for email in emails
        ]
        assert [alert.representative for alert in tx.alerts(1)] == emails
        assert [login.username for login in tx.logins("alpha")] == sorted(names)
        assert [portal.name for portal in tx.portals()] == sorted(PORTALS)
