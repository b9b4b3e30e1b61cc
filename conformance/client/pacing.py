"""Waiting for what other programs do; the one file of the client direction that lets time pass."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

_LOOK_SECONDS: Final = 0.04
Seen = TypeVar("Seen")


class Stopped(Exception):  # noqa: N818  # a person's wish, not our error
    """The run is to end now; what ran so far is told."""


class Pace:
    """The waits of a run, which a Ctrl-C ends; or of a part of it, which its time ends, too."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._end = math.inf

    def limited(self, seconds: float) -> Pace:
        """Give the pace of a part that ends after so many seconds, or with the whole."""
        part = Pace()
        part._stop, part._end = self._stop, min(self._end, ticks() + seconds)
        return part

    def stop(self) -> None:
        """End every wait, now and from now on, of the whole and of its parts."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether the run, or this part of it, is to end."""
        return self._stop.is_set() or ticks() >= self._end

    def pause(self, seconds: float) -> None:
        """Let so much time pass.

        Raises:
            Stopped: the run is to end.
        """
        self._stop.wait(max(0.0, min(seconds, self._end - ticks())))
        if self.stopped:
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
