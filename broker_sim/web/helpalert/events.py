"""The desk's live news: a long poll that holds no thread while it waits.

Source: AGENT-1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from broker_sim.contract import limits
from broker_sim.core.refusal import Refused
from broker_sim.service import desk_view, dispatch
from broker_sim.service.desk_events import EventAnswer
from broker_sim.service.exchange import Answer, Reply, Request, Wait
from broker_sim.service.ports import World
from broker_sim.web.helpalert.cookies import CONNECTION, HEADER, Jar, signed
from broker_sim.web.statuses import STATUS
from broker_sim.web.transport import by_https

READS: Final = ("since", "wait")
_NUMBER: Final = re.compile("[0-9]{1,18}")
# Shorter than what proxies on the way let a request wait.
_WAIT_SECONDS: Final = 25


def handler(world: World) -> Callable[[Request], Reply]:
    """Give what answers `GET /helpalert/events?since=N&wait=SECONDS` of one world."""

    def handle(request: Request) -> Reply:
        if request.method != "GET":
            return _said(405, {"message": "Read this with GET."}, ("allow", "GET"))
        base_url = world.base_url()
        jar = Jar(urlsplit(base_url).path, by_https(request.scheme, base_url))
        connection = jar.find(request.headers.get("cookie", ""), CONNECTION)
        token = request.headers.get(HEADER.lower(), "")
        if connection and token and not world.vault.verify(signed(connection), token):
            return _said(200, _told(None))  # the page is of another login: the desk tells it
        asked = parse_qs(request.query, keep_blank_values=True, max_num_fields=10)
        since, wait = _number(asked, "since", 0), _number(asked, "wait", _WAIT_SECONDS)
        wait = min(wait, limits.EVENTS_WAIT_MAX.seconds)
        arguments = {"since": since, "wait_seconds": wait}
        return _go_on(
            lambda: dispatch.at_desk(world, desk_view.news, connection, **arguments),
        )

    return _guarded(handle)


def _guarded(handle: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    def guarded(request: Request) -> Reply:
        try:
            return handle(request)
        except ValueError as wrong:
            return _said(400, {"message": f"{wrong}.".capitalize()})

    return guarded


def _go_on(step: Callable[[], Any]) -> Reply:
    try:
        found = step()
    except Refused as refused:
        return _refused(refused)
    if isinstance(found, Wait):
        return Wait(found.seconds, lambda: _go_on(found.then))
    return _said(200, _told(found))


def _told(found: Sequence[EventAnswer] | None) -> dict[str, Any]:
    if found is None:
        return {"missed": True, "events": []}
    events = [
        {"eventId": event.event_id, "kind": event.kind, "sessionId": event.session_id}
        for event in found
    ]
    return {"missed": False, "events": events}


def _refused(refused: Refused) -> Answer:
    extra = {field.wire: refused.extra[field.name] for field in refused.fault.extra}
    code = refused.fault.code
    body = {"message": refused.sentence, "fault": code, **extra}
    return _said(STATUS.get(code, 400), body)


def _number(asked: dict[str, list[str]], name: str, default: int) -> int:
    text = asked.get(name, [str(default)])[-1]
    if not _NUMBER.fullmatch(text):
        msg = f"{name} must be a whole number"
        raise ValueError(msg)
    return int(text)


def _said(status: int, body: dict[str, Any], *more: tuple[str, str]) -> Answer:
    headers = (
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        *more,
    )
    return Answer(status, headers, json.dumps(body, default=str).encode())
