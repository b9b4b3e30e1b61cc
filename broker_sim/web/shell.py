"""What the page applications have in common: how one is made, its headers, its refusals.

One application serves all worlds: the world comes in `environ["broker_sim.world"]`, the path
that it stands below in SCRIPT_NAME. Every page is JSON, too, where `Accept` asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core.refusal import Refused
from broker_sim.service.ports import World
from broker_sim.web import static_files
from broker_sim.web.pages import UNREAD, unread, wants_json
from broker_sim.web.statuses import STATUS

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# Scripts and styles are files of ours; pictures may be made in the page. SEC-2.
_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "media-src": "'self' blob:",
    "connect-src": "'self' blob:",
    "frame-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
    "base-uri": "'none'",
}


def application(areas: Iterable[Callable[[Flask], None]]) -> Flask:
    """Make an application out of areas, each of which adds its pages."""
    app = Flask("broker_sim.web", static_folder=None)
    app.url_map.strict_slashes = False
    app.config["PROPAGATE_EXCEPTIONS"] = True  # the front answers with the incident's id
    app.config["MESSAGE"] = "message.html"  # an area may have its own
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["static"] = static
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of the default provider
    for add in areas:
        add(app)
    app.after_request(_secure)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(ValueError, _wrong)
    app.register_error_handler(HTTPException, _problem)
    return app


def static(name: str) -> str:
    """Give the link of a file in `static/`, for a template."""
    return request.script_root + static_files.address(name)


def allow(directive: str, *sources: str) -> None:
    """Let the answer to this request use further sources, by a directive of the policy."""
    allowed: dict[str, list[str]] = g.setdefault("allowed", {})
    allowed.setdefault(directive, []).extend(sources)


def only(directive: str, sources: str) -> None:
    """Give the answer to this request other sources than all pages have, stricter ones."""
    g.setdefault("only", {})[directive] = sources


def _policy() -> str:
    allowed: dict[str, list[str]] = g.get("allowed", {})
    stricter: dict[str, str] = g.get("only", {})
    said = {
        name: " ".join([own, *allowed.get(name, [])]) for name, own in (_POLICY | stricter).items()
    }
    return "; ".join(f"{name} {sources}" for name, sources in said.items())


def _relays() -> Sequence[str]:
    """Give where the channels of sessions go through, if that is not here. CHAN-1."""
    at: World | None = request.environ.get("broker_sim.world")
    return () if at is None or at.relays is None else at.relays.origins()


def _secure(answer: Response) -> Response:
    allow("connect-src", *_relays())
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    answer.headers["Content-Security-Policy"] = _policy()
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.vary.add("Accept")
    if names := unread():
        answer.headers[UNREAD] = names
    return answer


def _refused(refused: Refused) -> AnyResponse:
    extra: dict[str, Any] = {field.wire: refused.extra[field.name] for field in refused.fault.extra}
    status = STATUS.get(refused.fault.code, 400)
    return said(refused.sentence, status, {"fault": refused.fault.code, **extra})


def _wrong(problem: ValueError) -> AnyResponse:
    return said(f"{problem}.".capitalize(), 400)


def _problem(problem: HTTPException) -> AnyResponse:
    answer = said(problem.description or problem.name, problem.code or 500)
    for name, value in problem.get_headers():
        if name.lower() in ("allow", "retry-after"):
            answer.headers[name] = value
    return answer


def said(sentence: str, status: int, more: dict[str, Any] | None = None) -> AnyResponse:
    """Answer with one sentence."""
    if wants_json():
        answer = jsonify(message=sentence, **(more or {}))
    else:
        answer = Response(render_template(current_app.config["MESSAGE"], sentence=sentence))
    answer.status_code = status
    return answer
