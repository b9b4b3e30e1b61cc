"""Connections and transactions of the broker's database.

One driver connection per thread for a database file or server; one shared, behind a lock,
for a database in memory.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.pool import StaticPool

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
    """A database by its URL, its schema made or brought up to date."""

    def __init__(self, url: str = MEMORY) -> None:
        self.in_memory = url == MEMORY
        pool: dict[str, Any] = {"poolclass": StaticPool} if self.in_memory else {}
        if self.in_memory:
            pool["connect_args"] = {"check_same_thread": False}
        self.engine = sqlalchemy.create_engine(url, **pool)
        say_which_rows(self.engine.dialect.name)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
        self.lock = threading.RLock()
        self._local = threading.local()
        self._all: list[Any] = []
        self._only: Any = None
        self._bring_up_to_date()

    def _bring_up_to_date(self) -> None:
        if self.in_memory:
            metadata.create_all(self.engine)
            return
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
                self._all.append(pooled)
            if self.in_memory:
                self._only = raw
            else:
                self._local.raw = raw
        return raw

    def close(self) -> None:
        """Close every connection; the database must not be used any more."""
        with self.lock:
            for pooled in self._all:
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


def _prepare_sqlite(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None  # transactions begin where we say
    for pragma in _PRAGMAS:
        raw.execute(pragma)


def sqlite_url(path: Path) -> str:
    """Give the URL of a database file."""
    return f"sqlite:///{path}"
