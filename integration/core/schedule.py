"""When does a schedule want a run? Cron expressions, in UTC.

A run that is over has served every time up to the one that it was for; so times that the client
was down over are made good by one run, and none is served twice.

Source: C-SCHED-1.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cronsim import CronSim, CronSimError


def checked(text: str) -> str:
    """Give a cron expression back.

    Raises:
        ValueError: it is none, or never comes.
    """
    try:
        next(CronSim(text, datetime(2000, 1, 1)))  # noqa: DTZ001  any instant will do
    except (CronSimError, StopIteration) as error:
        msg = f"must be a cron expression of five fields, as in */15 * * * * ({error})"
        raise ValueError(msg) from None
    return text


def due(text: str, done: datetime, now: datetime) -> datetime | None:
    """Tell the last time of the schedule in (`done`, `now`]; None if there is none."""
    last = next(CronSim(text, now + timedelta(seconds=1), reverse=True), None)
    return None if last is None or last <= done else last


def following(text: str, now: datetime) -> datetime:
    """Tell the first time of the schedule after `now`."""
    return next(CronSim(text, now))
