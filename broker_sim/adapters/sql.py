"""The store on SQLAlchemy Core: SQLite in memory or in a file; PostgreSQL is a URL away."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from broker_sim.adapters import sql_copy
from broker_sim.adapters.applicants import Applicant
from broker_sim.adapters.connections_in_memory import Connections
from broker_sim.adapters.database import MEMORY, Database
from broker_sim.adapters.schema import metadata
from broker_sim.adapters.sql_base import PortalNames
from broker_sim.adapters.sql_copy import Tables
from broker_sim.adapters.sql_sessions import Revive
from broker_sim.adapters.transactions import InDatabase, InMemory, SqlTransaction

# Those that a process looks at before every use case, where several share a world; others are long.
_NOTES: Final = (
    "SELECT name, value FROM note WHERE name IN ('clock', 'edition', 'hostile profile', 'seed')"
)
_EMPTIED: Final = tuple(reversed(metadata.sorted_tables))


class SqlStore:
    """Keeps a world in a database.

    Args:
        revive: makes the records of a synthetic past, which are not stored.
        url: where; in memory if not said.
    """

    def __init__(self, revive: Revive, url: str = MEMORY) -> None:
        self.database = Database(url)
        self.dialect = self.database.engine.dialect
        self._kind = InMemory if self.database.in_memory else InDatabase
        self.revive = revive
        self.names = PortalNames()
        self.batches: dict[int, str] = {}
        self.connections = Connections()
        self.applicants: dict[str, Applicant] = {}

    @property
    def reads_beside(self) -> bool:
        """Whether who reads goes on while somebody writes: not so in memory."""
        return not self.database.in_memory

    def writing(self) -> AbstractContextManager[SqlTransaction]:
        """Open a transaction that commits at the end, on `Refused` too."""
        return self._kind(self, write=True)

    def reading(self) -> AbstractContextManager[SqlTransaction]:
        """Open a transaction that writes nothing."""
        return self._kind(self, write=False)

    def alone(self) -> AbstractContextManager[object]:
        """Keep all other threads waiting in a `with` block, where the database is in memory.

        For what takes several transactions and leaves no whole world between them. One in a
        file or on a server has none of this: who calls there meanwhile sees it half done.
        """
        return self.database.lock if self.database.in_memory else nullcontext()

    def empty(self) -> None:
        """Delete all rows of all tables."""
        with self.alone():
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
            with self.database.lock:  # as in `fill`
                sql_copy.put_image(self.database, saved)
                self.forget()
        else:
            self.fill(saved)

    def tables(self) -> Tables:
        """Give all rows as JSON holds them."""
        with self.alone():
            self._write_down()
            with self.database.transaction(write=False) as cursor:
                return sql_copy.tables(cursor, self.dialect)

    def _write_down(self) -> None:
        """Have the database hold all that there is."""
        if self.database.in_memory:
            with self.writing() as tx:
                assert isinstance(tx, InMemory)
                tx.write_down()

    def fill(self, given: Tables) -> None:
        """Put rows in the place of all that there are: all of them or none.

        Raises:
            ValueError: they are not what the tables hold.
        """
        with self.alone():  # who reads next finds nothing that was remembered of the old rows
            with self.database.transaction(write=True) as cursor:
                self._delete_all(cursor)
                try:
                    sql_copy.put_tables(cursor, self.dialect, given)
                except self.dialect.loaded_dbapi.IntegrityError as problem:
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
        self.applicants.clear()

    def notes(self) -> Mapping[str, str]:
        """Give the settings that say which world it is, and what its time is; a handful."""
        return dict(self.database.glance(_NOTES))

    def close(self) -> None:
        """Close every connection."""
        self.database.close()
