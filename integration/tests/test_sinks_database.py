"""C-STORE-1, C-STORE-2, C-ONCE-2: rows in a database, with the cursor, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy

from integration.errors import Stop
from integration.sinks.database import Database, Held, Stored
from integration.tests.fakes import FIRST_ID, START
from integration.tests.one_session import session


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'sub' / 'sessions.sqlite'}")
    yield opened
    opened.close()


def put(database: Database, *stored: Stored, cursor: int | None = None) -> None:
    with database.begin() as transaction:
        database.put(transaction, stored, START)
        if cursor is not None:
            database.set_cursor(transaction, "demo", cursor, START)


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    metadata = sqlalchemy.MetaData()
    with database.begin() as transaction:
        metadata.reflect(transaction)
        return {
            name: [tuple(row) for row in transaction.execute(sqlalchemy.select(table))]
            for name, table in metadata.tables.items()
        }


def test_a_row_has_every_field_of_the_form(database: Database) -> None:
    """C-ONCE-2: as it was entered, the difference of nothing and an empty text included."""
    told = session()
    put(database, Stored(told, "Session.zip", frozenset({told.files[0].name})))
    found = everything(database)

    assert found["support_session"][0][:5] == (FIRST_ID, "Finished", "Web", None, 1)
    assert told.question in found["support_session"][0]
    assert found["support_session_smartbox"] == [
        (FIRST_ID, 1, "Name", "Jo"),
        (FIRST_ID, 2, None, ""),
    ]
    assert found["support_session_rep_rating"] == [(FIRST_ID, 1, "$Nickname?", "good")]
    assert [row[-1] for row in found["support_session_file"]] == [True, False]


def test_storing_twice_is_storing_once(database: Database) -> None:
    """C-ONCE-1: rows and the rows that belong to them are replaced, not added."""
    stored = Stored(session(), "Session.zip", frozenset())
    put(database, stored)
    once = everything(database)
    put(database, stored, stored)

    assert once == everything(database)


def test_an_older_reading_never_replaces_a_newer_one(database: Database) -> None:
    """C-ONCE-2: whichever of two programs comes last."""
    newer = session(last_update_id=9, question="newer")
    put(database, Stored(newer, "Session.zip", frozenset()))
    put(database, Stored(session(last_update_id=8, question="older"), None, frozenset()))

    assert database.held([FIRST_ID, 1]) == {FIRST_ID: Held(9, "Session.zip")}
    assert "newer" in everything(database)["support_session"][0]


def test_rows_and_cursor_come_together_or_not_at_all(database: Database) -> None:
    """C-ONCE-3: a transaction that breaks leaves neither."""
    with suppress(ZeroDivisionError), database.begin() as transaction:
        database.put(transaction, [Stored(session(), None, frozenset())], START)
        database.set_cursor(transaction, "demo", 5, START)
        _ = 1 / 0
    assert database.held([FIRST_ID]) == {}
    assert database.cursor("demo") is None
    put(database, Stored(session(), None, frozenset()), cursor=5)
    cursor = database.cursor("demo")
    assert cursor is not None
    assert (cursor.update_id, cursor.caught_up_from) == (5, None)


def test_the_catch_up_survives_the_cursor(database: Database) -> None:
    """C-ONCE-3: each says its own, whichever program writes it."""
    put(database, cursor=5)
    with database.begin() as transaction:
        database.set_caught_up(transaction, "demo", START)
    put(database, cursor=6)

    cursor = database.cursor("demo")
    assert cursor is not None
    assert (cursor.update_id, cursor.caught_up_from) == (6, START)


def test_sessions_by_their_end(database: Database) -> None:
    """C-TIME-1: [start, end), of one portal."""
    put(database, Stored(session(), "Session.zip", frozenset()))
    later = START + timedelta(milliseconds=1)

    assert set(database.ended_between("acme", START, later)) == {FIRST_ID}
    assert not database.ended_between("acme", START - timedelta(1), START)
    assert not database.ended_between("other", START, later)
    assert set(database.archived("acme")) == {FIRST_ID}


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x/y"])
def test_a_url_that_names_no_database(url: str) -> None:
    """A person is told at the start."""
    with pytest.raises(Stop, match="not a usable URL"):
        Database(url)


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "mssql", "oracle"])
def test_the_tables_can_be_made_elsewhere(dialect: str) -> None:
    """C-ONCE-1: another database is a URL away: the DDL compiles."""
    from integration.sinks.schema import METADATA  # noqa: PLC0415  beside its use

    loaded = sqlalchemy.dialects.registry.load(dialect)()
    for table in METADATA.sorted_tables:
        ddl = str(sqlalchemy.schema.CreateTable(table).compile(dialect=loaded))
        assert json.dumps(table.name)[1:-1] in ddl
