"""What the connections of one listener share."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from broker_sim.front.crew import Crew
from broker_sim.front.door import Door
from broker_sim.front.limits import Limits
from broker_sim.front.slow import Slots


class Guest(Protocol):
    """A connection, as the server sees it."""

    def patrol(self, now: float) -> None:
        """End what has waited too long for its caller, at `now` of the lobby's clock."""

    def leave(self) -> None:
        """Close now, or after the reply that is under way."""

    def abort(self) -> None:
        """Close now, whatever is under way."""


@dataclass(slots=True)
class Lobby:
    """What the connections of one listener share.

    Attributes:
        slots: places for downloads.
        scheme: "http" or "https".
        clock: seconds that only grow; the loop's.
        replies: slow ones under way; also those that nobody waits for any more.
        closing: the server stops; each connection ends with its present reply.
    """

    door: Door
    limits: Limits
    crew: Crew
    slots: Slots
    scheme: str
    clock: Callable[[], float]
    guests: set[Guest] = field(default_factory=set)
    replies: set[asyncio.Task[None]] = field(default_factory=set)
    closing: bool = False
