"""What managers do about API logins, and about all that is locked.

Source: SEC-2, LOGON-3, LOGON-4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from broker_sim.core import access, lockout, management, password, staff
from broker_sim.core.lockout import Lockout, Open
from broker_sim.core.management import Power, Role
from broker_sim.service.acting import Deed, acting, looking, refuse_unknown, wrong
from broker_sim.service.managers import check_names, refuse_taken
from broker_sim.service.ports import World
from broker_sim.service.storage import Login

_MOST: Final = 200
API, REP, MANAGER, ADDRESS = "login", "representative", "manager", "address"


@dataclass(frozen=True, slots=True)
class Locked:
    """One account, or network address, that is locked now.

    Attributes:
        kind: `API`, `REP`, `MANAGER` or `ADDRESS`.
        account: under which it counts; opaque, for `unlock`.
        name: as people know it.
        until: None for good.
        known: there is such an account; else somebody tries names.
    """

    kind: str
    account: str
    name: str
    until: datetime | None
    known: bool


def add(world: World, by: str, portal: str, username: str, typed: str) -> None:
    """Add an API login to a portal. Slow.

    Raises:
        Refused: InvalidArgument, NotPermitted.
    """
    check_names(username=username)
    password.refuse_weak("password", typed, username, "")
    hashed = world.vault.hash_password(typed)
    with acting(world, by, Power.LOGINS) as deed:
        deed.portal(portal)
        refuse_taken(deed.tx, username)
        name = access.canonical(username)
        deed.tx.add_login(Login(name, portal, hashed))
        deed.note("login.add", name, "", portal)


def set_password(world: World, by: str, username: str, typed: str) -> None:
    """Give an API login a new password, which ends its connection. Slow."""
    password.refuse_weak("password", typed, username, "")
    hashed = world.vault.hash_password(typed)
    with acting(world, by, Power.LOGINS) as deed:
        login = _login(deed, username)
        deed.tx.add_login(Login(login.username, login.portal, hashed))
        deed.tx.drop_connection(login.username)
        deed.note("login.password", login.username, "", login.portal)


def remove(world: World, by: str, username: str) -> None:
    """Remove an API login for good; its connection ends at once."""
    with acting(world, by, Power.LOGINS) as deed:
        login = _login(deed, username)
        deed.tx.drop_login(login.username)
        deed.note("login.remove", login.username, "", login.portal)


def _login(deed: Deed, username: str) -> Login:
    found = deed.tx.login(access.canonical(username))
    if found is None:
        refuse_unknown("username")
    return found


def locked(world: World, by: str) -> Sequence[Locked]:
    """Give what is locked now and may be opened by this manager.

    Accounts come before names that nobody has, and the newest first; 200 at most.
    """
    with looking(world, by, Power.LOCKOUTS) as deed:
        seen = (one for one in deed.tx.lockouts(deed.now) if _may_open(deed, one[0]))
        return [_told(deed, name, state) for name, state in islice(seen, _MOST)]


def _told(deed: Deed, account: str, state: Lockout) -> Locked:
    until = state.until if isinstance(state, lockout.Locked) else None
    kind, name = _read(account)
    return Locked(kind, account, name, until, _is_known(deed, kind, name))


def _read(account: str) -> tuple[str, str]:
    """Give (kind, name) of what failures counted under."""
    if management.is_account(account):
        return MANAGER, management.email_of(account)
    if account.startswith(("\t", "  ")):  # addresses of who guesses passwords, or phone codes
        return ADDRESS, account.strip()
    if staff.is_account(account):
        return REP, staff.email_of(account)
    return API, account


def _is_known(deed: Deed, kind: str, name: str) -> bool:
    """Tell whether there is such an account."""
    if kind == MANAGER:
        return deed.tx.manager(name) is not None
    if kind == REP:
        return deed.tx.member(name) is not None
    return kind == API and deed.tx.login(name) is not None


def _may_open(deed: Deed, account: str) -> bool:
    """Tell whether this manager looks after an account: an API manager after API logins only."""
    kind, name = _read(account)
    role = deed.manager.role
    if role is Role.COMPANY:
        return True
    if role is Role.API:
        return kind == API
    return role is Role.TEAM and kind == REP and deed.sight.sees_rep(name)


def unlock(world: World, by: str, account: str) -> None:
    """Open what is locked, its count cleared. LOGON-4."""
    with acting(world, by, Power.LOCKOUTS) as deed:
        if not _may_open(deed, account):
            refuse_unknown("account")
        if deed.tx.lockout(account) == Open():  # of a name that nobody has, too
            raise wrong("account", "it is open: somebody else has opened it, or its time was over")
        deed.tx.set_lockout(account, Open(), deed.now)
        kind, name = _read(account)
        deed.note("lockout.open", name, kind)
