"""Teams, and who may use the Management Center."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core.management import ROLE_NAMES, Power, Role
from broker_sim.core.staleness import mark
from broker_sim.service import manager_people, manager_views
from broker_sim.service.manager_storage import Manager
from broker_sim.web.manager import access, doing
from broker_sim.web.manager.doing import Problems, field, gone_on, me, tried
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import given, world

_AT = f"{ROOT}/administration"


def add(app: Flask) -> None:
    """Register the pages."""
    both, post = ["GET", "POST"], ["POST"]
    app.add_url_rule(f"{_AT}/teams", "teams", teams)
    app.add_url_rule(f"{_AT}/teams/add", "team_add", team_add, methods=post)
    app.add_url_rule(f"{_AT}/teams/move", "team_move", team_move, methods=post)
    app.add_url_rule(f"{_AT}/teams/remove", "team_remove", team_remove, methods=post)
    app.add_url_rule(f"{_AT}/managers", "managers", managers)
    app.add_url_rule(f"{_AT}/managers/new", "manager_new", manager_new, methods=both)
    app.add_url_rule(f"{_AT}/managers/one", "manager", manager)
    app.add_url_rule(f"{_AT}/managers/change", "manager_change", manager_change, methods=post)
    app.add_url_rule(f"{_AT}/managers/password", "manager_password", manager_password, methods=post)
    app.add_url_rule(f"{_AT}/managers/remove", "manager_remove", manager_remove, methods=both)


@access.may(Power.TEAMS)
def teams() -> Response:
    """Show the teams, each below what it is a part of."""
    return _teams()


def _teams(problems: Problems | None = None) -> Response:
    return doing.page("teams.html", problems, found=manager_views.teams(world(), me()))


def _teams_done() -> AnyResponse:
    return gone_on("teams")


@access.may(Power.TEAMS)
def team_add() -> AnyResponse:
    """Add a team."""
    name, parent = field("name"), field("parent") or None
    return tried(lambda: manager_people.add_team(world(), me(), name, parent), _teams_done, _teams)


@access.may(Power.TEAMS)
def team_move() -> AnyResponse:
    """Put a team into another one."""
    name, parent = field("team"), field("into") or None
    return tried(lambda: manager_people.move_team(world(), me(), name, parent), _teams_done, _teams)


@access.may(Power.TEAMS)
def team_remove() -> AnyResponse:
    """Remove an empty team."""
    name = field("team")
    return tried(lambda: manager_people.remove_team(world(), me(), name), _teams_done, _teams)


@access.may(Power.MANAGERS)
def managers() -> Response:
    """List the managers."""
    return doing.page("managers.html", found=manager_views.managers(world(), me()))


def _wanted() -> Manager:
    """Give the manager that a form tells of.

    Raises:
        ValueError: it has no role that there is.
    """
    return Manager(field("email"), field("name"), Role(field("role")), field("team") or None, "")


def _choices() -> dict[str, Any]:
    teams = [(one.name, one.name) for one in manager_views.teams(world(), me())]
    return {"roles": list(ROLE_NAMES.items()), "teams": [("", "none"), *teams]}


@access.may(Power.MANAGERS)
def manager_new() -> AnyResponse:
    """Give somebody access."""

    def again(problems: Problems | None = None) -> Response:
        return doing.page("manager_new.html", problems, **_choices())

    if doing.is_read():
        return again()
    wanted, typed = _wanted(), given().get("password", "")
    return tried(
        lambda: manager_people.appoint(world(), me(), wanted, typed),
        lambda: gone_on("managers"),
        again,
    )


@access.may(Power.MANAGERS)
def manager() -> Response:
    """Show one manager."""
    return _manager()


def _manager(problems: Problems | None = None) -> Response:
    shown = _shown()
    now = mark(shown.name, shown.role, shown.team)
    return doing.page("manager.html", problems, shown=shown, mark=now, **_choices())


def _shown() -> Manager:
    for found, _ in manager_views.managers(world(), me()):
        if found.email == field("email"):
            return found
    raise doing.nothing()


def _done() -> AnyResponse:
    return gone_on("manager", email=field("email"))


@access.may(Power.MANAGERS)
def manager_change() -> AnyResponse:
    """Give a manager another name, role or team."""
    wanted, own = _wanted(), field("email") == me()

    def done() -> AnyResponse:
        return gone_on("dashboard") if own and wanted.role is not Role.COMPANY else _done()

    return tried(
        lambda: manager_people.change(world(), me(), wanted, seen=doing.seen()), done, _manager
    )


@access.may(Power.MANAGERS)
def manager_password() -> AnyResponse:
    """Give a manager a new password."""
    email, typed = field("email"), given().get("password", "")
    return tried(
        lambda: manager_people.reset_password(world(), me(), email, typed), _done, _manager
    )


@access.may(Power.MANAGERS)
def manager_remove() -> AnyResponse:
    """Take a manager's access away, after a question."""
    shown = _shown()

    def again(problems: Problems | None = None) -> Response:
        return doing.confirm(
            "Take this access away?",
            f"{shown.name} ({shown.email}) is logged out at once and cannot log in here any more."
            " What the audit trail says of it stays.",
            "Take it away",
            "manager_remove",
            ("manager", {"email": shown.email}),
            problems,
            email=shown.email,
        )

    if doing.is_read():
        return again()
    return tried(
        lambda: manager_people.remove(world(), me(), shown.email),
        lambda: gone_on("managers"),
        again,
    )
