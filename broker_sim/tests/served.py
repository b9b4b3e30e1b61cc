"""`broker-sim serve` as a process of its own, for as long as a `with` block lasts."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from broker_sim.testing.stores import of_home, on_postgresql


@contextmanager
def served(
    home: Path, *options: str, program: Sequence[str] = ("-m", "broker_sim")
) -> Iterator[dict[str, Any]]:
    """Serve a broker; give what it says of itself, and its process under "process"."""
    command = [sys.executable, *program, "serve", "--home", str(home), "--json"]
    if "--store" not in options and on_postgresql():
        command += ["--store", of_home(home)]
    process = subprocess.Popen(
        [*command, "--sessions", "12", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield {**json.loads(line), "process": process}
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=15)


def until(holds: Callable[[], bool], seconds: float = 30) -> bool:
    """Tell whether something comes about in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
    return True
