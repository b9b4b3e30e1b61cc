"""Log in, log out, and one's own password."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.contract import limits
from broker_sim.core.management import ROLE_NAMES, Role
from broker_sim.core.refusal import Refused
from broker_sim.service import manager_login
from broker_sim.web.manager import access
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import client, given, world

_WRONG: Final = (
    "The user name or the password is wrong. Three failures in a row lock the login for five"
    " minutes."
)
_TOO_OFTEN: Final = "Too many wrong passwords from here. Please wait {} seconds, and try again."
_LOCKED: Final = "Too many failed logins: this login is locked. Please try again in {} seconds."


def add(app: Flask) -> None:
    """Register the pages."""
    both = ["GET", "POST"]
    app.add_url_rule(f"{ROOT}/login", "login", login, methods=both)
    app.add_url_rule(f"{ROOT}/logout", "logout", logout, methods=["POST"])
    app.add_url_rule(f"{ROOT}/password", "password", password, methods=both)


@access.anybody
def login() -> AnyResponse:
    """Ask who it is; log in."""
    wanted = _local(given().get("next", ""))
    if request.method != "POST":
        return redirect(wanted, 303) if access.known() else _form(wanted)
    carried = given()
    username, typed = carried.get("username", ""), carried.get("password", "")
    try:
        identifier = manager_login.log_in(world(), username, typed, client(), access.held())
    except Refused as refused:
        return _refused(wanted, username, refused)
    answer = redirect(wanted, 303)
    access.keep(answer, identifier)
    return answer


def _local(wanted: str) -> str:
    """Give where to go after the login: a page of the Management Center, the first if in doubt."""
    parts = urlsplit(wanted) if wanted.isprintable() and "\\" not in wanted else urlsplit("")
    below = f"{request.script_root}{ROOT}"
    ours = not parts.scheme and not parts.netloc and (parts.path + "/").startswith(below + "/")
    return wanted if ours else url_for("dashboard")


def _refused(wanted: str, username: str, refused: Refused) -> AnyResponse:
    seconds = refused.extra.get("retry_after_seconds", refused.extra.get("seconds_left"))
    if refused.fault.code == "InvalidCredentials":
        return _form(wanted, username, _WRONG, 403)
    if seconds is None:
        return _form(wanted, username, refused.sentence, 403)
    words = _LOCKED if refused.fault.code == "LockedOut" else _TOO_OFTEN
    answer = _form(wanted, username, words.format(seconds), 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _form(wanted: str, username: str = "", problem: str = "", status: int = 200) -> Response:
    offered: list[dict[str, Any]] = [
        {**each, "role": ROLE_NAMES[Role(each["role"])]}
        for each in request.environ.get("broker_sim.demo", {}).get("managers", ())
    ]
    page = render_template(
        "manager/login.html", wanted=wanted, username=username, problem=problem, offered=offered
    )
    return Response(page, status)


@access.allowed(*Role)
def logout() -> AnyResponse:
    """End the login."""
    manager_login.log_out(world(), access.who())
    answer = redirect(url_for("login"), 303)
    access.forget(answer)
    return answer


@access.allowed(*Role)
def password() -> AnyResponse:
    """Change one's own password."""
    if request.method != "POST":
        return _password_form()
    carried = given()
    new = carried.get("newpassword", "")
    if new != carried.get("newpasswordagain", ""):
        return _password_form({"newPasswordAgain": "it is not the same as above"}, 400)
    try:
        manager_login.change_password(world(), access.who(), carried.get("password", ""), new)
    except Refused as refused:
        field = refused.extra.get("field", "password")
        reason = refused.extra.get("reason", refused.sentence)
        return _password_form({field: reason}, 400)
    return _password_form(done=True)


def _password_form(
    problems: dict[str, str] | None = None, status: int = 200, *, done: bool = False
) -> Response:
    page = render_template(
        "manager/password.html", problems=problems or {}, done=done, limits=limits
    )
    return Response(page, status)
