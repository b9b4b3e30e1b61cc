"""Bring a database to the shape of `schema.py`: at once if it is new, step by step if not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect, text

from broker_sim.adapters import postgresql
from broker_sim.adapters.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config

# The newest step in migrations/versions; a test holds it against alembic's own reading.
HEAD: Final = "0003"


def bring_up_to_date(engine: Engine) -> None:
    """Make the tables of a new database; run the missing steps on an older one.

    Raises:
        RuntimeError: the database was written by a newer version of this program.
    """
    with engine.begin() as connection:
        # Of several processes that start at once, one makes the tables; the others wait.
        is_sqlite = engine.dialect.name == "sqlite"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else postgresql.LOCK_WORLD)
        inspector = inspect(connection)
        if not inspector.has_table("alembic_version"):
            metadata.create_all(connection)
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
            return
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found != HEAD:
            _upgrade(connection, str(found))


def _upgrade(connection: Connection, found: str) -> None:
    from alembic import command  # noqa: PLC0415  slow to import and seldom needed
    from alembic.util import CommandError  # noqa: PLC0415  the same

    config = configuration()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as problem:
        msg = (
            f"the database is at step {found!r}, which this version does not know:"
            " start the version that wrote it, or another --store"
        )
        raise RuntimeError(msg) from problem


def configuration() -> Config:
    """Give alembic's configuration for our migrations."""
    from alembic.config import Config as Made  # noqa: PLC0415  the same

    config = Made()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
