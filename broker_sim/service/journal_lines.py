"""An exchange on one line, for a terminal, a report, a log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from broker_sim.service.wanted import DOWNLOAD, PAGE, text_of

_ARGUMENT_MOST: Final = 40  # characters
_HIDDEN: Final = "[struck out]"


class Line(NamedTuple):
    """What stands on the line of an exchange; each part may be empty."""

    number: str
    time: str
    status: str
    took: str
    who: str
    what: str
    outcome: str

    def __str__(self) -> str:
        """Give it as plain text."""
        head = f"{self.number:>5}  {self.time}  {self.status:>3}  {self.took:>8}"
        tail = "  ".join(part for part in (self.who, self.what, self.outcome) if part)
        return f"{head}  {tail}"


def line_of(told: Mapping[str, Any]) -> Line:
    """Give the line of an exchange, as `Seen.summary` or the control API tells it."""
    outcome = told["fault"] or told["refusal"] or ""
    if told["provoked"]:
        outcome = f"{outcome} (provoked: {', '.join(told['provoked'])})".strip()
    if told["ignored"]:
        outcome = f"{outcome} (unread: {', '.join(told['ignored'])})".strip()
    return Line(
        str(told["number"]),
        _clock(told["time"]),
        str(told["status"] or "cut"),
        f"{told['seconds'] * 1000:.1f} ms",
        told["login"] or "",
        _what(told),
        outcome,
    )


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
    query = f"?{told['query']}" if told["query"] else ""
    said = (f"{told['method']} {told['path'] or told['door']}{query}", told["asked"], given)
    return " ".join(part for part in said if part)


def _short(value: Any) -> str:
    text = " ".join(text_of(value).split())
    return text if len(text) <= _ARGUMENT_MOST else f"{text[:_ARGUMENT_MOST]}..."
