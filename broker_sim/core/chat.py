"""Who speaks in a chat, and how a spoken line stands among a session's events.

Source: AGENT-2.
"""

from __future__ import annotations

from datetime import datetime

from broker_sim.core.record import Event, Session
from broker_sim.core.session import move


def customer_name(session: Session) -> str:
    """Give the name under which the customer chats: what the form's Name field says."""
    for entry in session.smart_box_entries:
        if entry.label == "Name" and entry.value.strip():
            return entry.value
    return "Customer"


def rep_name(session: Session) -> str:
    """Give the name under which the representative chats."""
    return session.rep_screen_name or session.rep_name or "Representative"


def say(session: Session, speaker: str, text: str, now: datetime) -> Session:
    """Add a line of chat.

    Raises:
        Refused: OutOfTurn; the session is not going on.
    """
    return move(session, Event.CHAT, now, f"{speaker}: {text}")


def heard(detail: str, speakers: tuple[str, ...] = ()) -> tuple[str, str]:
    """Split a Chat event's detail into speaker and text.

    Args:
        detail: speaker, colon, space, text; without a colon all of it is text.
        speakers: names to try first, for those that hold a colon themselves.
    """
    for name in speakers:
        if name and detail.startswith(f"{name}: "):
            return name, detail[len(name) + 2 :]
    speaker, colon, text = detail.partition(": ")
    return (speaker, text) if colon else ("", detail)
