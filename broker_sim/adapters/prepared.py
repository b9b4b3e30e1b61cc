"""Statements written with SQLAlchemy, compiled once, run on the driver itself.

SQLAlchemy knows the dialects; its execution costs ten times what the driver's does, and
the broker's hot calls are four statements each. So a statement is compiled when it is
first run, and from then on only its text and the order of its parameters are used.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement


class Prepared:
    """One statement with named parameters."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, tuple[str, ...] | None, dict[str, Any]]] = {}

    def bound(self, dialect: Dialect, values: dict[str, Any]) -> tuple[str, Any]:
        """Give the text for the dialect's driver, and the parameters in its manner."""
        known = self._compiled.get(dialect.name)
        if known is None:
            known = self._compiled[dialect.name] = self._compile(dialect)
        text, order, constants = known
        if constants:
            values = constants | values
        if order is None:
            return text, values
        return text, [values[name] for name in order]

    def _compile(self, dialect: Dialect) -> tuple[str, tuple[str, ...] | None, dict[str, Any]]:
        compiled = self._statement.compile(
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        names = getattr(compiled, "positiontup", None)
        order = None if names is None else tuple(names)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), order, constants
