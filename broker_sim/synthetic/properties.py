r"""The properties file of a session: its record in a few lines, as Java reads them.

ISO-8859-1 is the format's character set; whatever lies outside ASCII is written as \uXXXX, so
the file is plain ASCII. The real file's keys were never public; these are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from broker_sim.core.record import Event, Session

_NAMED: Final = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f"}
# Everywhere: backslash and what ASCII does not print. In keys also what ends a key.
_IN_VALUE: Final = re.compile(r"\\|^ |[^ -~]")
_IN_KEY: Final = re.compile(r"\\|[ =:#!]|[^ -~]")


def properties(session: Session) -> bytes:
    """Give the session's properties file, lines ended by a line feed."""
    lines = [f"# Session {session.session_id}"]
    lines += [
        f"{_key(name)}={_value(value)}" for name, value in _pairs(session) if value is not None
    ]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _pairs(session: Session) -> Iterator[tuple[str, str | None]]:
    yield from _session(session)
    yield from _people(session)
    chats = sum(happening.kind is Event.CHAT for happening in session.events)
    yield "events.chat", str(chats)
    yield "events.all", str(len(session.events))


def _session(session: Session) -> Iterator[tuple[str, str | None]]:
    yield "session.id", str(session.session_id)
    yield "session.status", session.status
    yield "session.mode", session.mode
    yield "session.reference", session.reference_id
    yield "session.portal", session.portal
    yield "session.subportal", session.sub_portal
    yield "session.posted", _instant(session.posted)
    yield "session.responded", _instant(session.responded)
    yield "session.started", _instant(session.started)
    yield "session.ended", _instant(session.ended)
    yield "session.resolution", session.resolution
    yield "session.locale", session.locale
    yield "session.reboot", session.reboot_reconnect
    yield "session.transferred.from", _number(session.transferred_from)
    yield "session.transferred.to", _number(session.transferred_to)
    yield "session.end.label", session.end_label
    yield "session.end.data", session.end_data


def _people(session: Session) -> Iterator[tuple[str, str | None]]:
    yield "representative.mail", session.representative
    yield "representative.name", session.rep_name
    yield "representative.team", session.team_name
    yield "representative.address", session.rep_ip
    yield "customer.address", session.customer_ip
    for place, entry in enumerate(session.smart_box_entries, start=1):
        yield f"smartbox.{place}.label", entry.label
        yield f"smartbox.{place}.value", entry.value


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)


def _instant(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def _key(text: str) -> str:
    return _IN_KEY.sub(_escape, text)


def _value(text: str) -> str:
    return _IN_VALUE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    if character in _NAMED:
        return _NAMED[character]
    if character.isascii() and character.isprintable():
        return f"\\{character}"
    # Java counts in UTF-16: a character beyond U+FFFF is written as two.
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04X}" for at in range(0, len(units), 2))
