"""The client's database: a row for each session, its tables, and the cursor beside them.

Rows and cursor are written in one transaction, which the pipeline opens. Writing the same twice
changes nothing; an older reading never replaces a newer one.

Source: C-ONCE-1 to C-ONCE-3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy
from sqlalchemy import Connection, Engine, Executable, Table, delete, event, insert, select, update
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from integration.core.record import Session
from integration.durable import Lock, make_folder
from integration.errors import Retry, Stop
from integration.sinks import rows
from integration.sinks.schema import CURSOR, METADATA, PARTS, SESSION

_BATCH: Final = 500  # ids in one statement; databases have limits


@dataclass(frozen=True, slots=True)
class Stored:
    """A session as it goes into the database.

    Attributes:
        archive: its archive's name; None while it is open.
        files: names of the files in the archive.
    """

    session: Session
    archive: str | None
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class Held:
    """What the database has of a session: its last update, its archive's name if it has one."""

    last_update_id: int
    archive: str | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to which update everything is stored, and since when everything that ended is."""

    update_id: int
    caught_up_from: datetime | None = None


class Database:
    """The client's database behind a SQLAlchemy URL."""

    def __init__(self, url: str) -> None:
        """Open the database and make the tables that are not there.

        Raises:
            Stop: the URL names no database we can use.
            Retry: it does not answer now.
        """
        try:
            self._engine = _engine(url)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise Stop(f"database: not a usable URL: {error}") from None
        with _translated(), _alone(self._engine.url):
            METADATA.create_all(self._engine)

    def close(self) -> None:
        """Close its connections."""
        self._engine.dispose()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction: committed when the block ends well, else nothing of it stays."""
        with _translated(), self._engine.begin() as transaction:
            yield transaction

    def put(self, transaction: Connection, stored: Sequence[Stored], now: datetime) -> None:
        """Write sessions with all their tables; where a newer reading is there, it stays."""
        there = _held(transaction, [s.session.session_id for s in stored])
        fresh: dict[int, Stored] = {}
        for item in stored:
            session = item.session
            held = there.get(session.session_id)
            if held is None or held.last_update_id <= session.last_update_id:
                fresh[session.session_id] = item
        _upsert(
            transaction,
            SESSION,
            [rows.session(item.session, item.archive, now) for item in fresh.values()],
        )
        for ids in _batches(fresh):
            for table in PARTS:
                transaction.execute(delete(table).where(table.c.session_id.in_(ids)))
        for table, values in _joined(fresh.values()).items():
            if values:
                transaction.execute(insert(table), values)

    def set_cursor(
        self, transaction: Connection, portal: str, update_id: int, now: datetime
    ) -> None:
        """Write up to which update everything of a portal, by its nickname, is stored."""
        row = {"portal": portal, "update_id": update_id, "written_at": now}
        _upsert(transaction, CURSOR, [row])

    def set_caught_up(self, transaction: Connection, portal: str, start: datetime) -> None:
        """Write since when everything that ended is stored; the portal must have a cursor."""
        transaction.execute(
            update(CURSOR).where(CURSOR.c.portal == portal).values(caught_up_from=start)
        )

    def cursor(self, portal: str) -> Cursor | None:
        """Read the cursor of a portal, by its nickname; None before the first poll."""
        with self.begin() as transaction:
            row = transaction.execute(select(CURSOR).where(CURSOR.c.portal == portal)).first()
        return None if row is None else Cursor(row.update_id, row.caught_up_from)

    def held(self, ids: Iterable[int]) -> dict[int, Held]:
        """Tell which of these sessions are stored, and how."""
        with self.begin() as transaction:
            return _held(transaction, list(ids))

    def ended_between(self, portal: str, start: datetime, end: datetime) -> dict[int, Held]:
        """Tell which sessions of the broker's portal that ended in [start, end) are stored."""
        asked = _some().where(
            SESSION.c.portal == portal, SESSION.c.end_time >= start, SESSION.c.end_time < end
        )
        with self.begin() as transaction:
            return _as_held(transaction.execute(asked))

    def archived(self, portal: str) -> dict[int, Held]:
        """Tell which sessions of the broker's portal have an archive."""
        asked = _some().where(SESSION.c.portal == portal, SESSION.c.archive.is_not(None))
        with self.begin() as transaction:
            return _as_held(transaction.execute(asked))


def _engine(url: str) -> Engine:
    parsed = sqlalchemy.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sqlalchemy.create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        make_folder(Path(parsed.database).parent)
    engine = sqlalchemy.create_engine(parsed, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # at once as a writer: a reader that becomes one fails where another has written meanwhile
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _alone(url: sqlalchemy.URL) -> AbstractContextManager[None]:
    """Let no other program open a file for the first time: SQLite does not wait there."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return nullcontext()
    file = Path(url.database)
    return Lock(file.with_name(f".{file.name}.lock")).held()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # the text of the error would hold the statement's values: a customer's words
        raise Retry(f"the database: {type(error).__name__}: {_cause(error)}") from None


def _cause(error: SQLAlchemyError) -> str:
    return type(getattr(error, "orig", None)).__name__


def _some() -> sqlalchemy.Select[tuple[int, int, str | None]]:
    return select(SESSION.c.session_id, SESSION.c.last_update_id, SESSION.c.archive)


def _held(transaction: Connection, ids: Sequence[int]) -> dict[int, Held]:
    found: dict[int, Held] = {}
    for batch in _batches(ids):
        asked = _some().where(SESSION.c.session_id.in_(batch))
        found |= _as_held(transaction.execute(asked))
    return found


def _as_held(found: sqlalchemy.CursorResult[Any]) -> dict[int, Held]:
    return {row.session_id: Held(row.last_update_id, row.archive) for row in found}


def _joined(stored: Iterable[Stored]) -> dict[Table, list[rows.Row]]:
    joined: dict[Table, list[rows.Row]] = {table: [] for table in PARTS}
    for item in stored:
        for table, values in rows.parts(item.session, item.files).items():
            joined[table] += values
    return joined


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    every = list(ids)
    for start in range(0, len(every), _BATCH):
        yield every[start : start + _BATCH]


def _upsert(transaction: Connection, table: Table, values: Sequence[rows.Row]) -> None:
    """Insert rows; where a row of the same key is, the columns that are given replace its own."""
    if not values:
        return
    (key,) = (column.name for column in table.primary_key)
    statement = _native_upsert(transaction.dialect.name, table, key, values[0])
    if statement is not None:
        transaction.execute(statement, list(values))
        return
    for row in values:
        rest = {name: value for name, value in row.items() if name != key}
        if not transaction.execute(
            update(table).where(table.c[key] == row[key]).values(rest)
        ).rowcount:
            transaction.execute(insert(table), row)


def _native_upsert(dialect: str, table: Table, key: str, row: rows.Row) -> Executable | None:
    rest = [name for name in row if name != key]
    if dialect in ("mysql", "mariadb"):
        for_mysql = mysql.insert(table)
        return for_mysql.on_duplicate_key_update({n: for_mysql.inserted[n] for n in rest})
    if dialect == "sqlite":
        for_sqlite = sqlite.insert(table)
        return for_sqlite.on_conflict_do_update(
            index_elements=[key], set_={n: for_sqlite.excluded[n] for n in rest}
        )
    if dialect == "postgresql":
        for_postgres = postgresql.insert(table)
        return for_postgres.on_conflict_do_update(
            index_elements=[key], set_={n: for_postgres.excluded[n] for n in rest}
        )
    return None
