"""The survey behind its unforgeable link; one answer per session.

Source: PORTAL-5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Flask, request, url_for
from werkzeug.exceptions import NotFound, TooManyRequests
from werkzeug.wrappers import Response

from broker_sim.core import form
from broker_sim.core.record import Stage
from broker_sim.core.refusal import Refused
from broker_sim.service import customers, launching, passes
from broker_sim.service.launching import Asked, Seen
from broker_sim.web.branded import branded
from broker_sim.web.pages import Page, client, given, world

PATH: Final = "/ds/sessionEndV8.flow"
_WRONG: Final = "This link to a survey is not valid."
_TOO_OFTEN: Final = "Too many links were not valid. Please wait a minute, and try again."
_EARLY: Final = "The survey opens when the session has ended."
_ANSWERED: Final = "This survey is closed: it was answered already, or there is nothing to ask."
_NOTHING: Final = "Please answer one question at least."


def add(app: Flask) -> None:
    """Register the survey."""
    app.add_url_rule(PATH, "survey", _survey, methods=["GET", "POST"])


def _survey() -> Response:
    carried = given()
    seen = _named(carried)
    if not seen.sight.may_rate:
        return _closed(seen).answer()
    found = launching.asked(world(), seen.session.portal)
    assert found is not None
    if request.method != "POST":
        return _form(seen, found, carried).answer()
    ratings, wrong = form.answers(found.form, carried)
    if wrong or not ratings:
        problems = [f"{label}: choose one of the answers." for label in wrong] or [_NOTHING]
        return _form(seen, found, carried, problems).answer()
    number, around = seen.session.session_id, _around(seen, found)
    customers.rate(world(), number, ratings)
    return Page("customer/thanks.html", {"sessionId": number, "rated": True}, around).answer()


def _around(seen: Seen, found: Asked) -> dict[str, Any]:
    return branded(found.portal.name, found.branding, seen.session.locale)


def _closed(seen: Seen) -> Page:
    """Say why there is nothing to answer now."""
    over = seen.sight.stage in (Stage.FINISHED, Stage.ERROR)
    sentence = _ANSWERED if over else _EARLY
    return Page("message.html", {"message": sentence}, {"sentence": sentence}, 409)


def _named(carried: Mapping[str, str]) -> Seen:
    """Give the session that the link is for; one sentence for every wrong link."""
    key, portal, token = (carried.get(name, "") for name in ("querykey", "portal", "token"))
    number = int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else 0
    try:
        right = passes.open_survey(world(), number, portal, token, client())
    except Refused as refused:
        raise TooManyRequests(
            _TOO_OFTEN, retry_after=int(refused.extra["retry_after_seconds"])
        ) from refused
    if not number or not right:
        raise NotFound(_WRONG)
    return launching.look(world(), number)


def _form(
    seen: Seen, found: Asked, carried: Mapping[str, str], problems: Sequence[str] = ()
) -> Page:
    told: dict[str, Any] = {
        "sessionId": seen.session.session_id,
        "questions": [
            {"name": f.name, "label": f.label, "choices": f.choices} for f in found.form.survey
        ],
        "problems": problems,
    }
    shown = {
        **_around(seen, found),
        "form": found.form,
        "portal": found.portal,
        "typed": carried,
        "problems": problems,
        "hidden": {"QueryKey": carried["querykey"], "Portal": found.portal.name},
        "token": carried["token"],
        "path": url_for("survey"),
        "rep": seen.sight.rep_name,
    }
    return Page("customer/survey.html", told, shown, 400 if problems else 200)
