"""Time, waiting and chance: the one file of the client that knows them.

Source: C-POLL-1.
"""

import random
import threading
import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's clocks; waiting ends early when the program is told to stop."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self.interrupted = False  # whether it was a person, or the system, who said stop

    def now(self) -> datetime:
        """The wall clock: aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251  this file's job

    def ticks(self) -> float:
        """Seconds of a clock that never jumps; good for intervals only."""
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Wait, at most until the program is to stop; tells whether it is to stop."""
        return self._stop.wait(max(0.0, seconds))

    def stop(self) -> None:
        """End every wait, now and from now on. Safe in a signal handler."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether the program is to stop."""
        return self._stop.is_set()

    def chance(self) -> float:
        """A number from [0, 1), to spread attempts apart; not for secrets."""
        return random.random()  # noqa: S311  jitter needs no secrecy
