"""How often logons of a name have failed, known or not, in SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, or_, select

from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.adapters.prepared import Prepared, row_of
from broker_sim.adapters.schema import lockout, login, representative
from broker_sim.adapters.schema_management import manager
from broker_sim.adapters.sql_base import Rows
from broker_sim.contract import limits
from broker_sim.core import management, staff
from broker_sim.core.lockout import HardLocked, Locked, Lockout, Open

_LOCKOUT: Final = Prepared(
    select(lockout.c.failures, lockout.c.until, lockout.c.hard_since).where(
        lockout.c.username == bindparam("b_name")
    )
)
_REP: Final = Prepared(
    select(representative.c.email).where(representative.c.email == bindparam("b_email"))
)
_LOCKED: Final = Prepared(
    select(lockout.c.username, lockout.c.failures, lockout.c.until, lockout.c.hard_since)
    .where(or_(lockout.c.until > bindparam("b_now"), lockout.c.hard_since.is_not(None)))
    .order_by(lockout.c.known.desc(), lockout.c.touched.desc(), lockout.c.username)
)
_LOGIN: Final = Prepared(select(login.c.username).where(login.c.username == bindparam("b_name")))
_MANAGER: Final = Prepared(select(manager.c.email).where(manager.c.email == bindparam("b_email")))
_DROP_LOCKOUT: Final = Prepared(delete(lockout).where(lockout.c.username == bindparam("b_name")))
_ADD_LOCKOUT: Final = Prepared(row_of(lockout))
_UNKNOWN: Final = Prepared(
    select(func.count()).select_from(lockout).where(lockout.c.known == bindparam("b_known"))
)
_DROP_OLDEST_UNKNOWN: Final = Prepared(
    delete(lockout).where(
        lockout.c.username.in_(
            select(lockout.c.username)
            .where(lockout.c.known == bindparam("b_known"))
            .order_by(lockout.c.touched)
            .limit(bindparam("b_many"))
        )
    )
)


class LockoutRows(Rows):
    """The part of a transaction that counts failures."""

    def lockouts(self, now: datetime) -> Sequence[tuple[str, Lockout]]:
        """Give all names that are locked at `now`, those of accounts and the newest first."""
        return [(row[0], lockout_in(row[1:])) for row in self.all(_LOCKED, b_now=to_ms(now))]

    def lockout(self, username: str) -> Lockout:
        """Give the lockout state of a canonical name, known or not."""
        row = self.one(_LOCKOUT, b_name=bounded(username))
        return Open() if row is None else lockout_in(row)

    def set_lockout(self, username: str, state: Lockout, now: datetime) -> None:
        """Keep it; unknown names in a bounded table. A clean state is not kept at all."""
        username = bounded(username)
        self.run(_DROP_LOCKOUT, b_name=username)
        if state == Open():
            return
        known = self._is_known(username)
        if not known and self.value(_UNKNOWN, b_known=False) >= limits.UNKNOWN_NAMES_KEPT:
            self.run(_DROP_OLDEST_UNKNOWN, b_known=False, b_many=limits.UNKNOWN_NAMES_KEPT // 100)
        self.run(
            _ADD_LOCKOUT, username=username, known=known, touched=to_ms(now), **_columns(state)
        )

    def _is_known(self, username: str) -> bool:
        if management.is_account(username):
            return self.one(_MANAGER, b_email=management.email_of(username)) is not None
        if staff.is_account(username):
            return self.one(_REP, b_email=staff.email_of(username)) is not None
        return self.one(_LOGIN, b_name=username) is not None


def bounded(name: str) -> str:
    """Give a name as every database keeps it: what is too long for a column, by its digest.

    A name of 255 characters may be longer when it is canonical. What begins with a control
    character is nobody's name.
    """
    if len(name) <= limits.NAME_MAX and "\0" not in name:
        return name
    return "\x01" + hashlib.sha256(name.encode()).hexdigest()


def lockout_in(row: Any) -> Lockout:
    """Read the columns (failures, until, hard_since)."""
    failures, until, hard_since = row
    if hard_since is not None:
        return HardLocked(from_ms(hard_since))
    return Open(failures) if until is None else Locked(failures, from_ms(until))


def _columns(state: Lockout) -> dict[str, int | None]:
    match state:
        case Open(failures):
            return {"failures": failures, "until": None, "hard_since": None}
        case Locked(failures, until):
            return {"failures": failures, "until": to_ms(until), "hard_since": None}
        case HardLocked(since):
            return {"failures": 0, "until": None, "hard_since": to_ms(since)}
