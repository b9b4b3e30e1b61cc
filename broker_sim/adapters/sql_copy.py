"""All rows of a database as values, and back: for snapshots, export and import.

An export names the step of the migrations that its rows belong to. Rows of an older step
are put into a database of that step, which is then brought up to date like any other.
"""

from __future__ import annotations

import base64
import binascii
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import Boolean, Column, Integer, LargeBinary, Table, select
from sqlalchemy.engine import Dialect

from broker_sim.adapters.database import Database
from broker_sim.adapters.migrate import HEAD
from broker_sim.adapters.prepared import Prepared, row_of
from broker_sim.adapters.schema import metadata, session

# A table's rows by its name; a row's values by the column's.
Tables: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]

_SELECTS: Final = {
    table.name: Prepared(select(table).order_by(*table.primary_key.columns))
    for table in metadata.sorted_tables
}
_INTEGERS: Final = 2**63
_INSERTS: Final = {table.name: Prepared(row_of(table)) for table in metadata.sorted_tables}


def image(database: Database) -> bytes | None:
    """Copy a whole SQLite database as it is on disk; None where it is another kind.

    Quick: a tenth of a millisecond for a small world.
    """
    if not database.is_sqlite:
        return None
    with database.lock, closing(sqlite3.connect(":memory:")) as copy:
        database.connection().backup(copy)
        saved = copy.serialize()
    # Bytes 18 and 19 say that a file has a write-ahead log, which a copy in memory has not.
    return saved[:18] + b"\1\1" + saved[20:]


def put_image(database: Database, saved: bytes) -> None:
    """Put such a copy in the place of all that the database holds."""
    with database.lock, closing(sqlite3.connect(":memory:")) as copy:
        copy.deserialize(saved)
        copy.backup(database.connection())


def tables(cursor: Any, dialect: Dialect) -> Tables:
    """Give all rows as JSON holds them: bytes as base64, a session's document as an object."""
    return {table.name: _rows(cursor, dialect, table) for table in metadata.sorted_tables}


def _rows(cursor: Any, dialect: Dialect, table: Table) -> Sequence[Mapping[str, Any]]:
    cursor.execute(*_SELECTS[table.name].bound(dialect, {}))
    writers = [(column.name, _writer(column)) for column in table.columns]
    return [
        {name: write(value) for (name, write), value in zip(writers, row, strict=True)}
        for row in cursor.fetchall()
    ]


def put_tables(cursor: Any, dialect: Dialect, given: Tables) -> None:
    """Add rows to empty tables.

    Raises:
        ValueError: a table or a column that there is none of, one that is missing, a value of
            a wrong kind; named.
    """
    unknown = sorted(set(given) - set(_INSERTS))
    if unknown:
        raise ValueError(f"there is no table {unknown[0]!r}")
    for table in metadata.sorted_tables:
        rows = [_row(table, row) for row in given.get(table.name, ())]
        if rows:
            names = [column.name for column in table.columns]
            cursor.executemany(*_INSERTS[table.name].bound_many(dialect, names, rows))
    if dialect.name == "postgresql":
        _count_on(cursor)


def _row(table: Table, given: Mapping[str, Any]) -> Sequence[Any]:
    names = {column.name for column in table.columns}
    odd = sorted(names.symmetric_difference(given))
    if odd:
        said = "has no" if odd[0] in given else "needs a"
        raise ValueError(f"a row of {table.name} {said} {odd[0]!r}")
    return [read_value(column, given[column.name]) for column in table.columns]


def _count_on(cursor: Any) -> None:
    """Let PostgreSQL's own counters go on behind the highest number that is there."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'),"  # noqa: S608  our own names
                f" GREATEST((SELECT MAX({column.name}) FROM {table.name}), 1))"
            )


def _writer(column: Column[Any]) -> Callable[[Any], Any]:
    if column is session.c.document:
        return lambda value: None if value is None else msgspec.json.decode(value)
    if isinstance(column.type, LargeBinary):
        return lambda value: None if value is None else base64.b64encode(value).decode()
    if isinstance(column.type, Boolean):
        return lambda value: None if value is None else bool(value)
    return lambda value: value


def read_value(column: Column[Any], value: Any) -> Any:
    """Turn JSON's value into the database's.

    Raises:
        ValueError: it is none that the column holds.
    """
    said = f"{column.table.name}.{column.name}"
    if value is None and column.nullable:
        return None
    if said == "session.document":
        return msgspec.json.encode(value)
    wanted = bytes if isinstance(column.type, LargeBinary) else column.type.python_type
    if wanted is bytes and isinstance(value, str):
        return _decoded(value, said)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise ValueError(f"{said} must be a {wanted.__name__}, not {value!r:.40}")
    if wanted is int and not -_INTEGERS <= int(value) < _INTEGERS:
        raise ValueError(f"{said} must have 64 bits, not {value!r:.40}")
    return value


def _decoded(value: str, said: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as problem:
        raise ValueError(f"{said} must be base64") from problem


def up_to_date(given: Tables, step: str) -> Tables:
    """Bring rows of an older step to the newest one.

    Raises:
        ValueError: the step is not known, or the rows do not fit it.
    """
    if step == HEAD:
        return given
    from broker_sim.adapters import sql_upgrade  # noqa: PLC0415  alembic is slow to import and seldom needed

    return sql_upgrade.upgraded(given, step)


def shapes() -> Mapping[str, Any]:
    """Give what JSON Schema says of every table's rows, as `tables` gives them."""
    return {
        table.name: {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {column.name: _shape(column) for column in table.columns},
                "required": [column.name for column in table.columns],
                "additionalProperties": False,
            },
        }
        for table in metadata.sorted_tables
    }


def _shape(column: Column[Any]) -> Mapping[str, Any]:
    said: dict[str, Any] = {"type": "string"}
    if column is session.c.document:
        said = {"type": "object"}
    elif isinstance(column.type, LargeBinary):
        said = {"type": "string", "contentEncoding": "base64"}
    elif isinstance(column.type, Boolean):
        said = {"type": "boolean"}
    elif isinstance(column.type, Integer):
        said = {"type": "integer"}
    return {**said, "type": [said["type"], "null"]} if column.nullable else said
