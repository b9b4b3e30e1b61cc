"""Waiting for what other programs do; the one file of the client direction that lets time pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

_LOOK_SECONDS: Final = 0.04
Seen = TypeVar("Seen")


class Stopped(Exception):  # noqa: N818  # a person's wish, not our error
    """The run is to end now; what ran so far is told."""


class Pace:
    """The waits of a run, which a Ctrl-C ends."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def stop(self) -> None:
        """End every wait, now and from now on."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether the run is to end."""
        return self._stop.is_set()

    def pause(self, seconds: float) -> None:
        """Let so much time pass.

        Raises:
            Stopped: the run is to end.
        """
        if self._stop.wait(max(0.0, seconds)):
            raise Stopped

    def until(self, met: Callable[[], Seen], seconds: float) -> Seen:
        """Look until something is so; give what was seen last, whether it was so or not.

        Raises:
            Stopped: the run is to end.
        """
        end = ticks() + seconds
        while not (seen := met()) and ticks() < end:
            self.pause(_LOOK_SECONDS)
        return seen


def ticks() -> float:
    """Seconds of a clock that never jumps."""
    return time.monotonic()
