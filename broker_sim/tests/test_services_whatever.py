"""FAULT-1, WIRE-1: whatever the services are asked, they give what the contract says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker_sim.contract import ENDPOINTS
from broker_sim.contract.agents import AGENTS
from broker_sim.contract.kinds import Endpoint, Kind, Operation
from broker_sim.service import dispatch
from broker_sim.service.exchange import Answer
from broker_sim.service.seen import Exchange
from broker_sim.soap.definition import refusals
from broker_sim.soap.service import SoapService
from broker_sim.soap.wsdl import schema
from broker_sim.tests import soap_drawing as drawing
from broker_sim.tests.desks import desks
from broker_sim.tests.stores import START
from broker_sim.tests.worlds import Hands, world

CALLS: Final = [
    (endpoint, operation)
    for endpoint in ENDPOINTS
    for operation in endpoint.operations
    if operation.name not in {"logon", "logoff"}
]


@dataclass(slots=True)
class Served:
    """A lived-in world behind its services.

    Attributes:
        names: that mean something there.
        numbers: of its sessions, waiting, accepted, going on and ended.
        seen: the exchanges so far.
    """

    hands: Hands
    names: list[str]
    numbers: list[int]
    seen: list[Exchange]
    connections: dict[str, str]

    def ask(self, endpoint: Endpoint, operation: Operation, given: dict[str, Any]) -> Exchange:
        """Call an operation on a live connection; give the exchange."""
        if operation.takes[0].name == "connection_id":
            given = {**given, "connection_id": self.connections[endpoint.name]}
        broker = self.hands.broker
        with broker.store.writing() as tx:
            tx.set_available(self.names[0], available=True, since=START)
        service = SoapService(
            endpoint,
            lambda called, told, _request: dispatch.call(broker.world, called, told),
            "https://b.example",
            lambda: "incident-1",
            lambda done, _: self.seen.append(done),
        )
        body = drawing.envelope(drawing.payload(operation, given))
        drawing.finished(service.handle(drawing.posted(body)))
        return self.seen[-1]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with ExitStack() as stack:
        hands = stack.enter_context(world(sessions=3))
        desk = desks(hands)[0].sit_down()
        going = [desk.in_session() for _ in range(30)]
        ended = hands.finished()
        waiting = [hands.post() for _ in range(30)]
        hands.call("createCode", representative=desk.email, portal=hands.portal, customer_name="")
        with hands.broker.store.reading() as tx:
            known = tx.portal(hands.portal)
        assert known is not None
        names = [desk.email, desks(hands)[1].email, hands.portal, *known.sub_portals]
        connections = {endpoint.name: hands.connection for endpoint in ENDPOINTS}
        connections[AGENTS.name] = desk.connection
        yield Served(hands, names, [*going, ended, *waiting], [], connections)


@pytest.mark.parametrize(
    ("endpoint", "operation"), CALLS, ids=[f"{e.name}.{o.name}" for e, o in CALLS]
)
@given(data=st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_an_operation_gives_its_answer_or_a_declared_fault(
    served: Served, endpoint: Endpoint, operation: Operation, data: st.DataObject
) -> None:
    """FAULT-1, WIRE-1: nothing undeclared, nothing that fails, nothing the schema lacks."""
    hours = st.integers(-48, 48).map(lambda nth: START + timedelta(hours=nth))
    leaves = {
        Kind.INSTANT: hours | drawing.instants,
        Kind.TEXT: drawing.texts | drawing.texts.map("https://example.com/{}".format),
        Kind.NAME: st.sampled_from(served.names) | drawing.names,
        Kind.ID: st.sampled_from(served.numbers) | st.integers(1, 2**63 - 1),
        Kind.SECONDS: st.integers(0, 40),
        Kind.COUNT: st.integers(0, 1100),
        Kind.POSITION: st.integers(0, 5) | st.integers(0, 2**63 - 1),
    }
    asked = data.draw(drawing.arguments(operation, leaves), label="arguments")

    done = served.ask(endpoint, operation, asked)

    declared = {fault.code for fault in refusals(operation)} - {"ServerError"}
    assert done.fault is None or done.fault in declared
    if done.fault is None:
        assert done.status == 200
        answer = drawing.inside(Answer(200, (), done.response))
        schema(endpoint).assertValid(answer)
