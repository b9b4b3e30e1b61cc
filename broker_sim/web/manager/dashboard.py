"""The first page: what goes on now."""

from __future__ import annotations

from flask import Flask, Response, render_template

from broker_sim.core.management import Power
from broker_sim.web.manager import access
from broker_sim.web.manager_paths import ROOT


def add(app: Flask) -> None:
    """Register the page."""
    app.add_url_rule(f"{ROOT}/", "dashboard", dashboard)


@access.may(Power.DASHBOARD)
def dashboard() -> Response:
    """Show what goes on now."""
    return Response(render_template("manager/dashboard.html"))
