"""What an administrator does: portals, logins, lockouts, the security key."""

from __future__ import annotations

from broker_sim.contract import faults
from broker_sim.core import access
from broker_sim.core.access import PortalKey
from broker_sim.core.lockout import Open
from broker_sim.core.refusal import Refused
from broker_sim.service.customers import check
from broker_sim.service.ports import World
from broker_sim.service.storage import Login, Portal, Transaction


def add_portal(world: World, portal: Portal, username: str, password: str) -> None:
    """Add a portal with its default key and one login.

    Raises:
        Refused: InvalidArgument; the name is taken.
    """
    check(name=portal.name, username=username)
    password_hash = world.vault.hash_password(password)
    with world.store.writing() as tx:
        if tx.portal(portal.name) is not None:
            raise Refused(faults.INVALID_ARGUMENT, field="name", reason="it is taken")
        tx.add_portal(portal, world.vault.default_key(portal.name, 1))
        _add_login(tx, portal.name, username, password_hash)


def add_login(world: World, portal: str, username: str, password: str) -> None:
    """Add a login to a portal."""
    check(username=username)
    password_hash = world.vault.hash_password(password)
    with world.store.writing() as tx:
        _known(tx, portal)
        _add_login(tx, portal, username, password_hash)


def _add_login(tx: Transaction, portal: str, username: str, password_hash: str) -> None:
    name = access.canonical(username)
    if not name or tx.login(name) is not None:
        raise Refused(faults.INVALID_ARGUMENT, field="username", reason="it is empty or taken")
    tx.add_login(Login(name, portal, password_hash))


def unlock(world: World, username: str) -> None:
    """Open a locked login, for good or for a while, its count cleared. LOGON-4."""
    with world.store.writing() as tx:
        tx.set_lockout(access.canonical(username), Open(), world.clock.now())


def set_hard_lockouts(world: World, portal: str, *, on: bool) -> None:
    """Say whether the tenth failed logon locks for good. LOGON-4."""
    with world.store.writing() as tx:
        _known(tx, portal)
        tx.set_hard_lockouts(portal, on=on)


def set_security_key(world: World, portal: str, passphrase: str | None) -> PortalKey:
    """Set or (None) clear the security key, from now on only; give the new key. REC-4."""
    with world.store.writing() as tx:
        _known(tx, portal)
        newest = tx.key(portal)
        version = newest.version + 1 if newest else 1
        if passphrase is None:
            key = world.vault.default_key(portal, version)
        else:
            key = world.vault.secured_key(portal, version, passphrase)
        tx.add_key(portal, key)
    return key


def _known(tx: Transaction, portal: str) -> Portal:
    known = tx.portal(portal)
    if known is None:
        raise Refused(faults.INVALID_ARGUMENT, field="portal", reason="there is none of that name")
    return known
