"""What every part of an SQL transaction stands on: run a prepared statement, name a portal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Dialect

from broker_sim.adapters.prepared import Prepared
from broker_sim.adapters.schema import portal
from broker_sim.service.storage import MustWrite

_NUMBER: Final = Prepared(select(portal.c.id).where(portal.c.name == bindparam("b_name")))
_NAME: Final = Prepared(select(portal.c.name).where(portal.c.id == bindparam("b_id")))


class Rows:
    """A transaction's cursor and the means to run statements on it."""

    def __init__(
        self, cursor: Any, dialect: Dialect, names: PortalNames, *, write: bool = True
    ) -> None:
        self.cursor = cursor
        self.may_write = write
        self.dialect = dialect
        self.names = names

    def run(self, statement: Prepared, /, **values: Any) -> Any:
        """Run a statement; give the driver's cursor.

        Raises:
            MustWrite: it writes, and the transaction may only read.
        """
        if statement.writes:
            self.begin()
        self.cursor.execute(*statement.bound(self.dialect, values))
        return self.cursor

    def begin(self) -> None:
        """Be told that something is about to be written.

        Raises:
            MustWrite: the transaction may only read.
        """
        if not self.may_write:
            raise MustWrite

    def one(self, statement: Prepared, /, **values: Any) -> Any:
        """Give the first row, or None."""
        return self.run(statement, **values).fetchone()

    def all(self, statement: Prepared, /, **values: Any) -> Sequence[Any]:
        """Give all rows."""
        rows: Sequence[Any] = self.run(statement, **values).fetchall()
        return rows

    def value(self, statement: Prepared, /, **values: Any) -> Any:
        """Give the first column of the first row, or None."""
        row = self.one(statement, **values)
        return None if row is None else row[0]

    def number(self, name: str) -> int:
        """Give the number of a portal that exists.

        Raises:
            KeyError: it does not.
        """
        number = self.names.number(name, self)
        if number is None:
            raise KeyError(name)
        return number


class PortalNames:
    """Portals by number and name. A portal is never renamed, so both are kept once read."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def number(self, name: str, rows: Rows) -> int | None:
        """Give a portal's number; None where there is no such portal."""
        known = self._numbers.get(name)
        if known is None and "\0" not in name:  # PostgreSQL refuses even to look for it
            known = rows.value(_NUMBER, b_name=name)
            if known is not None:
                self._numbers[name] = known
        return known

    def name(self, number: int, rows: Rows) -> str:
        """Give a portal's name."""
        known = self._names.get(number)
        if known is None:
            known = self._names[number] = str(rows.value(_NAME, b_id=number))
        return known

    def clear(self) -> None:
        """Forget all, after a reset."""
        self._numbers.clear()
        self._names.clear()
