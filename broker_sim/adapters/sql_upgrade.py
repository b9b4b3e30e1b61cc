"""Rows of an older step of the migrations, brought to the newest one."""

from __future__ import annotations

import re
import threading
from typing import Any, Final

from alembic import command
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, Table, create_engine, insert
from sqlalchemy.exc import SQLAlchemyError

from broker_sim.adapters import sql_copy
from broker_sim.adapters.database import MEMORY
from broker_sim.adapters.migrate import configuration
from broker_sim.adapters.sql_copy import Tables

_STEP: Final = re.compile("[0-9]{4}")
# The migration tool keeps what it is at in a place that all threads have in common.
_ONE_AT_A_TIME: Final = threading.Lock()


def upgraded(given: Tables, step: str) -> Tables:
    """Put rows into a database of their step, bring it up to date, and read them again.

    Raises:
        ValueError: the step is not known, or the rows do not fit it.
    """
    if not _STEP.fullmatch(step):
        raise ValueError(_unknown(step))
    engine = create_engine(MEMORY)
    try:
        with _ONE_AT_A_TIME, engine.begin() as connection:
            return _upgraded(connection, given, step)
    except CommandError as problem:
        raise ValueError(_unknown(step)) from problem
    except SQLAlchemyError as problem:
        msg = f"the rows do not fit step {step}: {str(problem).splitlines()[0]}"
        raise ValueError(msg) from problem
    finally:
        engine.dispose()


def _unknown(step: str) -> str:
    return f"the step {step!r:.40} is not known: a newer version of this program wrote it"


def _upgraded(connection: Connection, given: Tables, step: str) -> Tables:
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, step)
    known = MetaData()
    known.reflect(connection)
    for name, rows in given.items():
        if name not in known.tables:
            raise ValueError(f"there is no table {name!r} at step {step}")
        if rows:
            table = known.tables[name]
            connection.execute(insert(table), [_row(table, row) for row in rows])
    command.upgrade(config, "head")
    raw: Any = connection.connection.dbapi_connection
    return sql_copy.tables(raw.cursor(), connection.dialect)


def _row(table: Table, given: Any) -> dict[str, Any]:
    odd = sorted(set(given) - set(table.columns.keys()))
    if odd:
        raise ValueError(f"a row of {table.name} has no {odd[0]!r}")
    return {name: sql_copy.read_value(table.columns[name], value) for name, value in given.items()}
