"""The page of a session, from the queue to its end, reached by an unforgeable link.

Source: PORTAL-4, PORTAL-5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from broker_sim.core import form
from broker_sim.core.channel import Party
from broker_sim.core.customer import Line
from broker_sim.core.record import Event, Session, Stage
from broker_sim.service import agents, customers, launching, passes
from broker_sim.service.launching import Seen
from broker_sim.service.ports import World
from broker_sim.web import channel_answer
from broker_sim.web.pages import Page, absolute, given, go_on, with_more, world

Survey = Mapping[str, str]
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")
_NAMES: Final = {
    Stage.WAITING: "waiting",
    Stage.ACCEPTED: "consent",
    Stage.IN_SESSION: "talking",
    Stage.FINISHED: "finished",
    Stage.ERROR: "failed",
}
_WHY: Final = {
    Event.DECLINED: "Nobody could take your request. Please try again later.",
    Event.UNANSWERED: "Nobody answered in time. Please try again later.",
    Event.ABANDONED: "You have left. You can ask again whenever you like.",
    Event.FAILED: "The connection failed. Please try again.",
}


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
    return _page(token, seen, _survey_of(token)).answer()


def _talk(token: str) -> Response:
    seen = launching.look(world(), _session_id(token))
    return _page(token, seen, _survey_of(token), "talk.html").answer()


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
    return _page(token, launching.look(world(), _session_id(token)), survey, status=status)


def _page(
    token: str, seen: Seen, survey: Survey, template: str = "session.html", status: int = 200
) -> Page:
    sight, session = seen.sight, seen.session
    paths = _paths(token, seen, survey)
    files = _files(token, seen)
    told = {
        "sessionId": session.session_id,
        "portal": session.portal,
        "subPortal": session.sub_portal,
        "status": session.status,
        "stage": _NAMES[sight.stage],
        "place": seen.place,
        "representative": sight.rep_name,
        "sharesScreen": sight.shares_screen,
        "mayRate": sight.may_rate,
        "whyEnded": sight.why_ended,
        "lines": [_told(line, file) for line, file in zip(sight.lines, files, strict=True)],
        "links": {name: absolute(path) for name, path in paths.items()},
    }
    shown = {
        "lines": [_shown(line, file) for line, file in zip(sight.lines, files, strict=True)],
        "paths": paths,
        "why": _WHY.get(sight.why_ended, "") if sight.why_ended else "",
    }
    return Page(template, told, shown, status)


def _files(token: str, seen: Seen) -> list[str | None]:
    """Give, for each line of the talk, where the file that it tells of can be fetched."""
    number, place, found = seen.session.session_id, 0, []
    for line in seen.sight.lines:
        place += line.kind is Event.FILE_SENT
        there = line.kind is Event.FILE_SENT and agents.sent_file(world(), number, place)
        found.append(url_for("file", token=token, place=place) if there else None)
    return found


def _told(line: Line, file: str | None) -> dict[str, Any]:
    told = {"time": line.time, "kind": line.kind, "speaker": line.speaker, "text": line.text}
    return told if file is None else {**told, "file": absolute(file)}


def _shown(line: Line, file: str | None) -> dict[str, Any]:
    """Give a line as the page writes it; only a web address becomes a link."""
    is_link = line.kind is Event.URL_PUSHED and _LINK.fullmatch(line.text)
    return {
        "at": f"{line.time:%H:%M:%S}",
        "kind": line.kind.value,
        "speaker": line.speaker,
        "text": line.text,
        "link": line.text if is_link else file,
    }


def _paths(token: str, seen: Seen, survey: Survey) -> dict[str, str]:
    """Give where the customer can go on, by the names of JSON."""
    stage = seen.sight.stage
    names = ["session"]
    if stage in (Stage.WAITING, Stage.ACCEPTED, Stage.IN_SESSION):
        names.append("leave")
    if stage is Stage.ACCEPTED:
        names.append("agree")
    if stage is Stage.IN_SESSION:
        names += ["say", "talk"]
    if seen.sight.shares_screen:
        names.append("endScreenSharing")
    paths = {name: with_more(url_for(name, token=token), survey) for name in names}
    if seen.sight.may_rate:
        paths["survey"] = survey_path(seen.session, survey)
    paths["again"] = url_for("home", portal=seen.session.portal)
    return paths


def survey_path(session: Session, survey: Survey) -> str:
    """Give the link of a session's survey, in the shape that the product's had."""
    number, portal = session.session_id, session.portal
    token = passes.survey_token(world(), number, portal)
    return with_more(url_for("survey", QueryKey=number, Portal=portal, Token=token), survey)
