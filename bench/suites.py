"""How long the suites take: to a verdict about the broker, and about the client."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from bench.finding import Bench, Finding

_HOW: Final = """\
The stopwatch runs while `broker-conformance` judges the simulator or the reference client, each as
its command line does by default, seed 1, with the report written: start, all cases, shutting down.
The bounds are for two processor cores. A run that does not end in "conformant" fails the bench.
"""
_BROKER: Final = ("broker", "--self", "--profile")
_CLIENT: Final = ("client", "--adapter", "broker-client", "--profile")


def _run(full: bool) -> Sequence[Finding]:
    core = Finding("the broker, profile `core`", _judged(*_BROKER, "core"), "s", 60.0)
    if not full:
        return (core,)
    return (
        core,
        Finding("the broker, profile `full`", _judged(*_BROKER, "full"), "s", 360.0),
        Finding("the client, profile `core`", _judged(*_CLIENT, "core"), "s", 300.0),
    )


BENCH: Final = Bench("suites", "From the command to a verdict", _HOW, _run)


def _judged(*arguments: str) -> float:
    """Give the seconds that a verdict took.

    Raises:
        RuntimeError: it was another one than "conformant".
    """
    with TemporaryDirectory(prefix="bench-") as folder:
        options = ("--seed", "1", "--quiet", "--report", folder)
        began = perf_counter()
        ended = subprocess.run(
            (sys.executable, "-m", "conformance", *arguments, *options),
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        took = perf_counter() - began
    if ended.returncode:
        msg = f"{' '.join(arguments)} ended with {ended.returncode}:\n{ended.stdout}"
        raise RuntimeError(msg)
    return took
