"""What a representative does, by the operations of the Agents service, one path each.

Source: AGENT-1, AGENT-2, PHONE-5.
"""

from __future__ import annotations

import re
from typing import Any, Final

from flask import Flask, Response, jsonify, request

from broker_sim.contract import faults
from broker_sim.contract.agents import AGENTS
from broker_sim.contract.kinds import Operation
from broker_sim.core.refusal import Refused
from broker_sim.service import desk_codes, dispatch
from broker_sim.service.phonemode import CodeAnswer
from broker_sim.web.helpalert import access, arguments, told
from broker_sim.web.pages import plain, world

_ID: Final = re.compile("[1-9][0-9]{0,18}")
_ID_MOST: Final = 2**63 - 1
_IN_SESSION: Final = {
    operation.name: operation
    for operation in AGENTS.operations
    if any(field.name == "session_id" for field in operation.takes)
}
_AT_DESK: Final = {
    operation.name: operation
    for operation in AGENTS.operations
    if operation.name in {"setAvailability", "startByCode"}
}


def add(app: Flask) -> None:
    """Register the paths; each takes a POST with a JSON object."""
    for name, operation in _AT_DESK.items():
        app.add_url_rule(
            f"/helpalert/{name}",
            name,
            _at_desk,
            methods=["POST"],
            defaults={"name": operation.name},
        )
    for name in _IN_SESSION:
        rule = f"/helpalert/sessions/<number>/{name}"
        app.add_url_rule(rule, name, _in_session, methods=["POST"], defaults={"name": name})
    app.add_url_rule("/helpalert/cancelCode", "cancelCode", _cancel_code, methods=["POST"])
    app.add_url_rule("/helpalert/cancelCodes", "cancelCodes", _cancel_codes, methods=["POST"])


def session_id(number: str) -> int:
    """Give the session that a path names.

    Raises:
        Refused: NoSuchSession; it cannot be one.
    """
    found = int(number) if _ID.fullmatch(number) else 0
    if not 0 < found <= _ID_MOST:
        raise Refused(faults.NO_SUCH_SESSION)
    return found


def _at_desk(name: str) -> Response:
    return _done(_AT_DESK[name], {})


def _in_session(number: str, name: str) -> Response:
    return _done(_IN_SESSION[name], {"session_id": session_id(number)})


def _done(operation: Operation, further: dict[str, Any]) -> Response:
    access.check()
    given = arguments.read(operation, _body())
    given = {"connection_id": access.connection(), **further, **given}
    value = dispatch.call(world(), operation, given)
    match value:
        case None:
            return jsonify({})
        case CodeAnswer():
            return jsonify(plain(told.code(value)))
        case _:
            assert operation.gives is not None
            return jsonify({operation.gives.wire: value})


def _cancel_code() -> Response:
    access.check()
    code = arguments.text("code", _body().get("code"))
    dispatch.at_desk(world(), desk_codes.cancel_code, access.connection(), code=code)
    return jsonify({})


def _cancel_codes() -> Response:
    access.check()
    ended = dispatch.at_desk(world(), desk_codes.cancel_codes, access.connection())
    return jsonify(cancelled=ended)


def _body() -> Any:
    if request.mimetype != "application/json":
        msg = "send application/json"
        raise ValueError(msg)
    return arguments.read_json(request.get_data())
