"""What a bench finds, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing measured.

    Attributes:
        what: in words that stand in the table.
        value: in `unit`.
        unit: "times", "s", "ms", "us", "MB", "kB" or "calls".
        at_most: the greatest value that is good enough; None where it only informs.
    """

    what: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it is good enough."""
        return self.at_most is None or self.value <= self.at_most


class Missing(Exception):  # noqa: N818  it says what is missing
    """Something that a bench needs is not on this machine; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One group of measurements.

    Attributes:
        name: what `--only` takes.
        title: its headline in the report.
        how: what was measured and how, in a paragraph or two.
        run: measures; told whether to take the long way.
    """

    name: str
    title: str
    how: str
    run: Callable[[bool], Sequence[Finding]]


Round: TypeAlias = Callable[[], float]


def interleaved(rounds: int, *subjects: Round) -> list[list[float]]:
    """Measure the subjects in turns, so that whatever else the machine does hits them alike.

    Args:
        rounds: how often each is measured; one more at the start does not count.
        subjects: each does its work once and gives what it cost.

    Returns:
        The costs of each subject, round by round.
    """
    for subject in subjects:
        subject()
    costs: list[list[float]] = [[] for _ in subjects]
    for _ in range(rounds):
        for subject, own in zip(subjects, costs, strict=True):
            own.append(subject())
    return costs


def ratio(costs: Sequence[float], floor: Sequence[float]) -> float:
    """Give the median of the ratios of rounds measured side by side."""
    return median(cost / least for cost, least in zip(costs, floor, strict=True))
