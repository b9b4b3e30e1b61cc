"""One mutant, or the reference, before the suite: what was caught, and by which check."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from broker_sim.testing import replaced
from conformance.exchange import Unreachable
from conformance.mutants import MUTANTS
from conformance.mutants.watchdog import Beat, Watch, unwatched
from conformance.properties import PROPERTIES
from conformance.runner import Plan, judge
from conformance.target import own
from conformance.verdict import Result, Verdict

# A mutant that keeps the suite busy for longer has no verdict. It is time of the processor, the
# broker's included: on a busy machine a judgement lasts ten times as long, and finds the same.
_MOST_CPU_SECONDS: Final = 120.0
# Where no one property found it: what every answer is held against.
PASSIVE: Final = "every answer is looked at"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one mutant under one seed.

    Attributes:
        rule: the rule of the failing check; None if it was not caught.
        check: the name of that check.
        why: why it was not caught.
    """

    mutant: str
    seed: int
    rule: str | None = None
    check: str | None = None
    why: str = ""
    seconds: float = 0.0


class _Caught(Exception):  # noqa: N818  an end, not an error
    """A check of one of the mutant's rules has failed."""

    def __init__(self, rule: str, check: str) -> None:
        super().__init__(rule)
        self.rule, self.check = rule, check


class _TooLong(Exception):  # noqa: N818  an end, not an error
    """The suite has been at it for too long."""


class _Hunt(Watch):
    """Ends a judgement at the first failure that counts."""

    def __init__(self, rules: Sequence[str], beat: Beat) -> None:
        super().__init__(beat)
        self._rules = rules
        self._until = time.process_time() + _MOST_CPU_SECONDS

    def begins(self, name: str, judged: Sequence[str]) -> None:
        """Look at the time.

        Raises:
            _TooLong: it is over.
        """
        super().begins(name, judged)
        if time.process_time() > self._until:
            raise _TooLong(name)

    def ends(self, name: str, seconds: float, broken: str | None) -> None:
        """Look at what was found.

        Raises:
            _Caught: a rule that the mutant breaks.
        """
        del seconds
        if broken is not None and broken in self._rules:
            raise _Caught(broken, name)


def be_quiet() -> None:
    """Keep brokers that are wrong on purpose from logging what comes of it."""
    logging.getLogger("broker_sim").setLevel(logging.CRITICAL + 1)


def command(name: str) -> tuple[str, ...]:
    """Give what Python is to run for the mutant's command line."""
    return ("-m", "conformance.mutants", "as", name)


def tried(name: str, seed: int, examples: int, beat: Beat = unwatched) -> Trial:
    """Judge a mutant by the rules that it breaks, until one of their checks fails."""
    mutant, begun = MUTANTS[name], time.monotonic()
    rule = check = None
    with replaced(*mutant.overlays) as seam:
        try:
            with own(seed, command(name)) as target:
                plan = Plan(mutant.breaks, seed, examples, shrink_seconds=0)
                rule, why = _read(judge(target, plan, _Hunt(mutant.breaks, beat)))
                check = PASSIVE if rule else None
        except _Caught as caught:
            rule, check, why = caught.rule, caught.check, ""
        except _TooLong:
            why = f"no verdict in {_MOST_CPU_SECONDS:.0f} seconds of the processor"
        except Unreachable as error:
            why = f"it cannot be reached: {error}"
        idle = not seam.reached
    if idle and not _served(check):
        rule, check, why = None, None, f"never called: {', '.join(seam.unreached)}"
    return Trial(name, seed, rule, check, why, time.monotonic() - begun)


def _served(check: str | None) -> bool:
    """Tell whether a check looks at a broker in a process of its own."""
    return any(each.served for each in PROPERTIES if each.name == check)


def _read(verdicts: Sequence[Verdict]) -> tuple[str | None, str]:
    """Give the failed rule, or why there is none."""
    for verdict in verdicts:
        if verdict.result in (Result.FAIL, Result.WARN):
            return verdict.rule.id, ""
    odd = [verdict for verdict in verdicts if verdict.result is not Result.PASS]
    said = [f"{each.rule.id} {each.result}: {'; '.join(each.why)}" for each in odd]
    return None, " | ".join(said) or "the suite found nothing"


def judged(
    rules: Sequence[str], seed: int, examples: int, beat: Beat = unwatched
) -> dict[str, str]:
    """Judge the reference by some rules; give what is not a PASS, by rule, and why."""
    with own(seed) as target:
        plan = Plan(tuple(rules), seed, examples, shrink_seconds=0)
        verdicts = judge(target, plan, Watch(beat))
    return {each.rule.id: _said(each) for each in verdicts if each.result is not Result.PASS}


def _said(verdict: Verdict) -> str:
    broken = verdict.broken
    told = "" if broken is None else f"expected {broken.expected}, received {broken.received}"
    return f"{verdict.result} {'; '.join(verdict.why)}{told}"
