"""Sessions and their files in SQL: a few typed columns to filter by, and one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy import bindparam, delete, func, insert, literal_column, null, or_, select, update
from sqlalchemy.sql import Select

from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.adapters.prepared import Prepared, row_of
from broker_sim.adapters.schema import batch, blob, counter, session
from broker_sim.adapters.sql_base import Rows
from broker_sim.contract import limits
from broker_sim.core.record import Change, File, Session, Stage
from broker_sim.service.storage import Held

STAGES: Final = tuple(Stage)
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Session).decode

_COLUMNS: Final = (
    session.c.document,
    session.c.last_update_id,
    session.c.key_version,
    session.c.due,
    session.c.recorded,
    session.c.batch,
    session.c.place,
    session.c.id,
    session.c.posted,
)
_HELD: Final = Prepared(select(*_COLUMNS).where(session.c.id == bindparam("b_id")))
_DUE: Final = Prepared(
    select(*_COLUMNS)
    .where(session.c.portal_id == bindparam("b_portal"), session.c.due <= bindparam("b_now"))
    .order_by(session.c.due, session.c.id)
    .limit(bindparam("b_limit"))
)
# Numbers in the statement and no parameters: only so the partial index is known to hold them.
_WAITING: Final = Prepared(
    select(*_COLUMNS).where(
        session.c.portal_id == bindparam("b_portal"),
        session.c.stage == literal_column(str(STAGES.index(Stage.WAITING))),
        session.c.stage < literal_column(str(STAGES.index(Stage.FINISHED))),
    )
)
_ADD: Final = Prepared(row_of(session))
_CHANGED: Final = (
    "stage",
    "rep",
    "started",
    "ended",
    "updated",
    "last_update_id",
    "key_version",
    "due",
    "recorded",
    "document",
)
_CHANGE: Final = Prepared(
    update(session)
    .where(session.c.id == bindparam("b_id"))
    .values({c: bindparam(c) for c in _CHANGED})
)
_SET_DOCUMENT: Final = Prepared(
    update(session).where(session.c.id == bindparam("b_id")).values(document=bindparam("document"))
)
_COUNT: Final = Prepared(select(func.count()).select_from(session))
_BATCH: Final = Prepared(select(batch.c.parameters).where(batch.c.id == bindparam("b_id")))
_NEXT_ID: Final = Prepared(
    update(counter)
    .where(counter.c.name == bindparam("b_name"))
    .values(value=counter.c.value + bindparam("b_many"))
    .returning(counter.c.value)
)
_FIRST_ID: Final = Prepared(
    insert(counter).values(name=bindparam("name"), value=bindparam("value"))
)
_BLOB: Final = Prepared(
    select(blob.c.data, blob.c.key).where(
        blob.c.session_id == bindparam("b_id"), blob.c.name == bindparam("b_name")
    )
)
_DROP_BLOB: Final = Prepared(
    delete(blob).where(blob.c.session_id == bindparam("b_id"), blob.c.name == bindparam("b_name"))
)
_ADD_BLOB: Final = Prepared(row_of(blob))


class Revive(Protocol):
    """Makes the record of a synthetic past's session anew."""

    def __call__(self, parameters: str, place: int, session_id: int, posted: datetime) -> Session:
        """Give the session at `place` of the batch with these parameters."""


