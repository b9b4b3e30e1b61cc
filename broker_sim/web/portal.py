"""The customer's side as a WSGI application: forms that work without scripts."""

from __future__ import annotations

from functools import cache

from flask import Flask

from broker_sim.web import launch_pages, session_pages, shell, survey_page


@cache
def application() -> Flask:
    """Give the application; the first call builds it."""
    return shell.application((launch_pages.add, session_pages.add, survey_page.add))
