"""A synthetic past in bulk: filter columns and change log, some 20,000 sessions a second.

No bodies and no documents are stored; both are made from the batch's parameters when they
are asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, bindparam, insert, select, update

from broker_sim.adapters.instants import to_ms
from broker_sim.adapters.prepared import Prepared
from broker_sim.adapters.schema import batch, portal, session, update_log
from broker_sim.adapters.sql import SqlStore
from broker_sim.adapters.sql_log import CHANGES
from broker_sim.adapters.sql_sessions import STAGES
from broker_sim.adapters.transactions import SqlTransaction
from broker_sim.core.record import Stage
from broker_sim.service.ports import PastRow

_AT_ONCE: Final = 2000
_KEY_VERSION: Final = 1  # of the default key that a portal begins with
_SESSION_COLUMNS: Final = (
    "id",
    "portal_id",
    "sub_portal",
    "stage",
    "rep",
    "posted",
    "started",
    "ended",
    "updated",
    "last_update_id",
    "key_version",
    "due",
    "recorded",
    "batch",
    "place",
    "document",
)
_LOG_COLUMNS: Final = ("portal_id", "update_id", "session_id", "kind", "at")
_BATCH: Final = Prepared(
    insert(batch).values(parameters=bindparam("parameters")).returning(batch.c.id)
)
_INSERTS: Final = {
    table.name: Prepared(insert(table).values({c: bindparam(c) for c in columns}))
    for table, columns in ((session, _SESSION_COLUMNS), (update_log, _LOG_COLUMNS))
}
_LAST: Final = Prepared(select(portal.c.last_update_id).where(portal.c.id == bindparam("b_id")))
_SET_LAST: Final = Prepared(
    update(portal).where(portal.c.id == bindparam("b_id")).values(last_update_id=bindparam("last"))
)

_CHANGE_CODES: Final = {change: code for code, change in enumerate(CHANGES)}
_STAGE_CODES: Final = {stage: code for code, stage in enumerate(STAGES)}


class _Waiting(NamedTuple):
    """A session whose changes are not all numbered; `settled` is the time of its last."""

    number: int
    place: int
    portal_id: int
    settled: int
    row: PastRow


def fill(store: SqlStore, parameters: str, rows: Iterable[PastRow]) -> int:
    """Add a batch of ended sessions; give how many.

    Args:
        store: where.
        parameters: what the batch's records are made from again.
        rows: in order of their post time.
    """
    with store.writing() as tx:
        return fill_in(tx, parameters, rows)


def fill_in(tx: SqlTransaction, parameters: str, rows: Iterable[PastRow]) -> int:
    """Do what `fill` does, in a transaction that is open."""
    return _Filler(tx, parameters).fill(rows)


class _Filler:
    """One batch on its way into the store.

    Entries of the log are numbered in order of time. Sessions come in order of their post
    time, so what happened before the last post is complete and may be numbered; only sessions
    that overlap it wait in memory.
    """

    def __init__(self, tx: SqlTransaction, parameters: str) -> None:
        self._tx = tx
        self._batch = int(tx.value(_BATCH, parameters=parameters))
        self._last: dict[int, int] = {}  # update ids given so far, by portal
        self._sessions: deque[_Waiting] = deque()
        self._entries: list[tuple[int, int, int, int]] = []  # at, session, portal, kind
        self._newest: dict[int, tuple[int, int]] = {}  # of a session: time and id of its last entry

    def fill(self, rows: Iterable[PastRow]) -> int:
        count = 0
        for piece in _pieces(rows):
            first = self._tx.reserve_session_ids(len(piece))
            for offset, row in enumerate(piece):
                self._take(row, first + offset, count + offset)
            count += len(piece)
            self._store_until(to_ms(piece[-1].posted))
        self._store_until(None)
        for portal_id, last in self._last.items():
            self._tx.run(_SET_LAST, b_id=portal_id, last=last)
        return count

    def _take(self, row: PastRow, number: int, place: int) -> None:
        portal_id = self._tx.number(row.portal)
        if portal_id not in self._last:
            self._last[portal_id] = int(self._tx.value(_LAST, b_id=portal_id))
        at = 0
        for change, instant in row.changes:
            at = to_ms(instant)
            self._entries.append((at, number, portal_id, _CHANGE_CODES[change]))
        self._sessions.append(_Waiting(number, place, portal_id, at, row))

    def _store_until(self, edge: int | None) -> None:
        """Store what happened before `edge`, and the sessions to which no more will happen."""
        self._number(edge)
        done, waiting = [], deque[_Waiting]()
        for known in self._sessions:
            if edge is None or known.settled < edge:
                done.append(self._row(known))
            else:
                waiting.append(known)
        self._sessions = waiting
        self._many(session, _SESSION_COLUMNS, done)

    def _number(self, edge: int | None) -> None:
        entries = self._entries
        entries.sort()
        cut = len(entries) if edge is None else bisect_left(entries, (edge,))
        numbered = []
        for at, number, portal_id, kind in entries[:cut]:
            self._last[portal_id] = last = self._last[portal_id] + 1
            self._newest[number] = at, last
            numbered.append((portal_id, last, number, kind, at))
        del entries[:cut]
        self._many(update_log, _LOG_COLUMNS, numbered)

    def _row(self, known: _Waiting) -> tuple[Any, ...]:
        row = known.row
        updated, last_update_id = self._newest.pop(known.number)
        return (
            known.number,
            known.portal_id,
            row.sub_portal,
            _STAGE_CODES[row.stage],
            row.rep,
            to_ms(row.posted),
            to_ms(row.started),
            to_ms(row.ended),
            updated,
            last_update_id,
            _KEY_VERSION,
            None,
            row.started is not None and row.stage is Stage.FINISHED,
            self._batch,
            known.place,
            None,
        )

    def _many(self, table: Table, columns: Sequence[str], rows: list[Any]) -> None:
        tx = self._tx
        if rows and tx.dialect.name == "postgresql":  # several times as quick as its INSERT
            into = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
            with tx.cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(row)
        elif rows:
            tx.begin()
            tx.cursor.executemany(*_INSERTS[table.name].bound_many(tx.dialect, columns, rows))


def _pieces(rows: Iterable[PastRow]) -> Iterator[list[PastRow]]:
    left = iter(rows)
    while piece := list(islice(left, _AT_ONCE)):
        yield piece
