"""Log on, log off, and admit a call to its connection.

Source: LOGON-1 to LOGON-6, CONN-1 to CONN-3.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Final, NoReturn

from broker_sim.contract import faults, limits
from broker_sim.core import access, connection, lockout
from broker_sim.core.connection import Connection
from broker_sim.core.lockout import HardLocked, Locked, Lockout, Policy
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Offload
from broker_sim.service.ports import Call, World
from broker_sim.service.storage import Standing, Transaction

_CONNECTION: Final = "connection"  # what an id of ours is signed as


def logon(world: World, username: str, password: str) -> str | Offload:
    """Open the login's one connection and give its id.

    The slow comparison of the password is handed out between two transactions: the first
    refuses a locked login unseen, the second counts, so that attempts made side by side
    count one by one; and a password that was changed in between is wrong.
    In a world for tests the comparison is quick, and one transaction does.
    """
    name = access.canonical(username)
    now = world.clock.now()
    quick = world.vault.checks_quickly(None)
    with world.store.writing() if quick else world.store.reading() as tx:
        found = _standing(tx, name, now)
        stored = None if found.login is None else found.login.password_hash
        if quick and world.vault.checks_quickly(stored):
            right = world.vault.check_password(password, stored)
            return _conclude(world, tx, name, found, now, right=right)

    def go_on(right: object) -> str:
        with world.store.writing() as tx:
            found = _standing(tx, name, now)
            same = found.login is not None and found.login.password_hash == stored
            return _conclude(world, tx, name, found, now, right=bool(right) and same)

    return compared(world, password, stored, go_on)


def _standing(tx: Transaction, name: str, now: datetime) -> Standing:
    """Look at who wants in, settled at `now`.

    Raises:
        Refused: LockedOut, LockedOutPermanently; the attempt is not looked at. LOGON-3, LOGON-5.
    """
    found = tx.standing(name)
    state = lockout.settle(found.lockout, now)
    refuse_locked(state, now)
    return found if state is found.lockout else found._replace(lockout=state)


def compared(
    world: World, password: str, stored: str | None, go_on: Callable[[object], str]
) -> str | Offload:
    """Compare a password and go on with whether it is right: at once where that is quick."""

    def compare() -> bool:
        return world.vault.check_password(password, stored)

    if world.vault.checks_quickly(stored):
        return go_on(compare())
    return Offload(compare, go_on)


def _conclude(
    world: World, tx: Transaction, name: str, found: Standing, now: datetime, *, right: bool
) -> str:
    """Count the attempt, and open the connection where the name and the password were right."""
    login, state = found.login, found.lockout
    if login is None or not right:
        _count_failure(tx, name, state, now)
        raise Refused(faults.INVALID_CREDENTIALS)
    cleared = lockout.succeed(state, now)
    if cleared is not state:
        tx.set_lockout(name, cleared, now)
    connection.refuse_second(found.connection, now)
    identifier = _new_id(world)
    opened = connection.open_for(name, login.portal, now)
    tx.put_connection(world.vault.digest(identifier), opened)
    return identifier


def _count_failure(tx: Transaction, name: str, state: Lockout, now: datetime) -> None:
    tx.set_lockout(name, lockout.fail(state, _policy(tx, name), now), now)


def _policy(tx: Transaction, name: str) -> Policy:
    """Give the policy of the login's portal; an unknown name has no hard lock. LOGON-4."""
    login = tx.login(name)
    portal = None if login is None else tx.portal(login.portal)
    if portal is not None and portal.hard_lockouts:
        return Policy(hard_after=limits.HARD_LOCK_AFTER)
    return Policy()


def refuse_locked(state: Lockout, now: datetime) -> None:
    """Refuse a logon while its login is locked. LOGON-3, LOGON-4."""
    if isinstance(state, HardLocked):
        raise Refused(faults.LOCKED_OUT_PERMANENTLY)
    if isinstance(state, Locked):
        raise Refused(faults.LOCKED_OUT, seconds_left=lockout.seconds_left(state, now))


def _new_id(world: World) -> str:
    return new_id(world, _CONNECTION)


def new_id(world: World, what: str) -> str:
    """Give an unguessable id that the broker can later tell from a made-up one. LOGON-1."""
    chance = base64.urlsafe_b64encode(world.entropy.take(limits.CONNECTION_ID_BYTES))
    text = chance.rstrip(b"=").decode("ascii")
    return f"{text}.{world.vault.sign(f'{what} {text}')}"


def refuse_unknown(world: World, identifier: str, what: str) -> NoReturn:
    """Refuse an id that leads to no connection.

    Raises:
        Refused: ConnectionExpired for an id that was once given out, InvalidConnection for
            one that never was. CONN-3.
    """
    text, _, signature = identifier.partition(".")
    ours = world.vault.verify(f"{what} {text}", signature)
    raise Refused(faults.CONNECTION_EXPIRED if ours else faults.INVALID_CONNECTION)


def admit(world: World, tx: Transaction, identifier: str, now: datetime) -> Connection:
    """Give the live connection of that id, used at `now`.

    Raises:
        Refused: ConnectionExpired for an id that was once given out, InvalidConnection for
            one that never was. CONN-3.
    """
    found = tx.connection(world.vault.digest(identifier))
    if found is None:
        refuse_unknown(world, identifier, _CONNECTION)
    used = connection.use(found, now)
    if used is not found:
        tx.touch_connection(used)
    return used


def logoff(call: Call) -> None:
    """End the connection at once. CONN-2."""
    call.tx.drop_connection(call.connection.login)
