"""The Management Center as a WSGI application."""

from __future__ import annotations

from functools import cache
from typing import Final

from flask import Flask

from broker_sim.web import shell
from broker_sim.web.manager import (
    access,
    admin_pages,
    audit_pages,
    dashboard,
    form_pages,
    login_admin,
    login_pages,
    people_pages,
    portal_pages,
    replay,
    reports,
    review,
    sessions,
    shown,
    staff_pages,
    words,
)

_AREAS: Final = (
    access.guard,
    words.add,
    login_pages.add,
    dashboard.add,
    shown.add,
    sessions.add,
    review.add,
    replay.add,
    reports.add,
    admin_pages.add,
    portal_pages.add,
    form_pages.add,
    staff_pages.add,
    login_admin.add,
    people_pages.add,
    audit_pages.add,
)


@cache
def application() -> Flask:
    """Give the application; the first call builds it."""
    return shell.application(_AREAS)
