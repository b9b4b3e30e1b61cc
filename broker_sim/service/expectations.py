"""Was it so? How often, in which order and how far apart exchanges came, against what was wanted.

Time is the world's: where its clock stands still, nothing comes later than anything else.
"Within T seconds" is [start, start + T): what comes T seconds later or more is not within.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Self

from broker_sim.service.near_misses import near_misses
from broker_sim.service.seen import Seen
from broker_sim.service.verdicts import Verdict
from broker_sim.service.wanted import CONDITIONS, Wanted, known

_COUNTS: Final = ("exactly", "at_least", "at_most")
_REST: Final = ("following", "within", "not_within")


@dataclass(frozen=True, slots=True)
class Expectation:
    """So many exchanges of a kind.

    Attributes:
        wanted: which ones.
        at_least: how many there must be; without any bound, one.
        at_most: how many there may be.
        following: count after each exchange of this kind for itself, instead of all together.
            There must be one.
        within: seconds: all of them within so many of the first; with `following`, only those
            count that come within so many after it.
        not_within: seconds: no two of them within so many of each other; with `following`,
            none may come within so many after it.
    """

    wanted: Wanted
    at_least: int = 1
    at_most: int | None = None
    following: Wanted | None = None
    within: float | None = None
    not_within: float | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Read an expectation from a mapping: conditions, and what is said of their number.

        Raises:
            ValueError: a name or value that cannot be.
        """
        for name in given:
            known(name, CONDITIONS | {*_COUNTS, *_REST}, "condition")
        said = {name: value for name, value in given.items() if value is not None}
        counts = _bounds({name: said.pop(name) for name in _COUNTS if name in said})
        rest: dict[str, Any] = {name: said.pop(name) for name in _REST if name in said}
        for name in ("within", "not_within"):
            _check_seconds(rest.get(name), name)
        if "following" in rest:
            rest["following"] = Wanted.of(_mapping(rest["following"], "following"))
        return cls(Wanted.of(said), *counts, **rest)

    def judge(self, entries: Sequence[Seen], forgotten: int = 0) -> Verdict:
        """Hold the exchanges against it.

        Args:
            entries: what the journal has, in order.
            forgotten: how many earlier ones it should have had, and has not.
        """
        found = [seen for seen in entries if self.wanted.matches(seen)]
        if self.following is not None:
            return self._judge_following(self.following, entries, found)
        problem = self._miscounted(len(found), forgotten) or self._mistimed(found)
        return self._verdict(problem, entries, found)

    def _judge_following(
        self, anchor: Wanted, entries: Sequence[Seen], found: Sequence[Seen]
    ) -> Verdict:
        anchors = [seen for seen in entries if anchor.matches(seen)]
        if not anchors:
            problem = f"there was no {anchor} that anything could follow"
            return Verdict(problem, (), near_misses(anchor, entries))
        for first in anchors:
            later = [seen for seen in found if seen.number > first.number]
            early = [seen for seen in later if self._is_early(first, seen)]
            if early:
                problem = (
                    f"#{early[0].number} came {_gap(first, early[0]):g} seconds after"
                    f" #{first.number} ({anchor}), which is within {self.not_within:g}"
                )
                return Verdict(problem, found)
            counted = [seen for seen in later if self._counts(first, seen)]
            problem = self._miscounted(len(counted), 0) or ""
            if problem:
                return self._verdict(
                    f"after #{first.number} ({anchor}) {problem}", entries, counted
                )
        return Verdict(None, found)

    def _is_early(self, first: Seen, seen: Seen) -> bool:
        return self.not_within is not None and _gap(first, seen) < self.not_within

    def _counts(self, first: Seen, seen: Seen) -> bool:
        return self.within is None or _gap(first, seen) < self.within

    def _verdict(
        self, problem: str | None, entries: Sequence[Seen], found: Sequence[Seen]
    ) -> Verdict:
        too_few = problem is not None and len(found) < self.at_least
        return Verdict(problem, found, near_misses(self.wanted, entries) if too_few else ())

    def _miscounted(self, count: int, forgotten: int) -> str | None:
        said = f"there {'was' if count == 1 else 'were'} {count or 'none'}"
        if self.at_most is not None and count > self.at_most:
            return said
        lost = f"; the journal has forgotten {forgotten} before them" if forgotten else ""
        if count < self.at_least or (self.at_most is not None and lost):
            return said + lost
        return None

    def _mistimed(self, found: Sequence[Seen]) -> str | None:
        if self.within is not None and found and _gap(found[0], found[-1]) >= self.within:
            first, last = found[0], found[-1]
            return f"from #{first.number} to #{last.number} it took {_gap(first, last):g} seconds"
        if self.not_within is None:
            return None
        for one, other in pairwise(found):
            if _gap(one, other) < self.not_within:
                apart = f"{_gap(one, other):g} seconds"
                return f"#{one.number} and #{other.number} are only {apart} apart"
        return None

    def __str__(self) -> str:
        """Say it in a line: "exactly 1 logon with username=amy, within 5 seconds"."""
        said = [f"{self._number()} {self.wanted}"]
        if self.within is not None:
            said.append(f"within {self.within:g} seconds")
        if self.not_within is not None:
            apart = "of each other" if self.following is None else "of it"
            said.append(f"not within {self.not_within:g} seconds {apart}")
        if self.following is not None:
            said.append(f"after every {self.following}")
        return ", ".join(said)

    def _number(self) -> str:
        if self.at_most is None:
            return f"at least {self.at_least}"
        if self.at_least == self.at_most:
            return f"exactly {self.at_least}" if self.at_most else "no"
        return f"{self.at_least} to {self.at_most}" if self.at_least else f"at most {self.at_most}"


