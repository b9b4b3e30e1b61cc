"""Processes behind one port: who dies is started again, as long as that is not in vain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import pytest

_COUNT: Final = 6
_LONGER_THAN_A_LOOK: Final = 1.2
_PROGRAM: Final = f"""
import os, signal, sys
from broker_sim.front.workforce import Workforce

def work(place, ready):
    os.write(1, b"%d %d\\n" % (place, os.getpid()))
    ready()
    {{then}}

sys.exit(Workforce({_COUNT}, work, lambda: None).run(lambda: os.write(1, b"ready\\n")))
"""
_STAYS: Final = "signal.sigwait({signal.SIGTERM})"
_LAST_DIES: Final = "signal.sigtimedwait({signal.SIGTERM}, 0.3 if place == 5 else 60)"


@contextmanager
def working(then: str) -> Iterator[tuple[subprocess.Popen[str], Callable[[], str]]]:
    """Give the parent, and what reads its next line."""
    command = [sys.executable, "-c", _PROGRAM.format(then=then)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        try:
            yield parent, parent.stdout.readline
        finally:
            parent.terminate()


def started(line: Callable[[], str]) -> dict[int, int]:
    """Give the process of each place, once all of them are there."""
    pids: dict[int, int] = {}
    while len(pids) < _COUNT:
        said = line().split()
        assert said, "the parent ended"
        if said != ["ready"]:
            pids[int(said[0])] = int(said[1])
    return pids


def kill(pids: Sequence[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def test_all_of_them_killed_at_once_are_started_again() -> None:
    """Not one of them was started in vain, however many they are and however soon it was."""
    with working(_STAYS) as (parent, line):
        before = started(line)
        assert line() == "ready\n"
        kill([*before.values()])
        again = started(line)
        kill([*again.values()])
        assert not set(started(line).values()) & {*before.values(), *again.values()}

        parent.send_signal(signal.SIGTERM)
        assert parent.wait(20) == 0


def test_one_that_dies_whenever_it_is_started_ends_them_all() -> None:
    """Whoever started them hears of it, instead of meeting a broker that answers now and then."""
    with working(_LAST_DIES) as (parent, _line):
        said, told = parent.communicate(timeout=30)
    assert parent.returncode == 1
    assert "giving up" in told
    begun = [line.split()[0] for line in said.splitlines()]
    assert sorted(begun) == sorted([*"01234", *"55555", "ready"])


def test_who_is_stopped_for_a_while_goes_on() -> None:
    """By Ctrl-Z and fg, say: it ended, for what waits for signals was told of one of no name."""
    with working(_STAYS) as (parent, line):
        before = started(line)
        assert line() == "ready\n"
        for _ in range(3):
            parent.send_signal(signal.SIGSTOP)
            with pytest.raises(subprocess.TimeoutExpired):
                parent.wait(_LONGER_THAN_A_LOOK)
            parent.send_signal(signal.SIGCONT)
        kill([*before.values()])
        assert set(started(line)) == set(before)

        parent.send_signal(signal.SIGTERM)
        assert parent.wait(20) == 0
