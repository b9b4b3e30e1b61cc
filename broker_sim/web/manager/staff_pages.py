"""Representatives: the list, a new one, and one with its desks and its password."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core.management import Power
from broker_sim.core.record import Representative
from broker_sim.core.staleness import mark
from broker_sim.service import manager_staff, manager_views
from broker_sim.service.staff_storage import Desk
from broker_sim.web.manager import access, doing
from broker_sim.web.manager.doing import Problems, field, gone_on, many, me, tried
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import given, world

_AT = f"{ROOT}/administration/representatives"
_ADDRESS = "192.0.2.1"  # of a desk that has not been sat at; for documentation, nobody's


def add(app: Flask) -> None:
    """Register the pages."""
    app.add_url_rule(_AT, "reps", reps)
    app.add_url_rule(f"{_AT}/new", "rep_new", rep_new, methods=["GET", "POST"])
    app.add_url_rule(f"{_AT}/one", "rep", rep)
    for act in (rep_change, rep_desks, rep_password, rep_disconnect):
        part = act.__name__.removeprefix("rep_")
        app.add_url_rule(f"{_AT}/{part}", act.__name__, act, methods=["POST"])
    for ask in (rep_deactivate, rep_remove):
        part = ask.__name__.removeprefix("rep_")
        app.add_url_rule(f"{_AT}/{part}", ask.__name__, ask, methods=["GET", "POST"])


@access.may(Power.STAFF)
def reps() -> Response:
    """List the representatives in sight."""
    return doing.page("reps.html", found=manager_views.reps(world(), me()))


def _chosen_desks() -> list[Desk]:
    """Give the desks that were ticked: each box carries its pair as JSON."""
    return [_desk(said) for said in many("desk-")]


def _desk(said: str) -> Desk:
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    if not isinstance(found, list) or [type(one) for one in found] != [str, str]:
        msg = "a desk is a portal and a sub-portal"
        raise ValueError(msg)
    return found[0], found[1]


def _boxes(chosen: list[Desk] | None) -> dict[str, Any]:
    """Give what the template needs for teams and desks."""
    places = manager_views.places(world(), me())
    boxes = [
        (portal, [(json.dumps([portal.name, sub]), sub, (portal.name, sub)) for sub in subs])
        for portal, subs in places.desks
    ]
    return {"teams": places.teams, "boxes": boxes, "chosen": chosen or []}


@access.may(Power.STAFF)
def rep_new() -> AnyResponse:
    """Hire a representative."""

    def again(problems: Problems | None = None) -> Response:
        return doing.page("rep_new.html", problems, **_boxes(_chosen_desks()))

    if doing.is_read():
        return again()
    name, desks = field("name"), _chosen_desks()
    screen = field("screenName") or name
    wanted = Representative(field("email"), name, screen, field("team"), _ADDRESS)
    typed = given().get("password", "")
    return tried(
        lambda: manager_staff.hire(world(), me(), wanted, typed, desks),
        lambda: gone_on("reps"),
        again,
    )


@access.may(Power.STAFF)
def rep() -> Response:
    """Show one representative."""
    return _rep()


def _rep(problems: Problems | None = None) -> Response:
    shown = doing.found(lambda: manager_views.rep(world(), me(), field("email")))
    named = manager_staff.named(shown.member.rep)
    marks = {"name": mark(*named), "desks": mark(*sorted(shown.desks))}
    boxes = _boxes(list(shown.desks))
    return doing.page("rep.html", problems, shown=shown, marks=marks, **boxes)


def _done() -> AnyResponse:
    return gone_on("rep", email=field("email"))


@access.may(Power.STAFF)
def rep_change() -> AnyResponse:
    """Give it other names or another team."""
    wanted = Representative(
        field("email"), field("name"), field("screenName"), field("team"), _ADDRESS
    )
    return tried(
        lambda: manager_staff.change(world(), me(), wanted, seen=doing.seen()), _changed, _rep
    )


def _changed() -> AnyResponse:
    """Go on where the representative still is in sight, else to the list."""
    seen = [one.member.rep.email for one in manager_views.reps(world(), me())]
    return _done() if field("email") in seen else gone_on("reps")


@access.may(Power.STAFF)
def rep_desks() -> AnyResponse:
    """Say which desks it serves."""
    desks = _chosen_desks()
    return tried(
        lambda: manager_staff.set_desks(world(), me(), field("email"), desks, seen=doing.seen()),
        _done,
        _rep,
    )


@access.may(Power.STAFF)
def rep_password() -> AnyResponse:
    """Give it a new password."""
    typed = given().get("password", "")
    return tried(
        lambda: manager_staff.reset_password(world(), me(), field("email"), typed), _done, _rep
    )


@access.may(Power.STAFF)
def rep_disconnect() -> AnyResponse:
    """End what its desktop has open."""
    email = field("email")
    return tried(lambda: manager_staff.end_connection(world(), me(), email), _done, _rep)


@access.may(Power.STAFF)
def rep_deactivate() -> AnyResponse:
    """Deactivate one, after a question."""
    shown = doing.found(lambda: manager_views.rep(world(), me(), field("email")))
    email, name = shown.member.rep.email, shown.member.rep.name

    def again(problems: Problems | None = None) -> Response:
        return doing.confirm(
            f"Deactivate {name}?",
            f"{name} loses password and desks, and what is open at the desk and here ends;"
            " sessions that go on do so. The records stay. A new password makes the representative"
            " active again; the desks have to be given anew.",
            "Deactivate",
            "rep_deactivate",
            ("rep", {"email": email}),
            problems,
            email=email,
        )

    if doing.is_read():
        return again()
    return tried(lambda: manager_staff.deactivate(world(), me(), email), _changed, again)


@access.may(Power.STAFF)
def rep_remove() -> AnyResponse:
    """Remove one who has had no session, after a question."""
    shown = doing.found(lambda: manager_views.rep(world(), me(), field("email")))
    email, name = shown.member.rep.email, shown.member.rep.name

    def again(problems: Problems | None = None) -> Response:
        return doing.confirm(
            f"Remove {name}?",
            f"This is as if {name} had never been hired; only the audit trail remembers. It works"
            " while no session is or was this representative's, and no request waits for it.",
            "Remove",
            "rep_remove",
            ("rep", {"email": email}),
            problems,
            email=email,
        )

    if doing.is_read():
        return again()
    return tried(lambda: manager_staff.remove(world(), me(), email), lambda: gone_on("reps"), again)
