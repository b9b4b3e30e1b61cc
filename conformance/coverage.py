"""What was really tried: non-vacuous cases, counted per rule, and what a verdict needs of them.

A case is counted when its situation really occurred and the target did what the rule says.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counts cases by rule and name."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def hit(self, rule: str, case: str) -> None:
        """Count one case."""
        self.counts.setdefault(rule, Counter())[case] += 1

    def of(self, rule: str) -> dict[str, int]:
        """Give the cases of a rule and how often each was seen."""
        return dict(self.counts.get(rule, Counter()))

    def total(self, rule: str) -> int:
        """Tell how many cases of a rule were seen."""
        return sum(self.counts.get(rule, Counter()).values())

    def lacking(self, rule: str, needed: Iterable[str]) -> tuple[str, ...]:
        """Give the needed cases that were never seen."""
        seen = self.counts.get(rule, Counter())
        return tuple(case for case in needed if not seen.get(case))
