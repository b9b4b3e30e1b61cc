"""The client as a process: started from the command line, killed, started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from integration.config import Portal, load
from integration.crashpoint import KILLED
from integration.tests.broker_process import BrokerProcess, Login

PATIENCE_SECONDS: Final = 120
_ROOT: Final = Path(__file__).parents[2]


class ClientProcess:
    """A client's folder and settings; each `run` is a process of its own."""

    def __init__(self, folder: Path, broker: BrokerProcess, login: Login, **more: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        told = {
            "url": broker.url,
            "username": login.username,
            "password": login.password,
            "storage": str(folder / "Sessions"),
            "state": str(folder / "state"),
            "database": f"sqlite:///{folder / 'sessions.sqlite'}",
            "interval_seconds": "0.2",
        }
        if broker.ca_file:
            told["ca_file"] = broker.ca_file
        self.settings = told | more
        self.environment: dict[str, str] = {}
        self._begun: list[subprocess.Popen[str]] = []

    @property
    def portal(self) -> Portal:
        """The settings as the client reads them."""
        return load(None, self.variables({}), need_password=False).portals[0]

    def variables(self, more: dict[str, str]) -> dict[str, str]:
        """The settings as the environment has them."""
        told = self.settings | more
        return {f"BROKER_CLIENT_{name.upper()}": value for name, value in told.items()}

    def begin(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start a command and leave it running; `more` are settings for this start."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BROKER_CLIENT_")}  # noqa: TID251  a process of its own
        environment |= self.variables(more) | self.environment | {"PYTHONPATH": str(_ROOT)}
        process = subprocess.Popen(
            [sys.executable, "-m", "integration", *words],
            env=environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._begun.append(process)
        return process

    def close(self) -> None:
        """End what a failed test has left running."""
        for process in self._begun:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def run(self, *words: str, code: int | None = 0, **more: str) -> str:
        """Run a command to its end; gives what it said, both outputs in turn."""
        process = self.begin(*words, **more)
        out, error = process.communicate(timeout=PATIENCE_SECONDS)
        said = out + error
        assert code in (None, process.returncode), (process.returncode, said)
        return said

    def run_json(self, *words: str, code: int = 0, **more: str) -> Any:
        """Run a command that answers in JSON."""
        process = self.begin(*words, "--json", **more)
        out, error = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == code, (process.returncode, out, error)
        return json.loads(out)

    def killed_at(self, point: str, *words: str) -> bool:
        """Run a command that ends at a point; tells whether it came so far."""
        process = self.begin(*words, crash_at=point)
        _, error = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode in (0, KILLED), (process.returncode, error)
        return process.returncode == KILLED

    def everything(self) -> bytes:
        """All bytes of all files that the client has written."""
        return b"".join(p.read_bytes() for p in sorted(self.folder.rglob("*")) if p.is_file())


def stop(process: subprocess.Popen[str], how: signal.Signals = signal.SIGINT) -> tuple[int, str]:
    """End a command as a person would; gives its exit code and what it said."""
    process.send_signal(how)
    out, error = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, out + error
