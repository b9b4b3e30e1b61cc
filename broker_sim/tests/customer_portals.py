"""A portal of its own in a broker that answers, and customers who come there."""

from __future__ import annotations

from dataclasses import dataclass

from broker_sim.core.record import Session
from broker_sim.service.storage import Portal
from broker_sim.testing import RunningBroker
from broker_sim.tests.browser import Browser

AWKWARD = '<b onclick="x()">\'Zoë\' & "Søn"</b> {{ 7 * 7 }} %s \u2028 ]]> 🙂'
ASK = {"Name": "Eva", "Question": "It broke."}


@dataclass(frozen=True, slots=True)
class Place:
    """A portal of its own in a broker that answers."""

    broker: RunningBroker
    portal: str

    @property
    def home(self) -> str:
        return f"{self.broker.url}/h/{self.portal}"

    def at(self, path: str) -> str:
        return f"{self.broker.url}{path}"

    def act(self, act: str, session_id: int, **given: object) -> Session:
        return self.broker.tester.perform(act, {"sessionId": session_id, **given})

    def session(self, session_id: int) -> Session:
        with self.broker.tester.world.store.reading() as tx:
            held = tx.held(session_id)
        assert held is not None
        return held.session

    def count(self) -> int:
        with self.broker.tester.world.store.reading() as tx:
            return tx.count_sessions()

    def launched(self, **fields: str) -> tuple[Browser, int]:
        """Give a browser that waits, and the number of its session."""
        there = Browser().get(self.at("/ds/queryPost.flow"), Portal=self.portal, **ASK, **fields)
        return there, int(there.read()["sessionId"])

    def talking(self, **fields: str) -> tuple[Browser, int]:
        """Give a browser in a session, and its number."""
        there, number = self.launched(**fields)
        self.act("accept", number)
        return there.get(there.answer.url).send("I agree, begin"), number


def a_place(broker: RunningBroker, name: str, kind: str = "SmartBox") -> Place:
    portal = Portal(name, "Help & Co", "Company", kind, ("general", "print"), hard_lockouts=False)
    broker.tester.add_portal(portal, f"api-{name}", "Swordfish-1")
    return Place(broker, name)
