"""Brokers whose connections are too few or too many, or end early: CONN-1 to CONN-3."""

from datetime import datetime, timedelta
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core import access, connection
from broker_sim.core.connection import Connection
from broker_sim.core.refusal import Refused
from conformance.mutants.counting import AT_ITS_SERVICE, service_called
from conformance.mutants.registry import Original, mutant

_CORE: Final = "broker_sim.core.connection"
_LOGIN: Final = "broker_sim.service.login"

# Taken before anything is laid over them.
_canonical, _use, _is_live = access.canonical, connection.use, connection.is_live


@mutant("CONN-1", at=f"{_CORE}.refuse_second", with_=(AT_ITS_SERVICE,))
def other_services_take_over(refuse: Original) -> Original:
    """Only the Sessions service looks for a live connection: the others open a second one."""

    def here_only(live: Connection | None, now: datetime) -> None:
        if service_called() == "Sessions":
            refuse(live, now)

    return here_only


@mutant("CONN-1", at=f"{_LOGIN}._standing")
def portals_have_one_connection(standing: Original) -> Original:
    """There is one connection for each portal, not for each of its logins."""

    def shared(tx: Any, name: str, now: datetime) -> Any:
        found = standing(tx, name, now)
        if found.login is None:
            return found
        beside = (tx.connection_of(each.username) for each in tx.logins(found.login.portal))
        live = [each for each in beside if each is not None and _is_live(each, now)]
        return found._replace(connection=live[0]) if live else found

    return shared


@mutant("CONN-1", "CONN-2", at=f"{_LOGIN}.logon")
def refused_logons_keep_the_first_alive(logon: Original) -> Original:
    """A logon that is refused because of a live connection is taken for a use of it."""

    def reviving(world: Any, username: str, password: str) -> Any:
        try:
            return logon(world, username, password)
        except Refused as refused:
            if refused.fault is faults.ALREADY_LOGGED_ON:
                with world.store.writing() as tx:
                    live = tx.connection_of(_canonical(username))
                    tx.touch_connection(_use(live, world.clock.now()))
            raise

    return reviving


@mutant("CONN-2", at=f"{_CORE}.use")
def uses_are_noted_every_half_minute(use: Original) -> Original:
    """A use within half a minute of the last one is not written down, to spare the store."""

    def sparing(used: Connection, now: datetime) -> Any:
        after = use(used, now)
        return after if now - used.last_used >= timedelta(seconds=30) else used

    return sparing


@mutant("CONN-3", at=f"{_LOGIN}.admit")
def ended_ids_are_forgotten_in_a_day(admit: Original) -> Original:
    """A connection that ended by itself is known for a day; then it looks made up."""

    def forgetful(world: Any, tx: Any, identifier: str, now: datetime) -> Any:
        found = tx.connection(world.vault.digest(identifier))
        if found is not None and now - found.last_used >= timedelta(days=1):
            raise Refused(faults.INVALID_CONNECTION)
        return admit(world, tx, identifier, now)

    return forgetful
