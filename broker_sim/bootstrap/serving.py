"""Serve a broker in the foreground, and say where it is."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from broker_sim.bootstrap import doors as doorway
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
    broker = Broker(settings)
    path = settings.home / "env.json"
    try:
        if broker.was_opened_for_tests():
            raise ValueError(_CHEAP)
        doors = Doors(broker)
        heart = Heartbeat(doors.worlds.beat)
        told = doors.environment()
        try:
            server.serve(*doors.listeners, ready=lambda: _ready(told, path, heart, as_json=as_json))
        finally:
            heart.stop()
            doors.worlds.close()
            _withdraw(path, told)
    finally:
        broker.close()
    return 0


def _ready(told: Mapping[str, Any], path: Path, heart: Heartbeat, *, as_json: bool) -> None:
    _write_private(path, _file(told))
    print(_line(told) if as_json else described(told), flush=True)  # noqa: T201  the command's answer
    gc.freeze()  # what was made at the start is not searched for garbage again
    gc.enable()
    heart.start()


def _withdraw(path: Path, told: Mapping[str, Any]) -> None:
    """Delete what `_ready` wrote, unless another broker with this home has written its own."""
    if path.exists() and path.read_text(encoding="utf-8") == _file(told):
        path.unlink(missing_ok=True)


def _file(told: Mapping[str, Any]) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False)


def _line(told: Mapping[str, Any]) -> str:
    return doorway.as_json(told)


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    aside = path.with_suffix(".tmp")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    aside.replace(path)


def described(told: Mapping[str, Any]) -> str:
    """Give the environment for people to read."""
    lines = [f"broker-sim answers at {told['baseUrl']}", ""]
    for name, urls in told["services"].items():
        lines += [f"  {name:<10} {urls['wsdl']}", f"  {'':<10} {urls['wsdl12']}"]
    lines.append("")
    for portal, logins in told["logins"].items():
        lines += [
            f"  portal {portal}: user {login['username']}, password {login['password']}"
            for login in logins
        ]
    if told["caFile"]:
        lines += ["", f"  CA file    {told['caFile']}", f"  SHA-256    {told['caSha256']}"]
    if told["controlUrl"]:
        lines += [
            "",
            f"  control    {told['controlUrl']}/_sim/world",
            f"  token      {told['controlToken']}",
        ]
    return "\n".join(lines)
