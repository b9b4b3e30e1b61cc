"""All that the use cases ask of a transaction, and how it begins and ends.

It commits at the end and on `Refused`, because a refused logon must be counted; it rolls back
on anything else.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from broker_sim.adapters.applicants import ApplicantsInMemory
from broker_sim.adapters.connections_in_memory import ConnectionsInMemory
from broker_sim.adapters.sql_access import AccessRows
from broker_sim.adapters.sql_channels import ChannelRows
from broker_sim.adapters.sql_codes import CodeRows
from broker_sim.adapters.sql_desks import DeskRows
from broker_sim.adapters.sql_desktop import DesktopRows
from broker_sim.adapters.sql_due import DueRows
from broker_sim.adapters.sql_log import LogRows
from broker_sim.adapters.sql_managers import ManagerRows
from broker_sim.adapters.sql_review import ReviewRows
from broker_sim.adapters.sql_sessions import SessionRows
from broker_sim.adapters.sql_staff import StaffRows
from broker_sim.core.refusal import Refused

if TYPE_CHECKING:
    from broker_sim.adapters.sql import SqlStore


class SqlTransaction(
    LogRows,
    DueRows,
    SessionRows,
    AccessRows,
    StaffRows,
    DeskRows,
    DesktopRows,
    CodeRows,
    ManagerRows,
    ReviewRows,
    ChannelRows,
):
    """What the use cases do with rows."""

    def count_connections(self, used_after: datetime) -> int:
        """Count the connections that were last used after this instant, a rep's own too."""
        return self.count_login_connections(used_after) + self.count_rep_connections(used_after)


class InDatabase(AbstractContextManager[SqlTransaction]):
    """A transaction of a store in a file or on a server."""

    __slots__ = ("_store", "_transaction", "_write")

    def __init__(self, store: SqlStore, *, write: bool) -> None:
        self._store = store
        self._write = write
        self._transaction = store.database.transaction(write=write)

    def __enter__(self) -> SqlTransaction:
        store = self._store
        cursor = self._transaction.__enter__()
        tx = SqlTransaction(cursor, store.dialect, store.names, write=self._write)
        tx.revive, tx.batches = store.revive, store.batches
        return tx

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        rolled_back = _is_rolled_back(kind)
        try:
            self._transaction.__exit__(kind, failure, trace)
        except BaseException:
            rolled_back = True
            raise
        finally:
            if rolled_back:
                self._store.names.clear()  # a portal that is not there must not be remembered


class _WhenAsked:
    """The driver's cursor, made when somebody first asks for it: many calls never do."""

    def __get__(self, tx: InMemory, _kind: object) -> Any:
        cursor = tx.cursor = tx.raw.cursor()
        return cursor


class InMemory(ApplicantsInMemory, ConnectionsInMemory, SqlTransaction):
    """A transaction of a store in memory, where a lock keeps others out meanwhile.

    The database hears nothing of it before it is asked something, and begins with the first
    write: what most calls want to know is beside it.
    """

    cursor: Any = _WhenAsked()

    def __init__(self, store: SqlStore, *, write: bool) -> None:
        self._database = store.database
        self._begun = False
        self.may_write = write
        self.dialect = store.dialect
        self.names, self.revive, self.batches = store.names, store.revive, store.batches
        self.connections, self.applicants = store.connections, store.applicants

    def __enter__(self) -> Self:
        self._database.lock.acquire()
        try:
            self.raw = self._database.connection()
        except BaseException:
            self._database.lock.release()
            raise
        return self

    def begin(self) -> None:
        """Begin, if that was not done yet."""
        super().begin()
        if not self._begun:
            self._begun = True
            self.cursor.execute("BEGIN")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._end(undo=_is_rolled_back(kind))
        finally:
            self._database.lock.release()

    def _end(self, *, undo: bool) -> None:
        try:
            if self._begun:
                self.raw.rollback() if undo else self.raw.commit()
        except BaseException:
            undo = True
            raise
        finally:
            if undo:  # nobody may remember what is no more
                self.names.clear()
                self.applicants.clear()
            if self.connections.before:
                self.connections.end(undo=undo)
            if "cursor" in self.__dict__:
                self.cursor.close()


def _is_rolled_back(kind: type[BaseException] | None) -> bool:
    return kind is not None and not issubclass(kind, Refused)
