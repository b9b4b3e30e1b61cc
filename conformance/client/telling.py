"""What a case tells: its failure, and small sentences for reasons and histories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from conformance.client.place import Called, Place
from conformance.client.program import Program
from conformance.history import Break

# When, what was done, with what, and what came of it.
Told: TypeAlias = tuple[timedelta, str, Mapping[str, Any], dict[str, Any]]
_CALLS_TOLD: Final = 14


class Failed(Exception):  # noqa: N818  # told in words, not our error
    """A rule does not hold; carries the evidence, and whether it is a warning only."""

    def __init__(self, broken: Break, *, warning: bool = False) -> None:
        super().__init__(f"{broken.rule}: expected {broken.expected}, received {broken.received}")
        self.broken: Final = broken
        self.warning: Final = warning


def last_calls(place: Place, start: datetime) -> list[Told]:
    """Give the client's last calls as steps of a history that began at `start`."""
    calls = [called for called in place.calls() if called.operation is not None]
    # where the world's clock stands still, the journal's order is all there is
    latest, steps = timedelta(0), list[Told]()
    for called in calls[-_CALLS_TOLD:]:
        at, did, shown, came = step_of(called, start)
        latest = max(latest, at)
        steps.append((latest, did, shown, came))
    return steps


def step_of(called: Called, start: datetime) -> Told:
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
