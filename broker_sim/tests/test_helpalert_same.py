"""AGENT-1, AGENT-2: a life lived at the desk and the same life lived by the Agents service."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest
import zeep
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.core.record import Session
from broker_sim.service.ports import World
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.desk_pages import DeskPage
from broker_sim.tests.desks import Desk
from broker_sim.tests.refusals import code_of
from broker_sim.tests.worlds import hands_of

words: Final = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
names: Final = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=9)
# Each doing: who does it, what, and with which arguments by their wire names.
DOINGS: Final = st.one_of(
    st.builds(lambda text: ("sendChat", {"text": text}), words),
    st.builds(lambda text: ("customer", {"text": text}), names),
    st.builds(lambda path: ("pushUrl", {"url": f"https://example.com/{path}"}), names),
    st.builds(lambda url: ("pushUrl", {"url": url}), words),
    st.builds(lambda n, c: ("sendFile", {"name": n, "content": c}), names, st.binary(max_size=40)),
    st.just(("requestDiagnostics", {})),
    st.builds(lambda on: ("setScreenSharing", {"on": on}), st.booleans()),
    st.sampled_from([("rebootReconnect", {"reconnected": r}) for r in (True, False)]),
    st.just(("rebootReconnect", {})),
    st.builds(lambda seconds: ("time", {"seconds": seconds}), st.integers(1, 90)),
    st.builds(
        lambda word, more: ("endSession", {"resolution": word, **more}),
        st.sampled_from(("Resolved", "Unresolved", "Unknown")),
        st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("comment", "sessionEndLabel", "sessionEndData"), words)
        ),
    ),
    st.builds(
        lambda values: ("submitRating", {"ratings": [{"label": "Q", "value": v} for v in values]}),
        st.lists(words, max_size=2),
    ),
    st.just(("transferSession", {"subPortal": None})),
)
_PYTHON: Final = {
    "reconnected": "reconnected",
    "subPortal": "sub_portal",
    "sessionEndLabel": "end_label",
    "sessionEndData": "end_data",
}
Doing = tuple[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@dataclass
class Life:
    """One representative with one session, in a world of its own."""

    broker: RunningBroker
    at: BrokerWorld
    by_page: bool
    number: int = 0

    def begin(self) -> Life:
        held = self.broker.worlds.hand(self.at.name)
        self.hands = hands_of(held.broker)
        with self.world.store.reading() as tx:
            self.queue = tx.portal(self.hands.portal).sub_portals[0]  # type: ignore[union-attr]  # it is seeded
            email = tx.members_at(self.hands.portal, self.queue)[0].rep.email
        self.desk = Desk(self.hands, email)
        password = self.at.rep_logins[0][1]
        self.page = DeskPage(self.broker, email, password, self.at.url)
        if self.by_page:
            self.page.log_in()
        self.do(("setAvailability", {"available": True}))
        self.number = self.hands.post()
        self.do(("acceptRequest", {}))
        self.hands.act("start", sessionId=self.number)
        return self

    @property
    def world(self) -> World:
        return self.hands.broker.world

    def do(self, doing: Doing) -> str | None:
        """Do it; give the fault's code."""
        name, arguments = doing
        if name == "time":
            self.hands.pass_time(timedelta(seconds=arguments["seconds"]))
            return None
        if name == "customer":
            return code_of(lambda: self.hands.act("chat", sessionId=self.number, **arguments))
        if name == "transferSession":
            arguments = {"subPortal": self.queue}
        return self._by_page(name, arguments) if self.by_page else self._by_call(name, arguments)

    def _by_page(self, name: str, arguments: Mapping[str, Any]) -> str | None:
        written = {
            key: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for key, value in arguments.items()
        }
        path = name if not self.number else f"sessions/{self.number}/{name}"
        answer = self.page.post(path, written)
        return None if answer.status_code == 200 else str(answer.json()["fault"])

    def _by_call(self, name: str, arguments: Mapping[str, Any]) -> str | None:
        called = {_PYTHON.get(key, key): value for key, value in arguments.items()}
        if self.number:
            called["session_id"] = self.number
        return code_of(lambda: self.desk.call(name, **called))

    def record(self) -> Session:
        with self.world.store.reading() as tx:
            held = tx.held(self.number)
        assert held is not None
        return held.session

    def transcript(self) -> bytes:
        """The chat as its recording has it."""
        return self.world.content.body(self.record(), f"chatTranscript{self.number}.txt")

    def sent(self) -> list[bytes | str | None]:
        """The bytes of the files that were sent."""
        with self.world.store.reading() as tx:
            return [tx.blob(self.number, f"sent/{place}") for place in range(1, 9)]

    def heard(self) -> list[tuple[str, int, str]]:
        """What the representative was told of, as its desktop hears it."""
        with self.world.store.reading() as tx:
            events = tx.events(self.desk.email, 0, 100)
        return [(one.kind, one.session_id, one.detail) for one in events]


@given(doings=st.lists(DOINGS, max_size=12))
@settings(max_examples=15, deadline=None)
def test_the_same_doings_give_the_same_session(
    broker: RunningBroker, doings: Sequence[Doing]
) -> None:
    """AGENT-1, AGENT-2: events, record, transcript, files and news; refusals, too."""
    with ExitStack() as stack:
        page, call = (
            Life(broker, stack.enter_context(broker.world(7)), by_page).begin()
            for by_page in (True, False)
        )
        said = [(page.do(doing), call.do(doing)) for doing in doings]
        assert [one for one, _ in said] == [other for _, other in said]
        assert page.record() == call.record()
        assert page.transcript() == call.transcript()
        assert page.sent() == call.sent()
        assert page.heard() == call.heard()


def test_a_life_at_the_desk_reads_over_soap_as_one_lived_over_soap(broker: RunningBroker) -> None:
    """AGENT-2, SESS-4: both sides over the wire, compared by what getSession tells."""
    told = []
    for by_page in (True, False):
        with broker.world(7) as at:
            life = Life(broker, at, by_page=True).begin()
            number = life.number
            if by_page:
                life.do(("sendChat", {"text": "Grüß <Gott> & co \u202e"}))
                life.do(("pushUrl", {"url": "https://example.com/"}))
                life.do(("sendFile", {"name": "a b.txt", "content": b"\0\xff"}))
                life.do(("endSession", {"resolution": "Resolved", "comment": "Done"}))
            else:
                life.page.browser.send("Log off")
                client: Any = zeep.Client(f"{at.url}/services/Agents?wsdl")  # type: ignore[no-untyped-call]  # zeep has types in part only
                connection = client.service.logon(life.desk.email, life.page.password)
                client.service.sendChat(connection, number, "Grüß <Gott> & co \u202e")
                client.service.pushUrl(connection, number, "https://example.com/")
                client.service.sendFile(connection, number, "a b.txt", b"\0\xff")
                client.service.endSession(connection, number, "Resolved", "Done")
            told.append((life.record(), life.transcript(), life.sent()))
    assert told[0] == told[1]
