"""Relays in processes of their own: what each of them does, and how the broker knows them.

They share a key with the broker, made anew at each start, and nothing else.

Source: CHAN-1.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import partial
from socket import socket
from typing import Final
from urllib.parse import urlsplit

from broker_sim.adapters import signatures
from broker_sim.adapters.clocks import machine_time, stopwatch
from broker_sim.adapters.entropy import SystemEntropy
from broker_sim.adapters.relay_calls import RelayCalls
from broker_sim.bootstrap.broker import Broker
from broker_sim.bootstrap.doors import Ports
from broker_sim.contract import limits
from broker_sim.front import server
from broker_sim.front.door import Door, Route
from broker_sim.front.listener import Listener
from broker_sim.service.outer_relays import OuterRelays
from broker_sim.service.relay import Relay
from broker_sim.service.tickets import Tickets
from broker_sim.web.relay_door import PATH, TAP_PATH, RelayDoor

_KEY_BYTES: Final = 32
_ANYWHERE: Final = ("0.0.0.0", "::", "localhost")  # noqa: S104  asked, not bound


def new_key() -> bytes:
    """Make the key that tickets are signed with."""
    return SystemEntropy().take(_KEY_BYTES)


def tickets(key: bytes) -> Tickets:
    """Give who makes and checks tickets, by the machine's time."""
    return Tickets(partial(signatures.sign, key), partial(signatures.verify, key), machine_time)


def serve(ports: Ports, bound: socket, key: bytes, ready: Callable[[], None]) -> None:
    """Be a relay until SIGTERM."""
    relay = Relay(_fresh(), stopwatch)
    answering = RelayDoor(relay, tickets(key))
    door = Door(
        [
            Route(PATH, answering.handle, limits.FRAMES_BODY_MAX_BYTES, below=True),
            Route(TAP_PATH, answering.tap),
        ],
        today=machine_time,
    )

    def begin() -> None:
        gc.enable()
        ready()

    address, port, *_ = bound.getsockname()
    server.serve(Listener(door, bound, address, port, ports.tls), ready=begin)


def attach(broker: Broker, ports: Ports, key: bytes, *, leads: bool) -> None:
    """Have a broker's channels go through the relays; who leads has its recorder follow them."""
    places = [bound.getsockname()[1] for bound in ports.relays]
    outer = OuterRelays(
        broker.world, lambda: urls(broker.base_url, places), tickets(key), _fresh, stopwatch
    )
    broker.take_relays(outer)
    if leads:
        host = "127.0.0.1" if broker.settings.host in _ANYWHERE else broker.settings.host
        ca_pem = None if ports.certificates is None else ports.certificates.ca_pem
        lines = [partial(RelayCalls, host, port, ca_pem, tickets(key)) for port in places]
        outer.follow(lines)


def urls(base_url: str, ports: Sequence[int]) -> Sequence[str]:
    """Give the relays' URLs: on the broker's host, with its scheme."""
    known = urlsplit(base_url)
    host = known.hostname or "localhost"
    shown = f"[{host}]" if ":" in host else host
    return [f"{known.scheme}://{shown}:{port}" for port in ports]


def _fresh() -> str:
    return SystemEntropy().take(8).hex()
