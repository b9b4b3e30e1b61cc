"""What time alone has to do, in SQL: which sessions are due, and which are past their retention.

Nobody looks portal by portal: a world may have many, and mostly nothing is due in any of them.

Source: SESS-2, RET-3.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, func, select

from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.adapters.prepared import Prepared
from broker_sim.adapters.schema import portal, session
from broker_sim.adapters.sql_base import Rows
from broker_sim.service.storage import Doomed


def portals_with(column: Any, by: str, *more: ColumnElement[bool]) -> Prepared:
    """Give the statement for number and name of the portals with a row of an instant by then.

    It looks for the earliest such row of each, by the index that begins with portal and instant.
    EXISTS would let a server join all rows, which knows no better before it has counted them.

    Args:
        column: the instant's; its table's rows are of a portal each.
        by: the name of the parameter; an instant that is the same counts.
        more: conditions of those rows.
    """
    of_portal = column.table.c.portal_id == portal.c.id
    first = select(column).where(of_portal, column <= bindparam(by), *more)
    found = first.order_by(column).limit(1).scalar_subquery()
    return Prepared(select(portal.c.id, portal.c.name).where(found.is_not(None)))


_NEXT_DUE: Final = Prepared(select(func.min(session.c.due)).where(session.c.due.is_not(None)))
_WITH_DUE: Final = portals_with(session.c.due, "b_now")
_WITH_DOOMED: Final = portals_with(session.c.ended, "b_by")
_DOOMED: Final = Prepared(
    select(session.c.id, session.c.ended)
    .where(session.c.portal_id == bindparam("b_portal"), session.c.ended <= bindparam("b_by"))
    .order_by(session.c.ended, session.c.id)
    .limit(bindparam("b_limit"))
)


class DueRows(Rows):
    """The part of a transaction that knows what time alone has to do."""

    def next_due(self) -> datetime | None:
        """Give the earliest `due` of all portals."""
        earliest = self.value(_NEXT_DUE)
        return None if earliest is None else from_ms(earliest)

    def portals_due(self, now: datetime) -> Sequence[str]:
        """Give the portals that have sessions with `due` <= now, by name."""
        return sorted(str(name) for _, name in self.all(_WITH_DUE, b_now=to_ms(now)))

    def doomed(self, ended_by: datetime, limit: int) -> Sequence[Doomed]:
        """Give sessions that ended at `ended_by` or before, earliest first."""
        by = to_ms(ended_by)
        found = [
            (ended, number, name)
            for portal_id, name in self.all(_WITH_DOOMED, b_by=by)
            for number, ended in self.all(_DOOMED, b_portal=portal_id, b_by=by, b_limit=limit)
        ]
        return [Doomed(i, name, from_ms(ended)) for ended, i, name in sorted(found)[:limit]]
