"""The doors by which customers come in: the form, and the launch in one request.

Source: PORTAL-1, PORTAL-2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Flask, request
from werkzeug.wrappers import Response

from broker_sim.core import form
from broker_sim.core.refusal import Refused
from broker_sim.service import launching, passes
from broker_sim.service.launching import Asked
from broker_sim.web.code_page import enter, known, phone, takes_code
from broker_sim.web.pages import Page, client, given, go_on, world
from broker_sim.web.session_pages import session_page, session_path

Given = Mapping[str, str]
_LAUNCHES: Final = ("/ds/queryPost.flow", "/servlet/dispatch/ds/queryPost.flow")
_BOTH: Final = ["GET", "POST"]


def add(app: Flask) -> None:
    """Register the doors."""
    app.add_url_rule("/h/<path:portal>", "home", _home, methods=_BOTH)
    app.add_url_rule("/sb/<path:portal>", "smart_box", _home, methods=_BOTH)
    app.add_url_rule("/ph/<path:portal>", "phone", phone, methods=_BOTH)
    for place in _LAUNCHES:
        app.add_url_rule(place, place, _one_request, methods=_BOTH)


def _home(portal: str) -> Response:
    """Show the portal's form, or launch what was filled in."""
    carried = given()
    found = known(portal)
    if takes_code(found, carried):
        return enter(found.portal, carried)
    if request.method == "POST" or carried.get("target", "").lower().endswith(".flow"):
        return _launch(found, carried)
    return _form(found, carried).answer()


def _only_looks() -> bool:
    """Tell whether nobody has clicked: a HEAD, or a browser that reads ahead, launches nothing."""
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return bool(request.environ["broker_sim.head"]) or "prefetch" in ahead.lower()


def _one_request() -> Response:
    """Launch by one request that carries the fields, by GET or POST. PORTAL-1."""
    carried = given()
    found = known(carried.get("portal", ""))
    return enter(found.portal, carried) if takes_code(found, carried) else _launch(found, carried)


def _launch(found: Asked, carried: Given) -> Response:
    if _only_looks():
        return _form(found, carried).answer()
    try:
        launched = launching.launch(world(), found.portal.name, carried, client())
    except Refused as refused:
        return _form(found, carried, problems=[_told(refused)], status=400).answer()
    if launched.session is None:
        return _form(found, carried, missing=launched.filled.missing, status=400).answer()
    token = passes.session_pass(world(), launched.session.session_id)
    survey = form.carried(found.form, carried)
    return go_on(session_path(token, survey), lambda: session_page(token, survey, 201))


def _told(refused: Refused) -> str:
    extra = refused.extra
    return f"{extra['field']}: {extra['reason']}." if "field" in extra else refused.sentence


def _form(
    found: Asked,
    carried: Given,
    *,
    missing: tuple[str, ...] = (),
    problems: list[str] | None = None,
    status: int = 200,
) -> Page:
    """Show the form with what was typed, and what is missing. PORTAL-2."""
    portal, fields = found.portal, found.form.fields
    told: dict[str, Any] = {
        "portal": portal.name,
        "portalType": portal.portal_type,
        "subPortals": portal.sub_portals,
        "questionRequired": found.form.question_required,
        "fields": [
            {"name": f.name, "label": f.label, "required": f.required, "seen": f.seen}
            for f in fields
        ],
        "missing": missing,
        "problems": problems or [],
    }
    shown = {
        "portal": portal,
        "form": found.form,
        "unseen": {**_unseen(found, carried), **form.carried(found.form, carried)},
        "typed": carried,
        "missing": missing,
        "problems": problems or [],
    }
    return Page("launch.html", told, shown, status)


def _unseen(found: Asked, carried: Given) -> Mapping[str, str]:
    """Give what comes back though nobody sees it: hidden fields go with the form again."""
    names = [field.name for field in found.form.fields if not field.seen]
    kept = ((name, carried.get(name.lower(), "")) for name in (*names, "ReferenceId", "Locale"))
    return {name: text for name, text in kept if text}
