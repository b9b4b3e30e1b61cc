"""Representatives, their desks, their connections and what they are in, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    text,
    update,
)

from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.adapters.prepared import Prepared, row_of
from broker_sim.adapters.schema import (
    agent_event,
    alert,
    desk,
    rep_connection,
    representative,
    session,
)
from broker_sim.adapters.sql_base import Rows
from broker_sim.adapters.sql_desks import ADD_DESK
from broker_sim.adapters.sql_sessions import STAGES
from broker_sim.core.connection import Connection
from broker_sim.core.record import Representative, Stage
from broker_sim.core.staff import Presence
from broker_sim.service.staff_storage import Engagement, Hired, Member

_REP_COLUMNS: Final = tuple(column.name for column in representative.columns)
_DESK_COLUMNS: Final = tuple(column.name for column in desk.columns)
_ADD: Final = Prepared(row_of(representative))
_MEMBERS: Final = select(
    representative, rep_connection.c.digest, rep_connection.c.last_used
).select_from(
    representative.outerjoin(rep_connection, rep_connection.c.email == representative.c.email)
)
_ALL: Final = Prepared(_MEMBERS)
_ONE: Final = _MEMBERS.where(representative.c.email == bindparam("b_email"))
_MEMBER: Final = Prepared(_ONE)
_LOCKED: Final = Prepared(_ONE.with_for_update(of=representative))
_BY_DIGEST: Final = Prepared(_MEMBERS.where(rep_connection.c.digest == bindparam("b_digest")))
_AT_DESK: Final = (
    select(desk.c.sub_portal, representative, rep_connection.c.digest, rep_connection.c.last_used)
    .select_from(
        desk.join(representative, representative.c.email == desk.c.email).outerjoin(
            rep_connection, rep_connection.c.email == representative.c.email
        )
    )
    .where(desk.c.portal_id == bindparam("b_portal"))
)
_SERVING: Final = Prepared(_AT_DESK)
_AT: Final = Prepared(_AT_DESK.where(desk.c.sub_portal == bindparam("b_sub_portal")))
_SET_AVAILABLE: Final = Prepared(
    update(representative)
    .where(representative.c.email == bindparam("b_email"))
    .values(available=bindparam("available"), since=bindparam("since"))
)
_CHANGE: Final = Prepared(
    update(representative)
    .where(representative.c.email == bindparam("b_email"))
    .values(name=bindparam("name"), screen_name=bindparam("screen_name"), team=bindparam("team"))
)
_SET_PASSWORD: Final = Prepared(
    update(representative)
    .where(representative.c.email == bindparam("b_email"))
    .values(password_hash=bindparam("password_hash"))
)
# The first is answered by an index, and is enough for nearly all who have sessions.
_STARTED: Final = Prepared(
    select(session.c.id)
    .where(session.c.started.is_not(None), session.c.rep == bindparam("b_email"))
    .limit(1)
)
_NAMED: Final = Prepared(select(session.c.id).where(session.c.rep == bindparam("b_email")).limit(1))
_DROPS: Final = tuple(
    Prepared(delete(table).where(table.c.email == bindparam("b_email")))
    for table in (desk, rep_connection, alert, agent_event, representative)
)
_CONNECT: Final = Prepared(
    text(
        "INSERT INTO rep_connection (email, digest, last_used) VALUES (:email, :digest, :last_used)"
        " ON CONFLICT (email) DO UPDATE"
        " SET digest = excluded.digest, last_used = excluded.last_used"
    )
)
_TOUCH: Final = Prepared(
    update(rep_connection)
    .where(rep_connection.c.email == bindparam("b_email"))
    .values(last_used=bindparam("used"))
)
_DISCONNECT: Final = Prepared(
    delete(rep_connection).where(rep_connection.c.email == bindparam("b_email"))
)
_LIVE: Final = Prepared(
    select(func.count()).where(rep_connection.c.last_used > bindparam("b_than"))
)
_OF_PORTAL: Final = exists().where(
    desk.c.email == representative.c.email, desk.c.portal_id == bindparam("b_portal")
)
_THEIRS: Final = select(session.c.rep, session.c.id, session.c.portal_id, session.c.started).where(
    session.c.started.is_not(None), session.c.ended.is_(None)
)
_ENGAGEMENTS: Final = Prepared(
    _THEIRS.where(
        session.c.rep.in_(select(desk.c.email).where(desk.c.portal_id == bindparam("b_portal")))
    )
)
_ENGAGEMENTS_OF: Final = Prepared(_THEIRS.where(session.c.rep == bindparam("b_email")))
# A number in the statement and no parameter: only so the partial index is known to hold it.
_FINISHED: Final[ColumnElement[int]] = literal_column(str(STAGES.index(Stage.FINISHED)))
_HANDLED: Final = (
    select(func.count())
    .select_from(session)
    .where(
        session.c.rep == representative.c.email,
        session.c.started.is_not(None),
        session.c.stage == _FINISHED,
        session.c.portal_id == bindparam("b_portal"),
        session.c.ended >= bindparam("b_start"),
        session.c.ended < bindparam("b_end"),
    )
    .scalar_subquery()
)
_LAST_END: Final = (
    select(func.max(session.c.ended))
    .where(session.c.rep == representative.c.email, session.c.started.is_not(None))
    .scalar_subquery()
)
_WORK: Final = Prepared(select(representative.c.email, _HANDLED, _LAST_END).where(_OF_PORTAL))


class StaffRows(Rows):
    """The part of a transaction that knows representatives."""

    def hire(self, hired: Sequence[Hired], now: datetime) -> None:
        """Add representatives, logged out since `now`."""
        reps = [(*_person(one), False, to_ms(now), 0) for one in hired]
        desks = [
            (self.number(portal), sub_portal, one.rep.email)
            for one in hired
            for portal, sub_portal in one.desks
        ]
        self.begin()
        if reps:
            self.cursor.executemany(*_ADD.bound_many(self.dialect, _REP_COLUMNS, reps))
        if desks:
            self.cursor.executemany(*ADD_DESK.bound_many(self.dialect, _DESK_COLUMNS, desks))

    def member(self, email: str, *, lock: bool = False) -> Member | None:
        """Give the representative of that canonical address."""
        row = self.one(_LOCKED if lock else _MEMBER, b_email=email)
        return None if row is None else _member(row)

    def members(self) -> Sequence[Member]:
        """Give all representatives, in order of their addresses."""
        return [_member(row) for row in _sorted(self.all(_ALL))]

    def members_at(self, portal: str, sub_portal: str) -> Sequence[Member]:
        """Give who serves a sub-portal, in order of their addresses."""
        rows = self.all(_AT, b_portal=self.number(portal), b_sub_portal=sub_portal)
        return [_member(row[1:]) for row in _sorted(rows)]

    def serving(self, portal: str) -> Sequence[tuple[str, Member]]:
        """Give (sub-portal, representative) for all who serve the portal, in that order."""
        rows = self.all(_SERVING, b_portal=self.number(portal))
        return [(row[0], _member(row[1:])) for row in _sorted(rows)]

    def change_rep(self, rep: Representative) -> None:
        """Keep the names and the team of the rep of that address."""
        values = {"name": rep.name, "screen_name": rep.screen_name, "team": rep.team}
        self.run(_CHANGE, b_email=rep.email, **values)

    def set_rep_password(self, email: str, password_hash: str) -> None:
        """Keep the hash of a rep's new password."""
        self.run(_SET_PASSWORD, b_email=email, password_hash=password_hash)

    def rep_has_sessions(self, email: str) -> bool:
        """Tell whether any session that is kept is, or was, this rep's."""
        return any(self.one(query, b_email=email) is not None for query in (_STARTED, _NAMED))

    def drop_rep(self, email: str) -> None:
        """Forget a rep who has had no session: its desks, its connection, what it was told."""
        for drop in _DROPS:
            self.run(drop, b_email=email)

    def set_available(self, email: str, *, available: bool, since: datetime) -> None:
        """Keep what a rep says of itself, and since when."""
        self.run(_SET_AVAILABLE, b_email=email, available=available, since=to_ms(since))

    def rep_connected(self, digest: bytes) -> Member | None:
        """Give whose connection has an id of this SHA-256."""
        row = self.one(_BY_DIGEST, b_digest=digest)
        return None if row is None else _member(row)

    def connect_rep(self, email: str, digest: bytes | None, now: datetime) -> None:
        """Keep the rep's one connection, in place of the one before; without an id for None."""
        self.run(_CONNECT, email=email, digest=digest, last_used=to_ms(now))

    def touch_rep(self, email: str, now: datetime) -> None:
        """Keep the last use of its connection."""
        self.run(_TOUCH, b_email=email, used=to_ms(now))

    def disconnect_rep(self, email: str) -> None:
        """Forget the rep's connection."""
        self.run(_DISCONNECT, b_email=email)

    def count_rep_connections(self, used_after: datetime) -> int:
        """Count the reps' own connections that were last used after this instant."""
        return int(self.value(_LIVE, b_than=to_ms(used_after)))

    def engagements(self, portal: str) -> Sequence[Engagement]:
        """Give the sessions that reps who serve this portal are in, of all portals."""
        return self._engagements(self.all(_ENGAGEMENTS, b_portal=self.number(portal)))

    def engagements_of(self, email: str) -> Sequence[Engagement]:
        """Give the sessions that a rep is in."""
        return self._engagements(self.all(_ENGAGEMENTS_OF, b_email=email))

    def _engagements(self, rows: Sequence[Any]) -> Sequence[Engagement]:
        return [
            Engagement(email, number, self.names.name(portal, self), from_ms(started))
            for email, number, portal, started in sorted(rows)
        ]

    def work(
        self, portal: str, start: datetime, end: datetime
    ) -> Sequence[tuple[str, int, datetime | None]]:
        """Give (rep, finished in [start, end) in this portal, last end in any) for its reps.

        In no order.
        """
        number = self.number(portal)
        rows = self.all(_WORK, b_portal=number, b_start=to_ms(start), b_end=to_ms(end))
        return [(row[0], row[1], None if row[2] is None else from_ms(row[2])) for row in rows]


def _sorted(rows: Sequence[Any]) -> Sequence[Any]:
    """Sort by the texts that they begin with; a server would do so by its language."""
    return sorted(rows, key=lambda row: row[:2])


def _person(one: Hired) -> tuple[str, ...]:
    rep = one.rep
    return rep.email, rep.name, rep.screen_name, rep.team, rep.ip, one.password_hash


def _member(row: Any) -> Member:
    email, name, screen_name, team, ip, hashed, available, since, last_event, digest, used = row
    connection = None if used is None else Connection(email, "", from_ms(used))
    return Member(
        Representative(email, name, screen_name, team, ip),
        hashed,
        Presence(bool(available), from_ms(since), connection),
        last_event,
        stood_in=connection is not None and digest is None,
        digest=None if digest is None else bytes(digest),
    )
