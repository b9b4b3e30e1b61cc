"""A judgement of a wrong broker ends when it hangs, and not when the machine is busy."""

import subprocess
import sys
import time
from itertools import count
from types import SimpleNamespace

import pytest

from conformance.mutants import references, trial
from conformance.mutants.trial import judged, tried
from conformance.properties import judging

HANGS = """
import threading
from conformance.mutants.watchdog import watched
with watched(0.2):
    threading.Event().wait(30)
"""
GOES_ON = """
import threading
from conformance.mutants.watchdog import watched
with watched(5) as beat:
    for _ in range(3):
        beat()
print("to its end")
"""


def _run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )


def test_what_hangs_is_ended_and_tells_where() -> None:
    """A night does not wait for a deadlock, and the place of it is on stderr."""
    ended = _run(HANGS)

    assert ended.returncode == 1
    assert "in wait" in ended.stderr


def test_what_goes_on_comes_to_its_end() -> None:
    """Behind the block nobody looks on any more."""
    assert _run(GOES_ON).stdout == "to its end\n"


def test_every_property_tells_that_the_judgement_goes_on() -> None:
    """LOGON-4: the bound is one of each property, and no bound of all of them together."""
    beats = list[int]()

    judged(("LOGON-4",), seed=7, examples=2, beat=lambda: beats.append(1))

    assert len(beats) == len(judging("LOGON-4")) > 1


def test_a_reference_that_is_odd_but_right_tells_that_it_goes_on() -> None:
    """LOGON-4: two hundred runs share a machine with whatever else is there."""
    beats = list[int]()

    assert references.alarms(5, 2, ("LOGON-4",), beat=lambda: beats.append(1)) == ()
    assert len(beats) == len(judging("LOGON-4"))


def test_a_busy_machine_lets_no_mutant_survive(monkeypatch: pytest.MonkeyPatch) -> None:
    """LOGON-3: a quarter of an hour passes at every look at the clock; the verdict is the same."""
    hours = count(step=900.0)
    busy = SimpleNamespace(monotonic=lambda: next(hours), process_time=time.process_time)
    monkeypatch.setattr(trial, "time", busy)

    assert tried("locks-one-failure-late", seed=7, examples=5).rule == "LOGON-3"
