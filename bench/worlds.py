"""Worlds to measure in: real ones, wired by the broker's own bootstrap, with cheap passwords."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from broker_sim.bootstrap.broker import Broker
from broker_sim.contract.sessions import SESSIONS
from broker_sim.service import dispatch
from broker_sim.service.exchange import Offload
from broker_sim.settings import FILE, Settings

_OPERATIONS: Final = {operation.name: operation for operation in SESSIONS.operations}
DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Desk:
    """A broker and one connection to its first portal, without HTTP.

    Attributes:
        connection: its id.
    """

    broker: Broker
    portal: str
    connection: str

    def begin(self, operation: str, **arguments: Any) -> Any:
        """Do a call of this connection as far as it goes at once; give a value or an Offload."""
        given = {"connection_id": self.connection, **arguments}
        return dispatch.call(self.broker.world, _OPERATIONS[operation], given)

    def call(self, operation: str, **arguments: Any) -> Any:
        """Do a call to its end."""
        return _ended(self.begin(operation, **arguments))


@contextmanager
def opened(
    home: Path, sessions: int, *, for_tests: bool = True, store: str = FILE, days: int = DAYS
) -> Iterator[Desk]:
    """Make a world with that many past sessions in a database file, or go on with the one there.

    One that a process serves later is not for tests. With `store` it lies elsewhere. The sessions
    are of the past `days`; of all ninety, the oldest are purged while one looks.
    """
    broker = Broker(
        Settings(
            home=home,
            store=store,
            tls=False,
            port=0,
            sessions=sessions,
            days=days,
            for_tests=for_tests,
            rate=0,
        )
    )
    try:
        portal, (login, *_) = next(iter(broker.logins().items()))
        yield Desk(broker, portal, _logged_on(broker, login))
    finally:
        broker.close()


def _logged_on(broker: Broker, login: Mapping[str, str]) -> str:
    given = {"username": login["username"], "password": login["password"]}
    return str(_ended(dispatch.call(broker.world, _OPERATIONS["logon"], given)))


def _ended(value: Any) -> Any:
    while isinstance(value, Offload):
        value = value.then(value.work())
    return value
