"""What a refusal costs is compared on busy machines, too: slowness is no difference in work."""

from collections.abc import Iterator

import pytest

from conformance.broker.restarts import compared, settled
from conformance.caller import Outcome
from conformance.hands import VERBS, Hands
from conformance.rulebook import chosen
from conformance.runner import Plan, judge
from conformance.target import Description, reached
from conformance.tests.small_broker import TOKEN, small_broker
from conformance.verdict import Result, Verdict

# Seconds of calls on a machine where another program has the processor most of the time.
WAITED = [0.31, 0.12, 0.9, 0.145]
BARE = [0.001, *WAITED]


@pytest.mark.parametrize(
    ("known", "unknown", "work"),
    [
        ([0.051, *WAITED], [0.051, *WAITED], 100),
        ([0.051, 0.052, 0.055], [0.4, 0.051, 0.9], 100),
        ([0.9, 0.8, 0.051], [0.001, *WAITED], 0),
        ([0.9, 0.051, 0.8], [0.151, 0.9, 0.8], 300),
    ],
)
def test_the_quickest_refusals_are_compared(
    known: list[float], unknown: list[float], work: int
) -> None:
    """LOGON-2: whatever the machine adds, it adds to the others."""
    assert compared(known, unknown, BARE) == pytest.approx(work, abs=1)


def test_waiting_is_not_taken_for_a_check_of_a_password() -> None:
    """LOGON-2: a hash of no cost stays one where every other call has to wait."""
    assert compared([0.002, 0.08, 0.09], [0.03, 0.002, 0.02], [0.001, 0.001, 0.001]) is None


def _judged(monkeypatch: pytest.MonkeyPatch, measured: Iterator[int | None]) -> Verdict:
    """Judge LOGON-2 of a right broker whose refusals are measured as given."""

    def measure(_hands: Hands, /, **_names: list[str]) -> Outcome:
        return {"gives": {"work": next(measured)}}

    monkeypatch.setitem(VERBS, "time_refusals", measure)
    plan = Plan(chosen("full", ["LOGON-2"]), seed=7, examples=2, shrink_seconds=1)
    with small_broker() as url, reached(Description(url, control=url, token=TOKEN)) as target:
        (verdict,) = judge(target, plan)
    return verdict


def test_one_odd_measurement_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """LOGON-2: what comes once and not again was the machine's."""
    assert _judged(monkeypatch, iter([35, 250, 101])).result is Result.PASS


def test_a_difference_that_stays_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """LOGON-2: three measurements that agree are the target's."""
    assert _judged(monkeypatch, iter([35] * 99)).result is Result.FAIL


def test_what_cannot_be_measured_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = _judged(monkeypatch, iter([None] * 9))

    assert verdict.result is Result.NOT_TESTABLE
    assert "costs too little here to be measured" in " ".join(verdict.why)


@pytest.mark.parametrize(
    "works",
    [
        [100, 101],
        [None, 100, 250, 101],
        [250, 250, 100, 250, 250],
        # a busy machine made one call with a cheap hash slow, on both sides
        [100, None, None, None, None],
        [None, None, None, 100, None],
    ],
)
def test_of_the_served_mode_two_measurements_agree_or_four_do_not(works: list[int | None]) -> None:
    """SEC-1: the last one is on the side of those that decide, and none is made in vain."""
    assert settled(works, served=True)
    assert not any(settled(works[:count], served=True) for count in range(1, len(works)))
    same = [work for work in works if work is not None and 50 <= work <= 200]
    assert (works[-1] in same) == (len(same) == 2)
