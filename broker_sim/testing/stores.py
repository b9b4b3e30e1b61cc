"""Where the worlds of tests keep their data: one switch, read from the environment.

BROKER_SIM_TEST_STORE is "memory" (or unset) or "postgresql". With the latter, each world has a
database of its own on a server that the first of them starts, which is gone with its process;
processes that are started meanwhile find it by BROKER_SIM_TEST_SERVER.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from broker_sim import settings
from broker_sim.settings import FILE, MEMORY

if TYPE_CHECKING:
    from broker_sim.adapters.own_postgresql import OwnServer

POSTGRESQL: Final = "postgresql"
_HOMES: Final = "home_"
_COUNT: Final = itertools.count(1)
_LOCK: Final = threading.Lock()
_SERVERS: Final[list[OwnServer]] = []


def server() -> OwnServer:
    """Give the server for tests; the first call starts it."""
    from broker_sim.adapters.own_postgresql import OwnServer  # noqa: PLC0415  slow, seldom needed

    with _LOCK:
        if not _SERVERS:
            known = settings.server_for_tests()
            _SERVERS.append(OwnServer(known))
            if known is None:
                settings.tell_server_for_tests(_SERVERS[0].url)
        return _SERVERS[0]


def on_postgresql() -> bool:
    """Tell whether worlds are kept in PostgreSQL unless a test says otherwise."""
    return settings.store_for_tests() == POSTGRESQL


@contextmanager
def placed(store: str | None, home: Path) -> Iterator[str]:
    """Give the setting `store` of a world, and delete what was made for it alone.

    Args:
        store: "memory", "file", "postgresql" (a new database), a URL; None for what the
            environment says.
        home: the world's folder. Where the environment says PostgreSQL, a world that would be
            in a file there is in a database of that folder.
    """
    if store == POSTGRESQL or (store is None and on_postgresql()):
        with new_database() as url:
            yield url
    elif store == FILE and on_postgresql():
        yield of_home(home)
    else:
        yield store or MEMORY


@contextmanager
def new_database(*, tables: bool = True) -> Iterator[str]:
    """Give the URL of a database with empty tables, or a bare one, deleted at the end."""
    name = f"world_{os.getpid()}_{next(_COUNT)}"
    url = server().create(name, tables=tables)
    try:
        yield url
    finally:
        server().drop(name)


def of_home(home: Path) -> str:
    """Give the URL of a folder's database, for every process the same."""
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()
    return server().create(f"{_HOMES}{digest[:16]}")


def drop_unused() -> None:
    """Delete the databases of folders that nobody is connected to."""
    for started in _SERVERS:
        started.drop_unused(_HOMES)
