"""The audit trail: who did what, when; as pages and as a file.

Source: SEC-2.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core.management import Power
from broker_sim.service import manager_audit
from broker_sim.service.manager_storage import Wanted
from broker_sim.web.manager import access, doing, sheets
from broker_sim.web.manager.doing import field, me
from broker_sim.web.manager.words import iso
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import world

_WORDS = ("from", "to", "actor", "action", "portal", "text")


def add(app: Flask) -> None:
    """Register the pages."""
    app.add_url_rule(f"{ROOT}/audit", "audit", audit)
    app.add_url_rule(f"{ROOT}/audit.csv", "audit_csv", audit_csv)


@access.may(Power.AUDIT)
def audit() -> Response:
    """Show a page of the trail, the newest first."""
    problems: dict[str, str] = {}
    wanted = _wanted(problems)
    shown = manager_audit.trail(world(), me(), wanted)
    asked = {word: field(word) for word in _WORDS if field(word)}
    return doing.page(
        "audit.html", problems, shown=shown, asked=asked, actions=manager_audit.ACTIONS
    )


@access.may(Power.AUDIT)
def audit_csv() -> AnyResponse:
    """Give all lines that fit, as a file for a spreadsheet."""
    found = manager_audit.lines(world(), me(), _wanted({}))
    rows = [
        (iso(one.at), one.actor, one.action, one.portal, one.subject, one.detail) for one in found
    ]
    return sheets.sheet("audit.csv", ("time", "who", "action", "portal", "what", "detail"), rows)


def _wanted(problems: dict[str, str]) -> Wanted:
    return Wanted(
        doing.number("before") or None,
        _day("from", problems),
        _day("to", problems, timedelta(days=1)),
        field("actor").lower() or None,
        field("action") or None,
        field("portal") or None,
        field("text"),
    )


def _day(name: str, problems: dict[str, str], further: timedelta = timedelta(0)) -> datetime | None:
    """Read a day, in UTC; what is none is said beside it, and not looked at."""
    typed = field(name)
    if not typed:
        return None
    try:
        return datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=UTC) + further
    except (ValueError, OverflowError):
        problems[name] = "it is no day like 2030-01-15"
        return None
