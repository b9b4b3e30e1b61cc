"""Brokers that count failed logons in a wrong way: LOGON-3 to LOGON-6."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from broker_sim.contract import limits
from broker_sim.core import access, lockout
from broker_sim.core.lockout import HardLocked, Locked, Lockout, Open, Policy
from broker_sim.testing import Overlay
from conformance.mutants.registry import Original, mutant

_CORE: Final = "broker_sim.core.lockout"
_LOGON: Final = "broker_sim.service.login.logon"
_POLICY: Final = "broker_sim.service.login._policy"
_ROWS: Final = "broker_sim.adapters.sql_access.AccessRows"
_KEPT: Final = "broker_sim.adapters.sql_lockouts.LockoutRows.set_lockout"

# Taken before anything is laid over them.
_canonical, _settle = access.canonical, lockout.settle


def _policy(**other: Any) -> Callable[[Original], Original]:
    """Change numbers of the policy that the rule is asked with."""

    def wrap(fail: Original) -> Original:
        return lambda state, policy, now: fail(state, replace(policy, **other), now)

    return wrap


@mutant("LOGON-3", at=f"{_CORE}.fail")
def locks_one_failure_late(fail: Original) -> Original:
    """Locks at the fourth failure in a row."""
    return _policy(soft_after=limits.SOFT_LOCK_AFTER + 1)(fail)


@mutant("LOGON-3", at=f"{_CORE}.fail")
def locks_one_failure_early(fail: Original) -> Original:
    """Locks at the second failure in a row."""
    return _policy(soft_after=limits.SOFT_LOCK_AFTER - 1)(fail)


@mutant("LOGON-3", at=f"{_CORE}.fail")
def unlocks_a_second_early(fail: Original) -> Original:
    """A lock ends after 299 seconds."""
    return _policy(soft_for=limits.SOFT_LOCK_FOR - timedelta(seconds=1))(fail)


@mutant("LOGON-3", at=f"{_CORE}.settle")
def still_locked_at_the_end(settle: Original) -> Original:
    """The end of a lock belongs to it: `<=` where `<` is meant."""

    def late(state: Lockout, now: datetime) -> Any:
        return state if isinstance(state, Locked) and now == state.until else settle(state, now)

    return late


@mutant("LOGON-3", at=f"{_CORE}.fail")
def locks_only_once(fail: Original) -> Original:
    """Only the third failure locks, not the sixth and ninth."""

    def once(state: Lockout, policy: Policy, now: datetime) -> Any:
        after = fail(state, policy, now)
        again = isinstance(after, Locked) and after.failures > policy.soft_after
        return Open(after.failures) if again else after

    return once


@mutant("LOGON-3", at=f"{_CORE}.seconds_left")
def says_five_minutes_always(_seconds_left: Original) -> Original:
    """The fault of a locked login always says 300 seconds."""
    return lambda _state, _now: int(limits.SOFT_LOCK_FOR.total_seconds())


@mutant("LOGON-3", at=_LOGON)
def right_password_opens_a_lock(logon: Original) -> Original:
    """The right password gets in while the login is locked."""

    def generous(world: Any, username: str, password: str) -> Any:
        name = _canonical(username)
        with world.store.writing() as tx:
            login, now = tx.login(name), world.clock.now()
            state = _settle(tx.lockout(name), now)
            right = login and world.vault.check_password(password, login.password_hash)
            if right and isinstance(state, Locked):
                tx.set_lockout(name, Open(state.failures), now)
        return logon(world, username, password)

    return generous


def _login_in_any_case(standing: Original) -> Original:
    return lambda tx, username: standing(tx, username)._replace(login=tx.login(username.casefold()))


@mutant(
    "LOGON-3",
    at="broker_sim.core.access.canonical",
    with_=(Overlay(f"{_ROWS}.standing", _login_in_any_case),),
)
def other_spellings_evade_a_lock(_canonical: Original) -> Original:
    """Names are found in any case, but failures are counted per spelling."""
    return lambda username: username.strip()


@mutant("LOGON-4", at=f"{_CORE}.fail")
def locks_for_good_at_nine(fail: Original) -> Original:
    """With hard lockouts on, the ninth failure locks for good."""

    def early(state: Lockout, policy: Policy, now: datetime) -> Any:
        hard = None if policy.hard_after is None else policy.hard_after - 1
        return fail(state, replace(policy, hard_after=hard), now)

    return early


@mutant("LOGON-4", at=_POLICY)
def never_locks_for_good(_policy: Original) -> Original:
    """The portal's hard lockouts are not looked at: nothing locks for good."""
    return lambda _tx, _name: Policy()


