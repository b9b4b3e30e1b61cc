"""Read sessions of a running broker by its own service, without SOAP."""

from typing import Any

from broker_sim.contract.sessions import SESSIONS
from broker_sim.core.record import Session
from broker_sim.service import dispatch
from broker_sim.service.exchange import Offload
from broker_sim.testing import RunningBroker
from broker_sim.testing.world import BrokerWorld

OPERATIONS = {operation.name: operation for operation in SESSIONS.operations}


def value_of(answer: Any) -> Any:
    """Do what was handed out; give the end."""
    while isinstance(answer, Offload):
        answer = answer.then(answer.work())
    return answer


class SessionsOf:
    """A connection of a broker's first login, opened anew for every call."""

    def __init__(self, broker: RunningBroker | BrokerWorld) -> None:
        self.world = broker.tester.world
        _, self.username, self.password = broker.logins[0]

    def call(self, name: str, **arguments: object) -> Any:
        """Log on, call, log off; give the answer."""
        operation = OPERATIONS
        given = {"username": self.username, "password": self.password}
        connection = value_of(dispatch.call(self.world, operation["logon"], given))
        try:
            arguments["connection_id"] = connection
            return value_of(dispatch.call(self.world, operation[name], arguments))
        finally:
            ended = {"connection_id": connection}
            value_of(dispatch.call(self.world, operation["logoff"], ended))

    def first_finished(self) -> Session:
        """Give the oldest session that has files, with its links."""
        updates = self.call("getUpdates", since=0, limit=1000)
        ready = (update.session_id for update in updates if update.kind == "RecordingReady")
        found: Session = self.call("getSession", session_id=next(ready))
        return found
