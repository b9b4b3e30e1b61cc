"""The door of customers who are on the phone: the code that they were told.

A link in a mail shows the code filled in and waits for a click: mail is read by programs, too,
and a code works once.

Source: PHONE-3, PHONE-4, PHONE-6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from broker_sim.core import magic
from broker_sim.core.effects import Status
from broker_sim.core.refusal import Refused
from broker_sim.service import launching, passes
from broker_sim.service.launching import Asked
from broker_sim.service.redeeming import redeem
from broker_sim.web.branded import BY_CODE, WAY_BY_CODE, branded, greeting
from broker_sim.web.pages import Page, client, given, go_on, world
from broker_sim.web.session_pages import session_page, session_path

Given = Mapping[str, str]
SMART_PIN: Final = "SmartPin"
_NO_PORTAL: Final = "There is no portal of that name."
_WRONG: Final = "This code does not work, or not any more. Please ask for a new one."
_TOO_OFTEN: Final = "Too many codes were wrong. Please wait {} seconds, and try again."


def known(portal: str) -> Asked:
    """Give what a portal asks; a slash behind its name changes nothing.

    Raises:
        NotFound: there is none of that name.
    """
    found = launching.asked(world(), portal) or launching.asked(world(), portal.rstrip("/"))
    if found is None:
        raise NotFound(_NO_PORTAL)
    return found


def takes_code(found: Asked, carried: Given) -> bool:
    """Tell whether a launch is one by phone code.

    It is where it carries one; at a SmartPin also where it carries no question in words.
    """
    words = any(letter.isalpha() for letter in carried.get("question", ""))
    return "code" in carried or (found.portal.portal_type == SMART_PIN and not words)


def phone(portal: str = "") -> Response:
    """Ask for the code, or redeem it."""
    carried = given()
    return enter(known(portal or carried.get("portal", "")), carried)


def enter(found: Asked, carried: Given) -> Response:
    """Redeem a code that was posted; show one that a link brought. `Question` may carry it, too."""
    typed = carried.get("code") or carried.get("question", "")
    if request.method != "POST":
        return _page(found, carried, typed).answer()
    effect = magic.in_code(typed) if world().magic else None
    if isinstance(effect, Status):
        return _struck(effect)
    try:
        begun = redeem(
            world(),
            typed,
            portal=found.portal.name,
            customer_ip=client(),
            locale=carried.get("locale", ""),
        )
    except Refused as refused:
        return _refused(found, carried, typed, refused)
    token = passes.session_pass(world(), begun.session_id)
    return go_on(session_path(token, {}), lambda: session_page(token, {}, 201))


def _struck(effect: Status) -> Response:
    """Answer a magic code; on this page it gives a status."""
    answer = Response("A magic code wants this status.\n", effect.status, mimetype="text/plain")
    if effect.retry_after is not None:
        answer.headers["Retry-After"] = str(effect.retry_after)
    return answer


def _refused(found: Asked, carried: Given, typed: str, refused: Refused) -> Response:
    """Show the page again; unknown, used, expired and cancelled codes look alike. PHONE-6."""
    seconds = refused.extra.get("retry_after_seconds")
    if seconds is None:
        return _page(found, carried, typed, _WRONG, 400).answer()
    answer = _page(found, carried, typed, _TOO_OFTEN.format(seconds), 429).answer()
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _page(found: Asked, carried: Given, typed: str, problem: str = "", status: int = 200) -> Page:
    portal = found.portal
    problems = [problem] if problem else []
    told = {"portal": portal.name, "portalType": portal.portal_type, "problems": problems}
    shown = {
        **branded(portal.name, found.branding, carried.get("locale", "")),
        "steps": WAY_BY_CODE,
        "greeting": greeting(found.branding, portal.portal_type)
        if portal.portal_type == SMART_PIN
        else BY_CODE,
        "portal": portal,
        "typed": typed,
        "problems": problems,
    }
    return Page("customer/code.html", told, shown, status)
