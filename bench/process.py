"""Brokers in processes of their own, and how much memory they take."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import clock_gettime, perf_counter
from typing import Any

from bench.caller import Caller

_STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Process:
    """A server that answers.

    Attributes:
        pid: of its process.
        told: what it said of itself, one JSON object on its first line.
        begun: when it was started, by the stopwatch `perf_counter`.
    """

    pid: int
    told: Mapping[str, Any]
    begun: float

    @property
    def login(self) -> tuple[str, str]:
        """User name and password of the first portal's login."""
        first = next(iter(self.told["logins"].values()))[0]
        return first["username"], first["password"]

    def called(self) -> Caller:
        """Connect to a broker that `broker-sim serve` runs."""
        path = self.told["caFile"]
        return Caller(self.told["baseUrl"], None if path is None else Path(path))


@contextmanager
def started(module: str, *arguments: str) -> Iterator[Process]:
    """Run `python -m module` until the block ends.

    Raises:
        RuntimeError: it ended before it said where it is.
    """
    with running(sys.executable, "-m", module, *arguments) as it:
        yield it


@contextmanager
def running(*command: str) -> Iterator[Process]:
    """Run a program, which says where it is in one line of JSON, until the block ends.

    Raises:
        RuntimeError: it ended before it said where it is.
    """
    begun = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        try:
            line = running.stdout.readline()
            if not line:
                msg = f"{' '.join(command)} ended before it answered"
                raise RuntimeError(msg)
            yield Process(running.pid, json.loads(line), begun)
        finally:
            running.terminate()
            running.wait(_STOP_SECONDS)


@contextmanager
def serving(home: Path, *more: str) -> Iterator[Process]:
    """Run `broker-sim serve` on any free port, at this home; RATE-1 would measure itself."""
    options = ("--home", str(home), "--port", "0", "--no-rate", "--json", *more)
    with started("broker_sim", "serve", *options) as it:
        yield it


def cpu_seconds(pid: int) -> float:
    """Give the CPU time of a process, user and system, of all its threads, ended ones too.

    Raises:
        OSError: there is none of that number, or this is not Linux.
    """
    return clock_gettime((~pid << 3) | 2)  # as clock_getcpuclockid(3) makes it of a process id


def memory_bytes(pid: int) -> tuple[int, int]:
    """Give the resident memory of a process, now and at its peak.

    Raises:
        FileNotFoundError: this is not Linux.
    """
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    said = dict(line.split(":", 1) for line in lines)
    now, peak = (int(said[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, peak


def forget_peak(pid: int) -> None:
    """Let the peak of a process's memory begin anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")
