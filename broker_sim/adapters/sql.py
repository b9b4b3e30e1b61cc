"""The store on SQLAlchemy Core: SQLite in memory or in a file; PostgreSQL is a URL away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from broker_sim.adapters.database import MEMORY, Database
from broker_sim.adapters.schema import metadata
from broker_sim.adapters.sql_access import AccessRows
from broker_sim.adapters.sql_base import PortalNames
from broker_sim.adapters.sql_log import LogRows
from broker_sim.adapters.sql_sessions import Revive, SessionRows
from broker_sim.core.refusal import Refused

_EMPTIED: Final = tuple(reversed(metadata.sorted_tables))


class SqlTransaction(LogRows, SessionRows, AccessRows):
    """All that the use cases ask of a transaction."""


class SqlStore:
    """Keeps a world in a database.

    Args:
        revive: makes the records of a synthetic past, which are not stored.
        url: where; in memory if not said.
    """

    def __init__(self, revive: Revive, url: str = MEMORY) -> None:
        self.database = Database(url)
        self._revive = revive
        self._names = PortalNames()
        self._batches: dict[int, str] = {}

    @contextmanager
    def writing(self) -> Iterator[SqlTransaction]:
        """Open a transaction that commits at the end, on `Refused` too."""
        with self._begun(write=True) as tx:
            yield tx

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        """Open a transaction that writes nothing."""
        with self._begun(write=False) as tx:
            yield tx

    @contextmanager
    def _begun(self, *, write: bool) -> Iterator[SqlTransaction]:
        try:
            with self.database.transaction(write=write) as cursor:
                tx = SqlTransaction(cursor, self.database.engine.dialect, self._names)
                tx.revive = self._revive
                tx.batches = self._batches
                yield tx
        except Refused:
            raise
        except BaseException:
            self._names.clear()  # a portal that was rolled back must not be remembered
            raise

    def empty(self) -> None:
        """Delete all rows of all tables."""
        with self.database.transaction(write=True) as cursor:
            for table in _EMPTIED:
                cursor.execute(f"DELETE FROM {table.name}")  # noqa: S608  our own table names
        self._names.clear()
        self._batches.clear()

    def close(self) -> None:
        """Close every connection."""
        self.database.close()
