"""The chat of a session: how a line stands in its events, and the transcript as a file.

A Chat event's detail is the speaker, a colon, a space, and the text as typed; so a transcript
can be made of any session's events, live ones too. The file has blocks of `Name(HH:MM:SS)`,
the lines of the text and one blank line; UTC, 24 hours, no date; the program itself speaks
too, and transfers are marked without a speaker. Source: AGENT-2 and the published look of two
chat windows; the real file was never public.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from broker_sim.core.chat import customer_name, heard, rep_name
from broker_sim.core.record import Event, Happening, Session

# Who says what the program itself says.
SYSTEM: Final = "HelpAlert"
BEFORE_TRANSFER: Final = "Chat with Previous Representative"
AFTER_TRANSFER: Final = "Chat with New Representative"

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
# The program's own lines; {rep}, {customer}, {id} and {detail} are filled in.
_TOLD: Final[Mapping[Event, str]] = {
    Event.STARTED: "{rep} and {customer} are connected. Session {id}.",
    Event.FILE_SENT: "{rep} sent the file {detail}.",
    Event.URL_PUSHED: "{rep} opened the page {detail}",
    Event.DIAGNOSTICS_TAKEN: "{rep} received the diagnostics of this computer.",
    Event.SCREEN_ON: "{rep} can see the screen of {customer}.",
    Event.SCREEN_OFF: "Screen sharing has ended.",
    Event.REBOOTED: "The computer restarts. The session goes on when it is back.",
    Event.RECONNECTED: "{customer} is connected again.",
    Event.TRANSFERRED: "The session is transferred {detail}.",
    Event.FAILED: "{detail}",
    Event.ENDED: "The session has ended.",
}


def speakers(session: Session) -> tuple[str, ...]:
    """Give the names that speak in a session; the rep's first."""
    return (rep_name(session), customer_name(session))


def transcript(session: Session) -> bytes:
    """Give the session's chat transcript as UTF-8, lines ended by a line feed."""
    return "\n".join(_blocks(session)).encode()


def _blocks(session: Session) -> Iterator[str]:
    if session.transferred_from is not None:
        # The program's own blocks may come without a time.
        yield f"{BEFORE_TRANSFER}\n"
        yield f"{SYSTEM}()\nSee session {session.transferred_from}.\n"
        yield f"{AFTER_TRANSFER}\n"
    names = speakers(session)
    for event in session.events:
        if event.kind is Event.CHAT:
            speaker, text = heard(event.detail, names)
            yield _block(speaker or SYSTEM, event, text)
        elif told := _told(session, event):
            yield _block(SYSTEM, event, told)


def _block(speaker: str, event: Happening, text: str) -> str:
    # A blank line ends a block, so one inside a text becomes a line of one space.
    lines = [line if line.strip() else " " for line in _LINE_END.split(text)]
    name = " ".join(speaker.split())
    return "\n".join((f"{name}({event.time:%H:%M:%S})", *lines)) + "\n"


def _told(session: Session, event: Happening) -> str:
    """Give the program's own line about an event, or an empty text."""
    return _TOLD.get(event.kind, "").format(
        rep=rep_name(session),
        customer=customer_name(session),
        id=session.session_id,
        detail=event.detail,
    )
