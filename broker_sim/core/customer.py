"""What a customer sees of a session, and what they may do now.

Source: PORTAL-4, PORTAL-5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from broker_sim.core import chat
from broker_sim.core.channel import Party
from broker_sim.core.record import Event, Happening, Session, Stage
from broker_sim.core.session import surveyed

# Languages that are written from right to left, by their codes.
_RIGHT_TO_LEFT: Final = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"}
)
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
    """One line of the talk.

    Attributes:
        speaker: the name of who speaks; None where nobody does, and something happens.
        who: the party that speaks; None where nobody does.
    """

    time: datetime
    kind: Event
    speaker: str | None
    text: str
    who: Party | None = None


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
        tuple(lines(session)),
        session.stage is Stage.IN_SESSION and shares_screen(session),
        session.stage is Stage.FINISHED and not surveyed(session) and not session.transferred_to,
        last,
    )


def reads_right_to_left(locale: str) -> bool:
    """Tell whether the pages of a customer with this locale are laid out from right to left."""
    return locale.replace("_", "-").partition("-")[0].lower() in _RIGHT_TO_LEFT


def shares_screen(session: Session) -> bool:
    """Tell whether screen sharing was begun and not ended since."""
    switches = [e.kind for e in session.events if e.kind in (Event.SCREEN_ON, Event.SCREEN_OFF)]
    return switches[-1:] == [Event.SCREEN_ON]


def lines(session: Session) -> Iterator[Line]:
    """Give the talk, line by line."""
    for event in session.events:
        found = line(session, event)
        if found is not None:
            yield found


def line(session: Session, event: Happening) -> Line | None:
    """Give the line that an event makes in the talk; None where it makes none."""
    if event.kind is Event.CHAT:
        names = (chat.rep_name(session), chat.customer_name(session))
        speaker, text = chat.heard(event.detail, names)
        who = Party.REP if speaker == names[0] else Party.CUSTOMER
        return Line(event.time, event.kind, speaker, text, who)
    if event.kind in _SHOWN:
        return Line(event.time, event.kind, None, event.detail)
    return None
