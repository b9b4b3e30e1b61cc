"""What a broker is started with. The only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

MEMORY: Final = "memory"
FILE: Final = "file"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides how a broker runs.

    Attributes:
        home: folder of the CA, of `env.json`, and of the data where `store` is "file".
        store: "file", "memory", or the URL of a database.
        host: the address to listen on.
        port: the first port to try; 0 for any.
        tls: serve https. SEC-1.
        names: further host names for the certificate.
        base_url: how callers reach the broker, if not by host and port.
        seed: decides company, logins, past and traffic.
        sessions: how many ended sessions a new world begins with.
        days: over how many days before now they lie.
        live_per_hour: how many requests customers post in an average hour; 0 for none.
        control: open the control listener.
        control_port: the first port to try for it; 0 for any.
        token: what opens it.
        for_tests: cheap password hashes and repeatable keys; refused in served mode.
        frozen_at: begin with the clock standing still at this instant.
    """

    home: Path
    store: str = FILE
    host: str = "127.0.0.1"
    port: int = 8443
    tls: bool = True
    names: tuple[str, ...] = ()
    base_url: str | None = None
    seed: int = 7
    sessions: int = 400
    days: int = 90
    live_per_hour: float = 0.0
    control: bool = False
    control_port: int = 8444
    token: str = field(default="", repr=False)
    for_tests: bool = False
    frozen_at: datetime | None = None

    @property
    def in_memory(self) -> bool:
        """Whether the world is gone when the process ends."""
        return self.store == MEMORY


def default_home(environment: Mapping[str, str] = os.environ) -> Path:  # noqa: TID251  this file reads the environment
    """Give the folder where a broker keeps its things: $BROKER_SIM_HOME, else the user's own."""
    said = environment.get("BROKER_SIM_HOME")
    if said:
        return Path(said)
    data = environment.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "broker-sim"
