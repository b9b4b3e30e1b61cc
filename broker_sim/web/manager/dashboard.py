"""The first page: who waits, who helps, and what the day has brought.

A script of ours asks for the moving part every two seconds and gets 304 where nothing moved. htmx
would take more of it: tags, pauses of a page that is not seen and slower tries need a script there.

Source: MON-1, MON-2, SEC-2.
"""

from __future__ import annotations

from flask import Flask, Response, render_template, request

from broker_sim.core.management import POWERS, Power
from broker_sim.service import manager_dashboard
from broker_sim.service.manager_dashboard import Seen
from broker_sim.web.manager import access
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import given, world

_REQUESTS_SHOWN = 5


def add(app: Flask) -> None:
    """Register the page and its moving part."""
    app.add_url_rule(f"{ROOT}/", "dashboard", dashboard)
    app.add_url_rule(f"{ROOT}/now", "now", now)


@access.may(Power.DASHBOARD)
def dashboard() -> Response:
    """Show what goes on now."""
    return Response(_shown("manager/dashboard.html", _seen()))


@access.may(Power.DASHBOARD)
def now() -> Response:
    """Give the moving part of the page; 304 where it is what the caller has."""
    answer = Response(_shown("manager/now.html", _seen()))
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _seen() -> Seen:
    return manager_dashboard.look(world(), access.manager().email, given().get("portal", ""))


def _shown(template: str, seen: Seen) -> str:
    reads = Power.SESSIONS in POWERS[access.manager().role]
    return render_template(template, seen=seen, reads_sessions=reads, most=_REQUESTS_SHOWN)
