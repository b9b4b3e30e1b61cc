"""Log a representative on and off, by the rules and refusals of the Agents service.

Source: LOGON-1 to LOGON-6, CONN-1, CONN-2, SEC-2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from flask import Flask, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.contract import faults, limits
from broker_sim.contract.agents import AGENTS
from broker_sim.core.refusal import Refused
from broker_sim.service import dispatch
from broker_sim.service.exchange import Offload
from broker_sim.web.helpalert import access, arguments
from broker_sim.web.helpalert.cookies import CONNECTION, FORM
from broker_sim.web.pages import given, world
from broker_sim.web.statuses import STATUS

_OPERATIONS: Final = {operation.name: operation for operation in AGENTS.operations}
_WHY: Final = {
    "expired": "Your connection has ended. Log in again; sessions that go on wait for you.",
    "off": "You are logged off.",
}
_TOO_OLD: Final = "This form is too old, or not one of ours. Go back, load the page again, log in."
_WRONG: Final = frozenset({"InvalidCredentials", "InvalidArgument"})


def add(app: Flask) -> None:
    """Register the pages."""
    app.add_url_rule("/helpalert/login", "desk_login", _form)
    app.add_url_rule("/helpalert/login", "desk_log_in", _log_in, methods=["POST"])
    app.add_url_rule("/helpalert/logoff", "desk_log_off", _log_off, methods=["POST"])


def _form() -> AnyResponse:
    if _is_live():
        return redirect(url_for("desk"), 303)
    return _page(note=_WHY.get(given().get("why", ""), ""))


def _is_live() -> bool:
    try:
        dispatch.at_desk(world(), lambda _call: None, access.connection())
    except Refused:
        return False
    return True


def _log_in() -> AnyResponse:
    fields = given()
    if not access.is_ours(fields.get("token", "")):
        raise Forbidden(_TOO_OLD)
    username = fields.get("username", "")
    try:
        connection = _logon(username, fields.get("password", ""))
    except Refused as refused:
        return _page(refused, username)
    answer = redirect(url_for("desk"), 303)
    access.keep(answer, CONNECTION, connection)
    access.forget(answer, FORM)
    return answer


def _logon(username: str, password: str) -> str:
    named = {
        "username": arguments.text("username", username, limits.NAME_MAX, 1),
        "password": arguments.text("password", password),
    }
    reply = dispatch.call(world(), _OPERATIONS["logon"], named)
    while isinstance(reply, Offload):  # we are in a thread already
        reply = reply.then(reply.work())
    return str(reply)


def _log_off() -> AnyResponse:
    access.check()
    try:
        ending = {"connection_id": access.connection()}
        dispatch.call(world(), _OPERATIONS["logoff"], ending)
    except Refused as refused:
        if refused.fault not in (faults.CONNECTION_EXPIRED, faults.INVALID_CONNECTION):
            raise
    answer = redirect(url_for("desk_login", why="off"), 303)
    access.forget(answer, CONNECTION)
    return answer


def _page(refused: Refused | None = None, username: str = "", note: str = "") -> AnyResponse:
    kept = access.nonce()
    code = None if refused is None else refused.fault.code
    left = None if refused is None else refused.extra.get("seconds_left")
    shown: dict[str, Any] = {
        "refusal": "InvalidCredentials" if code in _WRONG else code,
        "left": left,
        "until": None if left is None else world().clock.now() + timedelta(seconds=left),
        "ticks": request.environ.get("broker_sim.ticks", True),
        "username": username,
        "note": note,
        "token": access.login_token(kept),
        "demo": _demo(),
    }
    answer = Response(render_template("helpalert/login.html", **shown))
    answer.status_code = 200 if code is None else STATUS.get(code, 400)
    if left is not None:
        answer.headers["Retry-After"] = str(left)
    access.keep(answer, FORM, kept)
    return answer


def _demo() -> Sequence[Mapping[str, str]]:
    """Give the logins that a demo offers; none anywhere else."""
    demo: Mapping[str, Any] = request.environ.get("broker_sim.demo") or {}
    found: Sequence[Mapping[str, str]] = demo.get("representatives", ())
    return found
