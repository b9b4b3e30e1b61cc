"""No false alarm: the simulator passes under its hostile profile."""

import pytest

from broker_sim.testing import replaced
from conformance.mutants import MUTANTS, references
from conformance.mutants.__main__ import main

# Paging, texts, updates, the frame of every answer and of every fault.
QUICK = ("CONN-4", "SESS-4", "SESS-5", "UPD-1", "UPD-2", "WIRE-1")


def test_what_the_profile_touches_most_is_no_alarm() -> None:
    """SESS-4, SESS-5, UPD-1, WIRE-1: one seed, few examples."""
    assert references.alarms(5, 2, QUICK) == ()


def test_a_broker_that_is_wrong_is_an_alarm() -> None:
    """Else no number of quiet runs would tell anything."""
    wrong = MUTANTS["begun-minutes-do-not-count"]
    with replaced(*wrong.overlays):
        found = references.alarms(5, 5, (*wrong.breaks, "CONN-4"))

    assert [alarm.split()[2] for alarm in found] == [*wrong.breaks]


@pytest.mark.slow(minutes=4)
def test_no_rule_is_an_alarm_in_ten_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Every rule, under the whole profile; two hundred runs are for the night."""
    assert main(["references", "--runs", "10", "--examples", "2"]) == 0
    assert "0 alarms in 10 runs" in capsys.readouterr().out
