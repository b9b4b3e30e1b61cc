"""A synthetic past in bulk: filter columns and change log, a hundred thousand rows a second.

No bodies and no documents are stored; both are made from the batch's parameters when they
are asked for.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update

from broker_sim.adapters.instants import to_ms
from broker_sim.adapters.prepared import Prepared
from broker_sim.adapters.schema import batch, portal, session, update_log
from broker_sim.adapters.sql import SqlStore, SqlTransaction
from broker_sim.adapters.sql_log import CHANGES
from broker_sim.adapters.sql_sessions import STAGES
from broker_sim.service.ports import PastRow

_AT_ONCE: Final = 2000
_BATCH: Final = Prepared(
    insert(batch).values(parameters=bindparam("parameters")).returning(batch.c.id)
)
_SESSION: Final = Prepared(
    insert(session).values({c: bindparam(c) for c in session.c.keys()})  # noqa: SIM118
)
_LOG: Final = Prepared(
    insert(update_log).values({c: bindparam(c) for c in update_log.c.keys()})  # noqa: SIM118
)
_LAST: Final = Prepared(select(portal.c.last_update_id).where(portal.c.id == bindparam("b_id")))
_SET_LAST: Final = Prepared(
    update(portal).where(portal.c.id == bindparam("b_id")).values(last_update_id=bindparam("last"))
)

_CHANGE_CODES: Final = {change: code for code, change in enumerate(CHANGES)}
_STAGE_CODES: Final = {stage: code for code, stage in enumerate(STAGES)}


def fill(store: SqlStore, parameters: str, rows: Iterable[PastRow]) -> int:
    """Add a batch of ended sessions; give how many.

    Args:
        store: where.
        parameters: what the batch's records are made from again.
        rows: in order of their post time.
    """
    with store.writing() as tx:
        return _Filler(tx, parameters).fill(rows)


class _Filler:
    """One batch on its way into the store.

    Entries of the log are numbered in order of time. Sessions come in order of their post
    time, so an entry may be numbered once a later session is posted behind it; only the
    entries of sessions that overlap wait in memory.
    """

    def __init__(self, tx: SqlTransaction, parameters: str) -> None:
        self._tx = tx
        self._batch = int(tx.value(_BATCH, parameters=parameters))
        self._last: dict[int, int] = {}
        self._waiting: list[tuple[int, int, int, int]] = []  # at, session, portal, kind
        self._sessions: dict[int, list[Any]] = {}
        self._entries: list[dict[str, Any]] = []

    def fill(self, rows: Iterable[PastRow]) -> int:
        count = 0
        for piece in _pieces(rows):
            number = self._tx.reserve_session_ids(len(piece))
            for row in piece:
                self._number_until(to_ms(row.posted))
                self._take(row, number, count)
                number += 1
                count += 1
            self._flush()
        self._number_until(None)
        self._flush()
        for portal_id, last in self._last.items():
            self._tx.run(_SET_LAST, b_id=portal_id, last=last)
        return count

    def _take(self, row: PastRow, number: int, place: int) -> None:
        portal_id = self._tx.number(row.portal)
        self._sessions[number] = [row, portal_id, len(row.changes), 0, 0, place]
        for change, at in row.changes:
            heapq.heappush(self._waiting, (to_ms(at), number, portal_id, _CHANGE_CODES[change]))

    def _number_until(self, posted: int | None) -> None:
        while self._waiting and (posted is None or self._waiting[0][0] < posted):
            at, number, portal_id, kind = heapq.heappop(self._waiting)
            last = self._last.get(portal_id)
            if last is None:
                last = int(self._tx.value(_LAST, b_id=portal_id))
            self._last[portal_id] = last + 1
            self._entries.append(
                {
                    "portal_id": portal_id,
                    "update_id": last + 1,
                    "session_id": number,
                    "kind": kind,
                    "at": at,
                }
            )
            known = self._sessions[number]
            known[2:5] = [known[2] - 1, last + 1, at]

    def _flush(self) -> None:
        """Store what is complete: all numbered entries, sessions with no entry waiting."""
        done = [number for number, known in self._sessions.items() if known[2] == 0]
        self._many(_SESSION, [self._row(number) for number in done])
        for number in done:
            del self._sessions[number]
        self._many(_LOG, self._entries)
        self._entries = []

    def _row(self, number: int) -> dict[str, Any]:
        row, portal_id, _, last_update_id, updated, place = self._sessions[number]
        return {
            "id": number,
            "portal_id": portal_id,
            "sub_portal": row.sub_portal,
            "stage": _STAGE_CODES[row.stage],
            "rep": row.rep,
            "posted": to_ms(row.posted),
            "started": to_ms(row.started),
            "ended": to_ms(row.ended),
            "updated": updated,
            "last_update_id": last_update_id,
            "key_version": 1,
            "due": None,
            "recorded": row.started is not None and _STAGE_CODES[row.stage] == 3,
            "batch": self._batch,
            "place": place,
            "document": None,
        }

    def _many(self, statement: Prepared, rows: list[dict[str, Any]]) -> None:
        if rows:
            dialect = self._tx.dialect
            bound = [statement.bound(dialect, row) for row in rows]
            self._tx.cursor.executemany(bound[0][0], [values for _, values in bound])


def _pieces(rows: Iterable[PastRow]) -> Iterator[list[PastRow]]:
    piece: list[PastRow] = []
    for row in rows:
        piece.append(row)
        if len(piece) == _AT_ONCE:
            yield piece
            piece = []
    if piece:
        yield piece
