"""What the journal calls the desk's requests: the Agents service's words, where it has one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from broker_sim.contract.agents import AGENTS
from broker_sim.service.exchange import Request
from broker_sim.service.seen import Exchange

_OPERATIONS: Final = {operation.name for operation in AGENTS.operations} - {"logon", "getEvents"}
_PATH: Final = re.compile(r"/helpalert/(?:sessions/([1-9][0-9]{0,18})/)?([A-Za-z]+)/?")
_ON_PAGE: Final = re.compile(rb'data-fault="([A-Za-z]{1,40})"')
_NAMES: Final = {"login": "logon", "logoff": "logoff", "events": "getEvents"}


def worded(done: Exchange, request: Request) -> Exchange:
    """Say an exchange of the desk as the journal says those of the Agents service."""
    name = _operation(request)
    if name is None:
        return done
    fault = _fault(done.response) if done.status >= 400 else None
    given = done.arguments or _arguments(request)
    return replace(done, operation=name, fault=fault, arguments=given)


def _operation(request: Request) -> str | None:
    """Give the operation that a request asks for; None where it is a page or a read of one."""
    found = _PATH.fullmatch(request.path)
    if found is None or (request.method == "GET") != (found[2] == "events"):
        return None
    name = _NAMES.get(found[2], found[2])
    return name if found[2] in _NAMES or name in _OPERATIONS else None


def _arguments(request: Request) -> Mapping[str, Any] | None:
    """Give what came along by its wire names, the session out of the path; None for a form."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    found = _PATH.fullmatch(request.path)
    number = {} if found is None or found[1] is None else {"sessionId": int(found[1])}
    try:
        said = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        said = None
    return {**number, **said} if isinstance(said, dict) else number


def _fault(body: bytes) -> str | None:
    """Give the fault that a refusal tells, in JSON or on the log-in page."""
    on_page = _ON_PAGE.search(body)
    if on_page is not None:
        return on_page[1].decode()
    try:
        said = json.loads(body)
    except ValueError:  # a page of another kind
        return None
    return said.get("fault") if isinstance(said, dict) else None
