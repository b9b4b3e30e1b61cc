"""What reviews and reports ask of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from broker_sim.core.reporting import Summary
from broker_sim.core.reviewing import Glimpse, Place


class ReviewTransaction(Protocol):
    """The part of a transaction that looks back over a portal's sessions."""

    def has_sessions(self, portal: str, sub_portal: str) -> bool:
        """Tell whether any session that is kept was posted to a sub-portal; may be slow."""

    def glimpses(
        self, portal: str, start: datetime, before: Place, limit: int, *, ended_after: datetime
    ) -> Sequence[Glimpse]:
        """Give sessions posted at `start` or later that stand before a place, newest first.

        Sessions that ended at `ended_after` or before are left out.
        """

    def open_glimpses(self, portal: str) -> Sequence[Glimpse]:
        """Give the sessions that are not over, newest first."""

    def report_days(self, portal: str, first: date, last: date) -> dict[date, Summary]:
        """Give what was counted of these days and is still kept, both days included."""

    def put_report_day(self, portal: str, day: date, summary: Summary) -> None:
        """Keep what was counted of a day, in the place of what was."""

    def drop_report_days(self, portal: str, first: date | None, last: date | None) -> None:
        """Forget what was counted of these days; None leaves an end open."""

    def report_seen(self, portal: str) -> int | None:
        """Give the entry of the change log up to which the kept days hold; None for none."""

    def set_report_seen(self, portal: str, seen: int) -> None:
        """Keep it."""

    def days_changed(
        self, portal: str, since: int, limit: int
    ) -> Sequence[tuple[int, date | None]]:
        """Give (update id, day of the session's post) behind `since`, in order.

        None stands for a session that is gone.
        """
