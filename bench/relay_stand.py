"""A relay by itself, and beside it a handler that only answers.

Run as `python -m bench.relay_stand`; says where it is in one JSON line.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from functools import partial
from typing import Final

from broker_sim.adapters import signatures
from broker_sim.adapters.clocks import machine_time, stopwatch
from broker_sim.contract import limits
from broker_sim.front.door import Door, Route
from broker_sim.front.listener import listen
from broker_sim.front.server import serve
from broker_sim.service.exchange import Answer, Reply, Request
from broker_sim.service.relay import Relay
from broker_sim.service.tickets import Tickets
from broker_sim.web.relay_door import PATH, RelayDoor

_KEY: Final = bytes(32)
BARE: Final = "/bare"
_SAID: Final = Answer(200, (("content-type", "application/json"),), b'{"next":1}')


def tickets() -> Tickets:
    """Give who makes and checks the tickets of this relay."""
    return Tickets(partial(signatures.sign, _KEY), partial(signatures.verify, _KEY), machine_time)


def _bare(_request: Request) -> Reply:
    return _SAID


def main() -> None:
    """Serve until a signal."""
    door = RelayDoor(Relay("bench", stopwatch), tickets())
    routes = [
        Route(PATH, door.handle, limits.FRAMES_BODY_MAX_BYTES, below=True),
        Route(BARE, _bare, limits.FRAMES_BODY_MAX_BYTES),
    ]
    listener = listen(Door(routes, today=machine_time))
    gc.freeze()  # as `broker-sim serve` does
    ready: Callable[[], None] = partial(print, json.dumps({"url": listener.url}), flush=True)
    serve(listener, ready=ready)


if __name__ == "__main__":
    main()
