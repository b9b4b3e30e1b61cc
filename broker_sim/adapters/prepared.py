"""Statements written with SQLAlchemy, compiled once, run on the driver itself.

SQLAlchemy knows the dialects; its execution costs ten times what the driver's does, and
the broker's hot calls are four statements each. So a statement is compiled when it is
first run, and from then on only its text and the order of its parameters are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import Insert, Select, Table, bindparam, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement

# The text, the order of its parameters (None where the driver takes them by name), constants.
_Compiled: TypeAlias = tuple[str, tuple[str, ...] | None, dict[str, Any]]


def row_of(table: Table, *left_out: str) -> Insert:
    """Give the statement that adds one row, each column a parameter of its name."""
    names = [column.name for column in table.columns if column.name not in left_out]
    return insert(table).values({name: bindparam(name) for name in names})


class Prepared:
    """One statement with named parameters.

    Attributes:
        writes: it changes or locks rows; a text is taken to do so.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self.writes = not isinstance(statement, Select) or statement._for_update_arg is not None  # noqa: SLF001  nothing else tells it
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def bound(self, dialect: Dialect, values: dict[str, Any]) -> tuple[str, Any]:
        """Give the text for the dialect's driver, and the parameters in its manner."""
        text, order, constants = self._compiled.get(dialect.name) or self._known(dialect)
        if constants:
            values = constants | values
        if order is None:
            return text, values
        return text, [values[name] for name in order]

    def _known(self, dialect: Dialect) -> _Compiled:
        known = self._compiled.get(dialect.name)
        if known is None:
            known = self._compiled[dialect.name] = self._compile(dialect)
        return known

    def bound_many(
        self, dialect: Dialect, names: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> tuple[str, Sequence[Any]]:
        """Give the text for the dialect's driver, and the parameters of many rows in its manner.

        Args:
            dialect: of the database.
            names: of all parameters, in the order in which every row has them.
            rows: the parameters.
        """
        text, order, _ = self._known(dialect)
        if order is None:
            return text, [dict(zip(names, row, strict=True)) for row in rows]
        if order == tuple(names):
            return text, rows
        places = [names.index(name) for name in order]
        return text, [[row[place] for place in places] for row in rows]

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled = self._statement.compile(
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        names = getattr(compiled, "positiontup", None)
        order = None if names is None else tuple(names)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), order, constants
