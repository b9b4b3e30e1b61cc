"""Brokers that take a failed logon for none, or count it for too little: LOGON-2, LOGON-3."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from broker_sim.contract import faults, limits
from broker_sim.core import access, connection, lockout
from broker_sim.core.lockout import Locked, Lockout, Open, Policy
from broker_sim.core.refusal import Refused
from broker_sim.testing import Overlay
from conformance.mutants.registry import Original, mutant

_LOGIN: Final = "broker_sim.service.login"
_STANDING: Final = f"{_LOGIN}._standing"
_VAULT: Final = "broker_sim.adapters.world_vault.WorldVault"
_KEPT: Final = "broker_sim.adapters.sql_lockouts.LockoutRows.set_lockout"
_TOUCHED: Final = "SELECT touched FROM lockout WHERE username = ?"

# Taken before anything is laid over them.
_canonical, _settle = access.canonical, lockout.settle
_refuse_second = connection.refuse_second


class _Called(threading.local):
    """What this thread was called with, for those further in who are not told."""

    service = ""
    spelt = ""


_CALLED: Final = _Called()


def _at_its_service(begin: Original) -> Original:
    def noting(service: Any, *more: Any) -> Any:
        _CALLED.service = service.endpoint.name
        return begin(service, *more)

    return noting


# With it, what lies further in knows at which service it was called.
AT_ITS_SERVICE: Final = Overlay("broker_sim.soap.service.SoapService._begin", _at_its_service)


def service_called() -> str:
    """Give the service whose call this thread carries out, where `AT_ITS_SERVICE` is laid."""
    return _CALLED.service


@mutant("LOGON-3", at=_STANDING)
def a_pause_clears_the_count(standing: Original) -> Original:
    """Failures are forgotten an hour after the last one."""

    def forgetful(tx: Any, name: str, now: datetime) -> Any:
        found = standing(tx, name, now)
        row = tx.cursor.execute(_TOUCHED, (name,)).fetchone()
        hour_ago = (now - timedelta(hours=1)).timestamp() * 1000
        stale = row is not None and row[0] <= hour_ago
        return found._replace(lockout=Open()) if stale else found

    return forgetful


@mutant("LOGON-2", at=f"{_LOGIN}.logon")
def logged_on_is_told_before_the_password(logon: Original) -> Original:
    """Whether the login is logged on is told whatever the password, and before it is looked at."""

    def telling(world: Any, username: str, password: str) -> Any:
        with world.store.reading() as tx:
            _refuse_second(tx.connection_of(_canonical(username)), world.clock.now())
        return logon(world, username, password)

    return telling


@mutant("LOGON-3", at=f"{_LOGIN}.admit")
def calls_clear_the_count(admit: Original) -> Original:
    """Any call on a connection clears its login's count, as if it were a good logon."""

    def clearing(world: Any, tx: Any, identifier: str, now: datetime) -> Any:
        used = admit(world, tx, identifier, now)
        if isinstance(_settle(tx.lockout(used.login), now), Open):
            tx.set_lockout(used.login, Open(), now)
        return used

    return clearing


@mutant("LOGON-3", at="broker_sim.core.lockout.fail")
def locks_three_times_and_no_more(fail: Original) -> Original:
    """The third, sixth and ninth failure lock, and none that comes later."""

    def tired(state: Lockout, policy: Policy, now: datetime) -> Any:
        after = fail(state, policy, now)
        late = isinstance(after, Locked) and after.failures > limits.HARD_LOCK_AFTER
        return Open(after.failures) if late else after

    return tired


def _as_stored(change: Callable[[str], str]) -> Callable[[Original], Original]:
    """Change every password before it is hashed or compared."""

    def wrap(of_password: Original) -> Original:
        return lambda vault, password, *more: of_password(vault, change(password), *more)

    return wrap


def _first_72_bytes(password: str) -> str:
    return password.encode()[:72].decode("utf-8", "ignore")


def _in_ascii(password: str) -> str:
    return password.encode("ascii", "replace").decode()


@mutant(
    "LOGON-2",
    at=f"{_VAULT}.check_password",
    with_=(Overlay(f"{_VAULT}.hash_password", _as_stored(_first_72_bytes)),),
)
def only_72_bytes_count(check: Original) -> Original:
    """Only the first 72 bytes of a password count, as with bcrypt."""
    return _as_stored(_first_72_bytes)(check)


@mutant(
    "LOGON-2",
    at=f"{_VAULT}.check_password",
    with_=(Overlay(f"{_VAULT}.hash_password", _as_stored(_in_ascii)),),
)
def letters_beyond_ascii_are_alike(check: Original) -> Original:
    """A password's letters beyond ASCII become question marks before it is hashed."""
    return _as_stored(_in_ascii)(check)


def _unknown_as_spelt(of_name: Original) -> Original:
    def spelt(tx: Any, name: str, *more: Any) -> Any:
        return of_name(tx, name if tx.login(name) else _CALLED.spelt, *more)

    return spelt


@mutant(
    "LOGON-2",
    at=f"{_LOGIN}.logon",
    with_=(
        Overlay(_STANDING, _unknown_as_spelt),
        Overlay(f"{_LOGIN}._count_failure", _unknown_as_spelt),
    ),
)
def unknown_names_count_per_spelling(logon: Original) -> Original:
    """Spellings of a known name count together, and those of an unknown one each for itself."""

    def noting(world: Any, username: str, password: str) -> Any:
        _CALLED.spelt = username
        return logon(world, username, password)

    return noting


def _here(name: str) -> str:
    return f"{_CALLED.service} {name}"


def _kept_here(set_lockout: Original) -> Original:
    return lambda tx, name, *more: set_lockout(tx, _here(name), *more)


@mutant("LOGON-3", at=_STANDING, with_=(AT_ITS_SERVICE, Overlay(_KEPT, _kept_here)))
def each_service_counts_for_itself(_standing: Original) -> Original:
    """Each of the three services counts its own failures, and locks its own door."""

    def here(tx: Any, name: str, now: datetime) -> Any:
        state = _settle(tx.lockout(_here(name)), now)
        if isinstance(state, Locked):
            left = lockout.seconds_left(state, now)
            raise Refused(faults.LOCKED_OUT, seconds_left=left)
        return tx.standing(name)._replace(lockout=state)

    return here
