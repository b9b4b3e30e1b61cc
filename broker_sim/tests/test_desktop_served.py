"""AGENT-1, WIRE-2: a desktop over the wire, driven by the published WSDL alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import zeep
from zeep.exceptions import Fault

from broker_sim.core.routing import Alert
from broker_sim.testing import RunningBroker, running_broker


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=7) as running:
        yield running


@pytest.fixture(params=["wsdl", "wsdl12"], ids=["SOAP 1.1", "SOAP 1.2"])
def agents(broker: RunningBroker, request: pytest.FixtureRequest) -> Iterator[Any]:
    url = f"{broker.url}/services/Agents?{request.param}"
    client: Any = zeep.Client(url)  # type: ignore[no-untyped-call]  # zeep has types in part only
    with client:
        yield client.service


@pytest.fixture
def desktop(broker: RunningBroker, agents: Any) -> Iterator[str]:
    """Give the connection of the first representative, who takes requests."""
    identifier = agents.logon(*broker.rep_logins[0])
    agents.setAvailability(identifier, True)  # noqa: FBT003  as the WSDL has it
    yield identifier
    agents.logoff(identifier)


def post(broker: RunningBroker) -> int:
    """Post a request that the first representative is alerted to."""
    with broker.tester.world.store.reading() as tx:
        portal, sub_portal = tx.desks(broker.rep_logins[0][0])[0]
    given = {"portal": portal, "subPortal": sub_portal, "question": "Why?"}
    return broker.tester.perform("post", given).session_id


def listed(answer: Any) -> list[Any]:
    """Give the items of a list, which zeep gives as None where it is empty."""
    return list(answer or ())


def test_a_day_at_the_desktop(broker: RunningBroker, agents: Any, desktop: str) -> None:
    """AGENT-1: alert, acceptance, doings and end, with typed values all the way."""
    number = post(broker)
    (alert,) = listed(agents.getEvents(desktop, 0))
    agents.acceptRequest(desktop, alert.sessionId)
    broker.tester.perform("start", {"sessionId": number})
    agents.sendChat(desktop, number, "Gr\u00fc\u00df Gott & <hello>")
    agents.sendFile(desktop, number, "a.bin", bytes(range(256)))
    agents.endSession(desktop, number, "Resolved", comment="done")
    agents.submitRating(desktop, number, {"LabelledValue": [{"label": "Q", "value": "1"}]})

    kinds = [event.kind for event in listed(agents.getEvents(desktop, alert.eventId))]

    assert (alert.kind, alert.sessionId, alert.question) == ("RequestWaiting", number, "Why?")
    assert kinds == ["Accepted", "Started", "Chat", "FileSent", "Ended", "SurveyReceived"]


def test_a_refusal_has_a_typed_detail(agents: Any, desktop: str) -> None:
    """FAULT-1, AGENT-1: its code and its sentence."""
    with pytest.raises(Fault) as refused:
        agents.acceptRequest(desktop, 5)

    assert "NoSuchSession" in str(refused.value.detail[0].tag)


def test_who_waits_is_told_at_once_and_holds_up_nobody(
    broker: RunningBroker, agents: Any, desktop: str
) -> None:
    """AGENT-1: eight wait on one broker whose clock stands still; others are served meanwhile."""
    since = max((event.eventId for event in listed(agents.getEvents(desktop, 0))), default=0)
    begun = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        waits = [threads.submit(waiting, broker, desktop, since) for _ in range(8)]
        agents.setAvailability(desktop, True)  # noqa: FBT003  as the WSDL has it
        number = post(broker)
        found = [wait.result(20) for wait in waits]

    assert [[event.sessionId for event in events] for events in found] == [[number]] * 8
    assert time.monotonic() - begun < 10
    assert with_alert(broker, number) == [Alert(broker.rep_logins[0][0])]
    broker.tester.perform("abandon", {"sessionId": number})


def waiting(broker: RunningBroker, desktop: str, since: int) -> list[Any]:
    client: Any = zeep.Client(f"{broker.url}/services/Agents?wsdl")  # type: ignore[no-untyped-call]  # as above
    with client:
        return listed(client.service.getEvents(desktop, since, 15))


def with_alert(broker: RunningBroker, number: int) -> list[Alert]:
    with broker.tester.world.store.reading() as tx:
        return list(tx.alerts(number))
