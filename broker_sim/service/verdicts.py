"""What became of an expectation, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from broker_sim.service.journal_lines import line_of
from broker_sim.service.near_misses import Miss
from broker_sim.service.seen import Seen

_LINES: Final = 10  # of what was found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an expectation.

    Attributes:
        problem: what is wrong, in a sentence; None where all is as wanted.
        found: the exchanges that were as wanted.
        misses: those that nearly were, where too few were.
    """

    problem: str | None
    found: Sequence[Seen]
    misses: Sequence[Miss] = ()


def report(wanted: object, verdict: Verdict, entries: Sequence[Seen]) -> str:
    """Say what was wanted, what was found, and what came close."""
    return "\n".join(_report(wanted, verdict, entries))


def _report(wanted: object, verdict: Verdict, entries: Sequence[Seen]) -> Iterator[str]:
    yield f"wanted: {wanted}"
    yield f"but {verdict.problem}" if verdict.problem else "and so it was"
    if verdict.found:
        yield "found:"
        yield from (f"  {line_of(seen.summary())}" for seen in verdict.found[-_LINES:])
    if verdict.misses:
        yield "closest:"
        yield from (f"  {line}" for miss in verdict.misses for line in miss.lines())
    if not verdict.found and not verdict.misses:
        yield f"of {len(entries)} exchanges none comes close" if entries else "nobody called"
