"""How a session's page looks to its customer: what it tells, where one can go on from it.

Source: PORTAL-4, PORTAL-5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import request, url_for

from broker_sim.core import branding, chat, customer
from broker_sim.core.customer import Line
from broker_sim.core.record import Event, Session, Stage
from broker_sim.core.routing import picked
from broker_sim.service import agents, launching, passes, watching
from broker_sim.service import branding as settings
from broker_sim.service.launching import Seen
from broker_sim.web import watch
from broker_sim.web.branded import WAY, WAY_BY_CODE, branded
from broker_sim.web.pages import Page, absolute, with_more, world
from broker_sim.web.stages import STAGES

Survey = Mapping[str, str]
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")
_WHY: Final = {
    Event.DECLINED: "Nobody could take your request. Please try again later.",
    Event.UNANSWERED: "Nobody answered in time. Please try again later.",
    Event.ABANDONED: "You have left. You can ask again whenever you like.",
    Event.FAILED: "The connection failed. Please try again.",
}
_TITLES: Final = {
    Stage.WAITING: "Please wait",
    Stage.ACCEPTED: "A representative can help you now",
    Stage.IN_SESSION: "You are talking",
    Stage.FINISHED: "The session has ended",
    Stage.ERROR: "The request has ended",
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """One line of the talk as the page writes it; only a web address becomes a link."""

    at: str
    kind: str
    speaker: str | None
    who: str | None
    text: str
    link: str | None
    rep: str


def view(
    token: str, seen: Seen, survey: Survey, template: str = "session.html", status: int = 200
) -> Page:
    """Show a session as it stands."""
    paths = _paths(token, seen, survey)
    files = _files(token, seen.session, seen.sight.lines)
    told = _told(seen, paths, files)
    shown = {
        **_common(seen.session),
        **_way(seen),
        "paths": paths,
        "title": _TITLES[seen.sight.stage],
        "lines": _shown(seen.session, seen.sight.lines, files),
        "earlier": _earlier(seen.session),
        "letters": branding.initials(seen.sight.rep_name or ""),
        "picked": picked(seen.session) is not None,
        "question": seen.session.question,
        "why": _WHY.get(seen.sight.why_ended, "") if seen.sight.why_ended else "",
        "mark": watching.mark(seen.session, seen.place),
        "watch": f"{request.script_root}{watch.PATH}/{token}",
        "channel": url_for("channel", token=token),
        "files": f"{url_for('session', token=token)}/files",
        "customer": chat.customer_name(seen.session),
        "stop_sharing": with_more(url_for("endScreenSharing", token=token), survey),
    }
    return Page(f"customer/{template}", told, shown, status)


def _told(seen: Seen, paths: Mapping[str, str], files: Sequence[str | None]) -> dict[str, Any]:
    """Tell it for scripts."""
    sight, session = seen.sight, seen.session
    return {
        "sessionId": session.session_id,
        "portal": session.portal,
        "subPortal": session.sub_portal,
        "status": session.status,
        "stage": STAGES[sight.stage],
        "place": seen.place,
        "representative": sight.rep_name,
        "sharesScreen": sight.shares_screen,
        "mayRate": sight.may_rate,
        "whyEnded": sight.why_ended,
        "lines": [_told_line(line, file) for line, file in zip(sight.lines, files, strict=True)],
        "links": {name: absolute(path) for name, path in paths.items()},
    }


def _told_line(line: Line, file: str | None) -> dict[str, Any]:
    told = {
        "time": line.time,
        "kind": line.kind,
        "speaker": line.speaker,
        "who": line.who,
        "text": line.text,
    }
    return told if file is None else {**told, "file": absolute(file)}


def _common(session: Session) -> dict[str, Any]:
    found = settings.find(world(), session.portal)
    of = found or branding.default_branding(session.portal, session.portal)
    return branded(session.portal, of, session.locale)


def _way(seen: Seen) -> dict[str, Any]:
    """Tell where on the way to help the customer is."""
    straight = seen.session.mode == "Phone" and seen.session.transferred_from is None
    here = {Stage.WAITING: 2, Stage.ACCEPTED: 3, Stage.IN_SESSION: 4}.get(seen.sight.stage, 0)
    return {"steps": WAY_BY_CODE if straight else WAY, "here": here - 1 if straight else here}


def _earlier(session: Session) -> list[_Shown]:
    """Give what was said before the session was handed on."""
    found: list[_Shown] = []
    for before in launching.earlier(world(), session):
        lines = customer.sight(before).lines
        token = passes.session_pass(world(), before.session_id)
        found += _shown(before, lines, _files(token, before, lines))
    return found


def _files(token: str, session: Session, lines: Sequence[Line]) -> list[str | None]:
    """Give, for each line of the talk, where the file that it tells of can be fetched."""
    place, found = 0, []
    for line in lines:
        place += line.kind is Event.FILE_SENT
        sent = line.kind is Event.FILE_SENT
        there = sent and agents.sent_file(world(), session.session_id, place)
        found.append(url_for("file", token=token, place=place) if there else None)
    return found


def _shown(session: Session, lines: Sequence[Line], files: Sequence[str | None]) -> list[_Shown]:
    rep = chat.rep_name(session)
    return [
        _Shown(
            f"{line.time:%H:%M:%S}",
            line.kind.value,
            line.speaker,
            line.who,
            line.text,
            line.text if line.kind is Event.URL_PUSHED and _LINK.fullmatch(line.text) else file,
            rep,
        )
        for line, file in zip(lines, files, strict=True)
    ]


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
