"""Log a representative on and off, and admit a call of its desktop.

The rules are those of API logins, over names and connections of their own.

Source: LOGON-1 to LOGON-6, CONN-1 to CONN-3, AGENT-1.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from broker_sim.contract import faults, limits
from broker_sim.core import access, connection, lockout, staff
from broker_sim.core.lockout import Lockout, Policy
from broker_sim.core.refusal import Refused
from broker_sim.service import alerts
from broker_sim.service.exchange import Offload
from broker_sim.service.login import compared, new_id, refuse_locked, refuse_unknown
from broker_sim.service.ports import RepCall, World
from broker_sim.service.staff_storage import Member
from broker_sim.service.storage import Transaction

_CONNECTION: Final = "desktop"  # what an id is signed as: never one of an API login


def logon_rep(world: World, username: str, password: str) -> str | Offload:
    """Open the representative's one connection and give its id; see `login.logon`."""
    email = access.canonical(username)
    now = world.clock.now()
    with world.store.reading() as tx:
        refuse_locked(lockout.settle(tx.lockout(staff.account(email)), now), now)
        member = tx.member(email)
    stored = None if member is None else member.password_hash

    def go_on(right: object) -> str:
        return _conclude(world, email, now, stored if right else None)

    return compared(world, password, stored, go_on)


def _conclude(world: World, email: str, now: datetime, right: str | None) -> str:
    """Count the attempt and open the connection; `right` is the hash that the password fits."""
    with world.store.writing() as tx:
        state = lockout.settle(tx.lockout(staff.account(email)), now)
        refuse_locked(state, now)
        member = tx.member(email, lock=True)
        if member is None or member.password_hash != right:
            tx.set_lockout(staff.account(email), _failed(tx, email, state, now), now)
            raise Refused(faults.INVALID_CREDENTIALS)
        if lockout.succeed(state, now) != state:
            tx.set_lockout(staff.account(email), lockout.succeed(state, now), now)
        if not member.stood_in:
            connection.refuse_second(member.presence.connection, now)
        return _open(world, tx, email, now)


def _failed(tx: Transaction, email: str, state: Lockout, now: datetime) -> Lockout:
    """Count a failure; there is a hard lock if any portal that the rep serves has one. LOGON-4."""
    portals = [tx.portal(name) for name in dict(tx.desks(email))]
    hard = any(portal is not None and portal.hard_lockouts for portal in portals)
    policy = Policy(hard_after=limits.HARD_LOCK_AFTER) if hard else Policy()
    return lockout.fail(state, policy, now)


def _open(world: World, tx: Transaction, email: str, now: datetime) -> str:
    identifier = new_id(world, _CONNECTION)
    tx.connect_rep(email, world.vault.digest(identifier), connection.to_the_second(now))
    _leave_desktop(tx, email, now)
    member = tx.member(email)
    assert member is not None
    tx.forget_events(email, member.last_event_id)
    alerts.resumed(tx, member, now)
    return identifier


def _leave_desktop(tx: Transaction, email: str, now: datetime) -> None:
    tx.set_available(email, available=False, since=now)
    tx.withdraw_alerts(email)


def admit(world: World, tx: Transaction, identifier: str, now: datetime) -> Member:
    """Give the representative whose live connection has that id, used at `now`.

    Raises:
        Refused: ConnectionExpired, InvalidConnection. CONN-3.
    """
    member = tx.rep_connected(world.vault.digest(identifier))
    if member is None:
        refuse_unknown(world, identifier, _CONNECTION)
    assert member.presence.connection is not None
    used = connection.use(member.presence.connection, now)
    if used is not member.presence.connection:
        tx.touch_rep(member.rep.email, used.last_used)
    return member


def logoff_rep(call: RepCall) -> None:
    """End the connection at once; sessions that go on do so. CONN-2."""
    call.tx.disconnect_rep(call.email)
    _leave_desktop(call.tx, call.email, call.now)
