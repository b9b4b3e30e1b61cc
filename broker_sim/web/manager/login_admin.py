"""API logins: the list with a new one, a new password, and away with one."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core.management import Power
from broker_sim.service import manager_logins, manager_views
from broker_sim.web.manager import access, doing
from broker_sim.web.manager.doing import Problems, field, gone_on, me, tried
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import given, world

_AT = f"{ROOT}/administration/logins"


def add(app: Flask) -> None:
    """Register the pages."""
    both = ["GET", "POST"]
    app.add_url_rule(_AT, "logins", logins)
    app.add_url_rule(f"{_AT}/add", "login_add", login_add, methods=["POST"])
    app.add_url_rule(f"{_AT}/password", "login_password", login_password, methods=both)
    app.add_url_rule(f"{_AT}/remove", "login_remove", login_remove, methods=both)


@access.may(Power.LOGINS)
def logins() -> Response:
    """List the API logins."""
    return _logins()


def _logins(problems: Problems | None = None) -> Response:
    return doing.page("logins.html", problems, found=manager_views.logins(world(), me()))


def _done() -> AnyResponse:
    return gone_on("logins")


def _known(username: str) -> str:
    """Give the name of an API login that is there."""
    for _, found in manager_views.logins(world(), me()):
        if username in (one.username for one in found):
            return username
    raise doing.nothing()


@access.may(Power.LOGINS)
def login_add() -> AnyResponse:
    """Add an API login."""
    portal, name, typed = field("portal"), field("username"), given().get("password", "")
    return tried(lambda: manager_logins.add(world(), me(), portal, name, typed), _done, _logins)


@access.may(Power.LOGINS)
def login_password() -> AnyResponse:
    """Give an API login a new password."""
    name = _known(field("username"))

    def again(problems: Problems | None = None) -> Response:
        return doing.page("login_password.html", problems, name=name)

    if doing.is_read():
        return again()
    typed = given().get("password", "")
    return tried(lambda: manager_logins.set_password(world(), me(), name, typed), _done, again)


@access.may(Power.LOGINS)
def login_remove() -> AnyResponse:
    """Remove an API login, after a question."""
    name = _known(field("username"))

    def again(problems: Problems | None = None) -> Response:
        return doing.confirm(
            "Remove this API login?",
            f"Programs that log on as {name} are cut off at once. This cannot be undone.",
            "Remove it",
            "login_remove",
            ("logins", {}),
            problems,
            username=name,
        )

    if doing.is_read():
        return again()
    return tried(lambda: manager_logins.remove(world(), me(), name), _done, again)
