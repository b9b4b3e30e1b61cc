"""What the cases come to, rule by rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance.client.cases import OPTIONAL, needed
from conformance.client.runner import Tried
from conformance.client.wrong.switches import WRONG
from conformance.coverage import Tally
from conformance.history import Break
from conformance.rulebook import rules
from conformance.verdict import Result, Verdict

_SOME: Final = 3


def verdicts(ids: Sequence[str], tried: Sequence[Tried]) -> tuple[Verdict, ...]:
    """Give the verdict on each rule, in order."""
    return tuple(
        _verdict(rule, [each for each in tried if rule in each.case.cases]) for rule in ids
    )


def _verdict(rule_id: str, tried: Sequence[Tried]) -> Verdict:
    """Say what came of a rule: failures first, then our own faults, then what was never met."""
    tally = _together(rule_id, tried)
    plain = Verdict(
        rules()[rule_id],
        Result.PASS,
        cases=tally.of(rule_id),
        seconds=sum(each.seconds for each in tried),
    )
    for each in tried:
        if each.broken is not None and each.broken.rule == rule_id:
            return _broken(plain, Result.FAIL, each.broken, each)
    errors = [each.error for each in tried if each.error is not None]
    if errors:
        return _with(plain, Result.HARNESS_ERROR, (errors[0],))
    for each in tried:
        for late in each.warned:
            if late.rule == rule_id:
                return _broken(plain, Result.WARN, late, each)
    lacks = {each.unsupported for each in tried if each.unsupported is not None}
    if rule_id in OPTIONAL and tried and all(each.unsupported for each in tried):
        return _with(plain, Result.NOT_APPLICABLE, tuple(sorted(map(str, lacks))))
    lacking = tally.lacking(rule_id, needed(rule_id))
    if lacking:
        return _with(plain, Result.NOT_TESTABLE, (*_reasons(rule_id, tried), _never(lacking)))
    return plain


def _together(rule_id: str, tried: Sequence[Tried]) -> Tally:
    tally = Tally()
    for each in tried:
        for case, count in each.tally.of(rule_id).items():
            for _ in range(count):
                tally.hit(rule_id, case)
    return tally


def _reasons(rule_id: str, tried: Sequence[Tried]) -> tuple[str, ...]:
    """Say once each why something could not be tried."""
    said = [each.unsupported or each.missing or _in_the_way(rule_id, each) for each in tried]
    return tuple(dict.fromkeys(reason for reason in said if reason))


def _in_the_way(rule_id: str, each: Tried) -> str | None:
    broken = each.broken
    if broken is None or broken.rule == rule_id:
        return None
    return f"{broken.rule} is broken and in the way"


def _never(lacking: Sequence[str]) -> str:
    more = f"; and {len(lacking) - _SOME} more" if len(lacking) > _SOME else ""
    return f"never met: {'; '.join(lacking[:_SOME])}{more}"


def _with(verdict: Verdict, result: Result, why: tuple[str, ...]) -> Verdict:
    return Verdict(verdict.rule, result, why, verdict.cases, seconds=verdict.seconds)


def _broken(verdict: Verdict, result: Result, broken: Break, tried: Tried) -> Verdict:
    return Verdict(
        verdict.rule,
        result,
        cases=verdict.cases,
        broken=broken,
        reproduced=tried.again,
        longest=tried.longest or len(broken.history.steps),
        seconds=verdict.seconds,
        title=tried.case.doc.partition(": ")[2],
        place=f"conformance/client/chapters/{tried.case.place} {tried.case.name}",
        script=tried.script or "",
        size=tried.most,
        like=tuple(each.name for each in WRONG.values() if each.breaks == verdict.rule.id),
    )
