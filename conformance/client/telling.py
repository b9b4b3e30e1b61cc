"""What a case tells: its failure, and small sentences for reasons and histories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from conformance.client.place import Called
from conformance.client.program import Program
from conformance.history import Break


class Failed(Exception):  # noqa: N818  # told in words, not our error
    """A rule does not hold; carries the evidence, and whether it is a warning only."""

    def __init__(self, broken: Break, *, warning: bool = False) -> None:
        super().__init__(f"{broken.rule}: expected {broken.expected}, received {broken.received}")
        self.broken: Final = broken
        self.warning: Final = warning


def step_of(
    called: Called, start: datetime
) -> tuple[timedelta, str, Mapping[str, Any], dict[str, Any]]:
    """Give a call as a step of a history; `start` is when that began."""
    shown = {
        name: value
        for name, value in called.arguments.items()
        if name not in ("connectionId", "password")
    }
    if called.operation == "download":
        shown["name"] = called.path.rpartition("/")[2]
    came = {"fault": called.fault} if called.fault else {"status": called.status}
    at = max(timedelta(0), called.begun - start)
    return at, f"client:{called.operation or 'asks'}", shown, came


def ended(program: Program | None) -> str:
    """Say how a program ended, in brackets; nothing while it runs."""
    if program is None or program.running:
        return ""
    return f" (it ended with {program.code}: {program.last_words()})"


def written(at: datetime) -> str:
    """Write an instant as the wire has it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
