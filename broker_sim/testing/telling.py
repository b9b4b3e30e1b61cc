"""The journal of a world, for the report of a test that failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from broker_sim.service.journal_lines import line_of
from broker_sim.service.journaling import Journal
from broker_sim.service.seen import Seen

_LINES: Final = 30
_BODY: Final = 1000  # characters


def journal_told(journal: Journal) -> str:
    """Give the last exchanges, oldest first: a line each, and both bodies where one failed."""
    shown = journal.seen(max(0, journal.last - _LINES))
    left_out = journal.last - len(shown)
    lines = [f"({left_out} earlier calls)"] if left_out > 0 else []
    for seen in shown:
        lines += _lines(seen)
    return "\n".join(lines) or "(nobody called)"


def _lines(seen: Seen) -> Iterator[str]:
    yield str(line_of(seen.summary()))
    if seen.fault or seen.status >= 400 or seen.status == 0:
        for sign, body in zip("><", seen.bodies(), strict=True):
            if body:
                yield f"       {sign} {' '.join(body.split())[:_BODY]}"
