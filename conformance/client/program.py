"""A client as a process: started, stopped, killed with all that it has started itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from conformance.client.adapter import Start
from conformance.client.diary import Diary
from conformance.client.pacing import Pace
from conformance.exchange import Unreachable

UNSUPPORTED: Final = 127
_PROXIES: Final = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})
_END_SECONDS: Final = 5.0
# Of each output so much is looked at.
_KEPT_BYTES: Final = 2**20
# What faketime's processes have in common, in files that bear the number of its own process. It
# removes them when it ends, not when it is killed, and does not start where they lie already: so
# after some thousands of processes the next one of that number would not have started.
_SHARED: Final[tuple[str, ...]] = (
    "/dev/shm/sem.faketime_sem_{0}",  # noqa: S108  where it keeps them
    "/dev/shm/faketime_shm_{0}",  # noqa: S108  the same
)
_ANEW: Final = f'rm -f {" ".join(_SHARED).format("$$")}; exec "$@"'


class Program:
    """One start of a client, where the suite was called: its command may be relative.

    Args:
        start: what to run.
        folder: of the case; what it says is kept there, and its files lie there.
        number: of the start, for the names of what is kept.
        more: environment besides.
        diary: told of the start and of every signal.
    """

    def __init__(
        self,
        start: Start,
        folder: Path,
        number: int,
        pace: Pace,
        more: Mapping[str, str] | None = None,
        diary: Diary | None = None,
    ) -> None:
        self._pace = pace
        self._number, self._diary = number, diary or Diary()
        self._left = _SHARED
        whole = Start(start.command, {**start.environment, **(more or {})}, start.files)
        self._diary.started(number, whole)
        self._out, self._error = folder / f"said-{number}.out", folder / f"said-{number}.err"
        for name, text in start.files.items():
            path = folder / name
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
        surroundings = {
            name: value
            for name, value in os.environ.items()  # noqa: TID251  a process of its own inherits
            if name.lower() not in _PROXIES
        }
        with self._out.open("wb") as out, self._error.open("wb") as error:
            try:
                self._process = subprocess.Popen(  # noqa: S603  the command that is to be judged
                    start.command,
                    env={**surroundings, **whole.environment},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=error,
                    start_new_session=True,
                )
            except OSError as problem:
                msg = f"{start.command[0]} cannot be started: {problem.strerror}"
                raise Unreachable(msg) from problem

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.code is None

    @property
    def code(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        code = self._process.poll()
        if code is not None:
            self._clear()
        return code

    @property
    def said(self) -> str:
        """Both outputs so far; of a long one the end."""
        return "".join(map(_end, (self._out, self._error)))

    def last_words(self) -> str:
        """Give the last line that it said, for a reason; passwords and keys struck out."""
        said = self.said
        for secret in self._diary.secrets:
            said = said.replace(secret, "***")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        return lines[-1][:160] if lines else "nothing"

    def kill(self) -> None:
        """End it as a power cut would, and all that it has started."""
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._clear()

    def terminate(self) -> None:
        """Ask it to stop, as a service is stopped."""
        self._signal(signal.SIGTERM)

    def wait(self, seconds: float) -> int | None:
        """Wait for its end; give its exit code, None if it still runs."""
        self._pace.until(lambda: not self.running, seconds)
        if not self.running:
            self._diary.ended(self._number)
        return self.code

    def stop(self, seconds: float = _END_SECONDS) -> int | None:
        """Ask it to stop and wait; one that does not is killed and gives None."""
        self.terminate()
        code = self.wait(seconds)
        self.kill()
        return code

    def _clear(self) -> None:
        """Remove what faketime left, once, at its end: its number may soon be another's."""
        left, self._left = self._left, ()
        for name in left:
            Path(name.format(self._process.pid)).unlink(missing_ok=True)

    def _signal(self, number: signal.Signals) -> None:
        if self.running:
            self._diary.signalled(self._number, number.name.removeprefix("SIG"))
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return


def _end(path: Path) -> str:
    """Give the end of a file: a client that never stops talking would fill the memory."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _KEPT_BYTES))
        return file.read(_KEPT_BYTES).decode("utf-8", "replace")


def faketime() -> str | None:
    """Give the program that moves the time of others; None where it is not installed."""
    return shutil.which("faketime")


def traced(start: Start, told: Path) -> Start:
    """Let a program's renames and syncs be written down, by strace.

    Raises:
        Unreachable: there is no strace here.
    """
    program = shutil.which("strace")
    if program is None:
        msg = "strace is not installed"
        raise Unreachable(msg)
    looked_at = "trace=fsync,fdatasync,sync,syncfs,rename,renameat,renameat2"
    options = ("-f", "-qq", "-y", "-s", "4096", "-e", looked_at, "-o", str(told))
    return Start((program, *options, *start.command), start.environment, start.files)


def in_time(start: Start, at: datetime, speed: float, *, wall: bool) -> Start:
    """Let a program's time begin at an instant and go that many times as fast.

    It is started by a shell, whose number it takes over: what lies there under it is of the dead.

    Args:
        start: the program.
        at: what its clock says at first.
        speed: of its clock.
        wall: move the time of day alone; waits last as long as ever.

    Raises:
        Unreachable: there is no faketime here.
    """
    program = faketime()
    if program is None:
        msg = "faketime is not installed"
        raise Unreachable(msg)
    said = f"@{at:%Y-%m-%d %H:%M:%S} x{speed:g}"
    environment = {**start.environment, "TZ": "UTC"}
    if wall:
        environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
    command = ("/bin/sh", "-c", _ANEW, "sh", program, "-f", said, *start.command)
    return Start(command, environment, start.files)
