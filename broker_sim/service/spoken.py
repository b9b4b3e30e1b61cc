"""What is said and what happens in a session, as both parties of its channel are told it.

Source: CHAN-1, AGENT-2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from broker_sim.core import customer
from broker_sim.core.customer import Line
from broker_sim.core.record import Event, Session


def lines(session: Session) -> Sequence[Mapping[str, Any]]:
    """Tell the talk so far, line by line."""
    place, told = 0, []
    for line in customer.lines(session):
        place += line.kind is Event.FILE_SENT
        told.append(_line(line, place))
    return told


def event(session: Session, place: int) -> Mapping[str, Any]:
    """Tell one event, and the line that it makes in the talk, if it makes one."""
    one = session.events[place]
    told: dict[str, Any] = {"event": one.kind, "detail": one.detail, "time": instant(one.time)}
    line = customer.line(session, one)
    if line is not None:
        files = [e for e in session.events[: place + 1] if e.kind is Event.FILE_SENT]
        told["line"] = _line(line, len(files))
    return told


def _line(line: Line, file_place: int) -> Mapping[str, Any]:
    told = {
        "time": instant(line.time),
        "kind": line.kind,
        "speaker": line.speaker,
        "text": line.text,
        "who": line.who,
    }
    return {**told, "filePlace": file_place} if line.kind is Event.FILE_SENT else told


def instant(at: datetime) -> str:
    """Write an instant as JSON of the pages has it."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
