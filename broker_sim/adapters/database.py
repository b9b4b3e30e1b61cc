"""Connections and transactions of the broker's database.

One driver connection per thread for a database file or server; one shared, behind a lock,
for a database in memory.
"""

from __future__ import annotations

import functools
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import sqlalchemy
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool, StaticPool

from broker_sim.adapters.migrate import bring_up_to_date
from broker_sim.adapters.schema import metadata, say_which_rows
from broker_sim.core.refusal import Refused

MEMORY: Final = "sqlite://"
_PRAGMAS: Final = (
    "PRAGMA busy_timeout=10000",  # first: the others may have to wait already
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA secure_delete=ON",  # without it, deleted recordings stay readable in the file
    "PRAGMA temp_store=MEMORY",
)


class Database:
    """A database by its URL, its schema made or brought up to date.

    Raises:
        ValueError: the URL leads nowhere.
        RuntimeError: the database cannot be opened, or a newer program wrote it.
    """

    def __init__(self, url: str = MEMORY) -> None:
        place = _place(url)
        self.in_memory = place.drivername == "sqlite" and place.database in (None, "", ":memory:")
        self.engine = _engine(place, in_memory=self.in_memory)
        say_which_rows(self.engine.dialect.name)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
        self.lock = threading.RLock()
        self._local = threading.local()
        self._all: dict[threading.Thread, Any] = {}
        self._only: Any = None
        try:
            self._bring_up_to_date(place)
        except DBAPIError as problem:
            msg = f"the store {place} cannot be opened: {problem.orig}"
            raise RuntimeError(msg) from problem

    def _bring_up_to_date(self, place: URL) -> None:
        if self.in_memory:
            _fill_from_template(self.engine)
            return
        if self.is_sqlite and place.database:
            _make_private(Path(place.database))
        bring_up_to_date(self.engine)

    def transaction(self, *, write: bool) -> Transaction:
        """Give a transaction, to be entered with `with`."""
        return Transaction(self, write=write)

    def connection(self) -> Any:
        """Give the driver's connection of this thread, or the one there is."""
        raw = self._only if self.in_memory else getattr(self._local, "raw", None)
        if raw is None:
            pooled = self.engine.raw_connection()
            raw = pooled.dbapi_connection
            with self.lock:
                self._close_ended()
                self._all[threading.current_thread()] = pooled
            if self.in_memory:
                self._only = raw
            else:
                self._local.raw = raw
        return raw

    def _close_ended(self) -> None:
        """Close the connections of threads that are over."""
        if not self.in_memory:
            for thread in [thread for thread in self._all if not thread.is_alive()]:
                self._all.pop(thread).invalidate()

    @property
    def open_connections(self) -> int:
        """How many connections of the driver are open."""
        return len(self._all)

    def close(self) -> None:
        """Close every connection; the database must not be used any more."""
        with self.lock:
            for pooled in self._all.values():
                pooled.invalidate()
            self._all.clear()
            self._only = None
        self.engine.dispose()


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
            if database.is_sqlite:
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


@functools.cache
def _template() -> bytes:
    """Make an empty database in memory once; copies of it cost a tenth of making another."""
    engine = _engine(make_url(MEMORY), in_memory=True)
    event.listen(engine, "connect", _prepare_sqlite)
    metadata.create_all(engine)
    pooled = engine.raw_connection()
    try:
        made: bytes = pooled.dbapi_connection.serialize()  # type: ignore[union-attr]  # sqlite3's own
    finally:
        pooled.close()
        engine.dispose()
    return made


def _fill_from_template(engine: sqlalchemy.Engine) -> None:
    # Copied and not deserialised: SQLite writes to a database in its own memory a little faster.
    pooled = engine.raw_connection()
    with closing(sqlite3.connect(":memory:")) as template:
        template.deserialize(_template())
        template.backup(pooled.dbapi_connection)  # type: ignore[arg-type]  # it is sqlite3's own
    pooled.close()


def _place(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        msg = "the store is no URL of a database, like sqlite:////folder/broker.db"
        raise ValueError(msg) from None


def _engine(place: URL, *, in_memory: bool) -> sqlalchemy.Engine:
    """Make an engine that keeps no connections of its own: every thread has one here."""
    pool: dict[str, Any] = {"poolclass": NullPool}
    if in_memory:
        pool = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    try:
        return sqlalchemy.create_engine(place, **pool)
    except NoSuchModuleError:
        msg = f"the store {place}: a database of the kind {place.drivername!r} is not known"
        raise ValueError(msg) from None
    except ImportError as problem:
        msg = f"the store {place}: its driver {problem.name!r} is not installed"
        raise ValueError(msg) from problem


def _make_private(path: Path) -> None:
    """Make a new file its owner's alone; what SQLite puts beside it is so, too. SEC-1."""
    if path.parent.is_dir():
        path.touch(mode=0o600)


def _prepare_sqlite(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None  # transactions begin where we say
    for pragma in _PRAGMAS:
        raw.execute(pragma)


def sqlite_url(path: Path) -> str:
    """Give the URL of a database file."""
    return f"sqlite:///{path}"
