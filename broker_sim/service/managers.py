"""What an administrator does: portals, logins, lockouts, the security key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from broker_sim.contract import faults, limits
from broker_sim.core import access, management, staff
from broker_sim.core.access import PortalKey
from broker_sim.core.lockout import Open
from broker_sim.core.refusal import Refused
from broker_sim.service.customers import check
from broker_sim.service.ports import World
from broker_sim.service.storage import Login, Portal, Transaction


def add_portal(world: World, portal: Portal, username: str, password: str) -> None:
    """Add a portal with its default key and one login.

    Raises:
        Refused: InvalidArgument; a name is taken, or none that the wire could carry.
    """
    check_names(name=portal.name, username=username, password=password)
    check(displayName=portal.display_name, company=portal.company)
    if not portal.sub_portals or len(set(portal.sub_portals)) < len(portal.sub_portals):
        reason = "there must be one at least, and none twice"
        raise Refused(faults.INVALID_ARGUMENT, field="subPortals", reason=reason)
    for name in portal.sub_portals:
        check_names(subPortals=name)
    password_hash = world.vault.hash_password(password)
    with world.store.writing() as tx:
        put_portal(world, tx, portal, username, password_hash)


def put_portal(
    world: World, tx: Transaction, portal: Portal, username: str, password_hash: str
) -> None:
    """Add a portal with its default key and one login, in a transaction that is open.

    Raises:
        Refused: InvalidArgument; a name is taken. Nothing is written then.
    """
    if tx.portal(portal.name) is not None:
        raise Refused(faults.INVALID_ARGUMENT, field="name", reason="it is taken")
    refuse_taken(tx, username)  # before the first write: a refusal commits
    tx.add_portal(portal, world.vault.default_key(portal.name, 1))
    _add_login(tx, portal.name, username, password_hash)


def add_login(world: World, portal: str, username: str, password: str) -> None:
    """Add a login to a portal."""
    check_names(username=username, password=password)
    password_hash = world.vault.hash_password(password)
    with world.store.writing() as tx:
        _known(tx, portal)
        refuse_taken(tx, username)
        _add_login(tx, portal, username, password_hash)


def refuse_taken(tx: Transaction, username: str) -> None:
    """Refuse the name of a new login that is taken, or that no table could hold."""
    name = access.canonical(username)
    # Written otherwise it may be longer: one character may stand for eighteen.
    if not 1 <= len(name) <= limits.NAME_MAX or tx.login(name) is not None:
        raise Refused(
            faults.INVALID_ARGUMENT, field="username", reason="it is empty, too long or taken"
        )


def _add_login(tx: Transaction, portal: str, username: str, password_hash: str) -> None:
    tx.add_login(Login(access.canonical(username), portal, password_hash))


def check_names(**names: str) -> None:
    """Accept names by their wire names that the wire can carry: 1 to 255 characters."""
    check(**names)
    for field, name in names.items():
        if not 1 <= len(name) <= limits.NAME_MAX:
            reason = f"it must have 1 to {limits.NAME_MAX} characters"
            raise Refused(faults.INVALID_ARGUMENT, field=field, reason=reason)


def unlock(world: World, username: str) -> None:
    """Open a locked login, for good or for a while, its count cleared. LOGON-4."""
    with world.store.writing() as tx:
        tx.set_lockout(access.canonical(username), Open(), world.clock.now())


def unlock_representative(world: World, email: str) -> None:
    """Open a representative's locked login, its count cleared. LOGON-4."""
    with world.store.writing() as tx:
        tx.set_lockout(staff.account(email), Open(), world.clock.now())


def unlock_manager(world: World, email: str) -> None:
    """Open a manager's locked login, its count cleared. LOGON-4."""
    with world.store.writing() as tx:
        tx.set_lockout(management.account(email), Open(), world.clock.now())


def set_code_settings(world: World, portal: str, most: int, lives: timedelta) -> None:
    """Say how many active codes a representative may have, and how long one lives. PHONE-2.

    Codes that are there already keep their expiry.

    Raises:
        Refused: InvalidArgument; none at all, or a life of less than a second.
    """
    if most < 1:
        raise Refused(faults.INVALID_ARGUMENT, field="codesPerRep", reason="it must be 1 or more")
    if not timedelta(seconds=1) <= lives <= limits.CODE_REMEMBERED:
        reason = "it must lie between a second and 90 days"
        raise Refused(faults.INVALID_ARGUMENT, field="codeSeconds", reason=reason)
    with world.store.writing() as tx:
        _known(tx, portal)
        tx.set_code_settings(portal, most, lives)


def set_hard_lockouts(world: World, portal: str, *, on: bool) -> None:
    """Say whether the tenth failed logon locks for good. LOGON-4."""
    with world.store.writing() as tx:
        _known(tx, portal)
        tx.set_hard_lockouts(portal, on=on)


def set_security_key(world: World, portal: str, passphrase: str | None) -> PortalKey:
    """Set or (None) clear the security key, from now on only; give the new key. REC-4."""
    check(passphrase=passphrase)
    # Slow, and so before the transaction, for which everybody else would wait.
    secured = None if passphrase is None else world.vault.secured_key(portal, 0, passphrase)
    with world.store.writing() as tx:
        _known(tx, portal)
        return put_key(world, tx, portal, secured)


def put_key(world: World, tx: Transaction, portal: str, secured: PortalKey | None) -> PortalKey:
    """Add the next version of a portal's key: that one, or (None) a default one. REC-4."""
    newest = tx.key(portal)
    version = newest.version + 1 if newest else 1
    if secured is None:
        key = world.vault.default_key(portal, version)
    else:
        key = replace(secured, version=version)
    tx.add_key(portal, key)
    return key


def _known(tx: Transaction, portal: str) -> Portal:
    known = tx.portal(portal)
    if known is None:
        raise Refused(faults.INVALID_ARGUMENT, field="portal", reason="there is none of that name")
    return known
