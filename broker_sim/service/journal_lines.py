"""An exchange on one line, for a terminal, a report, a log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from broker_sim.contract import faults, limits
from broker_sim.service.wanted import DOWNLOAD, PAGE, text_of

_ARGUMENT_MOST: Final = 40  # characters
_REFUSAL_MOST: Final = 100
_HIDDEN: Final = "[struck out]"


class Line(NamedTuple):
    """What stands on the line of an exchange; each part may be empty.

    Attributes:
        outcome: the fault's code, or the sentence of a refusal.
        notes: what was provoked, and what nobody read.
    """

    number: str
    time: str
    status: str
    took: str
    what: str
    outcome: str
    notes: str
    who: str

    def __str__(self) -> str:
        """Give it as plain text."""
        head = f"{self.number:>5}  {self.time}  {self.status:>3}  {self.took:>8}"
        return "  ".join((head, *(part for part in self[4:] if part)))


def line_of(told: Mapping[str, Any]) -> Line:
    """Give the line of an exchange, as `Seen.summary` or the control API tells it."""
    notes = (("provoked", told["provoked"]), ("unread", told["ignored"]))
    return Line(
        number=str(told["number"]),
        time=_clock(told["time"]),
        status=str(told["status"] or "cut"),
        took=f"{told['seconds'] * 1000:.1f} ms",
        what=printable(_what(told)),
        outcome=printable(_outcome(told["fault"], told["refusal"])),
        notes=printable(" ".join(f"({name}: {', '.join(said)})" for name, said in notes if said)),
        who=printable(told["login"] or ""),
    )


def printable(text: str) -> str:
    """Give a caller's text without what would move a terminal's cursor or its reader's eye."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _clock(at: datetime | str) -> str:
    read = datetime.fromisoformat(at) if isinstance(at, str) else at
    return read.astimezone(UTC).time().isoformat(timespec="milliseconds")


def _what(told: Mapping[str, Any]) -> str:
    """Say what was asked for: an operation with its arguments, or a method and a path."""
    given = ", ".join(
        f"{name}={_short(value)}"
        for name, value in told["arguments"].items()
        if value != _HIDDEN and not (name == "username" and value == told["login"])
    )
    if told["operation"] and told["operation"] not in {DOWNLOAD, PAGE}:
        return f"{told['operation']}({given})"
    query = f"?{told['query']}" if told["query"] and _HIDDEN not in told["query"] else ""
    asked = (told["asked"] or "").removeprefix(f"{{{limits.NAMESPACE}}}")
    said = (f"{told['method']} {told['path'] or told['door']}{query}", asked, given)
    return " ".join(part for part in said if part)


def _outcome(fault: str | None, refusal: str | None) -> str:
    """Give the fault's code; where a code says little, the sentence too."""
    if fault is None or fault == faults.INVALID_ARGUMENT.code:
        return ": ".join(one for one in (fault, _short(refusal or "", _REFUSAL_MOST)) if one)
    return fault


def _short(value: Any, most: int = _ARGUMENT_MOST) -> str:
    text = " ".join(text_of(value).split())
    return text if len(text) <= most else f"{text[:most]}..."