@mutant("LOGON-4", at=_POLICY)
def locks_for_good_everywhere(_policy: Original) -> Original:
    """The tenth failure locks for good, hard lockouts or not."""
    return lambda _tx, _name: Policy(hard_after=limits.HARD_LOCK_AFTER)


@mutant("LOGON-4", at=f"{_CORE}.settle")
def for_good_is_a_day(settle: Original) -> Original:
    """A lock for good ends after a day."""

    def forgiving(state: Lockout, now: datetime) -> Any:
        if isinstance(state, HardLocked) and now >= state.since + timedelta(days=1):
            return Open()
        return settle(state, now)

    return forgiving


@mutant("LOGON-4", at=f"{_CORE}.settle")
def a_lock_clears_the_count(settle: Original) -> Original:
    """When a lock ends, its failures are forgotten, so ten in a row never come together."""

    def forget(state: Lockout, now: datetime) -> Any:
        settled = settle(state, now)
        return Open() if settled != state else settled

    return forget


@mutant("LOGON-4", at="broker_sim.service.managers.unlock")
def administrators_cannot_unlock_for_good(unlock: Original) -> Original:
    """An administrator opens soft locks only."""

    def soft_only(world: Any, username: str) -> None:
        with world.store.reading() as tx:
            state = tx.lockout(_canonical(username))
        if not isinstance(state, HardLocked):
            unlock(world, username)

    return soft_only


@mutant("LOGON-5", at=f"{_CORE}.succeed")
def count_survives_a_success(_succeed: Original) -> Original:
    """A good logon leaves the count as it is."""
    return lambda state, _now: state


@mutant("LOGON-5", at=f"{_CORE}.succeed")
def a_success_clears_one_count_only(_succeed: Original) -> Original:
    """A good logon clears the count of three, and not that of ten."""

    def half(state: Lockout, _now: datetime) -> Lockout:
        soft = limits.SOFT_LOCK_AFTER
        return Open(state.failures // soft * soft) if isinstance(state, Open) else state

    return half


def _while_locked(change: Callable[[Locked, datetime], Lockout]) -> Callable[[Original], Original]:
    """Change a locked login's state at every attempt."""

    def wrap(logon: Original) -> Original:
        def counting(world: Any, username: str, password: str) -> Any:
            name, now = _canonical(username), world.clock.now()
            with world.store.writing() as tx:
                state = _settle(tx.lockout(name), now)
                if isinstance(state, Locked):
                    tx.set_lockout(name, change(state, now), now)
            return logon(world, username, password)

        return counting

    return wrap


@mutant("LOGON-5", at=_LOGON)
def attempts_extend_a_lock(logon: Original) -> Original:
    """An attempt while locked begins the five minutes anew."""
    extend = _while_locked(lambda state, now: replace(state, until=now + limits.SOFT_LOCK_FOR))
    return extend(logon)


@mutant("LOGON-5", at=_LOGON)
def attempts_while_locked_count(logon: Original) -> Original:
    """An attempt while locked is counted."""
    return _while_locked(lambda state, _now: replace(state, failures=state.failures + 1))(logon)


def _of_the_address(set_lockout: Original) -> Original:
    return lambda tx, _username, *more: set_lockout(tx, "127.0.0.1", *more)


@mutant("LOGON-5", at=f"{_ROWS}.standing", with_=(Overlay(_KEPT, _of_the_address),))
def locks_the_address(standing: Original) -> Original:
    """Failures are counted per address of the caller, so one login locks all others there."""
    return lambda tx, username: standing(tx, username)._replace(lockout=tx.lockout("127.0.0.1"))


# By what one process shares and the next does not.
_IN_MEMORY: Final[WeakKeyDictionary[Any, dict[str, Lockout]]] = WeakKeyDictionary()


def _forgetful_write(_set_lockout: Original) -> Original:
    def keep(tx: Any, username: str, state: Lockout, _now: datetime) -> None:
        _IN_MEMORY.setdefault(tx.names, {})[username] = state

    return keep


@mutant("LOGON-6", at=f"{_ROWS}.standing", with_=(Overlay(_KEPT, _forgetful_write),))
def lockouts_end_with_the_process(standing: Original) -> Original:
    """Lockouts are kept in the process's memory, not in the store."""

    def forgetful(tx: Any, username: str) -> Any:
        kept = _IN_MEMORY.get(tx.names, {}).get(username, Open())
        return standing(tx, username)._replace(lockout=kept)

    return forgetful
