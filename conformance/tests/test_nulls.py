"""A suite that counts what did not fail as good would pass targets that do nothing."""

import json
from collections import Counter
from pathlib import Path

import pytest

from broker_sim.testing import running_broker
from conformance.__main__ import main
from conformance.mutants.matrix import RULES
from conformance.mutants.nulls import NULLS
from conformance.runner import Plan, judge
from conformance.target import Description, reached
from conformance.verdict import Exit, Result

DESCRIBED = [name for name in NULLS if "described" in name]


@pytest.mark.parametrize("name", [name for name in NULLS if name not in DESCRIBED])
def test_what_is_no_broker_is_told_to_be_out_of_reach(name: str) -> None:
    """Exit code 4: nobody there, or nothing there that describes itself."""
    with NULLS[name]() as url:
        assert main(["broker", url]) == Exit.UNREACHABLE


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_good_description_alone_passes_nothing(name: str, tmp_path: Path) -> None:
    """Exit code 2: without means to make situations nothing was proved."""
    report = tmp_path / "report.json"
    with NULLS[name]() as url:
        code = main(["broker", url, "--profile", "full", "--quiet", "--json", str(report)])
    results = Counter(row["result"] for row in json.loads(report.read_text())["rules"])

    assert code == Exit.INCOMPLETE
    assert results == {"NOT-TESTABLE": len(RULES)}


@pytest.mark.slow
@pytest.mark.parametrize("name", DESCRIBED)
def test_nothing_passes_where_situations_can_be_made(name: str) -> None:
    """A tester's door that works, before a broker that answers everything in one way."""
    with running_broker() as broker, NULLS[name]() as url:
        door = Description(url, control=broker.control_url, token=broker.control_token)
        with reached(door) as target:
            verdicts = judge(target, Plan(RULES, seed=7, examples=2, shrink_seconds=0))

    assert [verdict.rule.id for verdict in verdicts if verdict.result is Result.PASS] == []
    assert Result.FAIL in {verdict.result for verdict in verdicts}
