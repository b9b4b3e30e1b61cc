"""The representative's desk as a WSGI application."""

from __future__ import annotations

from functools import cache

from flask import Flask

from broker_sim.web import shell
from broker_sim.web.helpalert import desk_page, doings, login_pages


@cache
def application() -> Flask:
    """Give the application; the first call builds it."""
    return shell.application((login_pages.add, desk_page.add, doings.add))
