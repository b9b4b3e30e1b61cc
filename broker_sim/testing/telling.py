"""The journal of a world, for the report of a test that failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from broker_sim.service.journaling import Journal

_LINES: Final = 30
_BODY: Final = 1000  # characters
_ALL: Final = 1_000_000


def journal_told(journal: Journal) -> str:
    """Give the last exchanges, oldest first: a line each, and what was sent where one failed."""
    entries = journal.after(0, _ALL)
    left_out = len(entries) - _LINES
    lines = [f"({left_out} earlier calls)"] if left_out > 0 else []
    for entry in entries[-_LINES:]:
        lines += _lines(entry)
    return "\n".join(lines) or "(nobody called)"


def _lines(entry: Mapping[str, Any]) -> Iterator[str]:
    at, what = entry["time"].isoformat(timespec="milliseconds"), entry["operation"] or "?"
    yield f"{at}  {what:<20} {entry['status']} {entry['fault'] or ''}".rstrip()
    if entry["fault"] or entry["status"] >= 400:
        for sign, body in ((">", entry["request"]), ("<", entry["response"])):
            if body:
                yield f"    {sign} {' '.join(body.split())[:_BODY]}"
