"""Managers, their logins, teams and the audit trail, in SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, or_, select, text, update

from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.adapters.prepared import Prepared, row_of
from broker_sim.adapters.schema import session
from broker_sim.adapters.schema_management import audit, manager, manager_login, team
from broker_sim.adapters.sql_base import Rows
from broker_sim.core.dashboard import Today
from broker_sim.core.management import Presence, Role
from broker_sim.service.manager_storage import Entry, Manager, Team, Wanted

_ALL: Final = Prepared(select(manager))
_ONE: Final = Prepared(select(manager).where(manager.c.email == bindparam("b_email")))
_PUT: Final = Prepared(
    text(
        "INSERT INTO manager (email, name, role, team, password_hash)"
        " VALUES (:email, :name, :role, :team, :password_hash) ON CONFLICT (email) DO UPDATE"
        " SET name = excluded.name, role = excluded.role, team = excluded.team,"
        " password_hash = excluded.password_hash"
    )
)
_DROP: Final = Prepared(delete(manager).where(manager.c.email == bindparam("b_email")))
_LOGIN: Final = Prepared(
    select(manager_login).where(manager_login.c.digest == bindparam("b_digest"))
)
_OPEN: Final = Prepared(row_of(manager_login))
_TOUCH: Final = Prepared(
    update(manager_login)
    .where(manager_login.c.digest == bindparam("b_digest"))
    .values(last_used=bindparam("used"))
)
_END: Final = Prepared(delete(manager_login).where(manager_login.c.digest == bindparam("b_digest")))
_END_OTHERS: Final = Prepared(
    delete(manager_login).where(
        manager_login.c.email == bindparam("b_email"),
        manager_login.c.digest != bindparam("b_digest"),
    )
)
_FORGET: Final = Prepared(
    delete(manager_login).where(
        or_(
            manager_login.c.opened <= bindparam("b_opened"),
            manager_login.c.last_used <= bindparam("b_used"),
        )
    )
)
_NOTE: Final = Prepared(row_of(audit, "id"))
_FORGET_DEEDS: Final = Prepared(
    delete(audit).where(
        audit.c.id.in_(
            select(audit.c.id)
            .where(audit.c.at <= bindparam("b_to"))
            .order_by(audit.c.at)
            .limit(bindparam("b_limit"))
        )
    )
)
_TODAY: Final = Prepared(
    select(
        session.c.sub_portal,
        func.count(),
        func.count(session.c.started),
        func.sum(session.c.started - session.c.posted),
    )
    .where(
        session.c.portal_id == bindparam("b_portal"),
        session.c.posted >= bindparam("b_start"),
        session.c.posted < bindparam("b_end"),
    )
    .group_by(session.c.sub_portal)
)
_TEAMS: Final = Prepared(select(team))
_PUT_TEAM: Final = Prepared(
    text(
        "INSERT INTO team (name, parent) VALUES (:name, :parent)"
        " ON CONFLICT (name) DO UPDATE SET parent = excluded.parent"
    )
)
_DROP_TEAM: Final = Prepared(delete(team).where(team.c.name == bindparam("b_name")))

# What a page of the audit trail may be narrowed by, by the parameter's name.
_NARROWED: Final = {
    "before": audit.c.id < bindparam("before"),
    "start": audit.c.at >= bindparam("start"),
    "end": audit.c.at < bindparam("end"),
    "actor": audit.c.actor == bindparam("actor"),
    "action": audit.c.action.like(bindparam("action"), escape="\\"),
    "portal": audit.c.portal == bindparam("portal"),
    "text": or_(
        func.lower(audit.c.subject).like(bindparam("text"), escape="\\"),
        func.lower(audit.c.detail).like(bindparam("text"), escape="\\"),
    ),
}


@cache
def _deeds(narrowed: frozenset[str]) -> Prepared:
    """Make the statement of a page of the audit trail, for what it is narrowed by."""
    conditions = [condition for name, condition in _NARROWED.items() if name in narrowed]
    page = select(audit).where(*conditions).order_by(audit.c.id.desc())
    return Prepared(page.limit(bindparam("most")))


class ManagerRows(Rows):
    """The part of a transaction that knows managers, teams and the audit trail."""

    def manager(self, email: str) -> Manager | None:
        """Give the manager of that canonical address."""
        row = None if "\0" in email else self.one(_ONE, b_email=email)
        return None if row is None else _manager(row)

    def managers(self) -> Sequence[Manager]:
        """Give all managers, in order of their addresses."""
        return sorted(map(_manager, self.all(_ALL)), key=lambda one: one.email)

    def put_manager(self, manager: Manager) -> None:
        """Add a manager, or replace the one of that address."""
        self.run(
            _PUT,
            email=manager.email,
            name=manager.name,
            role=manager.role.value,
            team=manager.team,
            password_hash=manager.password_hash,
        )

    def drop_manager(self, email: str) -> None:
        """Forget a manager and its logins."""
        self.run(_DROP, b_email=email)
        self.drop_manager_logins(email)

    def manager_login(self, digest: bytes) -> tuple[str, Presence] | None:
        """Give (address, login) by the SHA-256 of what the browser holds."""
        row = self.one(_LOGIN, b_digest=digest)
        if row is None:
            return None
        _, email, opened, used = row
        return email, Presence(from_ms(opened), from_ms(used))

    def open_manager_login(self, digest: bytes, email: str, now: datetime) -> None:
        """Keep a login that was opened now."""
        at = to_ms(now)
        self.run(_OPEN, digest=digest, email=email, opened=at, last_used=at)

    def touch_manager_login(self, digest: bytes, now: datetime) -> None:
        """Keep its last use."""
        self.run(_TOUCH, b_digest=digest, used=to_ms(now))

    def drop_manager_login(self, digest: bytes) -> None:
        """Forget one login."""
        self.run(_END, b_digest=digest)

    def drop_manager_logins(self, email: str, but: bytes = b"") -> int:
        """Forget all logins of a manager but that one; give how many."""
        return int(self.run(_END_OTHERS, b_email=email, b_digest=but).rowcount)

    def forget_manager_logins(self, opened_by: datetime, used_by: datetime) -> int:
        """Drop logins opened, or last used, at these instants or before; give how many."""
        return int(self.run(_FORGET, b_opened=to_ms(opened_by), b_used=to_ms(used_by)).rowcount)

    def note_deed(self, entry: Entry) -> None:
        """Add a line to the audit trail, with the next number; the entry's own is not used."""
        self.run(
            _NOTE,
            at=to_ms(entry.at),
            actor=entry.actor,
            action=entry.action,
            portal=entry.portal,
            subject=entry.subject,
            detail=entry.detail,
        )

    def deeds(self, wanted: Wanted, limit: int) -> Sequence[Entry]:
        """Give lines of the audit trail, the newest first."""
        said: dict[str, Any] = {
            "before": wanted.before,
            "start": to_ms(wanted.start),
            "end": to_ms(wanted.end),
            "actor": wanted.actor,
            "action": None if wanted.action is None else f"{_plain(wanted.action)}%",
            "portal": wanted.portal,
            "text": f"%{_plain(wanted.text.lower())}%" if wanted.text else None,
        }
        values = {name: value for name, value in said.items() if value is not None}
        rows = self.all(_deeds(frozenset(values)), most=limit, **values)
        return [Entry(row[0], from_ms(row[1]), *row[2:]) for row in rows]

    def forget_deeds(self, to: datetime, limit: int) -> int:
        """Drop lines made at `to` or before, the oldest first; give how many."""
        return int(self.run(_FORGET_DEEDS, b_to=to_ms(to), b_limit=limit).rowcount)

    def posted_between(
        self, portal: str, start: datetime, end: datetime
    ) -> Sequence[tuple[str, Today]]:
        """Give what [start, end) has brought, by sub-portal; those without anything left out."""
        rows = self.all(
            _TODAY, b_portal=self.number(portal), b_start=to_ms(start), b_end=to_ms(end)
        )
        return [
            (name, Today(posted, answered, timedelta(milliseconds=int(waited or 0))))
            for name, posted, answered, waited in sorted(rows)
        ]

    def teams(self) -> Sequence[Team]:
        """Give all teams, by name."""
        return sorted((Team(*row) for row in self.all(_TEAMS)), key=lambda team: team.name)

    def put_team(self, team: Team) -> None:
        """Add a team, or put it below another one."""
        self.run(_PUT_TEAM, name=team.name, parent=team.parent)

    def drop_team(self, name: str) -> None:
        """Forget a team."""
        self.run(_DROP_TEAM, b_name=name)


def _manager(row: Any) -> Manager:
    email, name, role, team, password_hash = row
    return Manager(email, name, Role(role), team, password_hash)


def _plain(text: str) -> str:
    """Give a text so that LIKE takes it as it is."""
    return re.sub(r"([\\%_])", r"\\\1", text)
