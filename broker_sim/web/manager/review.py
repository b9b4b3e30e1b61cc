"""One session, whole: what was asked, said, done, found, sent, rated and recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core import chat, customer
from broker_sim.core import reviewing as rules
from broker_sim.core.customer import Line
from broker_sim.core.management import Power
from broker_sim.core.record import Event, File, Happening, Session
from broker_sim.service import review_scope, reviewing
from broker_sim.web.manager import access, looking
from broker_sim.web.manager.sessions import my_scope
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import world

_EVENTS: Final[Mapping[Event, str]] = {
    Event.POSTED: "Request posted",
    Event.ACCEPTED: "Accepted",
    Event.DECLINED: "Declined by all",
    Event.UNANSWERED: "Nobody answered",
    Event.ABANDONED: "Abandoned by the customer",
    Event.STARTED: "Session started",
    Event.CHAT: "Chat",
    Event.FILE_SENT: "File sent",
    Event.URL_PUSHED: "Web page pushed",
    Event.DIAGNOSTICS_TAKEN: "Diagnostics taken",
    Event.SCREEN_ON: "Screen sharing on",
    Event.SCREEN_OFF: "Screen sharing off",
    Event.REBOOTED: "Restart",
    Event.RECONNECTED: "Reconnected",
    Event.TRANSFERRED: "Transferred",
    Event.FAILED: "Connection failed",
    Event.ENDED: "Session ended",
    Event.SURVEY_RECEIVED: "Survey received",
}


def add(app: Flask) -> None:
    """Register the page."""
    app.add_url_rule(f"{ROOT}/sessions/<int:number>", "review", review)


@access.may(Power.SESSIONS)
def review(number: int) -> AnyResponse:
    """Show a session."""
    session = looked_at(number, "read")
    now = world().clock.now()
    page = render_template(
        "manager/review.html",
        session=session,
        status=looking.STATUS_NAMES[session.status],
        outcome=looking.outcome(session),
        customer=rules.customer(session),
        waited=rules.waited(session, now),
        lasted=rules.lasted(session, now),
        talk=[_line(session, line) for line in customer.sight(session).lines],
        events=[_event(one) for one in session.events],
        diagnostics=reviewing.inspected(world(), session),
        files=[(one, path(one)) for one in session.files],
        replay=replay_url(session),
        here="sessions",
    )
    return AnyResponse(page, mimetype="text/html")


def looked_at(number: int, how: str) -> Session:
    """Give a session for the manager who asks; the audit trail has it."""
    session = reviewing.look(world(), my_scope(), number)
    review_scope.note_look(world(), access.manager(), how, session.portal, str(number))
    return session


def replay_url(session: Session) -> str | None:
    """Give the link to the replay; None where there is nothing to play."""
    screens = any(one.channel.endswith("Screen") for one in session.files)
    return url_for("replay", number=session.session_id) if screens else None


def path(file: File) -> str:
    """Give the signed link of a file, from the root of the page's own host."""
    parts = urlsplit(file.url)
    return f"{parts.path}?{parts.query}"


def _line(session: Session, line: Line) -> Mapping[str, Any]:
    return {
        "time": line.time,
        "speaker": line.speaker,
        "own": line.speaker == chat.rep_name(session),
        "happened": None if line.kind is Event.CHAT else _EVENTS[line.kind],
        "text": line.text,
    }


def _event(event: Happening) -> Mapping[str, Any]:
    return {"time": event.time, "said": _EVENTS[event.kind], "detail": event.detail}
