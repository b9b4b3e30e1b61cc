"""What the cases come to: failures, warnings, what is lacking, what was never met."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from conformance.client.cases import CASES, PROFILES, Case, chosen, needed
from conformance.client.runner import Tried
from conformance.client.verdicts import verdicts
from conformance.coverage import Tally
from conformance.history import Break, History
from conformance.rulebook import rules
from conformance.verdict import Exit, Result, exit_code

RULE = "C-STORE-3"
CASE = next(case for case in CASES if RULE in case.cases)
BROKEN = Break(RULE, History(datetime(2030, 1, 15, tzinfo=UTC)), (), "this", "that")


def _result(*tried: Tried, rule: str = RULE) -> Result:
    return verdicts((rule,), tried)[0].result


def _met(case: Case, rule: str) -> Tried:
    tally = Tally()
    for each in case.cases[rule]:
        tally.hit(rule, each)
    return Tried(case, tally)


def test_a_rule_passes_when_all_that_it_needs_was_met() -> None:
    """PASS needs evidence, of every case that judges the rule."""
    all_met = [_met(case, RULE) for case in CASES if RULE in case.cases]

    assert _result(*all_met) is Result.PASS
    assert _result(*all_met[1:]) is Result.NOT_TESTABLE
    assert _result(Tried(CASE)) is Result.NOT_TESTABLE
    assert _result() is Result.NOT_TESTABLE


def test_a_failure_comes_before_all_else() -> None:
    """Also before what was met, and before our own faults in other cases."""
    broken = replace(_met(CASE, RULE), broken=BROKEN)

    assert _result(broken, Tried(CASE, error="trace")) is Result.FAIL
    assert _result(_met(CASE, RULE), Tried(CASE, error="trace")) is Result.HARNESS_ERROR


def test_what_is_late_is_a_warning() -> None:
    """The third band of time."""
    assert _result(replace(_met(CASE, RULE), warned=(BROKEN,))) is Result.WARN


def test_what_a_client_lacks_is_not_testable_or_not_applicable() -> None:
    """A client may lack a proxy, and is conformant without; it may not lack the core."""
    optional = next(case for case in CASES if "C-SCHED-1" in case.cases)

    assert _result(Tried(CASE, unsupported="no")) is Result.NOT_TESTABLE
    found = verdicts(("C-SCHED-1",), [Tried(optional, unsupported="no")])
    assert found[0].result is Result.NOT_APPLICABLE
    assert exit_code(found) is Exit.INCOMPLETE


def test_the_verdict_says_what_was_in_the_way() -> None:
    """A case that ended at another rule's failure proves nothing of this one."""
    other = replace(Tried(CASE), broken=replace(BROKEN, rule="C-STORE-1"))

    verdict = verdicts((RULE,), [other])[0]

    assert verdict.result is Result.NOT_TESTABLE
    assert "C-STORE-1 is broken and in the way" in verdict.why


@pytest.mark.parametrize("rule", PROFILES["full"])
def test_every_rule_of_a_client_has_cases(rule: str) -> None:
    """And what must have been met is named."""
    assert rules()[rule].keeper == "client"
    assert needed(rule)


def test_every_rule_of_the_contract_for_clients_is_in_the_profiles() -> None:
    """A new rule has to be given its place."""
    assert set(PROFILES["full"]) == {
        each.id for each in rules().values() if each.keeper == "client"
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_says_in_a_line_what_it_proves(case: Case) -> None:
    """It begins with one of its rules."""
    assert case.doc.partition(":")[0] in case.cases
    assert case.doc.endswith(".")


def test_rules_are_chosen_by_profile_or_by_name() -> None:
    """An unknown one is wrong usage."""
    assert "C-NET-1" not in chosen("core")
    assert chosen("core", ("C-NET-1",)) == ("C-NET-1",)
    with pytest.raises(ValueError, match="LOGON-3"):
        chosen("core", ("LOGON-3",))
