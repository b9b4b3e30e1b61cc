"""From an operation of the contract to its handler, and the order of the gates before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any, Final

from broker_sim.contract import ENDPOINTS
from broker_sim.contract.agents import AGENTS
from broker_sim.contract.kinds import Operation
from broker_sim.service import (
    desk_events,
    desk_login,
    desktop,
    login,
    monitors,
    phonemode,
    sessions,
)
from broker_sim.service.ports import Arguments, Call, RepCall, World
from broker_sim.service.storage import MustWrite, Transaction

_MODULES: Final[Mapping[str, ModuleType]] = {
    "Sessions": sessions,
    "Monitors": monitors,
    "PhoneMode": phonemode,
    "Agents": desktop,
}
_SHARED: Final[Mapping[str, Callable[..., Any]]] = {
    "logon": login.logon,
    "logoff": login.logoff,
    "logon_rep": desk_login.logon_rep,
    "logoff_rep": desk_login.logoff_rep,
    "get_events": desk_events.get_events,
}
# Whose connection it is: a representative's for these, an API login's for all others.
_OF_REPS: Final = frozenset(operation.handler for operation in AGENTS.operations)


def _handlers() -> dict[str, Callable[..., Any]]:
    """Find every operation's handler; without one, this package does not import."""
    found: dict[str, Callable[..., Any]] = {}
    for endpoint in ENDPOINTS:
        for operation in endpoint.operations:
            shared = _SHARED.get(operation.handler)
            handler = shared or getattr(_MODULES[endpoint.name], operation.handler, None)
            if handler is None:
                msg = f"no handler for {endpoint.name}.{operation.name}"
                raise ImportError(msg)
            found[operation.handler] = handler
    return found


HANDLERS: Final = _handlers()


def call(world: World, operation: Operation, arguments: Arguments) -> Any:
    """Do one operation: admit its connection, then let its handler answer in one transaction.

    Where others share the store, the call is tried as one that only reads, for which nobody has
    to wait; it is done again from the start if it turns out to write.

    Returns:
        The value of `operation.gives`, or an `Offload` or `Wait` whose end gives it.

    Raises:
        Refused: what the contract says; the transaction is committed all the same.
    """
    handler = HANDLERS[operation.handler]
    if "connection_id" not in arguments:
        return handler(world, **arguments)
    of_rep = operation.handler in _OF_REPS
    return _admitted(_Attempt(world, handler, of_rep, arguments, world.clock.now()))


def at_desk(
    world: World, handler: Callable[..., Any], connection_id: str, /, **arguments: Any
) -> Any:
    """Do what a representative's desk needs and the contract has no operation for.

    The gates are those of the Agents service; `handler` takes a `RepCall`.

    Raises:
        Refused: ConnectionExpired, InvalidConnection, RateLimited, or what the handler says.
    """
    given = {**arguments, "connection_id": connection_id}
    now = world.clock.now()
    return _admitted(_Attempt(world, handler, of_rep=True, arguments=given, now=now))


def _admitted(attempt: _Attempt) -> Any:
    world = attempt.world
    if world.store.reads_beside:
        try:
            with world.store.reading() as tx:
                return attempt.answer(tx)
        except MustWrite:
            pass
    with world.store.writing() as tx:
        return attempt.answer(tx)


@dataclass(slots=True)
class _Attempt:
    """One call on a connection, which may have to be done twice but counts once. RATE-1."""

    world: World
    handler: Callable[..., Any]
    of_rep: bool
    arguments: Arguments
    now: datetime
    counted: bool = False

    def answer(self, tx: Transaction) -> Any:
        """Admit the connection, and let the handler answer."""
        world, rest = self.world, dict(self.arguments)
        identifier = rest.pop("connection_id")
        admitted: Call | RepCall
        if self.of_rep:
            member = desk_login.admit(world, tx, identifier, self.now)
            admitted = RepCall(world, self.now, tx, member)
        else:
            connection = login.admit(world, tx, identifier, self.now)
            admitted = Call(world, self.now, tx, connection)
        if not self.counted:
            world.throttle.admit(identifier, self.now)
            self.counted = True
        return self.handler(admitted, **rest)
