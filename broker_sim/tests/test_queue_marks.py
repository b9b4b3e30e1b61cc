"""MON-2: what the dashboard adds up, and which queue it marks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broker_sim.core.dashboard import Mark, Today, mark

SECOND = timedelta(seconds=1)


def test_two_queues_days_add_up() -> None:
    """MON-2: count by count."""
    both = Today(5, 3, 30 * SECOND) + Today(40, 20, 200 * SECOND)

    assert both == Today(45, 23, 230 * SECOND)
    assert both.average_wait == 10 * SECOND


def test_nobody_answered_has_no_average() -> None:
    """MON-2: requests alone make none."""
    assert Today(posted=4).average_wait is None
    assert Today() == Today(0, 0, timedelta(0))


@pytest.mark.parametrize(
    ("waiting", "seconds", "wanted"),
    [
        (0, 0, Mark.CALM),
        (0, 500, Mark.CALM),
        (1, 0, Mark.WAITING),
        (4, 119, Mark.WAITING),
        (1, 120, Mark.OVER),
        (5, 0, Mark.OVER),
        (6, 500, Mark.OVER),
    ],
)
def test_a_queue_is_over_from_two_minutes_or_five_requests_on(
    waiting: int, seconds: int, wanted: Mark
) -> None:
    """MON-2: at the edge, too; an empty queue is calm."""
    assert mark(waiting, seconds * SECOND) is wanted
    assert [each.value for each in Mark] == ["calm", "waiting", "over"]
