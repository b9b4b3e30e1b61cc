"""How long to wait after failures in a row, and when the next poll is due.

Source: C-POLL-1, C-POLL-2.
"""

import math
from dataclasses import dataclass
from typing import Final

FIRST_SECONDS: Final = 0.5
CAP_SECONDS: Final = 60.0
# Two polls are never closer than an interval but for this share of it: as much may one that began
# late, for the machine's small delays, be made good at the next
SLACK: Final = 0.01


@dataclass(frozen=True, slots=True)
class Poll:
    """When a poll is due, and when it may begin; the same unless the last one began late."""

    due: float
    start: float


def delay(
    failures: int, chance: float, *, first: float = FIRST_SECONDS, cap: float = CAP_SECONDS
) -> float:
    """Seconds to wait after the `failures`-th failure in a row, counted from 1.

    It doubles from `first` up to `cap`; `chance` from [0, 1) takes up to half of it away, so that
    many clients do not come back at once.
    """
    doublings = min(max(failures, 1) - 1, 32)
    return min(cap, first * math.ldexp(1.0, doublings)) * (1.0 - chance / 2)


def next_poll(due: float, began: float, now: float, interval: float) -> Poll:
    """Tell when to poll next; all in seconds of one clock.

    Polls are due on a grid: the first one plus whole intervals. So neither work between them nor
    small delays add up. Points of the grid that are past are left out.

    Args:
        due: when the last poll was due.
        began: when it began; not before `due`.
        now: the earliest wanted; later than the time it is where failures ask for patience.
        interval: seconds between polls.
    """
    point = due + interval * max(1, math.ceil((now - due) / interval))
    return Poll(point, max(point, began + interval * (1.0 - SLACK)))
