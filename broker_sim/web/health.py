"""Whether a world can be used: for whoever starts a simulator and waits for it."""

from __future__ import annotations

import json
import logging
from typing import Final

from broker_sim.service.exchange import Answer, Handler, Offload, Reply, Request
from broker_sim.service.ports import World

PATH: Final = "/health"
_LOG: Final = logging.getLogger("broker_sim.web")
_HEADERS: Final = (("content-type", "application/json"), ("cache-control", "no-store"))


def handler(world: World) -> Handler:
    """Give the handler of `/health`: 200 once the world's store answers, 503 as long as not."""

    def handle(request: Request) -> Reply:
        if request.method not in ("GET", "HEAD"):
            said = (("content-type", "text/plain"), ("allow", "GET, HEAD"))
            return Answer(405, said, b"Ask with GET.\n")
        return Offload(lambda: _answers(world), _told)

    return handle


def _answers(world: World) -> bool:
    try:
        with world.store.reading() as tx:
            tx.count_connections(world.clock.now())
    except Exception as failure:  # noqa: BLE001  each driver has errors of its own
        _LOG.warning("the store does not answer: %s", type(failure).__name__)
        return False
    return True


def _told(answers: object) -> Answer:
    status = {"status": "ready"} if answers else {"status": "the store does not answer"}
    return Answer(200 if answers else 503, _HEADERS, json.dumps(status).encode())
