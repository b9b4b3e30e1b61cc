"""A client's process: what it leaves when it is killed, and what others left."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from conformance.client.adapter import Start
from conformance.client.pacing import Pace
from conformance.client.program import Program, in_time

AT: Final = datetime(2030, 1, 15, 9, 0, 30, tzinfo=UTC)
SHARED: Final = Path("/dev/shm")
NAMES: Final = ("sem.faketime_sem_{0}", "faketime_shm_{0}")

pytestmark = pytest.mark.foreign


def _left(number: str) -> list[str]:
    """Give what faketime has there under the number of a process."""
    return [name for name in NAMES if (SHARED / name.format(number)).exists()]


def _begun(command: str, folder: Path, before: str = "") -> tuple[Program, str]:
    """Start a shell in faketime; `before`, another does something under the same number first."""
    start = in_time(Start(("sh", "-c", command), {}, {}), AT, 20.0, wall=False)
    first = ("sh", "-c", f'{before} echo $$; exec "$@"', "sh", *start.command)
    program = Program(Start(first, start.environment, {}), folder, 0, Pace())
    assert Pace().until(lambda: program.said.count("\n") >= 2, 20)
    return program, program.said.split()[0]


def test_a_client_that_is_killed_leaves_nothing_of_faketimes(tmp_path: Path) -> None:
    """C-SCHED-1: faketime removes it at its end, and a killed one has none."""
    program, number = _begun("date +%Y; exec sleep 60", tmp_path)
    there = _left(number)
    program.kill()

    assert program.said.split()[1] == "2030"
    assert (there, _left(number)) == ([*NAMES], [])


def test_a_client_that_is_told_to_stop_leaves_nothing_either(tmp_path: Path) -> None:
    """C-SCHED-1: the signal that stops a client ends faketime, too."""
    program, number = _begun("date +%Y; exec sleep 60", tmp_path)
    program.stop()

    assert _left(number) == []


def test_what_a_dead_process_left_keeps_no_client_from_starting(tmp_path: Path) -> None:
    """C-SCHED-1: numbers of processes come again; once that made the rule NOT-TESTABLE."""
    lies = " ".join(f": > {SHARED}/{name.format('$$')};" for name in NAMES)
    program, number = _begun("date +%Y", tmp_path, lies)

    assert program.wait(20) == 0
    assert program.said.split()[1] == "2030"
    assert _left(number) == []
