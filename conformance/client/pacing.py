"""Waiting for what other programs do; the one file of the client direction that lets time pass."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does, so that no client is left running."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def ticks() -> float:
    """Seconds of a clock that never jumps."""
    return time.monotonic()
