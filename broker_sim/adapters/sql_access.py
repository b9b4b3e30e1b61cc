"""Portals, keys, logins, lockouts and connections in SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, bindparam, delete, func, select, text, update

from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.adapters.prepared import Prepared, row_of
from broker_sim.adapters.schema import (
    connection,
    lockout,
    login,
    portal,
    portal_key,
)
from broker_sim.adapters.sql_lockouts import LockoutRows, bounded, lockout_in
from broker_sim.core.access import PortalKey
from broker_sim.core.connection import Connection
from broker_sim.core.lockout import Lockout, Open
from broker_sim.service.storage import Login, Portal, Standing

_LIVE: Final = Prepared(select(func.count()).where(connection.c.last_used > bindparam("b_than")))
_PORTALS: Final = Prepared(select(portal))
_PORTAL: Final = Prepared(select(portal).where(portal.c.id == bindparam("b_id")))
_ADD_PORTAL: Final = Prepared(row_of(portal, "id"))
_HARD: Final = Prepared(
    update(portal).where(portal.c.id == bindparam("b_id")).values(hard_lockouts=bindparam("on"))
)
_CHANGE_PORTAL: Final = Prepared(
    update(portal)
    .where(portal.c.id == bindparam("b_id"))
    .values(
        display_name=bindparam("display_name"),
        portal_type=bindparam("portal_type"),
        sub_portals=bindparam("sub_portals"),
    )
)
_KEY: Final = Prepared(
    select(portal_key).where(
        portal_key.c.portal_id == bindparam("b_id"), portal_key.c.version == bindparam("b_version")
    )
)
_NEWEST_KEY: Final = Prepared(
    select(portal_key)
    .where(portal_key.c.portal_id == bindparam("b_id"))
    .order_by(portal_key.c.version.desc())
    .limit(1)
)
_LATER: Final = portal_key.alias()
_NEWEST_KEYS: Final = Prepared(
    select(portal.c.name, portal_key)
    .join(portal, portal.c.id == portal_key.c.portal_id)
    .where(
        portal_key.c.version
        == select(func.max(_LATER.c.version))
        .where(_LATER.c.portal_id == portal_key.c.portal_id)
        .scalar_subquery()
    )
)
_ADD_KEY: Final = Prepared(row_of(portal_key))
_LOGIN: Final = Prepared(select(login).where(login.c.username == bindparam("b_name")))
_LOGINS: Final = Prepared(select(login).where(login.c.portal_id == bindparam("b_id")))
_ALL_LOGINS: Final = Prepared(
    select(login.c.username, portal.c.name, login.c.password_hash).join(
        portal, portal.c.id == login.c.portal_id
    )
)
_DROP_LOGIN: Final = Prepared(delete(login).where(login.c.username == bindparam("b_name")))
_ADD_LOGIN: Final = Prepared(row_of(login))
_BY_DIGEST: Final = Prepared(
    select(connection.c.username, connection.c.portal_id, connection.c.last_used).where(
        connection.c.digest == bindparam("b_digest")
    )
)
_ASKED: Final = select(bindparam("b_name", type_=String).label("name")).subquery("asked")
_WHO: Final = _ASKED.outerjoin(lockout, lockout.c.username == _ASKED.c.name).outerjoin(
    login, login.c.username == _ASKED.c.name
)
_COLUMNS: Final = select(
    *(lockout.c.failures, lockout.c.until, lockout.c.hard_since),
    *(login.c.username, login.c.portal_id, login.c.password_hash),
)
APPLICANT: Final = Prepared(_COLUMNS.select_from(_WHO))
_STANDING: Final = Prepared(
    _COLUMNS.add_columns(
        connection.c.username, connection.c.portal_id, connection.c.last_used
    ).select_from(_WHO.outerjoin(connection, connection.c.username == _ASKED.c.name))
)
_BY_LOGIN: Final = Prepared(
    select(connection.c.username, connection.c.portal_id, connection.c.last_used).where(
        connection.c.username == bindparam("b_name")
    )
)
_DROP_CONNECTION: Final = Prepared(
    delete(connection).where(connection.c.username == bindparam("b_name"))
)
_PUT_CONNECTION: Final = Prepared(
    text(
        "INSERT INTO connection (username, digest, portal_id, last_used)"
        " VALUES (:username, :digest, :portal_id, :last_used) ON CONFLICT (username) DO UPDATE"
        " SET digest = excluded.digest, portal_id = excluded.portal_id,"
        " last_used = excluded.last_used"
    )
)
_TOUCH: Final = Prepared(
    update(connection)
    .where(connection.c.username == bindparam("b_name"))
    .values(last_used=bindparam("used"))
)


class AccessRows(LockoutRows):
    """The part of a transaction that knows who may come in."""

    def portal(self, name: str) -> Portal | None:
        """Give the portal of that name."""
        number = self.names.number(name, self)
        row = None if number is None else self.one(_PORTAL, b_id=number)
        return None if row is None else _portal(row)

    def portals(self) -> Sequence[Portal]:
        """Give all portals, by name."""
        return sorted(map(_portal, self.all(_PORTALS)), key=lambda portal: portal.name)

    def add_portal(self, portal: Portal, key: PortalKey) -> None:
        """Add a portal and the first version of its key."""
        self.run(
            _ADD_PORTAL,
            name=portal.name,
            display_name=portal.display_name,
            company=portal.company,
            portal_type=portal.portal_type,
            sub_portals=json.dumps(portal.sub_portals),
            hard_lockouts=portal.hard_lockouts,
            last_update_id=portal.last_update_id,
            log_floor=0,
            codes_per_rep=portal.codes_per_rep,
            code_seconds=portal.code_lives // timedelta(seconds=1),
        )
        self.add_key(portal.name, key)

    def change_portal(self, portal: Portal) -> None:
        """Keep its name for people, its type and its sub-portals."""
        self.run(
            _CHANGE_PORTAL,
            b_id=self.number(portal.name),
            display_name=portal.display_name,
            portal_type=portal.portal_type,
            sub_portals=json.dumps(portal.sub_portals),
        )

    def set_hard_lockouts(self, portal: str, *, on: bool) -> None:
        """Say whether the tenth failed logon locks for good."""
        self.run(_HARD, b_id=self.number(portal), on=on)

    def key(self, portal: str, version: int | None = None) -> PortalKey | None:
        """Give one version of a portal's key; the newest where none is named."""
        number = self.number(portal)
        if version is None:
            row = self.one(_NEWEST_KEY, b_id=number)
        else:
            row = self.one(_KEY, b_id=number, b_version=version)
        return None if row is None else _key(row)

    def newest_keys(self) -> Mapping[str, PortalKey]:
        """Give the newest version of every portal's key, by the portal's name."""
        return {name: _key(row) for name, *row in self.all(_NEWEST_KEYS)}

    def add_key(self, portal: str, key: PortalKey) -> None:
        """Add a version, which applies from now on."""
        self.run(
            _ADD_KEY,
            portal_id=self.number(portal),
            version=key.version,
            secured=key.secured,
            kek=key.kek,
            kdf=key.kdf,
            salt=key.salt,
        )

    def login(self, username: str) -> Login | None:
        """Give the login of that canonical name."""
        return self._login(self.one(_LOGIN, b_name=bounded(username)))

    def _login(self, row: Any) -> Login | None:
        if row is None or row[0] is None:
            return None
        return Login(row[0], self.names.name(row[1], self), row[2])

    def logins(self, portal: str) -> Sequence[Login]:
        """Give a portal's logins, by name."""
        rows = sorted(self.all(_LOGINS, b_id=self.number(portal)), key=lambda row: str(row[0]))
        return [Login(row[0], portal, row[2]) for row in rows]

    def all_logins(self) -> Sequence[Login]:
        """Give the logins of all portals, by name."""
        return [Login(*row) for row in sorted(self.all(_ALL_LOGINS))]

    def add_login(self, login: Login) -> None:
        """Add a login, or replace its password."""
        self.run(_DROP_LOGIN, b_name=login.username)
        self.run(
            _ADD_LOGIN,
            username=login.username,
            portal_id=self.number(login.portal),
            password_hash=login.password_hash,
        )

    def drop_login(self, username: str) -> None:
        """Forget a login, its connection and its lockout."""
        self.run(_DROP_LOGIN, b_name=username)
        self.drop_connection(username)
        self.set_lockout(username, Open(), from_ms(0))

    def connection(self, digest: bytes) -> Connection | None:
        """Give the connection whose id has this SHA-256."""
        return self._connection(self.one(_BY_DIGEST, b_digest=digest))

    def standing(self, username: str) -> Standing:
        """Give a canonical name's lockout, login and connection, in one look."""
        return self.look_up(bounded(username))

    def look_up(self, name: str) -> Standing:
        """Give the standing of a name that is as long as every database keeps it."""
        row = self.one(_STANDING, b_name=name)
        return Standing(*self.applicant(row), self._connection(row[6:]))

    def applicant(self, row: Any) -> tuple[Lockout, Login | None]:
        """Read the columns that `APPLICANT` begins with."""
        return Open() if row[0] is None else lockout_in(row[:3]), self._login(row[3:6])

    def connection_of(self, login: str) -> Connection | None:
        """Give the connection that the login opened last, if it is still kept."""
        return self._connection(self.one(_BY_LOGIN, b_name=login))

    def _connection(self, row: Any) -> Connection | None:
        if row is None or row[0] is None:
            return None
        return Connection(row[0], self.names.name(row[1], self), from_ms(row[2]))

    def count_login_connections(self, used_after: datetime) -> int:
        """Count the connections of API logins that were last used after this instant."""
        return int(self.value(_LIVE, b_than=to_ms(used_after)))

    def put_connection(self, digest: bytes, connection: Connection) -> None:
        """Keep the login's one connection, in place of the one before."""
        self.run(
            _PUT_CONNECTION,
            username=connection.login,
            digest=digest,
            portal_id=self.number(connection.portal),
            last_used=to_ms(connection.last_used),
        )

    def touch_connection(self, connection: Connection) -> None:
        """Keep its last use."""
        self.run(_TOUCH, b_name=connection.login, used=to_ms(connection.last_used))

    def drop_connection(self, login: str) -> None:
        """Forget the login's connection."""
        self.run(_DROP_CONNECTION, b_name=login)


def _portal(row: Any) -> Portal:
    _, name, display_name, company, portal_type, sub_portals, hard, last, _, codes, seconds = row
    return Portal(
        name,
        display_name,
        company,
        portal_type,
        tuple(json.loads(sub_portals)),
        bool(hard),
        last,
        codes,
        timedelta(seconds=seconds),
    )


def _key(row: Sequence[Any]) -> PortalKey:
    _, version, secured, kek, kdf, salt = row
    return PortalKey(version, bool(secured), bytes(kek), kdf, None if salt is None else bytes(salt))
