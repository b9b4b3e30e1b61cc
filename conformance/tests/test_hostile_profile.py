"""No false alarm: the simulator passes under its hostile profile."""

import pytest

from broker_sim.testing import running_broker
from conformance.rulebook import chosen
from conformance.runner import Plan, judge
from conformance.target import Description, reached
from conformance.verdict import Result

# Paging, texts, updates, the frame of every answer and of every fault.
QUICK = ("CONN-4", "SESS-4", "SESS-5", "UPD-1", "UPD-2", "WIRE-1")


def _alarms(seed: int, *rules: str, examples: int) -> dict[str, str]:
    """Judge the hostile simulator; give the rules that do not pass, with why."""
    with running_broker(seed=3) as broker:
        broker.faults.hostility.on(seed)
        described = Description(broker.url, control=broker.control_url, token=broker.control_token)
        plan = Plan(chosen("full", rules), seed=seed, examples=examples, shrink_seconds=2)
        with reached(described) as target:
            verdicts = judge(target, plan)
    fine = (Result.PASS, Result.NOT_TESTABLE)
    assert any(verdict.result is Result.PASS for verdict in verdicts)
    return {each.rule.id: str(each.why) for each in verdicts if each.result not in fine}


def test_what_the_profile_touches_most_is_no_alarm() -> None:
    """SESS-4, SESS-5, UPD-1, WIRE-1: one seed, few examples."""
    assert _alarms(5, *QUICK, examples=2) == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_no_rule_is_an_alarm(seed: int) -> None:
    """Every rule, under the whole profile."""
    assert _alarms(seed, examples=4) == {}
