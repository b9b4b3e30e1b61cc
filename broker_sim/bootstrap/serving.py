"""Serve a broker in the foreground, in this process or in several behind one port."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from broker_sim.bootstrap import starting, workers
from broker_sim.bootstrap.announcing import announce, withdraw
from broker_sim.bootstrap.doors import Doors
from broker_sim.bootstrap.home import alone_in
from broker_sim.front import server
from broker_sim.service.heartbeat import Heartbeat
from broker_sim.settings import Settings


def serve(settings: Settings, *, as_json: bool = False) -> int:
    """Serve until SIGINT or SIGTERM; give the exit code.

    Raises:
        UsageError: another broker serves with this home; the settings, or the world in the
            store, are for tests, where password hashes are cheap (SEC-1); what the settings
            name cannot be opened.
    """
    with alone_in(settings) as path:
        return _serve_alone(settings, path, as_json=as_json)


def _serve_alone(settings: Settings, path: Path, *, as_json: bool) -> int:
    broker = starting.opened(settings)
    try:
        doors = Doors(broker, starting.bound(settings))
        told = doors.environment()
        try:
            if settings.workers == 1 and not settings.relay_processes:
                _serve(doors, told, path, as_json=as_json)
                return 0
            broker.close()  # nothing that is open may go through a fork
            return workers.serve(
                settings, doors.ports, told, lambda: announce(told, path, as_json=as_json)
            )
        finally:
            withdraw(path)
    finally:
        broker.close()


def _serve(doors: Doors, told: Mapping[str, Any], path: Path, *, as_json: bool) -> None:
    heart = Heartbeat(doors.worlds.beat)

    def ready() -> None:
        announce(told, path, as_json=as_json)
        gc.freeze()  # what was made at the start is not searched for garbage again
        gc.enable()
        heart.start()

    try:
        server.serve(*doors.listeners, ready=ready)
    finally:
        heart.stop()
        doors.worlds.close()
