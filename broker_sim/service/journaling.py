"""The journal of a world: what it was asked and answered; read, searched, held against wishes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker_sim.service.expectations import Expectation, Order
from broker_sim.service.har import archive
from broker_sim.service.seen import Exchange, Seen
from broker_sim.service.tallies import Tallies
from broker_sim.service.verdicts import Verdict, report
from broker_sim.service.wanted import Wanted


class VerificationError(AssertionError):
    """The journal is not as a tester wanted; the text says how, and what came close."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the journal says to an expectation."""

    verdict: Verdict
    report: str

    @property
    def held(self) -> bool:
        """Whether all was as wanted."""
        return self.verdict.problem is None


class Journal(ABC):
    """Remembers the last exchanges, redacted."""

    @abstractmethod
    def add(self, exchange: Exchange, now: datetime) -> None:
        """Keep an exchange that ended at `now`."""

    @abstractmethod
    def seen(self, after: int = 0, limit: int | None = None) -> Sequence[Seen]:
        """Give at most `limit` with a number greater than this, oldest first."""

    @abstractmethod
    def clear(self) -> None:
        """Forget all; numbers go on."""

    @property
    @abstractmethod
    def last(self) -> int:
        """The number of the last exchange; 0 where there was none."""

    @property
    @abstractmethod
    def size(self) -> tuple[int, int]:
        """How many exchanges are kept, and roughly how many bytes they take."""

    @property
    @abstractmethod
    def tallies(self) -> Tallies:
        """Of all exchanges since the world began, the forgotten ones too."""

    @abstractmethod
    def forgotten(self, after: int) -> int:
        """Tell how many exchanges behind this number are no longer kept, for want of room."""

    def after(self, number: int, limit: int) -> Sequence[Mapping[str, Any]]:
        """Give at most `limit` with a number greater than this, oldest first, as mappings."""
        return [one.told() for one in self.seen(number, limit)]

    def find(
        self,
        operation: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        *,
        after: int = 0,
        since: datetime | None = None,
        **conditions: Any,
    ) -> Sequence[Seen]:
        """Give the exchanges that meet all conditions, oldest first.

        Args:
            operation: its name on the wire, "download" or "page".
            arguments: by wire name; see `Wanted`.
            after: only those with a greater number.
            since: only those that ended at this instant of the world or later.
            conditions: `door`, `method`, `login`, `connection`, `status`, `fault`, `provoked`.

        Raises:
            ValueError: a condition that cannot be.
        """
        said = {"operation": operation, "arguments": arguments, **conditions}
        wanted = Wanted.of({name: value for name, value in said.items() if value is not None})
        return [seen for seen in self._looked_at(after, since) if wanted.matches(seen)]

    def judge(
        self, wanted: Expectation | Order, after: int = 0, since: datetime | None = None
    ) -> Judgement:
        """Hold what is kept against an expectation."""
        entries = self._looked_at(after, since)
        if isinstance(wanted, Order):
            verdict = wanted.judge(entries)
        else:
            whole = since is not None and len(entries) < len(self.seen(after))
            verdict = wanted.judge(entries, 0 if whole else self.forgotten(after))
        return Judgement(verdict, report(wanted, verdict, entries))

    def verify(
        self,
        operation: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        *,
        after: int = 0,
        since: datetime | None = None,
        **expected: Any,
    ) -> Sequence[Seen]:
        """Give the exchanges that are as wanted; as many as wanted, in the time wanted.

        Args:
            operation: as in `find`.
            arguments: as in `find`.
            after: as in `find`.
            since: as in `find`.
            expected: conditions as in `find`, and `exactly`, `at_least`, `at_most`,
                `following`, `within`, `not_within`; see `Expectation`.

        Raises:
            VerificationError: it was otherwise; an AssertionError.
            ValueError: something that cannot be asked.
        """
        wanted = Expectation.of({"operation": operation, "arguments": arguments, **expected})
        return _held(self.judge(wanted, after, since))

    def verify_order(
        self,
        *steps: str | Mapping[str, Any],
        within: float | None = None,
        not_within: float | None = None,
        after: int = 0,
        since: datetime | None = None,
    ) -> Sequence[Seen]:
        """Give one exchange of each kind, one after the other; others may lie between.

        Args:
            steps: operations, or conditions as in `find`.
            within: seconds from the first to the last.
            not_within: seconds from each to the next, at least.
            after: as in `find`.
            since: as in `find`.

        Raises:
            VerificationError: there is no such chain; an AssertionError.
            ValueError: something that cannot be asked.
        """
        return _held(self.judge(Order.of(steps, within, not_within), after, since))

    @contextmanager
    def expect(
        self,
        operation: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        **expected: Any,
    ) -> Iterator[None]:
        """Verify what happens inside a `with` block, at its end.

        Raises:
            VerificationError: it was otherwise; an AssertionError.
            ValueError: something that cannot be asked; before the block runs.
        """
        wanted = Expectation.of({"operation": operation, "arguments": arguments, **expected})
        before = self.last
        yield
        _held(self.judge(wanted, before))

    def har(self, base_url: str, after: int = 0) -> Mapping[str, Any]:
        """Give what is kept as an HTTP archive, HAR 1.2, redacted."""
        return archive(self.seen(after), base_url)

    def _looked_at(self, after: int, since: datetime | None) -> Sequence[Seen]:
        found = self.seen(after)
        return found if since is None else [seen for seen in found if seen.time >= since]


def _held(judgement: Judgement) -> Sequence[Seen]:
    if not judgement.held:
        raise VerificationError(judgement.report)
    return judgement.verdict.found
