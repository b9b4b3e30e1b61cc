"""A foreign SOAP stack, driven by the published WSDL alone, does the client's whole round."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import zeep
from zeep.exceptions import Fault

from broker_sim.service import managers
from broker_sim.testing import RunningBroker, running_broker

RANGE = {"from": "2029-10-18T00:00:00Z", "to": "2030-01-15T09:00:00Z"}


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=7, sessions=60) as running:
        yield running


@pytest.fixture(params=["wsdl", "wsdl12"], ids=["SOAP 1.1", "SOAP 1.2"])
def service(broker: RunningBroker, request: pytest.FixtureRequest) -> Iterator[Any]:
    url = broker.wsdl_url.replace("wsdl", request.param)
    client: Any = zeep.Client(url)  # type: ignore[no-untyped-call]  # zeep has types in part only
    with client:
        yield client.service


@pytest.fixture
def connection(broker: RunningBroker, service: Any) -> Iterator[str]:
    _, username, password = broker.logins[0]
    identifier = service.logon(username, password)
    yield identifier
    service.logoff(identifier)


def test_a_session_comes_with_its_nested_lists(service: Any, connection: str) -> None:
    """WIRE-2, SESS-4: entries, events and files arrive as lists of typed values."""
    ids = service.getSessionIds(connection, **RANGE)
    sessions = [service.getSession(connection, number) for number in ids[:8]]
    finished = next(one for one in sessions if one.status == "Finished")

    labels = [entry.label for entry in finished.smartBoxEntries.LabelledValue]
    kinds = [event.kind for event in finished.events.SessionEvent]
    names = {file.name for file in finished.files.SessionFile}

    assert "Name" in labels
    assert kinds[:3] == ["Posted", "Accepted", "Started"]
    assert f"localScreen{finished.sessionId}.g2a" in names
    assert finished.postTime.utcoffset() == timedelta(0)


def test_a_fault_has_a_typed_detail(service: Any, connection: str) -> None:
    """FAULT-1: the detail is an element of the schema, with its fields."""
    with pytest.raises(Fault) as refused:
        service.getUpdates(connection, 10**9)

    (detail,) = refused.value.detail
    fields = {child.tag.rpartition("}")[2]: child.text for child in detail}
    assert detail.tag.endswith("}InvalidUpdateId")
    assert fields["code"] == "InvalidUpdateId"
    assert int(fields["lastUpdateId"]) == service.getLastUpdateId(connection)


def test_the_update_loop_sees_a_live_session_once(
    broker: RunningBroker, service: Any, connection: str
) -> None:
    """UPD-1, UPD-2: from the last update on, every change of a new session, in order."""
    portal = broker.logins[0][0]
    since = service.getLastUpdateId(connection)
    sub_portal = service.getPortal(connection).subPortals.Name[0]
    given = {"portal": portal, "subPortal": sub_portal, "question": "Why <b>?"}
    number = broker.tester.perform("post", given).session_id
    for act in ("accept", "start", "end", "record"):
        broker.tester.perform(act, {"sessionId": number})

    seen = []
    while page := service.getUpdates(connection, since, max=2):
        seen += [(update.sessionId, update.kind) for update in page]
        since = page[-1].updateId

    kinds = ["Posted", "Accepted", "Started", "Ended", "RecordingReady"]
    assert seen == [(number, kind) for kind in kinds]
    assert service.getSession(connection, number).question == "Why <b>?"


def test_a_locked_login_says_how_long(broker: RunningBroker, service: Any) -> None:
    """LOGON-3: three failures, then LockedOut with the seconds left."""
    portal = broker.logins[0][0]
    name = f"burnt-{type(service._binding).__name__}"
    managers.add_login(broker.tester.world, portal, name, "right")
    codes = []
    for _ in range(4):
        with pytest.raises(Fault) as refused:
            service.logon(name, "wrong")
        (detail,) = refused.value.detail
        codes.append(detail.tag.rpartition("}")[2])

    assert codes == ["InvalidCredentials"] * 3 + ["LockedOut"]
    assert detail.findtext("{*}secondsLeft") == "300"
