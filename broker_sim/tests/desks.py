"""Representatives at their desktops: the Agents service without a wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from broker_sim.contract.agents import AGENTS
from broker_sim.core.record import Session
from broker_sim.service import dispatch
from broker_sim.tests.worlds import Hands, value_of

OPERATIONS: Final = {operation.name: operation for operation in AGENTS.operations}


@dataclass(slots=True)
class Desk:
    """One representative.

    Attributes:
        seen: the last event that `news` gave.
    """

    hands: Hands
    email: str
    connection: str = ""
    seen: int = 0

    def begin(self, operation: str, /, **arguments: object) -> Any:
        """Call an operation; give its answer, or what it hands out."""
        return dispatch.call(self.hands.broker.world, OPERATIONS[operation], arguments)

    def logon(self, password: str | None = None) -> str:
        """Log on, with the right password where none is given; give the connection id."""
        right = self.hands.broker.rep_logins()[0]["password"]
        given = {"username": self.email, "password": password or right}
        self.connection = str(value_of(self.begin("logon", **given)))
        return self.connection

    def call(self, operation: str, /, **arguments: object) -> Any:
        """Call an operation on the connection, opened where there is none; give its answer."""
        if not self.connection:
            self.logon()
        return value_of(self.begin(operation, connection_id=self.connection, **arguments))

    def sit_down(self) -> Desk:
        """Log on and take requests."""
        self.call("setAvailability", available=True)
        return self

    def news(self, **arguments: object) -> list[Any]:
        """Give the events since the last time."""
        found = list(self.call("getEvents", since=self.seen, **arguments))
        self.seen = found[-1].event_id if found else self.seen
        return found

    def heard(self) -> list[tuple[str, int]]:
        """Give (kind, session) of the events since the last time."""
        return [(event.kind, event.session_id) for event in self.news()]

    def in_session(self) -> int:
        """Take a new request and bring it to its start; give its session."""
        number = self.hands.post()
        self.call("acceptRequest", session_id=number)
        self.hands.act("start", sessionId=number)
        return number


def desks(hands: Hands, sub_portal: str | None = None) -> list[Desk]:
    """Give everybody who serves a sub-portal of the first portal; the first one if not said."""
    with hands.broker.store.reading() as tx:
        portal = tx.portal(hands.portal)
        assert portal is not None
        members = tx.members_at(hands.portal, sub_portal or portal.sub_portals[0])
    return [Desk(hands, member.rep.email) for member in members]


def elsewhere(hands: Hands) -> Desk:
    """Give somebody who does not serve the first sub-portal of the first portal."""
    here = {desk.email for desk in desks(hands)}
    with hands.broker.store.reading() as tx:
        return next(Desk(hands, m.rep.email) for m in tx.members() if m.rep.email not in here)


def read(hands: Hands, number: int) -> Session:
    """Give a session as the Sessions service tells it."""
    session: Session = hands.call("getSession", session_id=number)
    return session
