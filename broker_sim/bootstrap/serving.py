"""Serve a broker in the foreground, in this process or in several behind one port."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from broker_sim.bootstrap import workers
from broker_sim.bootstrap.announcing import announce, withdraw
from broker_sim.bootstrap.broker import Broker
from broker_sim.bootstrap.doors import Doors
from broker_sim.front import server
from broker_sim.service.heartbeat import Heartbeat
from broker_sim.settings import Settings

_CHEAP: Final = "a world made for tests is not served: its passwords and keys are cheap"


def serve(settings: Settings, *, as_json: bool = False) -> int:
    """Serve until SIGINT or SIGTERM; give the exit code.

    Raises:
        ValueError: the settings, or the world in the store, are for tests, where password
            hashes are cheap. SEC-1.
    """
    if settings.for_tests:
        raise ValueError(_CHEAP)
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.home / "env.json"
    broker = Broker(settings)
    try:
        if broker.was_opened_for_tests():
            raise ValueError(_CHEAP)
        doors = Doors(broker)
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
            withdraw(told, path)
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
