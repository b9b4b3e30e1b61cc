"""The change log and the purge in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, update

from broker_sim.adapters.instants import all_from_ms, from_ms, to_ms
from broker_sim.adapters.prepared import Prepared, row_of
from broker_sim.adapters.schema import (
    agent_event,
    blob,
    note,
    orphan,
    portal,
    session,
    tombstone,
    update_log,
)
from broker_sim.adapters.schema_management import channel
from broker_sim.adapters.sql_base import Rows
from broker_sim.adapters.sql_due import portals_with
from broker_sim.core import retention
from broker_sim.core.record import Change, Session
from broker_sim.service.storage import Doomed, Update

CHANGES: Final = tuple(Change)
_PURGED: Final = CHANGES.index(Change.PURGED)

_COUNT_UP: Final = Prepared(
    update(portal)
    .where(portal.c.id == bindparam("b_id"))
    .values(last_update_id=portal.c.last_update_id + bindparam("b_many"))
    .returning(portal.c.last_update_id)
)
_LOG: Final = Prepared(row_of(update_log))
# A session that is gone by time but not yet purged is left out. Whether the portal has one at all
# is asked once; only where it has, each entry's own session is looked at.
_GONE: Final = session.c.ended <= bindparam("b_edge")
_PAGE: Final = Prepared(
    select(update_log.c.update_id, update_log.c.session_id, update_log.c.kind, update_log.c.at)
    .where(
        update_log.c.portal_id == bindparam("b_portal"),
        update_log.c.update_id > bindparam("b_since"),
        or_(
            ~exists().where(session.c.portal_id == bindparam("b_portal"), _GONE),
            update_log.c.kind == bindparam("b_purged"),
            ~exists().where(session.c.id == update_log.c.session_id, _GONE),
        ),
    )
    .order_by(update_log.c.update_id)
    .limit(bindparam("b_limit"))
)
_NEWEST_BY: Final = Prepared(
    select(func.max(update_log.c.update_id)).where(
        update_log.c.portal_id == bindparam("b_portal"),
        update_log.c.at
        == select(func.max(update_log.c.at))
        .where(
            update_log.c.portal_id == bindparam("b_portal"), update_log.c.at <= bindparam("b_at")
        )
        .scalar_subquery(),
    )
)
_FLOOR: Final = Prepared(select(portal.c.log_floor).where(portal.c.id == bindparam("b_portal")))
_RAISE_FLOOR: Final = Prepared(
    update(portal)
    .where(portal.c.id == bindparam("b_id"), portal.c.log_floor < bindparam("b_floor"))
    .values(log_floor=bindparam("b_floor"))
)
_LAST_OLD: Final = Prepared(
    select(func.max(update_log.c.update_id)).where(
        update_log.c.session_id == bindparam("b_id"), update_log.c.at <= bindparam("b_by")
    )
)
_DROP_ENTRIES: Final = Prepared(
    delete(update_log).where(update_log.c.session_id == bindparam("b_id"))
)
_DROP_SESSION: Final = Prepared(
    delete(session)
    .where(session.c.id == bindparam("b_id"))
    .returning(session.c.recorded, session.c.batch)
)
_DROP_BLOBS: Final = Prepared(delete(blob).where(blob.c.session_id == bindparam("b_id")))
_DROP_EVENTS: Final = Prepared(
    delete(agent_event).where(agent_event.c.session_id == bindparam("b_id"))
)
_DROP_CHANNEL: Final = Prepared(delete(channel).where(channel.c.session_id == bindparam("b_id")))
_BURY: Final = Prepared(row_of(tombstone))
_TOMBSTONE: Final = Prepared(
    select(tombstone.c.portal_id, tombstone.c.purged).where(
        tombstone.c.session_id == bindparam("b_id")
    )
)
_ADD_ORPHAN: Final = Prepared(insert(orphan).values(key=bindparam("key")))
_ORPHANS: Final = Prepared(select(orphan.c.key).limit(bindparam("b_limit")))
_DROP_ORPHAN: Final = Prepared(delete(orphan).where(orphan.c.key == bindparam("b_key")))
_OLD_PURGES: Final = Prepared(
    select(update_log.c.portal_id, update_log.c.update_id)
    .where(
        update_log.c.portal_id == bindparam("b_portal"),
        update_log.c.at <= bindparam("b_by"),
        update_log.c.kind == bindparam("b_purged"),
    )
    .limit(bindparam("b_limit"))
)
_DROP_ENTRY: Final = Prepared(
    delete(update_log).where(
        update_log.c.portal_id == bindparam("b_portal"), update_log.c.update_id == bindparam("b_id")
    )
)
_WITH_OLD_PURGES: Final = portals_with(
    update_log.c.at, "b_by", update_log.c.kind == bindparam("b_purged")
)
_NOTE: Final = Prepared(select(note.c.value).where(note.c.name == bindparam("b_name")))
_DROP_NOTE: Final = Prepared(delete(note).where(note.c.name == bindparam("b_name")))
_ADD_NOTE: Final = Prepared(insert(note).values(name=bindparam("name"), value=bindparam("value")))


class LogRows(Rows):
    """The part of a transaction that keeps the change log, tombstones and notes."""

    def log(self, record: Session, changes: Sequence[Change], now: datetime) -> int:
        """Log changes at `now`; give the id of the last, or the record's own if none."""
        if not changes:
            return record.last_update_id
        return self._log(self.number(record.portal), record.session_id, changes, now)

    def _log(
        self, portal_id: int, session_id: int, changes: Sequence[Change], now: datetime
    ) -> int:
        last = int(self.value(_COUNT_UP, b_id=portal_id, b_many=len(changes)))
        for place, change in enumerate(changes):
            self.run(
                _LOG,
                portal_id=portal_id,
                update_id=last - len(changes) + 1 + place,
                session_id=session_id,
                kind=CHANGES.index(change),
                at=to_ms(now),
            )
        return last

    def updates(
        self, portal: str, since: int, limit: int, *, ended_after: datetime
    ) -> Sequence[Update]:
        """Give entries behind `since`, in order."""
        rows = self.all(
            _PAGE,
            b_portal=self.number(portal),
            b_since=since,
            b_limit=limit,
            b_edge=to_ms(ended_after),
            b_purged=_PURGED,
        )
        times = all_from_ms([row[3] for row in rows])
        return [
            Update(update_id, session_id, CHANGES[kind], time)
            for (update_id, session_id, kind, _), time in zip(rows, times, strict=True)
        ]

    def floor(self, portal: str, instant: datetime) -> int:
        """Give the newest update made at `instant` or before; 0 for none."""
        number = self.number(portal)
        kept = self.value(_NEWEST_BY, b_portal=number, b_at=to_ms(instant)) or 0
        return max(int(kept), int(self.value(_FLOOR, b_portal=number)))

    def purge(self, doomed: Doomed, now: datetime) -> None:
        """Delete all of a session but its tombstone, and log that at `now`."""
        number, portal_id = doomed.session_id, self.number(doomed.portal)
        # The document goes first: with the wrapped keys in it, the sealed files are noise.
        row = self.one(_DROP_SESSION, b_id=number)
        if row is not None and row[0] and row[1] is None:
            # All that lies there, told of by a row or left by a crash before its row came.
            self.run(_ADD_ORPHAN, key=f"{number}/")
        self.run(_DROP_CHANNEL, b_id=number)
        self.run(_DROP_BLOBS, b_id=number)
        self.run(_DROP_EVENTS, b_id=number)
        floor = self.value(_LAST_OLD, b_id=number, b_by=to_ms(retention.edge(now)))
        self.run(_DROP_ENTRIES, b_id=number)
        if floor is not None:
            self.run(_RAISE_FLOOR, b_id=portal_id, b_floor=floor)
        purged = to_ms(retention.purge_at(doomed.ended))
        self.run(_BURY, session_id=number, portal_id=portal_id, purged=purged)
        self._log(portal_id, number, (Change.PURGED,), now)

    def purged_at(self, session_id: int) -> tuple[str, datetime] | None:
        """Give portal and purge instant of a session that was purged."""
        row = self.one(_TOMBSTONE, b_id=session_id)
        return None if row is None else (self.names.name(row[0], self), from_ms(row[1]))

    def forget(self, log_by: datetime, limit: int) -> int:
        """Drop purge entries made at `log_by` or before from the log; give how many."""
        gone = 0
        which = {"b_by": to_ms(log_by), "b_purged": _PURGED}
        for portal_id, _ in self.all(_WITH_OLD_PURGES, **which):
            old = self.all(_OLD_PURGES, b_portal=portal_id, b_limit=limit, **which)
            for _, update_id in old:
                self.run(_DROP_ENTRY, b_portal=portal_id, b_id=update_id)
                self.run(_RAISE_FLOOR, b_id=portal_id, b_floor=update_id)
            gone += len(old)
        return gone

    def orphans(self) -> Sequence[str]:
        """Give where large blobs of gone sessions lie, for a hundred sessions at most."""
        return [row[0] for row in self.all(_ORPHANS, b_limit=100)]

    def orphan_gone(self, key: str) -> None:
        """Note that the bytes are gone."""
        self.run(_DROP_ORPHAN, b_key=key)

    def note(self, name: str) -> str | None:
        """Give a setting of the world that outlives the process."""
        value = self.value(_NOTE, b_name=name)
        return None if value is None else str(value)

    def set_note(self, name: str, value: str) -> None:
        """Keep it."""
        self.run(_DROP_NOTE, b_name=name)
        self.run(_ADD_NOTE, name=name, value=value)
