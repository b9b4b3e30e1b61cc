"""Outcomes of rules, the baseline of expected failures, and the exit code of a run."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Final

from conformance.history import Break
from conformance.rulebook import Rule


class Result(StrEnum):
    """What came of one rule."""

    PASS = "PASS"  # noqa: S105  # a verdict, no password
    FAIL = "FAIL"
    WARN = "WARN"
    NOT_TESTABLE = "NOT-TESTABLE"
    NOT_APPLICABLE = "NOT-APPLICABLE"
    XFAIL = "XFAIL"
    XPASS = "XPASS"
    HARNESS_ERROR = "HARNESS-ERROR"


class Exit(IntEnum):
    """What the command line says in the end."""

    CONFORMANT = 0
    NOT_CONFORMANT = 1
    INCOMPLETE = 2
    USAGE = 3
    UNREACHABLE = 4
    OWN_FAULT = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one rule, and why.

    Attributes:
        why: the reasons, where there was no verdict; what was expected, for a baseline.
        cases: the non-vacuous cases and how often each was met.
        broken: the evidence of a failure.
        reproduced: how often a replay of the smallest history broke again, and of how many.
        longest: the steps of the first failing history.
        seconds: how long its properties took.
        title: what the property that failed says of itself, in a line.
        place: where that property stands, as `module.py:line`.
        like: the names of known-bad brokers that break the rule.
        script: of a client's failure, a shell script that shows it without us; "" if there is none.
        size: of a client's failure, how many sessions or faults its case has, if fewer than usual.
    """

    rule: Rule
    result: Result
    why: tuple[str, ...] = ()
    cases: Mapping[str, int] | None = None
    broken: Break | None = None
    reproduced: tuple[int, int] | None = None
    longest: int = 0
    seconds: float = 0.0
    title: str = ""
    place: str = ""
    like: tuple[str, ...] = ()
    script: str = ""
    size: int | None = None

    @property
    def total(self) -> int:
        """The number of cases met."""
        return sum((self.cases or {}).values())


class BadBaseline(ValueError):  # noqa: N818  # told in words, not our error
    """The file of expected failures cannot be used; the message names why."""


# A verdict that came out otherwise than its baseline entry says makes the entry stale.
_STALE: Final = frozenset({Result.PASS, Result.NOT_APPLICABLE})
_FAILED: Final = frozenset({Result.FAIL, Result.WARN})


def read_baseline(path: Path, judged: Collection[str]) -> Mapping[str, str]:
    """Read a baseline: `[[expected]]` tables with `rule` and `why`.

    Raises:
        BadBaseline: unreadable, an entry without its two keys, one rule twice, or a rule that is
            not `judged`.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("expected", [])
        pairs = [(str(row["rule"]), str(row["why"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{path}: every [[expected]] needs a rule and a why ({type(error).__name__}: {error})"
        raise BadBaseline(msg) from error
    if len(dict(pairs)) < len(pairs):
        msg = f"{path}: a rule stands there twice"
        raise BadBaseline(msg)
    missing = sorted(dict(pairs).keys() - set(judged))
    if missing:
        msg = f"{path} expects failures of rules that are not judged: {', '.join(missing)}"
        raise BadBaseline(msg)
    return dict(pairs)


def against(verdicts: Iterable[Verdict], baseline: Mapping[str, str]) -> tuple[Verdict, ...]:
    """Hold verdicts against a baseline: an expected failure is XFAIL, a stale entry XPASS."""
    return tuple(_held(verdict, baseline.get(verdict.rule.id)) for verdict in verdicts)


def _held(verdict: Verdict, expected: str | None) -> Verdict:
    if expected is None:
        return verdict
    if verdict.result in _FAILED:
        return replace(verdict, result=Result.XFAIL, why=(expected,))
    if verdict.result in _STALE:
        return replace(verdict, result=Result.XPASS, why=(f"the baseline says: {expected}",))
    return verdict


def exit_code(verdicts: Iterable[Verdict]) -> Exit:
    """Tell how a run ended.

    Our own fault comes first: what else was found may be its fruit. A failed MUST or a stale
    baseline comes before what could not be tested; a run that judged nothing is incomplete.
    """
    results = {verdict.result for verdict in verdicts}
    if Result.HARNESS_ERROR in results:
        return Exit.OWN_FAULT
    if results & {Result.FAIL, Result.XPASS}:
        return Exit.NOT_CONFORMANT
    if Result.NOT_TESTABLE in results or not results - {Result.NOT_APPLICABLE}:
        return Exit.INCOMPLETE
    return Exit.CONFORMANT
