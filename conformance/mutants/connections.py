"""Brokers whose connections live wrongly, or see too much: CONN-1 to CONN-4."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.contract.kinds import Fault
from broker_sim.core import access, connection
from broker_sim.core.connection import Connection
from broker_sim.core.refusal import Refused
from broker_sim.testing import Overlay
from conformance.mutants.registry import Original, mutant

_CORE: Final = "broker_sim.core.connection"
_LOGIN: Final = "broker_sim.service.login"
_SESSIONS: Final = "broker_sim.service.sessions"

# Taken before anything is laid over them.
_canonical, _refuse_second = access.canonical, connection.refuse_second
_ends_at = connection.ends_at


def _never_refuse(_refuse: Original) -> Original:
    return lambda _live, _now: None


@mutant("CONN-1", at=f"{_CORE}.refuse_second")
def second_logon_takes_over(refuse: Original) -> Original:
    """A second logon opens and ends the first connection."""
    return _never_refuse(refuse)


@mutant(
    "CONN-1",
    at=f"{_LOGIN}.logon",
    with_=(Overlay(f"{_CORE}.refuse_second", _never_refuse),),
)
def looks_for_a_live_connection_too_early(logon: Original) -> Original:
    """Looks for a live connection before the slow work, not when it opens one: logons race."""

    def racing(world: Any, username: str, password: str) -> Any:
        with world.store.reading() as tx:
            live, login = tx.connection_of(_canonical(username)), tx.login(_canonical(username))
        if login and world.vault.check_password(password, login.password_hash):
            _refuse_second(live, world.clock.now())
        slow = logon(world, username, password)
        return replace(slow, work=lambda: (threading.Event().wait(0.02), slow.work())[1])

    return racing


@mutant("CONN-2", at=f"{_LOGIN}.logoff")
def lives_after_logoff(_logoff: Original) -> Original:
    """Logoff answers, and ends nothing."""
    return lambda _call: None


@mutant("CONN-2", at=f"{_CORE}.is_live")
def never_ends_by_itself(_is_live: Original) -> Original:
    """An idle connection lives for ever."""
    return lambda _connection, _now: True


@mutant("CONN-2", at=f"{_CORE}.is_live")
def lives_at_the_end_of_twenty_minutes(_is_live: Original) -> Original:
    """The twentieth minute's end belongs to the connection: `<=` where `<` is meant."""
    return lambda live, now: now <= _ends_at(live)


@mutant("CONN-2", at=f"{_CORE}.use")
def use_does_not_keep_alive(use: Original) -> Original:
    """A connection ends twenty minutes after its logon, however it is used."""

    def unmoved(used: Connection, now: datetime) -> Connection:
        use(used, now)
        return used

    return unmoved


@mutant("CONN-2", at=f"{_CORE}.refuse_second")
def idle_logins_stay_taken(_refuse: Original) -> Original:
    """A connection that ended by itself still keeps its login from logging on."""

    def strict(live: Connection | None, now: datetime) -> None:
        _refuse_second(live, now)
        if live is not None:
            raise Refused(faults.ALREADY_LOGGED_ON, seconds_left=1)

    return strict


def _in_place_of(said: Fault, other: Fault) -> Callable[[Original], Original]:
    """Refuse with another fault."""

    def wrap(admit: Original) -> Original:
        def confuse(*given: Any) -> Any:
            try:
                return admit(*given)
            except Refused as refused:
                raise Refused(other if refused.fault is said else refused.fault) from None

        return confuse

    return wrap


@mutant("CONN-3", at=f"{_LOGIN}.admit")
def ended_looks_made_up(admit: Original) -> Original:
    """A connection that has ended is told to be one that never was."""
    return _in_place_of(faults.CONNECTION_EXPIRED, faults.INVALID_CONNECTION)(admit)


@mutant("CONN-3", at=f"{_LOGIN}.admit")
def made_up_looks_ended(admit: Original) -> Original:
    """A connection that never was is told to have ended."""
    return _in_place_of(faults.INVALID_CONNECTION, faults.CONNECTION_EXPIRED)(admit)


def _as_its_owner(call: Any, session_id: int) -> Any:
    """Give a call by the portal that has the session."""
    held = call.tx.held(session_id)
    if held is None:
        return call
    return replace(call, connection=call.connection._replace(portal=held.session.portal))


@mutant("CONN-4", at=f"{_SESSIONS}.get_session")
def sessions_of_all_portals_can_be_read(get_session: Original) -> Original:
    """Whose session it is, is not looked at."""
    return lambda call, session_id: get_session(_as_its_owner(call, session_id), session_id)


@mutant("CONN-4", at=f"{_SESSIONS}.get_session")
def other_portals_sessions_are_told_apart(get_session: Original) -> Original:
    """Another portal's session is refused in other words than one that does not exist."""

    def telling(call: Any, session_id: int) -> Any:
        held = call.tx.held(session_id)
        if held is not None and held.session.portal != call.portal:
            reason = "it belongs to another portal"
            raise Refused(faults.INVALID_ARGUMENT, field="sessionId", reason=reason)
        return get_session(call, session_id)

    return telling


@mutant("CONN-4", at="broker_sim.adapters.sql_sessions.SessionRows.session_ids")
def lists_hold_all_portals(session_ids: Original) -> Original:
    """A list holds the sessions of every portal."""

    def all_of_them(tx: Any, _portal: str, *more: Any, **named: Any) -> Sequence[int]:
        portals = [portal.name for portal in tx.portals()]
        return [found for name in portals for found in session_ids(tx, name, *more, **named)]

    return all_of_them


@mutant("CONN-4", at="broker_sim.adapters.sql_log.LogRows.updates")
def the_log_holds_all_portals(updates: Original) -> Original:
    """The change log shows the changes of every portal."""

    def all_of_them(tx: Any, _portal: str, *more: Any, **named: Any) -> Sequence[Any]:
        portals = [portal.name for portal in tx.portals()]
        found = [each for name in portals for each in updates(tx, name, *more, **named)]
        return sorted(found, key=lambda update: update.update_id)

    return all_of_them
