"""What the naive client remembers over restarts: its connection, refusals, its place in the log."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from conformance.client.wrong.wire import Later, Refused, Wire, text

_UNANSWERED_MOST: Final = 2
_FINAL: Final = ("InvalidCredentials", "LockedOutPermanently")


class GaveUp(Exception):  # noqa: N818  for a person to look at
    """The login is refused, or its answers are lost; nobody but a person should try again."""


def written(path: Path, data: bytes, mode: int = 0o600, *, synced: bool = True) -> None:
    """Put a file in place, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:  # noqa: PTH123  the mode must hold from the first byte
        file.write(data)
        file.flush()
        if synced:
            os.fsync(file.fileno())
    temporary.replace(path)


def read(path: Path) -> dict[str, Any]:
    """Read a file of JSON; empty where there is none."""
    return json.loads(path.read_bytes()) if path.is_file() else {}


class Connection:
    """The login's one connection, shared by the processes of one state folder."""

    def __init__(
        self, wire: Wire, state: Path, username: str, password: str, wrong: str | None
    ) -> None:
        self._wire = wire
        self._state = state
        self._username = username
        self._password = password
        self._wrong = wrong
        self._users: IO[bytes] | None = None
        self._mine: str | None = None  # for the client that keeps nothing over a start
        self._fresh = True
        self.refusals = "logon.json"  # what it remembers of logons

    def call(self, operation: str, **arguments: object) -> Any:
        """Call on the connection; where it has ended, once more on a new one."""
        known = self.take(None)
        try:
            return self._wire.call(operation, connectionId=known, **arguments)
        except Refused as refused:
            if refused.code not in self._ended:
                raise _as_later(refused) from refused
        try:
            return self._wire.call(operation, connectionId=self.take(known), **arguments)
        except Refused as refused:
            raise _as_later(refused) from refused

    @property
    def _ended(self) -> tuple[str, ...]:
        """The faults that a new logon helps against."""
        if self._wrong == "dies-of-an-unknown-connection":
            return ("ConnectionExpired",)
        return ("ConnectionExpired", "InvalidConnection")

    def take(self, instead_of: str | None) -> str:
        """Give the connection's id, of a new logon if need be."""
        if self._users is None:
            self._users = (self._state / "users").open("ab")
            fcntl.flock(self._users, fcntl.LOCK_SH)
        with self._held():
            kept = read(self._state / "connection.json").get("id", self._mine)
            if kept is not None and kept != instead_of:
                return str(kept)
            self._mine = self._log_on()
            return self._mine

    def leave(self) -> None:
        """Log off, if no other process uses the connection."""
        kept = read(self._state / "connection.json").get("id", self._mine)
        if self._users is None or kept is None or self._wrong == "never-logs-off":
            return
        with self._held():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._wire.call("logoff", connectionId=kept)
            except (OSError, Later):
                return
            except Refused:
                pass
            (self._state / "connection.json").unlink(missing_ok=True)

    @contextmanager
    def _held(self) -> Iterator[None]:
        with (self._state / "lock").open("ab") as lock:
            if self._wrong != "races-to-log-on":
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _log_on(self) -> str:
        path = self._state / self.refusals
        print_of = hashlib.sha256(f"{self._username}\0{self._password}".encode()).hexdigest()
        memory = read(path) if self._wrong != "forgets-refusals" else {}
        if memory.get("about") != print_of:
            memory = {"about": print_of, "until": memory.get("until", 0), "unanswered": 0}
        if self._wrong == "forgets-lost-answers" and self._fresh:
            memory["unanswered"] = 0
        self._fresh = False
        self._allowed(memory)
        memory["unanswered"] += 1
        written(path, json.dumps(memory).encode())
        try:
            found = self._opened(memory)
        finally:
            written(path, json.dumps(memory).encode())
        mode = 0o644 if self._wrong == "connection-for-all" else 0o600
        if self._wrong != "logs-on-at-every-start":
            written(self._state / "connection.json", json.dumps({"id": found}).encode(), mode)
        return found

    def _allowed(self, memory: dict[str, Any]) -> None:
        if memory.get("refused"):
            raise GaveUp(memory["refused"])
        if memory["unanswered"] >= _UNANSWERED_MOST:
            raise GaveUp("answers to logons were lost")
        left = memory["until"] - time.time()  # noqa: TID251  its own clock
        if left > 0 and self._wrong != "logs-on-while-locked":
            raise Later("locked", left, sent=False)

    def _opened(self, memory: dict[str, Any]) -> str:
        try:
            answer = self._wire.call("logon", username=self._username, password=self._password)
        except Later as later:
            if not later.sent:
                memory["unanswered"] -= 1
            raise
        except Refused as refused:
            memory["unanswered"] = 0
            if refused.code in _FINAL:
                if self._repeats(memory):
                    raise Later(str(refused), 0.5) from refused
                memory["refused"] = str(refused)
                raise GaveUp(str(refused)) from refused
            wait = _as_later(refused)
            if isinstance(wait, Later):
                wait.after = 0.0 if self._hurries(refused.code) else wait.after
                memory["until"] = time.time() + wait.after  # noqa: TID251  its own clock
            raise wait from refused
        memory["unanswered"] = 0
        return text(answer, "connectionId") or (answer[0].text or "")

    def _repeats(self, memory: dict[str, Any]) -> bool:
        """Tell whether it tries a password again that was refused: always, or once in a mode."""
        memory["tries"] = memory.get("tries", 0) + 1
        once = self._wrong == "refusals-by-mode" and memory["tries"] < _UNANSWERED_MOST
        return once or self._wrong == "repeats-a-bad-password"

    def _hurries(self, code: str) -> bool:
        in_use = code == "AlreadyLoggedOn"
        return (self._wrong == "hurries-a-login-in-use" and in_use) or (
            self._wrong == "logs-on-at-every-start"
        )


def _as_later(refused: Refused) -> Exception:
    """Give what a fault asks for: to come again, or nothing of the kind."""
    for field in ("secondsLeft", "retryAfterSeconds"):
        if field in refused.fields:
            return Later(str(refused), float(refused.fields[field]), sent=False)
    return refused
