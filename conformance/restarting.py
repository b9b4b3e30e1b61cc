"""Restarts a target by the command that its owner names."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Sequence
from tempfile import TemporaryFile
from typing import IO, Final

# A broker that takes longer to run again is not waited for.
_MOST_SECONDS: Final = 300.0
_TOLD: Final = 200


class NotRestarted(Exception):  # noqa: N818  # told in words, not our error
    """The command did not restart the target; one sentence."""


def by_command(
    command: Sequence[str], most_seconds: float = _MOST_SECONDS
) -> Callable[[str], None]:
    """Give what restarts a target, however it is asked to: the command knows one way.

    Raises:
        NotRestarted: (when it is called) the command cannot be started, fails, or does not end.
    """

    def restart(how: str) -> None:
        del how
        # Into a file: what it starts keeps what it writes to, and a pipe would not come to its end.
        with TemporaryFile() as heard:
            code = _run(command, heard, most_seconds)
            heard.seek(0)
            told = heard.read().decode("utf-8", "replace").strip()[-_TOLD:]
        if code:
            msg = f"{_named(command)} ended with {code}: {told or 'it said nothing'}"
            raise NotRestarted(msg)

    return restart


def _run(command: Sequence[str], heard: IO[bytes], most_seconds: float) -> int:
    try:
        return subprocess.run(  # noqa: S603  # the user's own
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=heard,
            timeout=most_seconds,
            check=False,
        ).returncode
    except OSError as error:
        msg = f"{_named(command)} cannot be started: {error.strerror}"
        raise NotRestarted(msg) from error
    except subprocess.TimeoutExpired as error:
        msg = f"{_named(command)} has not ended after {most_seconds:g} s"
        raise NotRestarted(msg) from error


def _named(command: Sequence[str]) -> str:
    return f"the restart command {shlex.join(command)}"
