"""UPD-1, RET-1, RET-3: the shape of the database, how it comes about, and what reads cost."""

from __future__ import annotations

import re
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from broker_sim.adapters import (
    migrate,
)
from broker_sim.adapters.database import Database, sqlite_url
from broker_sim.adapters.schema import metadata
from broker_sim.adapters.sql import SqlStore
from broker_sim.core import session
from broker_sim.core.record import Change, Event, File
from broker_sim.service.storage import Doomed, Held
from broker_sim.tests.side_by_side import side_by_side
from broker_sim.tests.stores import (
    START,
    add_portals,
    no_past,
    opened,
    post,
    url_of,
)

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
