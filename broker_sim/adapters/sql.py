"""The store on SQLAlchemy Core: SQLite in memory or in a file; PostgreSQL is a URL away."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from types import TracebackType
from typing import Any, Final

from broker_sim.adapters import sql_copy
from broker_sim.adapters.connections_in_memory import Connections, ConnectionsInMemory
from broker_sim.adapters.database import MEMORY, Database
from broker_sim.adapters.schema import metadata
from broker_sim.adapters.sql_access import AccessRows
from broker_sim.adapters.sql_base import PortalNames
from broker_sim.adapters.sql_channels import ChannelRows
from broker_sim.adapters.sql_codes import CodeRows
from broker_sim.adapters.sql_copy import Tables
from broker_sim.adapters.sql_desktop import DesktopRows
from broker_sim.adapters.sql_log import LogRows
from broker_sim.adapters.sql_managers import ManagerRows
from broker_sim.adapters.sql_review import ReviewRows
from broker_sim.adapters.sql_sessions import Revive, SessionRows
from broker_sim.adapters.sql_staff import StaffRows
from broker_sim.core.refusal import Refused

# Those that a process looks at before every use case, where several share a world; others are long.
_NOTES: Final = (
    "SELECT name, value FROM note WHERE name IN ('clock', 'edition', 'hostile profile', 'seed')"
)
_EMPTIED: Final = tuple(reversed(metadata.sorted_tables))


class SqlTransaction(
    LogRows,
    SessionRows,
    AccessRows,
    StaffRows,
    DesktopRows,
    CodeRows,
    ManagerRows,
    ReviewRows,
    ChannelRows,
):
    """All that the use cases ask of a transaction."""

    def count_connections(self, used_after: datetime) -> int:
        """Count the connections that were last used after this instant, a rep's own too."""
        return self.count_login_connections(used_after) + self.count_rep_connections(used_after)


class MemoryTransaction(ConnectionsInMemory, SqlTransaction):
    """The same in memory, where a lock keeps others out: it begins with the first write."""

    _begun = False

    def begin(self) -> None:
        """Begin, if that was not done yet."""
        super().begin()
        if not self._begun:
            self._begun = True
            self.cursor.execute("BEGIN")


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
        self.connections = Connections()

    @property
    def reads_beside(self) -> bool:
        """Whether who reads goes on while somebody writes: not so in memory."""
        return not self.database.in_memory

    def writing(self) -> AbstractContextManager[SqlTransaction]:
        """Open a transaction that commits at the end, on `Refused` too."""
        return _Opened(self, write=True)

    def reading(self) -> AbstractContextManager[SqlTransaction]:
        """Open a transaction that writes nothing."""
        return _Opened(self, write=False)

    def alone(self) -> AbstractContextManager[object]:
        """Keep all other threads waiting in a `with` block, where the database is in memory.

        For what takes several transactions and leaves no whole world between them. One in a
        file or on a server has none of this: who calls there meanwhile sees it half done.
        """
        return self.database.lock if self.database.in_memory else nullcontext()

    def empty(self) -> None:
        """Delete all rows of all tables."""
        with self.database.transaction(write=True) as cursor:
            self._delete_all(cursor)
        self.forget()

    def saved(self) -> bytes | Tables:
        """Copy all that the database holds, for `restore`."""
        with self.alone():
            self._write_down()
            copied = sql_copy.image(self.database)
        return self.tables() if copied is None else copied

    def restore(self, saved: bytes | Tables) -> None:
        """Put a copy in the place of all that the database holds."""
        if isinstance(saved, bytes):
            with self.database.lock:  # who reads next finds none of the old names
                sql_copy.put_image(self.database, saved)
                self.forget()
        else:
            self.fill(saved)

    def tables(self) -> Tables:
        """Give all rows as JSON holds them."""
        with self.alone():
            self._write_down()
            with self.database.transaction(write=False) as cursor:
                return sql_copy.tables(cursor, self.database.engine.dialect)

    def _write_down(self) -> None:
        """Have the database hold all that there is."""
        if self.database.in_memory:
            with self.writing() as tx:
                assert isinstance(tx, MemoryTransaction)
                tx.write_down()

    def fill(self, given: Tables) -> None:
        """Put rows in the place of all that there are: all of them or none.

        Raises:
            ValueError: they are not what the tables hold.
        """
        with self.database.transaction(write=True) as cursor:
            self._delete_all(cursor)
            try:
                sql_copy.put_tables(cursor, self.database.engine.dialect, given)
            except self.database.engine.dialect.loaded_dbapi.IntegrityError as problem:
                msg = f"the rows contradict each other: {problem}"
                raise ValueError(msg) from problem
        self.forget()

    def _delete_all(self, cursor: Any) -> None:
        for table in _EMPTIED:
            cursor.execute(f"DELETE FROM {table.name}")  # noqa: S608  our own table names

    def forget(self) -> None:
        """Forget what is remembered of the rows: others have put others in their place."""
        self.names.clear()
        self.batches.clear()
        self.connections.forget()

    def notes(self) -> Mapping[str, str]:
        """Give the settings that say which world it is, and what its time is; a handful."""
        return dict(self.database.glance(_NOTES))

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


class _Opened(AbstractContextManager[SqlTransaction]):
    """A transaction of a store."""

    __slots__ = ("_store", "_transaction", "_write")

    def __init__(self, store: SqlStore, *, write: bool) -> None:
        self._store = store
        self._write = write
        self._transaction = store.database.transaction(write=write, late=True)

    def __enter__(self) -> SqlTransaction:
        store = self._store
        cursor = self._transaction.__enter__()
        kind = MemoryTransaction if store.database.in_memory else SqlTransaction
        tx = kind(cursor, store.database.engine.dialect, store.names, write=self._write)
        if isinstance(tx, MemoryTransaction):
            tx.connections = store.connections
        tx.revive, tx.batches = store.revive, store.batches
        return tx

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        rolled_back = kind is not None and not issubclass(kind, Refused)
        with self._store.alone():  # until what is remembered is as the rows are
            try:
                self._transaction.__exit__(kind, failure, trace)
            except BaseException:
                rolled_back = True
                raise
            finally:
                if rolled_back:
                    self._store.names.clear()  # a portal that is not there must not be remembered
                self._store.connections.end(undo=rolled_back)
