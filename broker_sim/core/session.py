"""The life of a session: what may follow what, and what each step leaves behind.

Source: SESS-1 to SESS-4, UPD-2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from broker_sim.contract import faults, limits
from broker_sim.core.record import (
    Change,
    Event,
    Happening,
    Labelled,
    Representative,
    Session,
    Stage,
)
from broker_sim.core.refusal import Refused

_DURING = (
    Event.CHAT,
    Event.FILE_SENT,
    Event.URL_PUSHED,
    Event.DIAGNOSTICS_TAKEN,
    Event.SCREEN_ON,
    Event.SCREEN_OFF,
    Event.REBOOTED,
    Event.RECONNECTED,
)

MOVES: Mapping[Stage, Mapping[Event, Stage]] = {
    Stage.WAITING: {
        Event.ACCEPTED: Stage.ACCEPTED,
        Event.DECLINED: Stage.ERROR,
        Event.UNANSWERED: Stage.ERROR,
        Event.ABANDONED: Stage.ERROR,
        Event.FAILED: Stage.ERROR,
    },
    Stage.ACCEPTED: {
        Event.STARTED: Stage.IN_SESSION,
        Event.ABANDONED: Stage.ERROR,
        Event.FAILED: Stage.ERROR,
    },
    Stage.IN_SESSION: {
        **dict.fromkeys(_DURING, Stage.IN_SESSION),
        Event.TRANSFERRED: Stage.IN_SESSION,
        Event.ENDED: Stage.FINISHED,
        Event.FAILED: Stage.ERROR,
    },
    Stage.FINISHED: {Event.SURVEY_RECEIVED: Stage.FINISHED},
    Stage.ERROR: {},
}

# Whose survey it is, as the detail of its event says it.
CUSTOMER: Final = ""
REPRESENTATIVE: Final = "representative"

# Which events the change log tells of, and as what.
CHANGES: Mapping[Event, Change] = {
    Event.POSTED: Change.POSTED,
    Event.ACCEPTED: Change.ACCEPTED,
    Event.STARTED: Change.STARTED,
    Event.TRANSFERRED: Change.TRANSFERRED,
    Event.ENDED: Change.ENDED,
    Event.FAILED: Change.FAILED,
    Event.DECLINED: Change.FAILED,
    Event.UNANSWERED: Change.FAILED,
    Event.ABANDONED: Change.FAILED,
    Event.SURVEY_RECEIVED: Change.SURVEY_RECEIVED,
}


def post(
    session_id: int,
    portal: str,
    sub_portal: str,
    question: str,
    now: datetime,
    *,
    picked: str = "",
    **more: object,
) -> Session:
    """Give the session of a request posted at `now`; `more` are further fields by name.

    `picked` is the address of the rep whom the customer wants; empty for whoever is free.
    """
    begun = Session(session_id, portal, sub_portal, question, now)
    return replace(begun, events=(Happening(now, Event.POSTED, picked),), **more)  # type: ignore[arg-type]  # `more` names fields of Session; a wrong name is a TypeError


def move(session: Session, event: Event, now: datetime, detail: str = "") -> Session:
    """Apply `event` at `now` and note it among the session's events.

    Calls side by side read the clock in one order and come here in another: what comes late
    happens at the time of the event before it, and no session ends before it starts.

    Raises:
        Refused: OutOfTurn; the table has no such move from where the session stands.

    Source: SESS-1, SESS-2.
    """
    stage = MOVES[session.stage].get(event)
    once = event is Event.SURVEY_RECEIVED and surveyed(session, detail)
    if stage is None or once:
        raise Refused(faults.OUT_OF_TURN)
    at = max([now, *(happening.time for happening in session.events[-1:])])
    ends = stage in (Stage.FINISHED, Stage.ERROR) and session.ended is None
    return session.stepped(Happening(at, event, detail), stage, at if ends else session.ended)


def accept(session: Session, rep: Representative, now: datetime) -> Session:
    """Give the waiting request to `rep`; the first to accept has it. Source: PORTAL-3."""
    moved = move(session, Event.ACCEPTED, now, rep.screen_name)
    return replace(
        moved,
        responded=moved.events[-1].time,
        representative=rep.email,
        rep_name=rep.name,
        rep_screen_name=rep.screen_name,
        team_name=rep.team,
        rep_ip=rep.ip,
    )


def start(session: Session, now: datetime) -> Session:
    """Begin the accepted session: the customer has agreed. Source: SESS-1, PORTAL-4."""
    moved = move(session, Event.STARTED, now)
    return replace(moved, started=moved.events[-1].time)


def end(
    session: Session,
    now: datetime,
    *,
    resolution: str = "Unknown",
    comment: str | None = None,
    end_label: str | None = None,
    end_data: str | None = None,
    rep_ratings: tuple[Labelled, ...] = (),
) -> Session:
    """End the session with the rep's resolution, comment, end data and survey."""
    return replace(
        move(session, Event.ENDED, now),
        resolution=resolution,
        rep_comment=comment,
        end_label=end_label,
        end_data=end_data,
        rep_ratings=rep_ratings,
    )


def transfer(
    session: Session, new_id: int, sub_portal: str, now: datetime
) -> tuple[Session, Session]:
    """End `session` and post its successor in `sub_portal`; each names the other.

    Returns:
        The ended session and the waiting successor.

    Source: SESS-3.
    """
    gone = replace(
        move(session, Event.TRANSFERRED, now, f"to session {new_id}"), transferred_to=new_id
    )
    gone = end(gone, now)
    at = gone.events[-1].time
    successor = post(
        new_id,
        session.portal,
        sub_portal,
        session.question,
        at,
        mode=session.mode,
        reference_id=session.reference_id,
        customer_ip=session.customer_ip,
        smart_box_entries=session.smart_box_entries,
        locale=session.locale,
        transferred_from=session.session_id,
    )
    return gone, successor


def surveyed(session: Session, by: str = CUSTOMER) -> bool:
    """Tell whether the survey of one party has come; the customer's if not said."""
    return any(
        happening.kind is Event.SURVEY_RECEIVED and happening.detail == by
        for happening in session.events
    )


def rate_as_rep(session: Session, ratings: tuple[Labelled, ...], now: datetime) -> Session:
    """Take the rep's survey, once, unless it came with the end. Source: AGENT-1."""
    if session.rep_ratings:
        raise Refused(faults.OUT_OF_TURN)
    return replace(move(session, Event.SURVEY_RECEIVED, now, REPRESENTATIVE), rep_ratings=ratings)


def rate(session: Session, ratings: tuple[Labelled, ...], now: datetime) -> Session:
    """Take the customer's survey, once. Source: PORTAL-5."""
    return replace(move(session, Event.SURVEY_RECEIVED, now), customer_ratings=ratings)


def as_recorded(session: Session) -> Session:
    """Give the session as its recording has it: a survey comes later and changes no file."""
    events = tuple(e for e in session.events if e.kind is not Event.SURVEY_RECEIVED)
    return replace(session, events=events, customer_ratings=())


def unanswered_at(session: Session) -> datetime | None:
    """Tell when a waiting request is given up; None when it no longer waits. SESS-2."""
    return session.posted + limits.UNANSWERED_AFTER if session.stage is Stage.WAITING else None
