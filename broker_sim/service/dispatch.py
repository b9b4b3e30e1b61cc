"""From an operation of the contract to its handler, and the order of the gates before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final

from broker_sim.contract import ENDPOINTS
from broker_sim.contract.agents import AGENTS
from broker_sim.contract.kinds import Operation
from broker_sim.service import desk_login, desktop, login, monitors, phonemode, sessions
from broker_sim.service.ports import Arguments, Call, RepCall, World

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

    Returns:
        The value of `operation.gives`, or an `Offload` or `Wait` whose end gives it.

    Raises:
        Refused: what the contract says; the transaction is committed all the same.
    """
    handler = HANDLERS[operation.handler]
    if "connection_id" not in arguments:
        return handler(world, **arguments)
    rest = {name: value for name, value in arguments.items() if name != "connection_id"}
    now = world.clock.now()
    with world.store.writing() as tx:
        admitted: Call | RepCall
        if operation.handler in _OF_REPS:
            member = desk_login.admit(world, tx, arguments["connection_id"], now)
            admitted = RepCall(world, now, tx, member)
        else:
            connection = login.admit(world, tx, arguments["connection_id"], now)
            admitted = Call(world, now, tx, connection)
        world.throttle.admit(arguments["connection_id"], now)
        return handler(admitted, **rest)
