"""What a customer sees of a session, and what they may do now.

Source: PORTAL-4, PORTAL-5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from broker_sim.core import chat
from broker_sim.core.record import Event, Session, Stage
from broker_sim.core.session import surveyed

# What shows in the talk besides chat.
_SHOWN = frozenset(
    {
        Event.FILE_SENT,
        Event.URL_PUSHED,
        Event.DIAGNOSTICS_TAKEN,
        Event.SCREEN_ON,
        Event.SCREEN_OFF,
        Event.REBOOTED,
        Event.RECONNECTED,
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the talk; `speaker` is None where nobody speaks and something happens."""

    time: datetime
    kind: Event
    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Sight:
    """A session as its customer sees it.

    Attributes:
        rep_name: the screen name of who helps; None while nobody does.
        shares_screen: screen sharing is going on.
        may_rate: the survey is open.
        why_ended: how a request that came to nothing ended; None for every other.
    """

    session_id: int
    stage: Stage
    rep_name: str | None
    lines: tuple[Line, ...]
    shares_screen: bool
    may_rate: bool
    why_ended: Event | None


def sight(session: Session) -> Sight:
    """Show a session to its customer."""
    last = session.events[-1].kind if session.stage is Stage.ERROR else None
    return Sight(
        session.session_id,
        session.stage,
        chat.rep_name(session) if session.representative else None,
        tuple(_lines(session)),
        session.stage is Stage.IN_SESSION and shares_screen(session),
        session.stage is Stage.FINISHED and not surveyed(session) and not session.transferred_to,
        last,
    )


def shares_screen(session: Session) -> bool:
    """Tell whether screen sharing was begun and not ended since."""
    switches = [e.kind for e in session.events if e.kind in (Event.SCREEN_ON, Event.SCREEN_OFF)]
    return switches[-1:] == [Event.SCREEN_ON]


def _lines(session: Session) -> Iterator[Line]:
    names = (chat.rep_name(session), chat.customer_name(session))
    for event in session.events:
        if event.kind is Event.CHAT:
            speaker, text = chat.heard(event.detail, names)
            yield Line(event.time, event.kind, speaker, text)
        elif event.kind in _SHOWN:
            yield Line(event.time, event.kind, None, event.detail)
