"""Stores for tests by kind, and records to put into them.

Every test of the store runs on each of KINDS; a further database is one more kind here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from broker_sim.adapters.database import MEMORY, sqlite_url
from broker_sim.adapters.sql import SqlStore
from broker_sim.core import session
from broker_sim.core.access import PortalKey
from broker_sim.core.record import Change, Session
from broker_sim.service.storage import Held, Portal
from broker_sim.testing.stores import new_database

KINDS: Final = ("memory", "file", "postgresql")
START: Final = datetime(2030, 1, 15, 9, tzinfo=UTC)
PORTALS: Final = {"alpha": ("print", "network"), "beta": ("general",)}
POSTED: Final = (Change.POSTED,)


@contextmanager
def url_of(kind: str, *, tables: bool = True) -> Iterator[str]:
    """Give the URL of a new store of that kind, a server's with or without tables."""
    if kind == "postgresql":
        with new_database(tables=tables) as url:
            yield url
    elif kind == "file":
        with TemporaryDirectory() as folder:
            yield sqlite_url(Path(folder) / "broker.db")
    else:
        yield MEMORY


def no_past(parameters: str, place: int, session_id: int, posted: datetime) -> Session:
    """Stand for the synthetic past where there is none."""
    msg = f"nothing here is of a batch: {parameters} {place} {session_id} {posted}"
    raise AssertionError(msg)


@contextmanager
def opened(kind: str) -> Iterator[SqlStore]:
    """Give a new store of that kind with the portals of PORTALS in it."""
    with url_of(kind) as url:
        store = SqlStore(no_past, url)
        try:
            add_portals(store)
            yield store
        finally:
            store.close()


def add_portals(store: SqlStore) -> None:
    """Add the portals of PORTALS, each with a key of zeros."""
    with store.writing() as tx:
        for name, subs in PORTALS.items():
            portal = Portal(name, name.title(), "Example", "SmartBox", subs, hard_lockouts=False)
            tx.add_portal(portal, PortalKey(1, secured=False, kek=bytes(16)))


def post(store: SqlStore, now: datetime, portal: str = "alpha", sub: str = "print") -> Session:
    """Put a newly posted session into the store."""
    with store.writing() as tx:
        begun = session.post(tx.next_session_id(), portal, sub, "Why?", now)
        return tx.put(Held(begun), POSTED, now)
