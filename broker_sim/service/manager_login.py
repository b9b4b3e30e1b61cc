"""Log a manager in and out of the Management Center, and admit what a browser holds.

The lockout rules are those of all logins, over names of their own; besides, who types wrong
passwords from one network address has to wait, whatever names it tries.

Source: LOGON-2 to LOGON-5, SEC-2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from broker_sim.contract import faults, limits
from broker_sim.core import access, lockout, management, password
from broker_sim.core.lockout import Lockout, Policy
from broker_sim.core.management import Presence, Role
from broker_sim.core.refusal import Refused
from broker_sim.service.guessing import count_guess, refuse_guesser
from broker_sim.service.login import new_id, refuse_locked
from broker_sim.service.manager_storage import Entry, Manager
from broker_sim.service.ports import World
from broker_sim.service.storage import Transaction

_LOGIN: Final = "manager"  # what an id is signed as: never one of a connection


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A manager who is logged in.

    Attributes:
        digest: by which the login is looked up.
        presence: when it was opened and last used.
        seal: what the forms of this login carry, so that no other page can post them.
    """

    manager: Manager
    digest: bytes
    presence: Presence
    seal: str


def log_in(world: World, username: str, typed: str, address: str, before: str = "") -> str:
    """Open a login, always a new one, and give the id that the browser is to hold.

    Slow: it hashes the password, outside of any transaction.

    Args:
        world: where.
        username: as typed.
        typed: the password.
        address: the network address that it came from.
        before: the id that the browser held until now, which ends.

    Raises:
        Refused: InvalidCredentials; LockedOut, LockedOutPermanently; RateLimited where too many
            wrong passwords came from the address.
    """
    email = access.canonical(username)
    now = world.clock.now()
    with world.store.reading() as tx:
        _refuse_early(tx, email, address, now)
        stored = _password_of(tx, tx.manager(email))
    right = world.vault.check_password(typed, stored)
    with world.store.writing() as tx:
        # Attempts that were made side by side count one by one.
        state = _refuse_early(tx, email, address, now)
        manager = tx.manager(email)
        if manager is None or not right or _password_of(tx, manager) != stored:
            count_guess(tx, management.guesser(address), now)
            failed = lockout.fail(state, _policy(tx, manager), now)
            tx.set_lockout(management.account(email), failed, now)
            _note_lock(tx, email, failed, address, now)
            raise Refused(faults.INVALID_CREDENTIALS)
        if lockout.succeed(state, now) != state:
            tx.set_lockout(management.account(email), lockout.succeed(state, now), now)
        tx.drop_manager_login(world.vault.digest(before))
        return _open(world, tx, email, address, now)


def _refuse_early(tx: Transaction, email: str, address: str, now: datetime) -> Lockout:
    """Refuse an attempt unseen; give the count of the account."""
    refuse_guesser(tx, management.guesser(address), now)
    state = lockout.settle(tx.lockout(management.account(email)), now)
    refuse_locked(state, now)
    return state


def _password_of(tx: Transaction, manager: Manager | None) -> str | None:
    """Give the hash that a password is compared with; a representative has that of its desk."""
    if manager is None or manager.role is not Role.REPRESENTATIVE:
        return None if manager is None else manager.password_hash
    member = tx.member(manager.email)
    return None if member is None else member.password_hash


def _policy(tx: Transaction, manager: Manager | None) -> Policy:
    """Give the policy: there is a hard lock where any portal of the company has one. LOGON-4."""
    if manager is not None and any(portal.hard_lockouts for portal in tx.portals()):
        return Policy(hard_after=limits.HARD_LOCK_AFTER)
    return Policy()


def _note_lock(tx: Transaction, email: str, failed: Lockout, address: str, now: datetime) -> None:
    """Put a lock of a manager's own into the audit trail; unknown names are no news."""
    if not isinstance(failed, lockout.Open) and tx.manager(email) is not None:
        tx.note_deed(Entry(0, now, email, "login.locked", None, email, f"from {address}"))


def _open(world: World, tx: Transaction, email: str, address: str, now: datetime) -> str:
    tx.forget_manager_logins(now - limits.MANAGER_STAYS, now - limits.MANAGER_IDLE)
    identifier = new_id(world, _LOGIN)
    tx.open_manager_login(world.vault.digest(identifier), email, now)
    tx.note_deed(Entry(0, now, email, "login.opened", None, email, f"from {address}"))
    return identifier


def admit(world: World, identifier: str, *, noting: bool = True) -> LoggedIn | None:
    """Give who is logged in by an id; None where nobody is, or not any more.

    Args:
        world: where.
        identifier: what the browser holds.
        noting: whether this is a use, which keeps the login alive. A page that looks anew by
            itself is none.
    """
    digest, now = world.vault.digest(identifier), world.clock.now()
    with world.store.reading() as tx:
        found = tx.manager_login(digest)
        manager = None if found is None else tx.manager(found[0])
    if found is None or manager is None or not management.is_live(found[1], now):
        return None
    if noting and management.is_worth_noting(found[1], now):
        with world.store.writing() as tx:
            tx.touch_manager_login(digest, now)
    return LoggedIn(manager, digest, found[1], _seal(world, identifier))


def _seal(world: World, identifier: str) -> str:
    """Sign what forms carry; it looks like a customer's pass, and so no journal shows it."""
    return f"0.{world.vault.sign(f'form {identifier}')}"


def log_out(world: World, who: LoggedIn) -> None:
    """End the login at once."""
    with world.store.writing() as tx:
        tx.drop_manager_login(who.digest)
        email = who.manager.email
        tx.note_deed(Entry(0, world.clock.now(), email, "login.closed", None, email, ""))


def change_password(world: World, who: LoggedIn, typed: str, new: str) -> None:
    """Set one's own password, which ends one's other logins. Slow.

    A representative with access has its new password at its desk, too.

    What was read before the slow work may be out of date after it: who has been removed stays
    so, another role or team is kept, and `typed` was compared with the hash that is stored yet.

    Raises:
        Refused: InvalidArgument, for `password` where the present one is wrong, which counts as
            a failed login does; for `newPassword` where that may not be chosen. LockedOut.
            NotPermitted for who is no manager any more.
    """
    email, now = who.manager.email, world.clock.now()
    password.refuse_weak("newPassword", new, email, who.manager.name)
    with world.store.reading() as tx:
        refuse_locked(lockout.settle(tx.lockout(management.account(email)), now), now)
        stored = _password_of(tx, who.manager)
    right = world.vault.check_password(typed, stored)
    hashed = world.vault.hash_password(new)
    with world.store.writing() as tx:
        manager = tx.manager(email)
        if manager is None:
            raise Refused(faults.NOT_PERMITTED)
        name = management.account(email)
        state = lockout.settle(tx.lockout(name), now)
        refuse_locked(state, now)
        if not right or _password_of(tx, manager) != stored:
            tx.set_lockout(name, lockout.fail(state, _policy(tx, manager), now), now)
            reason = "it is not your present password"
            raise Refused(faults.INVALID_ARGUMENT, field="password", reason=reason)
        _keep_password(tx, manager, hashed)
        tx.drop_manager_logins(email, but=who.digest)
        tx.note_deed(Entry(0, now, email, "password.changed", None, email, ""))


def _keep_password(tx: Transaction, manager: Manager, hashed: str) -> None:
    """Keep a manager's new password, where it is compared."""
    if manager.role is Role.REPRESENTATIVE:
        tx.set_rep_password(manager.email, hashed)
    else:
        tx.put_manager(replace(manager, password_hash=hashed))
