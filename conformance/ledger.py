"""What a run has come to, rule by rule, and the verdicts that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from conformance.bench import Bench
from conformance.history import Break
from conformance.known_bad import known_bad
from conformance.properties import Property, needed
from conformance.replay import again
from conformance.rulebook import rules
from conformance.stopping import Wish
from conformance.verdict import Result, Verdict

_REPLAYS: Final = 3
STOPPED: Final = "the run was stopped before"


@dataclass(slots=True)
class Ledger:
    """What the properties have come to, by rule.

    Attributes:
        wish: that the run ends.
        breaks: the evidence; `longest`, `finders` and `benches` say more of it.
        reasons: why something could not be tried.
        errors: traces of our own faults.
        unfinished: rules whose properties did not all come to their end.
        gone: says that the target went away in the middle, if it did.
    """

    wish: Wish = field(default_factory=Wish)
    breaks: dict[str, Break] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    finders: dict[str, Property] = field(default_factory=dict)
    benches: dict[str, Bench] = field(default_factory=dict)
    reasons: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    gone: str = ""

    def because(self, judged: Sequence[str], reason: str) -> None:
        """Note why rules could not be judged, once."""
        for rule in judged:
            kept = self.reasons.setdefault(rule, [])
            if reason not in kept:
                kept.append(reason)


def verdict_of(bench: Bench, ledger: Ledger, rule_id: str, applicable: bool) -> Verdict:
    """Say what came of a rule: what was found, and what was never met."""
    rule = rules()[rule_id]
    cases, seconds = bench.tally.of(rule_id), ledger.seconds.get(rule_id, 0.0)
    verdict = Verdict(rule, Result.PASS, cases=cases, seconds=seconds)
    if not applicable:
        return replace(verdict, result=Result.NOT_APPLICABLE, why=("capability not declared",))
    if rule_id in ledger.breaks:
        return _failed(bench, ledger, verdict)
    if rule_id in ledger.errors:
        return replace(verdict, result=Result.HARNESS_ERROR, why=(ledger.errors[rule_id],))
    if rule_id in ledger.unfinished:
        return replace(verdict, result=Result.NOT_TESTABLE, why=(ledger.gone or STOPPED,))
    lacking = bench.tally.lacking(rule_id, needed(rule_id))
    if lacking or not needed(rule_id):
        never = f"never met: {_some(lacking)}" if lacking else "no property judges it"
        why = (*_longest(ledger.reasons.get(rule_id, ())), never)
        return replace(verdict, result=Result.NOT_TESTABLE, why=why)
    return verdict


def _longest(reasons: Sequence[str]) -> Sequence[str]:
    """Leave out what another reason says, too, and goes on."""
    return [
        each
        for each in reasons
        if not any(other != each and other.startswith(each) for other in reasons)
    ]


def _some(cases: Sequence[str]) -> str:
    more = f"; and {len(cases) - 3} more" if len(cases) > 3 else ""
    return "; ".join(cases[:3]) + more


def _failed(bench: Bench, ledger: Ledger, verdict: Verdict) -> Verdict:
    rule = verdict.rule
    broken, finder = ledger.breaks[rule.id], ledger.finders.get(rule.id)
    return replace(
        verdict,
        result=Result.FAIL if rule.level == "MUST" else Result.WARN,
        broken=broken,
        longest=ledger.longest.get(rule.id, len(broken.history.steps)),
        # Nobody is there any more to break it again.
        reproduced=None if ledger.gone else _reproduced(ledger.benches.get(rule.id, bench), broken),
        title="seen in passing" if finder is None else finder.doc.partition(": ")[2],
        place="" if finder is None else f"conformance/broker/{finder.place} {finder.name}",
        like=known_bad(rule.id),
    )


def _reproduced(bench: Bench, broken: Break) -> tuple[int, int]:
    times = sum(again(bench.hands, broken) for _ in range(_REPLAYS))
    return times, _REPLAYS