class SessionRows(Rows):
    """The part of a transaction that keeps sessions."""

    revive: Revive
    batches: dict[int, str]

    def held(self, session_id: int) -> Held | None:
        """Give a session with what is stored beside it."""
        row = self.one(_HELD, b_id=session_id)
        return None if row is None else self._held(row)

    def due(self, portal: str, now: datetime, limit: int) -> Sequence[Held]:
        """Give sessions with `due` <= now, earliest first."""
        rows = self.all(_DUE, b_portal=self.number(portal), b_now=to_ms(now), b_limit=limit)
        return [self._held(row) for row in rows]

    def waiting(self, portal: str) -> Sequence[Session]:
        """Give the requests that wait in a portal, in order of (post time, id)."""
        rows = self.all(_WAITING, b_portal=self.number(portal))
        found = [self._held(row).session for row in rows]
        return sorted(found, key=lambda one: (one.posted, one.session_id))

    def _held(self, row: Any) -> Held:
        document, last_update_id, key_version, due, recorded, batch_id, place, number, posted = row
        if document is not None:
            record = _decode(document)
        else:
            parameters = self._parameters(batch_id)
            record = self.revive(parameters, place, number, from_ms(posted))
        if record.last_update_id != last_update_id:
            record = record.updated(last_update_id)
        return Held(
            record,
            key_version,
            None if due is None else from_ms(due),
            bool(recorded),
            batch_id is not None,
        )

    def _parameters(self, batch_id: int) -> str:
        known = self.batches.get(batch_id)
        if known is None:
            known = self.batches[batch_id] = str(self.value(_BATCH, b_id=batch_id))
        return known

    def next_session_id(self) -> int:
        """Give an id that was never given before."""
        return self.reserve_session_ids(1)

    def reserve_session_ids(self, many: int) -> int:
        """Take `many` ids in a row; give the first."""
        last = self.value(_NEXT_ID, b_name="session", b_many=many)
        if last is None:
            self.run(_FIRST_ID, name="session", value=limits.FIRST_SESSION_ID + many - 1)
            return limits.FIRST_SESSION_ID
        return int(last) - many + 1

    def put(self, held: Held, changes: Sequence[Change], now: datetime) -> Session:
        """Store a session and log its changes at `now`."""
        last = self.log(held.session, changes, now)
        record = replace(held.session, last_update_id=last)
        values: dict[str, Any] = {
            "stage": STAGES.index(record.stage),
            "rep": record.representative,
            "started": to_ms(record.started),
            "ended": to_ms(record.ended),
            "updated": to_ms(now),
            "last_update_id": last,
            "key_version": held.key_version,
            "due": to_ms(held.due),
            "recorded": held.recorded,
            "document": _encode(record),
        }
        if self.run(_CHANGE, b_id=record.session_id, **values).rowcount == 0:
            self.run(
                _ADD,
                id=record.session_id,
                portal_id=self.number(record.portal),
                sub_portal=record.sub_portal,
                posted=to_ms(record.posted),
                batch=None,
                place=None,
                **values,
            )
        return record

    def log(self, record: Session, changes: Sequence[Change], now: datetime) -> int:
        """Log changes and give the last update's id; the log's part of the transaction."""
        raise NotImplementedError

    def put_files(self, session_id: int, files: Sequence[File]) -> None:
        """Keep the recorded files; this is no change of the session."""
        held = self.held(session_id)
        if held is not None:
            document = _encode(replace(held.session, files=tuple(files)))
            self.run(_SET_DOCUMENT, b_id=session_id, document=document)

    def session_ids(
        self,
        portal: str,
        by: str,
        start: datetime,
        end: datetime,
        *,
        ended_after: datetime,
        sub_portals: Sequence[str],
        after: int | None,
        limit: int,
    ) -> Sequence[int]:
        """Give ids with that time in [start, end), ordered by (time, id), behind `after`."""
        values: dict[str, Any] = {
            "b_portal": self.number(portal),
            "b_start": to_ms(start),
            "b_end": to_ms(end),
            "b_after_time": to_ms(start),
            "b_after_id": 0,
            "b_edge": to_ms(ended_after),
            "b_limit": limit,
            **{f"b_sub{place}": name for place, name in enumerate(sub_portals)},
        }
        if after is not None:
            values["b_after_time"] = self.value(_TIMES[by], b_id=after)
            values["b_after_id"] = after
            if values["b_after_time"] is None:
                return []
        return [row[0] for row in self.all(_range(by, len(sub_portals)), **values)]

    def count_sessions(self) -> int:
        """Count what is stored."""
        return int(self.value(_COUNT))

    def blob(self, session_id: int, name: str) -> bytes | str | None:
        """Give a small recorded file, or a large one's key in the blob folder."""
        row = self.one(_BLOB, b_id=session_id, b_name=name)
        if row is None:
            return None
        data, key = row
        return str(key) if data is None else bytes(data)

    def put_blob(self, session_id: int, name: str, data: bytes | str) -> None:
        """Keep a small recorded file's bytes, or a large one's key in the blob folder."""
        self.run(_DROP_BLOB, b_id=session_id, b_name=name)
        large = isinstance(data, str)
        self.run(
            _ADD_BLOB,
            session_id=session_id,
            name=name,
            data=None if large else data,
            key=data if large else None,
        )


_TIME_OF: Final = {
    "Posted": session.c.posted,
    "Started": session.c.started,
    "Ended": session.c.ended,
    "Updated": session.c.updated,
}
_TIMES: Final = {
    by: Prepared(select(column).where(session.c.id == bindparam("b_id")))
    for by, column in _TIME_OF.items()
}
_RANGES: Final[dict[tuple[str, int], Prepared]] = {}


def _range(by: str, sub_portals: int) -> Prepared:
    """Give the page statement for this order and number of sub-portals, made once."""
    known = _RANGES.get((by, sub_portals))
    if known is None:
        known = _RANGES[by, sub_portals] = Prepared(_page(_TIME_OF[by], sub_portals))
    return known


def _page(time: Any, sub_portals: int) -> Select[Any]:
    # The two bounds say the same as (time, id) > (after_time, after_id), in a form that
    # every database answers from the index.
    page = (
        select(session.c.id)
        .where(
            session.c.portal_id == bindparam("b_portal"),
            time >= bindparam("b_start"),
            time < bindparam("b_end"),
            time >= bindparam("b_after_time"),
            or_(time > bindparam("b_after_time"), session.c.id > bindparam("b_after_id")),
            or_(session.c.ended == null(), session.c.ended > bindparam("b_edge")),
        )
        .order_by(time, session.c.id)
        .limit(bindparam("b_limit"))
    )
    if sub_portals:
        names: list[Any] = [bindparam(f"b_sub{place}") for place in range(sub_portals)]
        page = page.where(session.c.sub_portal.in_(names))
    return page
