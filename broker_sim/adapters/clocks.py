"""The world's clock: real, shifted or frozen, under the tester's hand.

The only file of the broker that reads the machine's clock.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

MODES: Final = ("real", "shifted", "frozen")


def machine_time() -> datetime:
    """Give the machine's time: aware, UTC, cut to the millisecond."""
    return to_the_millisecond(datetime.now(UTC))  # noqa: TID251  this is the clock's file


def stopwatch() -> float:
    """Give seconds from an arbitrary start that never run backwards."""
    return time.monotonic()


def to_the_millisecond(instant: datetime) -> datetime:
    """Cut what is finer than a millisecond."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class WorldClock:
    """A clock that a tester may set.

    real: the machine's time. shifted: the machine's time plus a fixed span. frozen: stands
    still until it is set or advanced.
    """

    def __init__(
        self, machine: Callable[[], datetime] = machine_time, frozen_at: datetime | None = None
    ) -> None:
        self._machine = machine
        self._shift = timedelta(0)
        self._frozen = frozen_at
        self._mode = "real" if frozen_at is None else "frozen"

    @property
    def mode(self) -> str:
        """One of real, shifted and frozen."""
        return self._mode

    def now(self) -> datetime:
        """Give the world's time: aware, UTC, to the millisecond."""
        if self._frozen is not None:
            return self._frozen
        return to_the_millisecond(self._machine() + self._shift)

    def set(self, mode: str, at: datetime | None = None) -> None:
        """Change the mode; `at` is the world's time from now on (ignored when real).

        Raises:
            ValueError: there is no such mode.
        """
        if mode not in MODES:
            msg = f"a clock is one of {', '.join(MODES)}, not {mode!r}"
            raise ValueError(msg)
        instant = to_the_millisecond(at or self.now())
        self._mode = mode
        self._frozen = instant if mode == "frozen" else None
        self._shift = instant - self._machine() if mode == "shifted" else timedelta(0)

    def to(self, instant: datetime) -> None:
        """Set the time and keep the mode; a real clock becomes a shifted one."""
        self.set("frozen" if self._mode == "frozen" else "shifted", instant)

    def saved(self) -> str:
        """Give the state as a text that `restore` takes."""
        frozen = None if self._frozen is None else self._frozen.isoformat()
        return json.dumps(
            {"mode": self._mode, "shift": self._shift.total_seconds(), "frozen": frozen}
        )

    def restore(self, saved: str) -> None:
        """Go on where `saved` stood."""
        state = json.loads(saved)
        self._mode = state["mode"]
        self._shift = timedelta(seconds=state["shift"])
        self._frozen = None if state["frozen"] is None else datetime.fromisoformat(state["frozen"])
