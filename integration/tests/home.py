"""A store in a folder, its client with a fake broker, and what is stored in it, to compare."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from integration.config import Portal, Secret
from integration.core.record import CHANNELS
from integration.pipeline.carry import Carrier
from integration.pipeline.crew import Crew
from integration.pipeline.ondemand import OnDemand
from integration.pipeline.realtime import Follower
from integration.pipeline.sources import Queued
from integration.pipeline.store import Store
from integration.tests.fakes import FakeBroker, ManualClock, Told


def portal_in(folder: Path, **more: Any) -> Portal:
    plain = Portal(
        nickname="demo",
        address="https://broker.example/services/Sessions",
        wsdl="https://broker.example/services/Sessions?wsdl",
        username="api",
        password=Secret("secret"),
        security_key=None,
        ca_file=None,
        interval_seconds=10.0,
        channels=frozenset(CHANNELS),
        decompress=False,
        storage=folder / "Sessions",
        database=f"sqlite:///{folder / 'sessions.sqlite'}",
        start_at=None,
        schedule=None,
        state=folder / "state" / "demo",
        workers=2,
    )
    return replace(plain, **more)


class Client:
    """One run of the client, in this process, with a fake broker."""

    def __init__(self, portal: Portal, broker: FakeBroker, clock: ManualClock) -> None:
        self.portal = portal
        self.broker = broker
        self.clock = clock
        self.told = Told()
        self.store = Store(portal)

    def close(self) -> None:
        self.store.close()

    def carrier(self, *, anew: bool = False) -> Carrier:
        return Carrier(self.store, self.broker, self.broker, self.clock, self.told, anew=anew)

    def on_demand(self, *, anew: bool = False) -> OnDemand:
        return OnDemand(self.carrier(anew=anew), self.broker.portal(), self.portal.workers)

    def follower(self) -> Follower:
        return Follower(
            self.store,
            self.broker,
            self.clock,
            self.told,
            self.broker.portal(),
            self.on_demand().missed,
            lambda _problem, _seconds: None,
        )

    def carry_all(self) -> None:
        """Carry until the queue is empty, as the crew of a program that runs does."""
        crew = Crew(self.carrier(), self.portal.workers)
        source = Queued(self.store.ledger, self.clock)

        class UntilEmpty:
            take, put_back = source.take, source.put_back
            endless = False
            ledger = self.store.ledger

            @property
            def exhausted(self) -> bool:
                return not self.ledger.under_way()

        crew.work(UntilEmpty())

    def poll(self) -> None:
        """One poll, and all that follows from it."""
        self.follower().poll()
        self.carry_all()


def rows(portal: Portal) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the database but the times of writing."""
    database = sqlite3.connect(portal.database.removeprefix("sqlite:///"))
    try:
        names = [
            n for (n,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        return {name: _rows(database, name) for name in names}
    finally:
        database.close()


def _rows(database: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    database.row_factory = sqlite3.Row
    found = database.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
    return [tuple(r[k] for k in r.keys() if k not in ("stored_at", "written_at")) for r in found]  # noqa: SIM118  a Row is no dict


def archives(portal: Portal) -> dict[str, str]:
    """Digest of every file in the storage folder, by its path there."""
    return {
        str(path.relative_to(portal.storage)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(portal.storage.rglob("*"))
        if path.is_file()
    }


def members(portal: Portal, session_id: int) -> dict[str, bytes]:
    """What a session's archive holds."""
    path = portal.storage / f"Session_{session_id}"
    if path.is_dir():
        return {inside.name: inside.read_bytes() for inside in path.iterdir()}
    with zipfile.ZipFile(path.with_suffix(".zip")) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def index(portal: Portal, session_id: int) -> dict[str, Any]:
    """The record in a session's archive."""
    found: dict[str, Any] = json.loads(members(portal, session_id)["session.json"])
    return found


def stored(client: Client) -> list[int]:
    """The sessions in the database."""
    return [int(row[0]) for row in rows(client.portal)["support_session"]]


def half_written(portal: Portal) -> list[str]:
    """Names of zips that are there under their final name and are not whole and verified."""
    found = []
    for path in portal.storage.glob("Session_*.zip"):
        try:
            inside = members(portal, int(path.stem.removeprefix("Session_")))
            told = json.loads(inside["session.json"])["files"]
            digests = {f["name"]: f["sha256"] for f in told if f["name"] in inside}
            same = all(hashlib.sha256(inside[n]).hexdigest() == d for n, d in digests.items())
        except (zipfile.BadZipFile, KeyError, ValueError):
            same = False
        if not same:
            found.append(path.name)
    return found
