"""The doors by which customers come in: the form, and the launch in one request.

Source: PORTAL-1, PORTAL-2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Flask, request
from werkzeug.wrappers import Response

from broker_sim.core import form
from broker_sim.core.branding import initials
from broker_sim.core.refusal import Refused
from broker_sim.service import launching, passes
from broker_sim.service.launching import Asked
from broker_sim.service.picking import Choice
from broker_sim.web.branded import WAY, branded, greeting
from broker_sim.web.code_page import enter, known, phone, takes_code
from broker_sim.web.pages import Page, client, given, go_on, world
from broker_sim.web.session_pages import session_page, session_path

Given = Mapping[str, str]
_LAUNCHES: Final = ("/ds/queryPost.flow", "/servlet/dispatch/ds/queryPost.flow")
_BOTH: Final = ["GET", "POST"]
# How a browser may help with the fields that many forms have.
_HINTS: Final[Mapping[str, Mapping[str, str]]] = {
    "name": {"autocomplete": "name"},
    "company": {"autocomplete": "organization"},
    "email": {"autocomplete": "email", "inputmode": "email"},
    "phone": {"autocomplete": "tel", "inputmode": "tel"},
}


def add(app: Flask) -> None:
    """Register the doors."""
    for place, name, door in (
        ("/h", "home", _home),
        ("/sb", "smart_box", _home),
        ("/ph", "phone", phone),
    ):
        app.add_url_rule(f"{place}/<path:portal>", name, door, methods=_BOTH)
        app.add_url_rule(place, f"{name} by field", door, methods=_BOTH)
    for place in _LAUNCHES:
        app.add_url_rule(place, place, _one_request, methods=_BOTH)


def _home(portal: str = "") -> Response:
    """Show the portal's form, or launch what was filled in.

    `Target` says which of the two, where it is there: a `.flow` is an action, a `.tmpl` a page.
    """
    carried = given()
    found = known(portal or carried.get("portal", ""))
    if takes_code(found, carried):
        return enter(found, carried)
    target = carried.get("target", "").lower()
    if target.endswith(".flow") or (request.method == "POST" and not target.endswith(".tmpl")):
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
    return enter(found, carried) if takes_code(found, carried) else _launch(found, carried)


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


def _offered(found: Asked, carried: Given) -> Sequence[Choice]:
    """Give who can be picked; of the sub-portal that a link names, where it names one."""
    named = carried.get("subportal")
    return [one for one in found.choices if not named or named in one.sub_portals]


def _picking(found: Asked, carried: Given) -> dict[str, Any]:
    """Tell a SmartMatch's page who can be picked, and who was; without anybody's address."""
    said, offered = carried.get("representative", ""), _offered(found, carried)
    chosen = next((one.key for one in offered if one.is_meant(said)), None)
    rows = [
        {"key": c.key, "name": c.name, "team": c.team, "busy": c.busy, "letters": initials(c.name)}
        for c in offered
    ]
    return {"choices": rows, "chosen": chosen}


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
        "representatives": [
            {
                "id": c.key,
                "name": c.name,
                "team": c.team,
                "subPortals": c.sub_portals,
                "busy": c.busy,
            }
            for c in _offered(found, carried)
        ],
        "missing": missing,
        "problems": problems or [],
    }
    shown = {
        **branded(portal.name, found.branding, carried.get("locale", "")),
        **_picking(found, carried),
        "steps": WAY,
        "greeting": greeting(found.branding, portal.portal_type),
        "hints": _HINTS,
        "portal": portal,
        "form": found.form,
        "unseen": {**_unseen(found, carried), **form.carried(found.form, carried)},
        "typed": carried,
        "missing": missing,
        "problems": problems or [],
    }
    return Page("customer/launch.html", told, shown, status)


def _unseen(found: Asked, carried: Given) -> Mapping[str, str]:
    """Give what comes back though nobody sees it: hidden fields go with the form again."""
    names = [field.name for field in found.form.fields if not field.seen]
    kept = ((name, carried.get(name.lower(), "")) for name in (*names, "ReferenceId", "Locale"))
    return {name: text for name, text in kept if text}
