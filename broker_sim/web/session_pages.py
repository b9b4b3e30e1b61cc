"""The page of a session, from the queue to its end, reached by an unforgeable link.

Source: PORTAL-4, PORTAL-5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from flask import Flask, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from broker_sim.core import form
from broker_sim.core.channel import Party
from broker_sim.core.record import Session
from broker_sim.service import agents, customers, launching, passes
from broker_sim.service.ports import World
from broker_sim.web import channel_answer
from broker_sim.web.pages import Page, given, go_on, with_more, world
from broker_sim.web.session_view import Survey, view


def add(app: Flask) -> None:
    """Register the session's page and its acts."""
    app.add_url_rule("/cs/<token>", "session", _session)
    app.add_url_rule("/cs/<token>/talk", "talk", _talk)
    app.add_url_rule("/cs/<token>/files/<int:place>", "file", _file)
    app.add_url_rule("/cs/<token>/channel", "channel", _channel)
    for name, act in _ACTS.items():
        rule = f"/cs/<token>/{name}"
        app.add_url_rule(rule, name, _doing(act), methods=["POST"])


def _say(at: World, session_id: int) -> Session | None:
    text = given().get("text", "")
    return customers.say(at, session_id, text) if text.strip() else None


_ACTS: Final[Mapping[str, Callable[[World, int], Session | None]]] = {
    "agree": customers.agree,
    "say": _say,
    "leave": launching.leave,
    "endScreenSharing": launching.end_screen_sharing,
}


def _doing(act: Callable[[World, int], Session | None]) -> Callable[[str], Response]:
    def do(token: str) -> Response:
        survey = _survey_of(token)
        act(world(), _session_id(token))
        return go_on(session_path(token, survey), lambda: session_page(token, survey))

    return do


def _session(token: str) -> Response:
    seen = launching.look(world(), _session_id(token))
    if seen.successor is not None:
        further = passes.session_pass(world(), seen.successor)
        survey = _survey_of(token)
        return go_on(session_path(further, survey), lambda: session_page(further, survey))
    return view(token, seen, _survey_of(token)).answer()


def _talk(token: str) -> Response:
    seen = launching.look(world(), _session_id(token))
    return view(token, seen, _survey_of(token), "talk.html").answer()


def _file(token: str, place: int) -> Response:
    """Give a file that the representative has sent."""
    found = agents.sent_file(world(), _session_id(token), place)
    if found is None:
        raise NotFound(_NO_FILE)
    name, data = found
    answer = Response(data, mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _channel(token: str) -> Response:
    """Give what the customer's page needs for the session's channel. CHAN-1."""
    return channel_answer.of(_session_id(token), Party.CUSTOMER)


def _session_id(token: str) -> int:
    found = passes.session_of(world(), token)
    if found is None:
        raise NotFound(_WRONG)
    return found


_NO_FILE: Final = "There is no such file."
_WRONG: Final = "This link is not valid. Please go back to where you came from, and ask again."


def _survey_of(token: str) -> Survey:
    """Give what the launcher knows of the survey: it goes along with every link. PORTAL-5."""
    carried = given()
    if not carried:
        return {}
    portal = launching.look(world(), _session_id(token)).session.portal
    asked = launching.asked(world(), portal)
    return {} if asked is None else form.carried(asked.form, carried)


def session_path(token: str, survey: Survey) -> str:
    """Give the link of a session's page."""
    return with_more(url_for("session", token=token), survey)


def session_page(token: str, survey: Survey, status: int = 200) -> Page:
    """Show a session as it stands."""
    return view(token, launching.look(world(), _session_id(token)), survey, status=status)
