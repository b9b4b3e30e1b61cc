"""The control API as a Flask application. It translates; `service.tester` does.

Every call carries `Authorization: Bearer TOKEN`. No product login opens this door.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any, cast

from flask import Flask, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from broker_sim.control import (
    acts,
    clock,
    faults,
    forms,
    hostile,
    journal,
    openapi,
    portals,
    rate,
    snapshots,
    staff,
    tls,
    worlds,
)
from broker_sim.control.routes import Routes, Worlds, shown
from broker_sim.core.refusal import Refused


def create_app(held: Worlds, token: str) -> Flask:
    """Build the control application.

    Args:
        held: the worlds of the process.
        token: the secret that opens the door.
    """
    app = Flask("broker_sim.control", static_folder=None)
    # As they are given: a world's own name comes before those of its people.
    app.json = _InOrder(app)

    @app.before_request
    def check_token() -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        right = hmac.compare_digest(given.encode(), token.encode())
        if scheme.lower() != "bearer" or not right:
            raise Unauthorised

    app.register_error_handler(Unauthorised, _unauthorised)
    app.register_error_handler(NotFound, _unknown)
    app.register_error_handler(MethodNotAllowed, _other_method)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(ValueError, _wrong_value)
    app.register_error_handler(LookupError, _missing)
    routes_of(held).register(app)
    return app


def routes_of(held: Worlds) -> Routes:
    """Collect the routes of all themes."""
    routes = Routes(held)
    for theme in (
        worlds,
        snapshots,
        clock,
        portals,
        rate,
        staff,
        forms,
        acts,
        faults,
        hostile,
        tls,
        journal,
        openapi,
    ):
        theme.add(routes)
    return routes


def published() -> Mapping[str, Any]:
    """Give the OpenAPI document without a broker."""
    nobody = cast("Worlds", None)  # only the table is read, no handler is called
    return openapi.document(routes_of(nobody).table)


class _InOrder(DefaultJSONProvider):
    """Writes the members of an object in the order in which they are given."""

    sort_keys = False


class Unauthorised(Exception):  # noqa: N818  an answer, not our error
    """The call carries no token, or a wrong one."""


def _unauthorised(_: Unauthorised) -> tuple[Response, int]:
    said = "the control API takes 'Authorization: Bearer TOKEN'; `broker-sim env` shows the token"
    return jsonify(error=said), 401


def _unknown(_: NotFound) -> tuple[Response, int]:
    said = f"there is no call {request.method} {request.path}; GET /_sim/openapi.json lists all"
    return jsonify(error=said), 404


def _other_method(problem: MethodNotAllowed) -> Response:
    allowed = ", ".join(sorted(problem.valid_methods or ()))
    told = jsonify(error=f"{request.path} takes {allowed}; not {request.method}")
    told.status_code, told.headers["Allow"] = 405, allowed
    return told


def _http_problem(problem: HTTPException) -> tuple[Response, int]:
    return jsonify(error=problem.description), problem.code or 500


def _wrong_value(problem: ValueError) -> tuple[Response, int]:
    return jsonify(error=str(problem)), 400


def _missing(problem: LookupError) -> tuple[Response, int]:
    return jsonify(error=str(problem.args[0])), 404


def _refused(refused: Refused) -> tuple[Response, int]:
    extra = {field.wire: shown(refused.extra[field.name]) for field in refused.fault.extra}
    return jsonify(fault=refused.fault.code, message=refused.sentence, **extra), 409
