"""Verdicts: exit codes, the baseline, and that nothing passes without evidence."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.caller import Outcome
from conformance.coverage import Tally
from conformance.hands import VERBS, Hands, verb
from conformance.properties import PROPERTIES, judging, needed
from conformance.rulebook import EXCLUDED, PROFILES, chosen, rules
from conformance.runner import judge  # noqa: F401  # makes the properties known
from conformance.verdict import (
    BadBaseline,
    Exit,
    Result,
    Verdict,
    against,
    exit_code,
    read_baseline,
)

RULE = rules()["LOGON-3"]


def _verdicts(*results: Result) -> tuple[Verdict, ...]:
    return tuple(Verdict(RULE, result) for result in results)


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ((Result.PASS, Result.PASS), Exit.CONFORMANT),
        ((Result.PASS, Result.XFAIL, Result.NOT_APPLICABLE), Exit.CONFORMANT),
        ((Result.PASS, Result.WARN), Exit.CONFORMANT),
        ((Result.PASS, Result.FAIL), Exit.NOT_CONFORMANT),
        ((Result.PASS, Result.XPASS), Exit.NOT_CONFORMANT),
        ((Result.FAIL, Result.NOT_TESTABLE), Exit.NOT_CONFORMANT),
        ((Result.PASS, Result.NOT_TESTABLE), Exit.INCOMPLETE),
        ((), Exit.INCOMPLETE),
        ((Result.NOT_APPLICABLE,), Exit.INCOMPLETE),
        ((Result.FAIL, Result.HARNESS_ERROR), Exit.OWN_FAULT),
    ],
)
def test_the_exit_code_tells_how_it_ended(results: tuple[Result, ...], code: Exit) -> None:
    assert exit_code(_verdicts(*results)) is code


def _baseline(folder: Path, text: str) -> Path:
    path = folder / "baseline.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_expected_failure_is_expected_and_a_stale_one_fails(tmp_path: Path) -> None:
    path = _baseline(tmp_path, '[[expected]]\nrule = "LOGON-3"\nwhy = "ticket 7"\n')
    expected = read_baseline(path, ("LOGON-3",))

    assert against(_verdicts(Result.FAIL), expected)[0].result is Result.XFAIL
    assert against(_verdicts(Result.PASS), expected)[0].result is Result.XPASS
    assert against(_verdicts(Result.NOT_APPLICABLE), expected)[0].result is Result.XPASS
    assert against(_verdicts(Result.NOT_TESTABLE), expected)[0].result is Result.NOT_TESTABLE


def test_a_failure_that_the_baseline_does_not_name_fails() -> None:
    assert against(_verdicts(Result.FAIL), {})[0].result is Result.FAIL


def test_a_baseline_for_a_rule_that_is_not_judged_is_refused(tmp_path: Path) -> None:
    """Before anything is judged: the command reads it first."""
    path = _baseline(tmp_path, '[[expected]]\nrule = "CONN-1"\nwhy = "ticket 7"\n')
    with pytest.raises(BadBaseline, match="not judged: CONN-1"):
        read_baseline(path, ("LOGON-3",))


@pytest.mark.parametrize(
    "text",
    [
        '[[expected]]\nrule = "LOGON-3"\n',
        "[[expected]]\n" * 1 + 'rule = "A"\nwhy = "b"\n[[expected]]\nrule = "A"\nwhy = "c"\n',
        "nonsense",
    ],
)
def test_a_baseline_needs_a_rule_and_a_why_once(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadBaseline):
        read_baseline(_baseline(tmp_path, text), ("LOGON-3", "A"))


def test_a_case_that_was_never_met_is_lacking() -> None:
    tally = Tally()
    tally.hit("LOGON-3", "at its end")

    assert tally.lacking("LOGON-3", ("at its end", "1 ms before")) == ("1 ms before",)
    assert tally.total("LOGON-3") == 1
    assert tally.of("CONN-1") == {}


def test_every_rule_of_a_broker_is_judged_or_excluded_with_a_reason() -> None:
    """No rule is forgotten: it has a property with needed cases, or a reason why not."""
    for rule in rules().values():
        if rule.keeper == "broker":
            assert (rule.id in EXCLUDED) != bool(needed(rule.id)), rule.id
    assert {rule for profile in PROFILES.values() for rule in profile} == {
        rule for rule in rules() if judging(rule)
    }


def test_every_property_tells_its_rules_in_its_first_line() -> None:
    for each in PROPERTIES:
        assert each.doc.partition(":")[0].replace(" to ", ", "), each.name
        assert all(rule in rules() for rule in each.cases)
        first = next(iter(each.cases))
        assert first.partition("-")[0] in each.doc, each.name


def test_no_two_verbs_have_one_name() -> None:
    """A history names its steps by them; the second would do the first one's steps, too."""

    def call(_hands: Hands, /) -> Outcome:
        return {}

    before = VERBS["call"]
    with pytest.raises(ValueError, match="two verbs 'call'"):
        verb(call)
    assert VERBS["call"] is before


@pytest.mark.parametrize("wanted", ["NONE-1", "C-POLL-1", "WIRE-2"])
def test_a_rule_that_cannot_be_judged_is_a_usage_error(wanted: str) -> None:
    with pytest.raises(ValueError, match=wanted):
        chosen("full", [wanted])


def test_profiles_choose_in_the_order_of_the_contract() -> None:
    assert chosen("core")[:2] == ("LOGON-1", "LOGON-2")
    assert chosen("full", ["SESS-1", "LOGON-1"]) == ("LOGON-1", "SESS-1")
    assert set(chosen("full")) == {rule for name in PROFILES for rule in chosen(name)}


def test_a_verdict_counts_its_cases() -> None:
    verdict = replace(Verdict(RULE, Result.PASS), cases={"a": 2, "b": 1})

    assert verdict.total == 3
