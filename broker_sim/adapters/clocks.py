"""The world's clock: real, shifted or frozen, under the tester's hand.

The only file of the broker that reads the machine's clock.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

_FINER: Final = tuple(timedelta(microseconds=many) for many in range(1000))
MODES: Final = ("real", "shifted", "frozen")


def machine_time() -> datetime:
    """Give the machine's time: aware, UTC, cut to the millisecond."""
    return to_the_millisecond(datetime.now(UTC))  # noqa: TID251  this is the clock's file


def machine_now() -> datetime:
    """Give the machine's time uncut, for what tells no more than its second."""
    return datetime.now(UTC)  # noqa: TID251  this is the clock's file


def stopwatch() -> float:
    """Give seconds from an arbitrary start that never run backwards."""
    return time.monotonic()


def to_the_millisecond(instant: datetime) -> datetime:
    """Cut what is finer than a millisecond."""
    finer = instant.microsecond % 1000
    return instant - _FINER[finer] if finer else instant  # a third of what `replace` takes


class _State(NamedTuple):
    """All of a clock's state in one value: whoever reads it while it is set finds no mixture."""

    mode: str
    shift: timedelta
    frozen: datetime | None


class WorldClock:
    """A clock that a tester may set.

    real: the machine's time. shifted: the machine's time plus a fixed span. frozen: stands
    still until it is set or advanced.
    """

    def __init__(
        self, machine: Callable[[], datetime] = machine_now, frozen_at: datetime | None = None
    ) -> None:
        self._machine = machine
        mode = "real" if frozen_at is None else "frozen"
        self._state = _State(mode, timedelta(0), frozen_at)
        self._told: Callable[[], str | None] | None = None
        self._heard: str | None = None

    @property
    def mode(self) -> str:
        """One of real, shifted and frozen."""
        return self._state.mode

    def follow(self, told: Callable[[], str | None]) -> None:
        """Ask, whenever the time is asked for, what another process has set.

        Args:
            told: gives what was `saved` last, wherever; None if nobody has.
        """
        self._told = told

    def now(self) -> datetime:
        """Give the world's time: aware, UTC, to the millisecond."""
        if self._told is not None and (said := self._told()) not in (None, self._heard):
            self._heard = said
            self.restore(str(said))
        _, shift, frozen = self._state
        if frozen is not None:
            return frozen
        return to_the_millisecond(self._machine() + shift if shift else self._machine())

    def set(self, mode: str, at: datetime | None = None) -> None:
        """Change the mode; `at` is the world's time from now on (ignored when real).

        Raises:
            ValueError: there is no such mode.
        """
        if mode not in MODES:
            msg = f"a clock is one of {', '.join(MODES)}, not {mode!r}"
            raise ValueError(msg)
        instant = to_the_millisecond(at or self.now())
        self._state = _State(
            mode,
            instant - self._machine() if mode == "shifted" else timedelta(0),
            instant if mode == "frozen" else None,
        )

    def to(self, instant: datetime) -> None:
        """Set the time and keep the mode; a real clock becomes a shifted one."""
        self.set("frozen" if self.mode == "frozen" else "shifted", instant)

    def saved(self) -> str:
        """Give the state as a text that `restore` takes."""
        mode, shift, frozen = self._state
        return json.dumps(
            {
                "mode": mode,
                "shift": shift.total_seconds(),
                "frozen": None if frozen is None else frozen.isoformat(),
            }
        )

    def restore(self, saved: str) -> None:
        """Go on where `saved` stood."""
        state = json.loads(saved)
        frozen = state["frozen"]
        self._state = _State(
            state["mode"],
            timedelta(seconds=state["shift"]),
            None if frozen is None else datetime.fromisoformat(frozen),
        )
