"""The long poll of a customer's page: it answers when there is something else to show.

Source: PORTAL-4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl

from broker_sim.core.refusal import Refused
from broker_sim.service import passes, watching
from broker_sim.service.exchange import Answer, Handler, Reply, Request, Wait
from broker_sim.service.ports import World
from broker_sim.service.watching import Glance
from broker_sim.web.stages import STAGES

Watch = Callable[[], Glance | Wait]
PATH: Final = "/watch"
READS: Final = ("seen",)
_HEADERS: Final = (
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
)


def handler(world: World) -> Handler:
    """Give the handler of `/watch/PASS?seen=MARK`."""

    def handle(request: Request) -> Reply:
        if request.method != "GET":
            return _answer(405, {"message": "Read this with GET."})
        session_id = passes.session_of(world, request.path.removeprefix(f"{PATH}/"))
        if session_id is None:
            return _answer(404, {"message": "This link is not valid."})
        seen = dict(parse_qsl(request.query)).get("seen", "")
        # a HEAD asks what there is, and waits for nothing
        wait = 0 if request.head else watching.WAIT_MAX_SECONDS
        return _later(lambda: watching.watch(world, session_id, seen, wait))

    return handle


def _later(look: Watch) -> Reply:
    try:
        found = look()
    except Refused as refused:
        gone = refused.fault.code == "SessionPurged"
        return _answer(410 if gone else 404, {"message": refused.sentence})
    if isinstance(found, Wait):
        return Wait(found.seconds, lambda: _later(found.then))
    told = {"mark": found.mark, "stage": STAGES[found.stage], "place": found.place}
    return _answer(200, told)


def _answer(status: int, told: Mapping[str, object]) -> Answer:
    return Answer(status, _HEADERS, json.dumps(told).encode())
