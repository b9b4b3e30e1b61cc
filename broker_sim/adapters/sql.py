"""The store on SQLAlchemy Core: SQLite in memory or in a file; PostgreSQL is a URL away."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final

from broker_sim.adapters.database import MEMORY, Database
from broker_sim.adapters.schema import metadata
from broker_sim.adapters.sql_access import AccessRows
from broker_sim.adapters.sql_base import PortalNames
from broker_sim.adapters.sql_log import LogRows
from broker_sim.adapters.sql_codes import CodeRows
from broker_sim.adapters.sql_desktop import DesktopRows
from broker_sim.adapters.sql_sessions import Revive, SessionRows
from broker_sim.core.refusal import Refused
from broker_sim.adapters.sql_staff import StaffRows

_EMPTIED: Final = tuple(reversed(metadata.sorted_tables))


class SqlTransaction(LogRows, SessionRows, AccessRows, StaffRows, DesktopRows, CodeRows):
    """All that the use cases ask of a transaction."""


class SqlStore:
    """Keeps a world in a database.

    Args:
        revive: makes the records of a synthetic past, which are not stored.
        url: where; in memory if not said.
    """

    def __init__(self, revive: Revive, url: str = MEMORY) -> None:
        self.database = Database(url)
        self.revive = revive
        self.names = PortalNames()
        self.batches: dict[int, str] = {}

    def writing(self) -> AbstractContextManager[SqlTransaction]:
        """Open a transaction that commits at the end, on `Refused` too."""
        return _Opened(self, write=True)

    def reading(self) -> AbstractContextManager[SqlTransaction]:
        """Open a transaction that writes nothing."""
        return _Opened(self, write=False)

    def empty(self) -> None:
        """Delete all rows of all tables."""
        with self.database.transaction(write=True) as cursor:
            for table in _EMPTIED:
                cursor.execute(f"DELETE FROM {table.name}")  # noqa: S608  our own table names
        self.names.clear()
        self.batches.clear()

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


class _Opened(AbstractContextManager[SqlTransaction]):
    """A transaction of a store."""

    __slots__ = ("_store", "_transaction")

    def __init__(self, store: SqlStore, *, write: bool) -> None:
        self._store = store
        self._transaction = store.database.transaction(write=write)

    def __enter__(self) -> SqlTransaction:
        store = self._store
        cursor = self._transaction.__enter__()
        tx = SqlTransaction(cursor, store.database.engine.dialect, store.names)
        tx.revive, tx.batches = store.revive, store.batches
        return tx

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        rolled_back = kind is not None and not issubclass(kind, Refused)
        try:
            self._transaction.__exit__(kind, failure, trace)
        except BaseException:
            rolled_back = True
            raise
        finally:
            if rolled_back:
                self._store.names.clear()  # a portal that is not there must not be remembered
