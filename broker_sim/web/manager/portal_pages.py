"""Portals: the list, a new one, one with its sub-portals, locks and codes, and its security key."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.contract.sessions import PORTAL_TYPE
from broker_sim.core.management import Power
from broker_sim.core.staleness import mark
from broker_sim.service import manager_portals, manager_staff, manager_views
from broker_sim.service.acting import wrong
from broker_sim.service.storage import Portal
from broker_sim.web.manager import access, doing
from broker_sim.web.manager.doing import Problems, field, gone_on, many, me, number, tried
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import given, world

_AT = f"{ROOT}/administration/portals"
_TYPES = [(word, word) for word in PORTAL_TYPE.words]


def add(app: Flask) -> None:
    """Register the pages."""
    both, post = ["GET", "POST"], ["POST"]
    app.add_url_rule(_AT, "portals", portals)
    app.add_url_rule(f"{_AT}/new", "portal_new", portal_new, methods=both)
    app.add_url_rule(f"{_AT}/one", "portal", portal)
    app.add_url_rule(f"{_AT}/change", "portal_change", portal_change, methods=post)
    app.add_url_rule(f"{_AT}/subportal", "portal_sub", portal_sub, methods=post)
    app.add_url_rule(
        f"{_AT}/subportal/remove", "portal_sub_remove", portal_sub_remove, methods=both
    )
    app.add_url_rule(f"{_AT}/locks", "portal_locks", portal_locks, methods=post)
    app.add_url_rule(f"{_AT}/codes", "portal_codes", portal_codes, methods=post)
    app.add_url_rule(f"{_AT}/serving", "portal_serving", portal_serving, methods=both)
    app.add_url_rule(f"{_AT}/key", "portal_key", portal_key, methods=both)
    app.add_url_rule(f"{_AT}/key/clear", "portal_key_clear", portal_key_clear, methods=both)


@access.may(Power.PORTALS)
def portals() -> Response:
    """List the portals."""
    return doing.page("portals.html", found=manager_views.portals(world(), me()))


@access.may(Power.PORTALS)
def portal_new() -> AnyResponse:
    """Add a portal."""

    def again(problems: Problems | None = None) -> Response:
        return doing.page("portal_new.html", problems, types=_TYPES)

    if doing.is_read():
        return again()
    subs = tuple(one for line in field("subPortals").splitlines() if (one := line.strip()))
    wanted = Portal(field("name"), field("displayName"), "", _type(), subs, hard_lockouts=False)
    username, typed = field("username"), given().get("password", "")
    return tried(
        lambda: manager_portals.add(world(), me(), wanted, username, typed),
        lambda: gone_on("portal", name=wanted.name),
        again,
    )


def _type() -> str:
    """Give the type that was chosen; nothing else can be on the page."""
    chosen = field("type")
    return chosen if chosen in PORTAL_TYPE.words else PORTAL_TYPE.words[0]


@access.may(Power.PORTALS)
def portal() -> Response:
    """Show one portal."""
    return _portal()


def _portal(problems: Problems | None = None) -> Response:
    shown, form = doing.found(lambda: manager_views.portal(world(), me(), field("name")))
    known = shown.portal
    marks = {
        "basics": mark(known.display_name, known.portal_type),
        "codes": mark(known.codes_per_rep, known.code_lives),
    }
    return doing.page("portal.html", problems, shown=shown, form=form, types=_TYPES, marks=marks)


def _done() -> AnyResponse:
    return gone_on("portal", name=field("name"))


@access.may(Power.PORTALS)
def portal_change() -> AnyResponse:
    """Give it another name or type."""
    name, shown, kind = field("name"), field("displayName"), _type()
    return tried(
        lambda: manager_portals.change(world(), me(), name, shown, kind, seen=doing.seen()),
        _done,
        _portal,
    )


@access.may(Power.PORTALS)
def portal_sub() -> AnyResponse:
    """Add a sub-portal."""
    name, sub = field("name"), field("subPortal")
    return tried(lambda: manager_portals.add_sub_portal(world(), me(), name, sub), _done, _portal)


@access.may(Power.PORTALS)
def portal_sub_remove() -> AnyResponse:
    """Remove a sub-portal that no session names, after a question."""
    name, sub = field("name"), field("sub")
    shown, _ = doing.found(lambda: manager_views.portal(world(), me(), name))
    if sub not in shown.portal.sub_portals:
        raise doing.nothing()

    def again(problems: Problems | None = None) -> Response:
        return doing.confirm(
            f"Remove the sub-portal {sub}?",
            f"{shown.portal.display_name} offers it no more, and nobody serves it. This works"
            " while no session and no phone code names it.",
            "Remove",
            "portal_sub_remove",
            ("portal", {"name": name}),
            problems,
            name=name,
            sub=sub,
        )

    if doing.is_read():
        return again()
    return tried(lambda: manager_portals.remove_sub_portal(world(), me(), name, sub), _done, again)


@access.may(Power.PORTALS)
def portal_locks() -> AnyResponse:
    """Turn hard lockouts on or off."""
    name, on = field("name"), field("hard") == "on"
    return tried(
        lambda: manager_portals.set_hard_lockouts(world(), me(), name, on=on), _done, _portal
    )


@access.may(Power.PORTALS)
def portal_codes() -> AnyResponse:
    """Set how many phone codes a representative may have, and how long one lives."""
    most, lives = number("codesPerRep"), timedelta(minutes=min(number("codeMinutes"), 10**6))
    return tried(
        lambda: manager_portals.set_codes(
            world(), me(), field("name"), most, lives, seen=doing.seen()
        ),
        _done,
        _portal,
    )


@access.may(Power.PORTALS)
def portal_serving() -> AnyResponse:
    """Say who serves a sub-portal."""
    name, sub = field("name"), field("sub")

    def again(problems: Problems | None = None) -> Response:
        shown, _ = doing.found(lambda: manager_views.portal(world(), me(), name))
        if sub not in shown.portal.sub_portals:
            raise doing.nothing()
        chosen = {one.rep.email for one in shown.serving[sub]}
        reps = manager_views.reps(world(), me())
        now = {"sub": sub, "reps": reps, "chosen": chosen, "mark": mark(*sorted(chosen))}
        return doing.page("serving.html", problems, shown=shown, **now)

    if doing.is_read():
        return again()
    emails = many("rep-")
    return tried(
        lambda: manager_staff.serve(world(), me(), name, sub, emails, seen=doing.seen()),
        _done,
        again,
    )


@access.may(Power.KEYS)
def portal_key() -> AnyResponse:
    """Explain the security key, and set it."""
    name = field("name")

    def again(problems: Problems | None = None) -> Response:
        shown, _ = doing.found(lambda: manager_views.portal(world(), me(), name))
        return doing.page("key.html", problems, shown=shown, limits=manager_portals, said=None)

    if doing.is_read():
        return again()
    made = field("make") == "yes"
    typed = given().get("passphrase", "")
    wanted = manager_portals.generated_passphrase(world()) if made else typed
    return tried(lambda: _set_key(name, wanted, made=made), lambda: _key_set(name, wanted), again)


def _set_key(name: str, wanted: str, *, made: bool) -> None:
    if not made and given().get("passphraseagain", "") != wanted:
        raise wrong("passphraseAgain", "it is not the same as above")
    manager_portals.set_security_key(world(), me(), name, wanted)


def _key_set(name: str, wanted: str) -> Response:
    """Show the new key, this once: no page can show it again."""
    shown, _ = manager_views.portal(world(), me(), name)
    return doing.page("key.html", shown=shown, limits=manager_portals, said=wanted)


@access.may(Power.KEYS)
def portal_key_clear() -> AnyResponse:
    """Clear the security key, after a question."""
    name = field("name")
    shown, _ = doing.found(lambda: manager_views.portal(world(), me(), name))

    def again(problems: Problems | None = None) -> Response:
        return doing.confirm(
            "Clear the security key?",
            f"What {shown.portal.display_name} records from now on can be opened by the broker's"
            " own key. What was recorded until now still needs the old security key: keep it for"
            " 90 days.",
            "Clear it",
            "portal_key_clear",
            ("portal_key", {"name": name}),
            problems,
            name=name,
        )

    if doing.is_read():
        return again()
    return tried(lambda: manager_portals.set_security_key(world(), me(), name, None), _done, again)