@dataclass(frozen=True, slots=True)
class Order:
    """One exchange of each kind, one after the other; others may lie between.

    Attributes:
        steps: which ones.
        within: seconds, from the first to the last.
        not_within: seconds, from each to the next.
    """

    steps: Sequence[Wanted]
    within: float | None = None
    not_within: float | None = None

    @classmethod
    def of(
        cls,
        steps: Sequence[str | Mapping[str, Any]],
        within: float | None = None,
        not_within: float | None = None,
    ) -> Self:
        """Read an order from operations and conditions.

        Raises:
            ValueError: there is no step, or a name or value that cannot be.
        """
        if not steps:
            msg = "an order has at least one step"
            raise ValueError(msg)
        _check_seconds(within, "within")
        _check_seconds(not_within, "not_within")
        return cls([Wanted.of(_mapping(step, "a step")) for step in steps], within, not_within)

    def judge(self, entries: Sequence[Seen]) -> Verdict:
        """Look for such a chain; the one that comes farthest is told where there is none."""
        columns = [[seen for seen in entries if step.matches(seen)] for step in self.steps]
        best: list[Seen] = []
        for first in columns[0] if columns else ():
            chain = self._chain(first, columns)
            if len(chain) == len(columns):
                return Verdict(None, chain)
            best = max(best, chain, key=len)
        missing = self.steps[len(best)]
        step = f"there was no {missing} (step {len(best) + 1})"
        if not best:
            return Verdict(step, best, near_misses(missing, entries))
        last = best[-1].number
        rest = [seen for seen in entries if seen.number > last]
        elsewhere = [seen.number for seen in columns[len(best)]]
        why = f"; but #{elsewhere[-1]}, which is not in time or order" if elsewhere else ""
        return Verdict(f"after #{last} {step}{why}", best, near_misses(missing, rest))

    def _chain(self, first: Seen, columns: Sequence[Sequence[Seen]]) -> list[Seen]:
        chain = [first]
        for column in columns[1:]:
            start = bisect_right(column, chain[-1].number, key=lambda seen: seen.number)
            later = (seen for seen in column[start:] if self._may_follow(chain, seen))
            found = next(later, None)
            if found is None:
                break
            chain.append(found)
        return chain

    def _may_follow(self, chain: Sequence[Seen], seen: Seen) -> bool:
        if self.within is not None and _gap(chain[0], seen) >= self.within:
            return False
        return self.not_within is None or _gap(chain[-1], seen) >= self.not_within

    def __str__(self) -> str:
        """Say it in a line."""
        said = ", then ".join(map(str, self.steps))
        within = "" if self.within is None else f", all within {self.within:g} seconds"
        apart = "" if self.not_within is None else f", {self.not_within:g} seconds apart or more"
        return f"{said}{within}{apart}"


def _gap(one: Seen, other: Seen) -> float:
    return (other.time - one.time).total_seconds()


def _bounds(given: Mapping[str, Any]) -> tuple[int, int | None]:
    """Give (at least, at most) of `exactly`, `at_least` and `at_most`; without them one or more."""
    counts = {name: _whole(value, name) for name, value in given.items()}
    exactly, most = counts.get("exactly"), counts.get("at_most")
    if exactly is None:
        return counts.get("at_least", 1 if most is None else 0), most
    if len(counts) > 1:
        msg = "say 'exactly', or a bound, not both"
        raise ValueError(msg)
    return exactly, exactly


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        msg = f"{name!r} must be a whole number, 0 or more"
        raise ValueError(msg)
    return value


def _check_seconds(value: Any, name: str) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        msg = f"{name!r} must be a number of seconds, more than 0"
        raise ValueError(msg)


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if isinstance(value, str):
        return {"operation": value}
    if not isinstance(value, Mapping):
        msg = f"{name!r} must be an operation or an object"
        raise ValueError(msg)
    return value
