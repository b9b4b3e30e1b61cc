"""Connections and transactions of the broker's database.

One driver connection per thread for a database file or server; one shared, behind a lock,
for a database in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final, TypeAlias

import sqlalchemy
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from broker_sim.adapters import postgresql, sqlite
from broker_sim.adapters.migrate import HEAD, bring_up_to_date
from broker_sim.adapters.schema import say_which_rows
from broker_sim.contract import faults
from broker_sim.core.refusal import Refused

MEMORY: Final = sqlite.MEMORY
_KNOWN: Final = ("sqlite", "postgresql")
Transaction: TypeAlias = sqlite.Transaction | postgresql.Transaction


class Database:
    """A database by its URL, its schema made or brought up to date.

    Raises:
        ValueError: the URL leads nowhere.
        RuntimeError: the database cannot be opened, or a newer program wrote it.
    """

    def __init__(self, url: str = MEMORY) -> None:
        self.place = place = _place(url)
        self.is_sqlite = place.get_backend_name() == "sqlite"
        self.in_memory = self.is_sqlite and place.database in (None, "", ":memory:")
        self.engine = _engine(place, in_memory=self.in_memory)
        say_which_rows(self.engine.dialect.name)
        if self.is_sqlite:
            sqlite.prepare(self.engine)
        self.lock = threading.RLock()
        self._local = threading.local()
        self._all: dict[threading.Thread, Callable[[], None]] = {}  # how each is closed
        self._only: Any = None
        self._closed = False
        try:
            self._bring_up_to_date()
        except DBAPIError as problem:
            self.close()
            reason = " ".join(str(problem.orig).split())
            msg = f"the store {place} cannot be opened: {reason}"
            raise RuntimeError(msg) from problem
        except BaseException:
            self.close()
            raise

    def _bring_up_to_date(self) -> None:
        if self.in_memory:
            sqlite.fill_from_template(self.engine)
            return
        if self.is_sqlite and self.place.database:
            sqlite.make_private(Path(self.place.database))
        if self.is_sqlite or not self._is_up_to_date():
            bring_up_to_date(self.engine)

    def _is_up_to_date(self) -> bool:
        """Look whether a server's tables are the newest: most are, and a look costs little.

        Where that fails, whoever goes the long way hears why.
        """
        try:
            return postgresql.step_of(self.connection()) == HEAD
        except (postgresql.Unreachable, self.engine.dialect.loaded_dbapi.Error):
            return False

    def transaction(self, *, write: bool) -> Transaction:
        """Give a transaction, to be entered with `with`, which may write or not."""
        if self.is_sqlite:
            return sqlite.Transaction(self, write=write)
        return postgresql.Transaction(self, postgresql.WRITE if write else postgresql.READ)

    def glance(self, query: str) -> list[Any]:
        """Give the rows of one query without parameters, outside any transaction.

        A server is asked once, where a transaction asks three times.
        """
        if self.is_sqlite:
            with self.lock if self.in_memory else nullcontext():
                found: list[Any] = self.connection().execute(query).fetchall()
                return found
        with postgresql.Transaction(self, query) as cursor:
            return list(cursor.fetchall())

    def connection(self) -> Any:
        """Give the driver's connection of this thread, or the one there is.

        Raises:
            Refused: ConnectionExpired; the database was closed, its world is over.
        """
        raw = self._only if self.in_memory else getattr(self._local, "raw", None)
        return self._connect() if raw is None else raw

    def _connect(self) -> Any:
        if self._closed:  # a new one in memory would be another database, and empty
            raise Refused(faults.CONNECTION_EXPIRED)
        if self.is_sqlite:
            pooled = self.engine.raw_connection()
            raw: Any = pooled.dbapi_connection
            close = pooled.invalidate
        else:
            raw = postgresql.connect(self.engine)
            close = raw.close
        with self.lock:
            self._close_ended()
            self._all[threading.current_thread()] = close
        if self.in_memory:
            self._only = raw
        else:
            self._local.raw = raw
        return raw

    @property
    def inside(self) -> bool:
        """Whether this thread is in the middle of a transaction."""
        raw = self._only if self.in_memory else getattr(self._local, "raw", None)
        if raw is None:
            return False
        return bool(raw.in_transaction if self.is_sqlite else postgresql.inside(raw))

    def forget(self) -> None:
        """Drop this thread's connection, which is broken; the next transaction makes another."""
        self._local.raw = None
        with self.lock:
            close = self._all.pop(threading.current_thread(), None)
        if close is not None:
            close()

    def _close_ended(self) -> None:
        """Close the connections of threads that are over."""
        if not self.in_memory:
            for thread in [thread for thread in self._all if not thread.is_alive()]:
                self._all.pop(thread)()

    @property
    def open_connections(self) -> int:
        """How many connections of the driver are open."""
        return len(self._all)

    def close(self) -> None:
        """Close every connection; the database must not be used any more."""
        with self.lock:
            for close in self._all.values():
                close()
            self._all.clear()
            self._only, self._closed = None, True
            self._local = threading.local()  # no thread may find a connection that is closed
        self.engine.dispose()


def _place(url: str) -> URL:
    try:
        place = make_url(url)
    except (ArgumentError, ValueError):  # it leaves wrong ports to `int`
        msg = "the store is no URL of a database, like sqlite:////folder/broker.db"
        raise ValueError(msg) from None
    if place.drivername in postgresql.DRIVERS:
        return place.set(drivername=postgresql.DRIVER)
    if place.get_backend_name() not in _KNOWN:  # before anybody is sent to install its driver
        msg = f"the store {place}: a broker's store is one of {', '.join(_KNOWN)}"
        raise ValueError(msg)
    return place


def _engine(place: URL, *, in_memory: bool) -> sqlalchemy.Engine:
    """Make an engine that keeps no connections of its own: every thread has one here."""
    pool: dict[str, Any] = sqlite.IN_MEMORY if in_memory else {"poolclass": NullPool}
    try:
        return sqlalchemy.create_engine(place, **pool)
    except NoSuchModuleError:
        msg = f"the store {place}: a database of the kind {place.drivername!r} is not known"
        raise ValueError(msg) from None
    except ImportError as problem:
        extra = ""
        if place.drivername == postgresql.DRIVER:
            extra = ": pip install 'broker-sim[postgresql]'"
        msg = f"the store {place}: its driver {problem.name!r} is not installed{extra}"
        raise ValueError(msg) from problem


def sqlite_url(path: Path) -> str:
    """Give the URL of a database file."""
    return f"sqlite:///{path}"
