"""Reviews and reports in SQL: sessions backwards in time, and the days that were counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, literal_column, null, or_, select, text

from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.adapters.prepared import Prepared, row_of
from broker_sim.adapters.schema import session, update_log
from broker_sim.adapters.schema_management import report_day, report_log
from broker_sim.adapters.sql_base import Rows
from broker_sim.adapters.sql_sessions import STAGES
from broker_sim.core.record import Stage
from broker_sim.core.reporting import VERSION, Group, Summary
from broker_sim.core.reviewing import Glimpse, Place

_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = timedelta(days=1)
_ROW: Final = (
    session.c.id,
    session.c.posted,
    session.c.sub_portal,
    session.c.stage,
    session.c.rep,
    session.c.started,
    session.c.ended,
)
# The two bounds say the same as (posted, id) < (before, before_id), in a form that every
# database answers from the index on the post time.
_BACK: Final = Prepared(
    select(*_ROW)
    .where(
        session.c.portal_id == bindparam("b_portal"),
        session.c.posted >= bindparam("b_start"),
        session.c.posted <= bindparam("b_before"),
        or_(session.c.posted < bindparam("b_before"), session.c.id < bindparam("b_before_id")),
        or_(session.c.ended == null(), session.c.ended > bindparam("b_edge")),
    )
    .order_by(session.c.posted.desc(), session.c.id.desc())
    .limit(bindparam("b_limit"))
)
# A number in the statement and no parameter: only so the partial index is known to hold them.
_OPEN: Final = Prepared(
    select(*_ROW)
    .where(
        session.c.portal_id == bindparam("b_portal"),
        session.c.stage < literal_column(str(STAGES.index(Stage.FINISHED))),
    )
    .order_by(session.c.posted.desc(), session.c.id.desc())
)
_ANY: Final = Prepared(
    select(session.c.id)
    .where(
        session.c.portal_id == bindparam("b_portal"),
        session.c.sub_portal == bindparam("b_sub_portal"),
    )
    .limit(1)
)
_DAYS: Final = Prepared(
    select(report_day.c.day, report_day.c.counts).where(
        report_day.c.portal_id == bindparam("b_portal"),
        report_day.c.day >= bindparam("b_first"),
        report_day.c.day <= bindparam("b_last"),
    )
)
_DROP_DAYS: Final = Prepared(
    delete(report_day).where(
        report_day.c.portal_id == bindparam("b_portal"),
        report_day.c.day >= bindparam("b_first"),
        report_day.c.day <= bindparam("b_last"),
    )
)
_ADD_DAY: Final = Prepared(row_of(report_day))
_SEEN: Final = Prepared(
    select(report_log.c.seen).where(report_log.c.portal_id == bindparam("b_portal"))
)
_SET_SEEN: Final = Prepared(
    text(
        "INSERT INTO report_log (portal_id, seen) VALUES (:portal_id, :seen)"
        " ON CONFLICT (portal_id) DO UPDATE SET seen = excluded.seen"
    )
)
_CHANGED: Final = Prepared(
    select(update_log.c.update_id, session.c.posted)
    .select_from(update_log.outerjoin(session, session.c.id == update_log.c.session_id))
    .where(
        update_log.c.portal_id == bindparam("b_portal"),
        update_log.c.update_id > bindparam("b_since"),
    )
    .order_by(update_log.c.update_id)
    .limit(bindparam("b_limit"))
)
_FAR: Final = 2**31 - 1


class ReviewRows(Rows):
    """The part of a transaction that looks back over a portal's sessions."""

    def has_sessions(self, portal: str, sub_portal: str) -> bool:
        """Tell whether any session that is kept was posted to a sub-portal; may be slow."""
        found = self.one(_ANY, b_portal=self.number(portal), b_sub_portal=sub_portal)
        return found is not None

    def glimpses(
        self, portal: str, start: datetime, before: Place, limit: int, *, ended_after: datetime
    ) -> Sequence[Glimpse]:
        """Give sessions posted at `start` or later that stand before a place, newest first."""
        rows = self.all(
            _BACK,
            b_portal=self.number(portal),
            b_start=to_ms(start),
            b_before=to_ms(before[0]),
            b_before_id=before[1],
            b_edge=to_ms(ended_after),
            b_limit=limit,
        )
        return [_glimpse(row) for row in rows]

    def open_glimpses(self, portal: str) -> Sequence[Glimpse]:
        """Give the sessions that are not over, newest first."""
        return [_glimpse(row) for row in self.all(_OPEN, b_portal=self.number(portal))]

    def report_days(self, portal: str, first: date, last: date) -> dict[date, Summary]:
        """Give what was counted of these days and is still kept."""
        rows = self.all(
            _DAYS, b_portal=self.number(portal), b_first=_number(first), b_last=_number(last)
        )
        kept = ((day, json.loads(counts)) for day, counts in rows)
        return {
            _EPOCH + day * _DAY: {Group(*one[:3]): one[3] for one in groups}
            for day, (version, groups) in kept
            if version == VERSION
        }

    def put_report_day(self, portal: str, day: date, summary: Summary) -> None:
        """Keep what was counted of a day, in the place of what was."""
        self.drop_report_days(portal, day, day)
        number = self.number(portal)
        self.run(_ADD_DAY, portal_id=number, day=_number(day), counts=_written(summary))

    def drop_report_days(self, portal: str, first: date | None, last: date | None) -> None:
        """Forget what was counted of these days; None leaves an end open."""
        self.run(
            _DROP_DAYS,
            b_portal=self.number(portal),
            b_first=0 if first is None else _number(first),
            b_last=_FAR if last is None else _number(last),
        )

    def report_seen(self, portal: str) -> int | None:
        """Give the entry of the change log up to which the kept days hold."""
        seen = self.value(_SEEN, b_portal=self.number(portal))
        return None if seen is None else int(seen)

    def set_report_seen(self, portal: str, seen: int) -> None:
        """Keep it."""
        self.run(_SET_SEEN, portal_id=self.number(portal), seen=seen)

    def days_changed(
        self, portal: str, since: int, limit: int
    ) -> Sequence[tuple[int, date | None]]:
        """Give (update id, day of the session's post) behind `since`, in order."""
        rows = self.all(_CHANGED, b_portal=self.number(portal), b_since=since, b_limit=limit)
        return [(row[0], None if row[1] is None else from_ms(row[1]).date()) for row in rows]


def _glimpse(row: Any) -> Glimpse:
    number, posted, sub_portal, stage, rep, started, ended = row
    return Glimpse(
        number,
        from_ms(posted),
        sub_portal,
        STAGES[stage],
        rep,
        None if started is None else from_ms(started),
        None if ended is None else from_ms(ended),
    )


def _number(day: date) -> int:
    return (day - _EPOCH).days


def _written(summary: Summary) -> str:
    groups = [[*group, dict(counts)] for group, counts in summary.items()]
    return json.dumps([VERSION, groups])
