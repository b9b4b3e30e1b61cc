"""What the first page of the Management Center marks: a queue that needs somebody.

Source: MON-2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

# A request that waits so long should not; and so many of them are too many for one queue.
LONG_WAIT: Final = timedelta(minutes=2)
MANY_WAIT: Final = 5


class Mark(StrEnum):
    """How a queue stands."""

    CALM = "calm"
    WAITING = "waiting"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Today:
    """What one day has brought until now.

    Attributes:
        posted: requests that came in.
        answered: those of them whose session has started.
        waited: from post to start, all answered ones together.
    """

    posted: int = 0
    answered: int = 0
    waited: timedelta = timedelta(0)

    @property
    def average_wait(self) -> timedelta | None:
        """The mean time from post to start; None where nobody was answered."""
        return self.waited / self.answered if self.answered else None

    def __add__(self, other: Today) -> Today:
        """Give both together."""
        return Today(
            self.posted + other.posted, self.answered + other.answered, self.waited + other.waited
        )


def mark(waiting: int, longest: timedelta) -> Mark:
    """Tell how a queue stands: over from two minutes, or from five requests on."""
    if waiting and (longest >= LONG_WAIT or waiting >= MANY_WAIT):
        return Mark.OVER
    return Mark.WAITING if waiting else Mark.CALM
