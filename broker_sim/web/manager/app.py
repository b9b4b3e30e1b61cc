"""The Management Center as a WSGI application."""

from __future__ import annotations

from functools import cache

from flask import Flask

from broker_sim.web import shell
from broker_sim.web.manager import (
    access,
    dashboard,
    login_pages,
    replay,
    reports,
    review,
    sessions,
    shown,
)


@cache
def application() -> Flask:
    """Give the application; the first call builds it."""
    return shell.application(
        (
            access.guard,
            login_pages.add,
            dashboard.add,
            shown.add,
            sessions.add,
            review.add,
            replay.add,
            reports.add,
        )
    )
