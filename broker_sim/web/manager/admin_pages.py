"""The first page of the administration, what is locked, and what is kept how long."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core.management import Power
from broker_sim.service import manager_logins, manager_views
from broker_sim.web.manager import access, doing
from broker_sim.web.manager.doing import me
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import given, world

# The parts of the administration, for the cards of its first page and the tabs of the others.
PARTS: Final = (
    ("portals", "Portals", "Support queues: sub-portals, forms, looks, security keys, locks."),
    ("teams", "Teams", "Which team is a part of which, and who manages it."),
    ("reps", "Representatives", "Who helps customers: names, teams, desks, passwords."),
    ("logins", "API logins", "What programs log on with."),
    ("lockouts", "Lockouts", "Who is locked out now, and open it."),
    ("managers", "Managers", "Who may use this Management Center, and as what."),
    ("retention", "Retention", "How long everything is kept, and what goes next."),
)


def add(app: Flask) -> None:
    """Register the pages."""
    app.add_url_rule(f"{ROOT}/administration", "administration", administration)
    app.add_url_rule(f"{ROOT}/administration/lockouts", "lockouts", lockouts)
    app.add_url_rule(f"{ROOT}/administration/unlock", "unlock", unlock, methods=["POST"])
    app.add_url_rule(f"{ROOT}/administration/retention", "retention", retention)
    app.context_processor(_parts)


def _parts() -> dict[str, object]:
    return {"parts": [part for part in PARTS if access.is_allowed(part[0])]}


@access.may(Power.LOCKOUTS)
def administration() -> Response:
    """Show what there is to look after."""
    return doing.page("administration.html")


@access.may(Power.LOCKOUTS)
def lockouts() -> Response:
    """Show what is locked now."""
    return _lockouts()


def _lockouts(problems: doing.Problems | None = None) -> Response:
    return doing.page("lockouts.html", problems, found=manager_logins.locked(world(), me()))


@access.may(Power.LOCKOUTS)
def unlock() -> AnyResponse:
    """Open what is locked."""
    account = given().get("account", "")  # as it is: it begins with a blank
    return doing.tried(
        lambda: manager_logins.unlock(world(), me(), account),
        lambda: doing.gone_on("lockouts"),
        _lockouts,
    )


@access.may(Power.PORTALS)
def retention() -> Response:
    """Show how long everything is kept."""
    return doing.page("retention.html", kept=manager_views.kept(world(), me()))
