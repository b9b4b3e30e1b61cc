"""The clock of a broker in the hand of a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker_sim.service.tester import Tester


@dataclass(frozen=True, slots=True)
class ClockInHand:
    """One world's clock; nothing else goes by it.

    Args:
        tester: the hand on the world.
    """

    _tester: Tester

    def now(self) -> datetime:
        """Give the world's time: aware, UTC, to the millisecond."""
        return self._tester.clock.now()

    @property
    def mode(self) -> str:
        """One of real, shifted and frozen."""
        return self._tester.clock.mode

    def advance(
        self,
        by: timedelta | None = None,
        *,
        to: datetime | None = None,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> datetime:
        """Move time on, and do all that falls due on the way, in order; give the new time.

        Args:
            by: how far; what is named in units is added to it. Nothing at all does what is due.
            to: until when, instead.
            days: of 24 hours each.
            hours: likewise.
            minutes: likewise.
            seconds: likewise.

        Raises:
            ValueError: both ways are said, or it would go back.
        """
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        span += by or timedelta()
        if to is not None and span:
            msg = "say how far time is to move on, or until when, and not both"
            raise ValueError(msg)
        return self._tester.advance(self.now() + span if to is None else to)

    def freeze(self, at: datetime | None = None) -> datetime:
        """Let time stand still, here or at that instant; what is then due is done."""
        return self._tester.set_clock("frozen", at)

    def run(self, at: datetime | None = None) -> datetime:
        """Let time go on at the machine's pace, from here or from that instant."""
        return self._tester.set_clock("shifted", at)
