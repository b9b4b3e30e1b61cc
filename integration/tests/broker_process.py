"""A real broker as a process of its own, and the tester's hand on it; the only way in is its doors.

Nothing of the broker is imported: it is started from the command line and answers in JSON.
"""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import requests

START_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Login:
    """A portal of its own for one test, and who may log on to it."""

    portal: str
    username: str
    password: str


class BrokerProcess:
    """A broker that runs while the block does.

    Args:
        home: its folder; with `store="file"` its data outlive it.
        sessions: of the past; by default none.
        limit: further options; by default those that keep no test waiting (RATE-1).
    """

    def __init__(
        self,
        home: Path,
        *,
        store: str = "memory",
        sessions: int = 0,
        http: bool = False,
        limit: Sequence[str] = ("--no-rate",),
    ) -> None:
        self._home = home
        self._command = [sys.executable, "-m", "broker_sim", "serve", "--json", "--control"]
        self._command += ["--home", str(home), "--store", store, "--seed", "7"]
        self._command += ["--sessions", str(sessions), *(["--http"] if http else []), *limit]
        self._numbers = itertools.count(1)
        self._ports = ["--port", "0", "--control-port", "0"]
        self.told: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(signal.SIGTERM)

    def start(self) -> None:
        """Start it; a second time on the ports of the first."""
        self._home.mkdir(parents=True, exist_ok=True)
        with (self._home / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, *self._ports], stdout=subprocess.PIPE, stderr=log
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, (self._home / "broker.log").read_text()
        self.told = json.loads(line)
        ports = [self.url, self.told["controlUrl"]]
        first, second = (url.rsplit(":", 1)[1].split("/")[0] for url in ports)
        self._ports = ["--port", first, "--control-port", second]

    def end(self, how: signal.Signals) -> None:
        """End it: SIGTERM as a person would, SIGKILL as a power cut."""
        self._process.send_signal(how)
        self._process.wait(timeout=START_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def url(self) -> str:
        """Where it is called."""
        return str(self.told["baseUrl"])

    @property
    def ca_file(self) -> str | None:
        """Whom to trust; None where there is no TLS."""
        return None if self.url.startswith("http:") else str(self.told["caFile"])

    def tell(self, method: str, path: str, **given: object) -> dict[str, Any]:
        """Say something to the control API; gives its answer."""
        answer = requests.request(
            method,
            f"{self.told['controlUrl'].rstrip('/').removesuffix('/_sim')}/_sim/{path}",
            json=given,
            headers={"Authorization": f"Bearer {self.told['controlToken']}"},
            timeout=30,
            proxies={"http": "", "https": ""},
            verify=self.told["caFile"],
        )
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def portal(self, *, hard_lockouts: bool = False) -> Login:
        """Make a portal with a login that nobody else uses."""
        number = next(self._numbers)
        login = Login(f"portal-{number}", f"api-{number}", f"Swordfish-{number}-Secret")
        self.tell(
            "POST",
            "portals",
            name=login.portal,
            username=login.username,
            password=login.password,
            hardLockouts=hard_lockouts,
        )
        return login

    def act(self, act: str, **given: object) -> int:
        """Do an act of a customer or a representative; gives the session's id."""
        return int(self.tell("POST", "acts", act=act, **given)["sessionId"])

    def post(self, login: Login, **more: object) -> int:
        """Post a request and begin the session."""
        posted = {"portal": login.portal, "subPortal": "general", "question": "Help?"}
        session_id = self.act("post", **(posted | more))
        for act in ("accept", "start"):
            self.act(act, sessionId=session_id)
        return session_id

    def whole(self, login: Login, **more: object) -> int:
        """Make a session that ended and has its recordings."""
        session_id = self.post(login, **more)
        self.act("chat", sessionId=session_id, text="Hello")
        self.act("end", sessionId=session_id, resolution="Resolved")
        self.act("record", sessionId=session_id)
        return session_id

    def journal(self, after: int = 0) -> list[dict[str, Any]]:
        """The exchanges behind a place of the journal, oldest first."""
        entries: list[dict[str, Any]] = []
        while page := self.tell("GET", f"journal?limit=1000&after={after}")["entries"]:
            entries += page
            after = page[-1]["number"]
        return entries

    def calls(self, operation: str, after: int = 0) -> list[dict[str, Any]]:
        """The calls of one operation behind a place of the journal; whose, it does not tell."""
        return [entry for entry in self.journal(after) if entry["operation"] == operation]

    def mark(self) -> int:
        """The journal's place now."""
        entries = self.journal()
        return int(entries[-1]["number"]) if entries else 0

    def now(self) -> str:
        """The broker's time, as it writes it."""
        return str(self.tell("GET", "clock")["now"])


def until(met: Any, seconds: float = 30.0) -> Any:
    """Look until something is so; gives what was seen."""
    end = time.monotonic() + seconds
    while not (seen := met()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)  # noqa: TID251  a test that waits for other processes
    return seen
