"""A simulator of our own as a process: served, over TLS, on disk; it can be stopped and killed.

Started from the command line like anybody's. For the rules that speak of restarts and of the
served mode (LOGON-6, RET-3, SEC-1).
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from conformance.exchange import Unreachable

PROGRAM: Final = ("-m", "broker_sim")
# The same, but for its passwords: for all rules but those of the served mode.
QUICK: Final = ("-m", "broker_sim.testing.serving")
_STOP_SECONDS: Final = 10.0


@dataclass(slots=True)
class Served:
    """A `broker-sim serve` with a home of its own.

    Attributes:
        program: what Python is to run in place of the command `broker-sim`.
        workers: how many processes answer.
        store: where its world is kept, as `broker-sim serve --store` takes it.
        told: what it said of itself.
    """

    seed: int
    token: str
    program: tuple[str, ...] = PROGRAM
    workers: int = 1
    store: str = "file"
    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="conformance-")))
    told: Mapping[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, on the ports it had before, and wait until it answers.

        Raises:
            Unreachable: it did not come up.
        """
        command = [sys.executable, *self.program, "serve", "--json", "--control"]
        command += ["--home", str(self.home), "--token", self.token, "--sessions", "0"]
        command += ["--workers", str(self.workers), "--store", self.store]
        command += ["--no-rate"]  # the suites ask as quickly as they can
        command += ["--seed", str(self.seed), "--frozen-at", "2030-01-15T09:00:00Z"]
        command += ["--port", self._port("baseUrl"), "--control-port", self._port("controlUrl")]
        self.process = subprocess.Popen(  # noqa: S603  # our own program, no shell
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith("{"):
            self.kill()
            msg = f"`broker-sim serve` did not start: {line.strip() or 'it said nothing'}"
            raise Unreachable(msg)
        self.told = json.loads(line)

    def _port(self, name: str) -> str:
        url = self.told.get(name)
        return "0" if url is None else str(urlsplit(url).port)

    def stop(self) -> None:
        """Stop it as one stops a service."""
        self._end(gently=True)

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._end(gently=False)

    def _end(self, *, gently: bool) -> None:
        if self.process is None:
            return
        (self.process.terminate if gently else self.process.kill)()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
