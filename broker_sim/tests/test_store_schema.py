"""UPD-1, RET-1, RET-3: the shape of the database, how it comes about, and what reads cost."""

from __future__ import annotations

import re
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import String, create_engine, text

from broker_sim.adapters import (
    migrate,
    sql_access,
    sql_codes,
    sql_desktop,
    sql_log,
    sql_sessions,
    sql_staff,
)
from broker_sim.adapters.database import Database, sqlite_url
from broker_sim.adapters.prepared import Prepared
from broker_sim.adapters.schema import metadata
from broker_sim.adapters.sql import SqlStore
from broker_sim.adapters.transactions import SqlTransaction
from broker_sim.contract.sessions import ORDER
from broker_sim.core import session
from broker_sim.core.connection import Connection
from broker_sim.core.lockout import Open
from broker_sim.core.record import Change, Event, File, Representative
from broker_sim.service.staff_storage import Hired
from broker_sim.service.storage import Doomed, Held, Login
from broker_sim.tests.side_by_side import side_by_side
from broker_sim.tests.stores import (
    KINDS,
    PORTALS,
    START,
    add_portals,
    no_past,
    opened,
    post,
    url_of,
)

TICK = timedelta(milliseconds=1)
NINETY = timedelta(days=90)


def shape(path: Path) -> dict[str, str]:
    """Give how SQLite says each table and index was made, blanks and quotes left aside."""
    with sqlite3.connect(path) as raw:
        made = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    raw.close()
    return {name: re.sub(r"[\s\"]+", " ", sql) for name, sql in made if name != "alembic_version"}


def migrated(url: str) -> None:
    """Make a database step by step, as an old one would have come here."""
    engine = create_engine(url)
    config = migrate.configuration()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def test_the_steps_from_nothing_give_what_the_schema_says(tmp_path: Path) -> None:
    """Tables, columns, keys, partial indexes and all: an old database is like a new one."""
    migrated(sqlite_url(tmp_path / "old.db"))
    Database(sqlite_url(tmp_path / "new.db")).close()

    old, new = shape(tmp_path / "old.db"), shape(tmp_path / "new.db")

    assert set(old) == set(new)
    assert "WITHOUT ROWID" in new["update_log"]
    assert "WHERE due IS NOT NULL" in old["ix_session_due"]
    differ = {
        name: (old[name], new[name]) for name in old if _parts(old[name]) != _parts(new[name])
    }
    assert differ == {}


def _parts(sql: str) -> list[str]:
    """Give the parts of a statement without regard to their order."""
    return sorted(re.split(r"[(),] ?", sql.replace(" NULL", "NULL").replace(", ", ",")))


@pytest.mark.parametrize("kind", ["file", "postgresql"])
def test_alembic_finds_no_difference(kind: str) -> None:
    """The next step would be empty: nobody changed the schema and forgot its step."""
    with url_of(kind, tables=False) as url:
        migrated(url)
        engine = create_engine(url)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
        engine.dispose()


def test_the_steps_give_postgresql_what_the_schema_says() -> None:
    """Indexes, their columns and the rows that they hold: alembic compares only their names."""
    with url_of("postgresql", tables=False) as old, url_of("postgresql") as new:
        migrated(old)

        assert indexes(old) == indexes(new)
        assert any("WHERE (due IS NOT NULL)" in said for said in indexes(new))


def indexes(url: str) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT indexdef FROM pg_indexes WHERE schemaname='public'"))
        found = sorted(said for (said,) in rows if "alembic_version" not in said)
    engine.dispose()
    return found


def test_the_newest_step_is_the_one_the_program_knows() -> None:
    """A new database is stamped with it without asking alembic, which is slow to import."""
    assert ScriptDirectory.from_config(migrate.configuration()).get_heads() == [migrate.HEAD]


def test_a_database_that_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    """A second start changes nothing."""
    path = tmp_path / "broker.db"
    store = SqlStore(no_past, sqlite_url(path))
    add_portals(store)
    store.close()
    before = shape(path)

    again = SqlStore(no_past, sqlite_url(path))

    with again.reading() as tx:
        assert [portal.name for portal in tx.portals()] == ["alpha", "beta"]
    again.close()
    assert shape(path) == before


def test_a_database_of_a_newer_program_is_not_touched(tmp_path: Path) -> None:
    """The message says what to do."""
    path = tmp_path / "broker.db"
    Database(sqlite_url(path)).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()

    with pytest.raises(RuntimeError, match="'9999', which this version does not know: start"):
        Database(sqlite_url(path))


STARTED: Final = """
import sys
from broker_sim.adapters.database import Database
# begin
for url in sys.argv[1:]:
    Database(url).close()
"""


def test_several_processes_may_be_the_first(tmp_path: Path) -> None:
    """LOGON-6: brokers that start at once on one new database all come up."""
    paths = [tmp_path / f"{nth}.db" for nth in range(5)]

    side_by_side(*[STARTED] * 3, arguments=[sqlite_url(path) for path in paths])

    assert all(shape(path) == shape(paths[0]) for path in paths)


def test_several_processes_may_be_the_first_in_postgresql() -> None:
    """LOGON-6: the same."""
    with ExitStack() as stack:
        urls = [stack.enter_context(url_of("postgresql", tables=False)) for _ in range(3)]
        side_by_side(*[STARTED] * 3, arguments=urls)

        assert indexes(urls[0]) == indexes(urls[1]) == indexes(urls[2]) != []


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


def test_what_is_purged_is_not_in_the_file_any_more(tmp_path: Path) -> None:
    """RET-1, REC-7: neither the wrapped key nor words nor small files, once written back."""
    path = tmp_path / "broker.db"
    store = SqlStore(no_past, sqlite_url(path))
    add_portals(store)
    key, words, small = b"K" * 24, "words of the customer", b"a chat transcript " * 50
    number = post(store, START).session_id
    with store.writing() as tx:
        held = tx.held(number)
        assert held is not None
        file = File("Chat", "a", 1, "00", encrypted=True, wrapped_key=key)
        gone = replace(session.move(held.session, Event.FAILED, START, words), files=(file,))
        tx.put(Held(gone), (Change.FAILED,), START)
        tx.put_blob(number, "a", small)
    secrets = (b64encode(key), words.encode(), small[:100])
    assert all(secret in _bytes(store, path) for secret in secrets)

    with store.writing() as tx:
        tx.purge(Doomed(number, "alpha", START), START + NINETY)

    left = _bytes(store, path)
    store.close()
    assert [secret for secret in secrets if secret in left] == []


def _bytes(store: SqlStore, path: Path) -> bytes:
    """Write everything back into the file, and give all that lies on the disk."""
    with store.reading() as tx:
        raw = tx.cursor.connection
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(part.read_bytes() for part in sorted(path.parent.glob(f"{path.name}*")))


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
