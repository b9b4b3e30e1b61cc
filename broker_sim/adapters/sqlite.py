"""What is SQLite's own: its pragmas, a quick empty database in memory, its transactions."""

from __future__ import annotations

import functools
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.pool import StaticPool

from broker_sim.adapters.schema import metadata
from broker_sim.core.refusal import Refused

if TYPE_CHECKING:
    from broker_sim.adapters.database import Database

MEMORY: Final = "sqlite://"
IN_MEMORY: Final = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
_PRAGMAS: Final = (
    "PRAGMA busy_timeout=10000",  # first: the others may have to wait already
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA secure_delete=ON",  # without it, deleted recordings stay readable in the file
    "PRAGMA temp_store=MEMORY",
)
_TRIES: Final = 100
_BREATH_SECONDS: Final = 0.05


class Transaction:
    """A driver cursor in a transaction.

    It commits at the end and on `Refused`, because a refused logon must be counted; it rolls
    back on anything else. A class and no generator: every call of the broker opens one or two.
    """

    __slots__ = ("_cursor", "_database", "_raw", "_write")

    def __init__(self, database: Database, *, write: bool) -> None:
        self._database = database
        self._write = write

    def __enter__(self) -> Any:
        database = self._database
        if database.in_memory:
            database.lock.acquire()
        try:
            self._raw = raw = database.connection()
            self._cursor = cursor = raw.cursor()
            cursor.execute("BEGIN IMMEDIATE" if self._write else "BEGIN")
        except BaseException:
            if database.in_memory:
                database.lock.release()
            raise
        return cursor

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None or issubclass(kind, Refused):
                self._raw.commit()
            else:
                self._raw.rollback()
        finally:
            self._cursor.close()
            if self._database.in_memory:
                self._database.lock.release()


def prepare(engine: sqlalchemy.Engine) -> None:
    """Have every connection of the engine begin as the broker needs it."""
    event.listen(engine, "connect", _prepare)


def _prepare(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None  # transactions begin where we say
    for pragma in _PRAGMAS:
        _say(raw, pragma)


def make_private(path: Path) -> None:
    """Make a new file its owner's alone; what SQLite puts beside it is so, too. SEC-1."""
    if path.parent.is_dir():
        path.touch(mode=0o600)


@functools.cache
def _template() -> bytes:
    """Make an empty database in memory once; copies of it cost a tenth of making another."""
    engine = sqlalchemy.create_engine(MEMORY, **IN_MEMORY)
    prepare(engine)
    metadata.create_all(engine)
    pooled = engine.raw_connection()
    try:
        made: bytes = pooled.dbapi_connection.serialize()  # type: ignore[union-attr]  # sqlite3's own
    finally:
        pooled.close()
        engine.dispose()
    return made


def fill_from_template(engine: sqlalchemy.Engine) -> None:
    """Make the tables of a database in memory."""
    # Copied and not deserialised: SQLite writes to a database in its own memory a little faster.
    pooled = engine.raw_connection()
    with closing(sqlite3.connect(":memory:")) as template:
        template.deserialize(_template())
        template.backup(pooled.dbapi_connection)  # type: ignore[arg-type]  # it is sqlite3's own
    pooled.close()


def _say(raw: sqlite3.Connection, pragma: str) -> None:
    """Run a pragma; again, where others turn the same new file to its write-ahead log.

    SQLite has one of those who do that at once wait for the others, and the rest hear at once
    that it is locked, whatever `busy_timeout` says.
    """
    for left in reversed(range(_TRIES)):
        try:
            raw.execute(pragma)
        except sqlite3.OperationalError as problem:
            if not left or problem.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            threading.Event().wait(_BREATH_SECONDS)
        else:
            return
