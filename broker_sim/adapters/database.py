"""Connections and transactions of the broker's database.

One driver connection per thread for a database file or server; one shared, behind a lock,
for a database in memory.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.pool import StaticPool

from broker_sim.adapters.migrate import bring_up_to_date
from broker_sim.adapters.schema import metadata
from broker_sim.core.refusal import Refused

MEMORY: Final = "sqlite://"
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA secure_delete=ON",  # without it, deleted recordings stay readable in the file
    "PRAGMA busy_timeout=10000",
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
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
        self._lock = threading.RLock()
        self._local = threading.local()
        self._all: list[Any] = []
        self._bring_up_to_date()

    def _bring_up_to_date(self) -> None:
        if self.in_memory:
            metadata.create_all(self.engine)
            return
        bring_up_to_date(self.engine)

    def _connection(self) -> Any:
        raw = getattr(self._local, "raw", None)
        if raw is None:
            raw = self._local.raw = self.engine.raw_connection()
            with self._lock:
                self._all.append(raw)
        return raw

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Any]:
        """Give a driver cursor in a transaction.

        It commits at the end and on `Refused`, because a refused logon must be counted; it
        rolls back on anything else.
        """
        if self.in_memory:
            with self._lock:
                yield from self._begun(self._connection_in_memory(), write=write)
        else:
            yield from self._begun(self._connection(), write=write)

    def _connection_in_memory(self) -> Any:
        if not self._all:
            self._all.append(self.engine.raw_connection())
        return self._all[0]

    def _begun(self, raw: Any, *, write: bool) -> Iterator[Any]:
        cursor = raw.cursor()
        if self.is_sqlite:
            cursor.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield cursor
        except Refused:
            raw.commit()
            raise
        except BaseException:
            raw.rollback()
            raise
        else:
            raw.commit()
        finally:
            cursor.close()

    def close(self) -> None:
        """Close every connection; the database must not be used any more."""
        with self._lock:
            for raw in self._all:
                raw.invalidate()
            self._all.clear()
        self.engine.dispose()


def _prepare_sqlite(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None  # transactions begin where we say
    for pragma in _PRAGMAS:
        raw.execute(pragma)


def sqlite_url(path: Path) -> str:
    """Give the URL of a database file."""
    return f"sqlite:///{path}"
