"""Brokers that let the wrong people in, or tell too much: LOGON-1, LOGON-2."""

from dataclasses import replace
from itertools import count
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core.refusal import Refused
from broker_sim.testing import Overlay
from conformance.mutants.registry import Original, mutant

_LOGIN: Final = "broker_sim.service.login"
_VAULT: Final = "broker_sim.adapters.world_vault.WorldVault"
_CHECK: Final = f"{_VAULT}.check_password"
_NO_SUCH_USER: Final = replace(faults.INVALID_CREDENTIALS, text="There is no user of that name.")


@mutant("LOGON-1", at=f"{_LOGIN}._new_id")
def connection_ids_count_up(_new_id: Original) -> Original:
    """Connection ids are numbers that count up."""
    numbers = count(1)
    return lambda _world: f"connection-{next(numbers):012}"


@mutant("LOGON-1", at=f"{_LOGIN}._new_id")
def connection_ids_have_32_bits(_new_id: Original) -> Original:
    """Connection ids hold 32 bits of chance."""
    return lambda world: str(world.entropy.take(4).hex())


@mutant("LOGON-2", at=_CHECK)
def any_password_opens(_check: Original) -> Original:
    """A known user gets in with any password."""
    return lambda _vault, _password, stored: stored is not None


def _cut(of_password: Original) -> Original:
    return lambda vault, password, *more: of_password(vault, password[:8], *more)


@mutant("LOGON-2", at=_CHECK, with_=(Overlay(f"{_VAULT}.hash_password", _cut),))
def eight_letters_count(check: Original) -> Original:
    """Only the first eight letters of a password count, as in old systems."""
    return _cut(check)


@mutant("LOGON-2", at=f"{_LOGIN}._conclude")
def users_are_told_apart(conclude: Original) -> Original:
    """The fault says whether the name or the password was wrong."""

    def tell(world: Any, tx: Any, name: str, *more: Any, **said: Any) -> str:
        try:
            return str(conclude(world, tx, name, *more, **said))
        except Refused as refused:
            if tx.login(name) is not None or refused.fault is not faults.INVALID_CREDENTIALS:
                raise
            raise Refused(_NO_SUCH_USER) from None

    return tell


@mutant("LOGON-2", at=f"{_LOGIN}._count_failure")
def unknown_names_are_not_counted(count_failure: Original) -> Original:
    """Failures of unknown names are not counted, so only known names lock."""

    def known_only(tx: Any, name: str, state: Any, now: Any) -> None:
        if tx.login(name) is not None:
            count_failure(tx, name, state, now)

    return known_only
