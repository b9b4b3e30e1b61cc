"""The customer's side as a WSGI application: forms that work without scripts.

One application serves all worlds: the world comes in `environ["broker_sim.world"]`, the path
that it stands below in SCRIPT_NAME. Every page is JSON, too, where `Accept` asks for it.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Final

from flask import Flask, Response, jsonify, render_template
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core.refusal import Refused
from broker_sim.web import launch_pages, session_pages, survey_page
from broker_sim.web.pages import UNREAD, unread, wants_json

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self';"
    " frame-src 'self'; frame-ancestors 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_STATUS: Final = {
    "NoSuchSession": 404,
    "SessionPurged": 410,
    "OutOfTurn": 409,
}


@cache
def application() -> Flask:
    """Give the application; the first call builds it."""
    app = Flask("broker_sim.web", static_folder=None)
    app.url_map.strict_slashes = False
    app.config["PROPAGATE_EXCEPTIONS"] = True  # the front answers with the incident's id
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of the default provider
    launch_pages.add(app)
    session_pages.add(app)
    survey_page.add(app)
    _add_style(app)
    app.after_request(_secure)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(ValueError, _wrong)
    app.register_error_handler(HTTPException, _problem)
    return app


def _add_style(app: Flask) -> None:
    sheet = resources.files("broker_sim.web").joinpath("templates/portal.css").read_bytes()

    @app.get("/portal.css")
    def style() -> Response:
        return Response(sheet, mimetype="text/css", headers={"Cache-Control": "max-age=3600"})


def _secure(answer: Response) -> Response:
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.vary.add("Accept")
    if names := unread():
        answer.headers[UNREAD] = names
    return answer


def _refused(refused: Refused) -> AnyResponse:
    extra: dict[str, Any] = {field.wire: refused.extra[field.name] for field in refused.fault.extra}
    status = _STATUS.get(refused.fault.code, 400)
    return _said(refused.sentence, status, {"fault": refused.fault.code, **extra})


def _wrong(problem: ValueError) -> AnyResponse:
    return _said(f"{problem}.".capitalize(), 400)


def _problem(problem: HTTPException) -> AnyResponse:
    answer = _said(problem.description or problem.name, problem.code or 500)
    for name, value in problem.get_headers():
        if name.lower() == "allow":
            answer.headers[name] = value
    return answer


def _said(sentence: str, status: int, more: dict[str, Any] | None = None) -> AnyResponse:
    """Say one sentence."""
    if wants_json():
        answer = jsonify(message=sentence, **(more or {}))
    else:
        answer = Response(render_template("message.html", sentence=sentence))
    answer.status_code = status
    return answer
