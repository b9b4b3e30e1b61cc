"""How long to wait after failures in a row, and when the next poll is due.

Source: C-POLL-1, C-POLL-2.
"""

import math
from typing import Final

FIRST_SECONDS: Final = 0.5
CAP_SECONDS: Final = 60.0
# A poll that began late by less than this share of the interval still counts as on time, so that
# the machine's small delays neither make the next one skip nor add up
SLACK: Final = 0.01


def delay(
    failures: int, chance: float, *, first: float = FIRST_SECONDS, cap: float = CAP_SECONDS
) -> float:
    """Seconds to wait after the `failures`-th failure in a row, counted from 1.

    It doubles from `first` up to `cap`; `chance` from [0, 1) takes up to half of it away, so that
    many clients do not come back at once.
    """
    doublings = min(max(failures, 1) - 1, 32)
    return min(cap, first * math.ldexp(1.0, doublings)) * (1.0 - chance / 2)


def next_poll(due: float, began: float, now: float, interval: float) -> float:
    """Tell when to poll next; all in seconds of one clock.

    Polls lie on a grid: the first one plus whole intervals. So work between polls does not add
    up. The next point is one that is not past, and an interval after the last poll began, less
    the slack; so polls that come late do not bunch.

    Args:
        due: when the last poll was due.
        began: when it began; not before `due`.
        now: the earliest wanted; later than the time it is where failures ask for patience.
        interval: seconds between polls.
    """
    earliest = max(now, began + interval * (1.0 - SLACK))
    return due + interval * max(1, math.ceil((earliest - due) / interval))
