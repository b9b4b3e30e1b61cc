"""The list of sessions: filters, search, pages by key, CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Flask, Response, url_for
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core import reviewing as rules
from broker_sim.core.management import Power
from broker_sim.core.record import Session
from broker_sim.core.reviewing import Scope
from broker_sim.service import review_scope, reviewing
from broker_sim.service.reviewing import Found
from broker_sim.web.manager import access, looking, sheets
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import Page, absolute, given, with_more, world

# So many sessions are in one CSV at most; it says where the next goes on.
SHEET_MOST: Final = 5_000
HEADS: Final = (
    "sessionId", "posted", "portal", "subPortal", "status", "mode", "customer", "email", "question",
    "referenceId", "representative", "repName", "team", "waitedSeconds", "durationSeconds",
    "resolution", "endLabel", "endData", "transferredFrom", "transferredTo", "ratings",
)  # fmt: skip


def add(app: Flask) -> None:
    """Register the pages."""
    app.add_url_rule(f"{ROOT}/sessions", "sessions", sessions)
    app.add_url_rule(f"{ROOT}/sessions.csv", "sessions_csv", sessions_csv)


@access.may(Power.SESSIONS)
def sessions() -> AnyResponse:
    """Show the list."""
    fields, scope = looking.asked(given()), my_scope()
    before = looking.place(given().get("before"))
    found = reviewing.search(world(), scope, looking.wanted(fields), before)
    told = {
        "sessions": [_told(one) for one in found.sessions],
        "lookedTo": found.looked_to,
        "next": _next(fields, found),
    }
    shown = {
        "fields": fields,
        "found": found,
        "before": before,
        "rows": [row(one) for one in found.sessions],
        "next": _next(fields, found),
        "choices": review_scope.choices(world(), scope),
        "chips": _chips(fields),
        "counted": _counted(found),
        "looking": looking,
        "newest": with_more(url_for("sessions"), fields),
        "csv": with_more(url_for("sessions_csv"), fields),
        "here": "sessions",
    }
    return Page("manager/sessions.html", told, shown).answer()


def my_scope() -> Scope:
    """Give what the manager who asks may see."""
    return review_scope.scope_of(world(), access.manager())


def row(session: Session) -> Mapping[str, Any]:
    """Give what a line of the list shows."""
    now = world().clock.now()
    return {
        "session": session,
        "status": looking.STATUS_NAMES[session.status],
        "outcome": looking.outcome(session),
        "customer": rules.customer(session),
        "mail": rules.mail(session),
        "waited": rules.waited(session, now),
        "lasted": rules.lasted(session, now),
        "url": url_for("review", number=session.session_id),
    }


def _told(session: Session) -> Mapping[str, Any]:
    return {
        "sessionId": session.session_id,
        "posted": session.posted,
        "portal": session.portal,
        "subPortal": session.sub_portal,
        "status": session.status,
        "mode": session.mode,
        "customer": rules.customer(session),
        "representative": session.representative,
        "team": session.team_name,
        "resolution": session.resolution,
    }


def _next(fields: Mapping[str, str], found: Found) -> str | None:
    """Give the link to what follows; None at the end."""
    if found.following is None:
        return None
    return with_more(url_for("sessions"), {**fields, "before": looking.written(found.following)})


def _counted(found: Found) -> str:
    """Say what one page shows, so that no two pages of a list are called the same."""
    sessions = found.sessions
    if not sessions:
        return "No sessions"
    said = "1 session" if len(sessions) == 1 else f"{len(sessions)} sessions"
    first, last = (f"{one.posted:%Y-%m-%d %H:%M}" for one in (sessions[-1], sessions[0]))
    return f"{said}, {first} to {last}"


def _chips(fields: Mapping[str, str]) -> Sequence[tuple[str, str, str]]:
    """Give the filters that are set: name, value, the link without it."""
    units = {"waited": " s", "lasted": " min"}
    return [
        (
            looking.NAMES[name],
            looking.STATUS_NAMES.get(value, value) + units.get(name, ""),
            with_more(
                url_for("sessions"), {one: text for one, text in fields.items() if one != name}
            ),
        )
        for name, value in fields.items()
    ]


@access.may(Power.SESSIONS)
def sessions_csv() -> Response:
    """Give the filtered list as CSV: so many of it at most, and where it goes on."""
    fields = looking.asked(given())
    before = looking.place(given().get("before"))
    found = reviewing.search(
        world(),
        my_scope(),
        looking.wanted(fields),
        before,
        most=SHEET_MOST,
        effort=reviewing.THOROUGH,
    )
    rows = [columns(one) for one in found.sessions]
    review_scope.note_look(
        world(),
        access.manager(),
        "exported",
        fields.get("portal"),
        f"{len(rows)} session{'s' if len(rows) != 1 else ''}",
        ", ".join(f"{name} {text}" for name, text in fields.items()),
    )
    if found.following is None:
        return sheets.sheet("sessions.csv", HEADS, rows)
    following = looking.written(found.following)
    onward = absolute(with_more(url_for("sessions_csv"), {**fields, "before": following}))
    answer = sheets.sheet("sessions.csv", HEADS, [*rows, (f"The list goes on at {onward}",)])
    answer.headers["Link"] = f'<{onward}>; rel="next"'
    return answer


def columns(session: Session) -> Sequence[object]:
    """Give a session's line in the CSV, by HEADS."""
    now = world().clock.now()
    length = rules.lasted(session, now)
    return (
        session.session_id,
        f"{session.posted:%Y-%m-%dT%H:%M:%SZ}",
        session.portal,
        session.sub_portal,
        session.status,
        session.mode,
        rules.customer(session),
        rules.mail(session),
        session.question,
        session.reference_id,
        session.representative,
        session.rep_name,
        session.team_name,
        int(rules.waited(session, now).total_seconds()),
        None if length is None else int(length.total_seconds()),
        session.resolution,
        session.end_label,
        session.end_data,
        session.transferred_from,
        session.transferred_to,
        "; ".join(f"{one.label or ''}: {one.value}" for one in session.customer_ratings),
    )
