"""Worlds of one process: isolated tenants, each at a URL of its own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
import zeep

from broker_sim.bootstrap.worlds import MOST, Held
from broker_sim.testing import RunningBroker, running_broker


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def http(broker: RunningBroker) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {broker.control_token}"
        yield session


def _asked(
    broker: RunningBroker, http: requests.Session, method: str, path: str, body: object = None
) -> requests.Response:
    return http.request(method, f"{broker.control_url}/_sim/{path}", json=body, timeout=10)


def _login(held: Held) -> tuple[str, str]:
    (login, *_), *_ = held.broker.logins().values()
    return login["username"], login["password"]


def _service(told: Any) -> Any:
    client = zeep.Client(told["services"]["Sessions"]["wsdl"])  # type: ignore[no-untyped-call]  # zeep has no types
    return client.service


def test_a_world_is_reached_by_its_url_alone(broker: RunningBroker, http: requests.Session) -> None:
    """WIRE-2: a SOAP stack needs the WSDL of a world and nothing else."""
    told = _asked(broker, http, "POST", "worlds", {"name": "acme", "seed": 3, "sessions": 5}).json()
    service = _service(told)
    login = told["portals"][0]["logins"][0]
    connection = service.logon(login["username"], login["password"])
    portal = service.getPortal(connection)

    assert told["url"] == f"{broker.url}/w/acme"
    assert told["sessions"] == 5
    assert portal.name == told["portals"][0]["name"]
    assert _asked(broker, http, "DELETE", "worlds/acme").json() == {"dropped": "acme"}
    gone = requests.get(told["services"]["Sessions"]["wsdl"], timeout=10)
    assert gone.status_code == 404


def test_a_recording_of_a_world_lies_below_its_url(
    broker: RunningBroker, http: requests.Session
) -> None:
    """REC-5: the link that the Sessions service hands out leads into the same world."""
    told = _asked(broker, http, "POST", "worlds", {"seed": 3, "sessions": 5}).json()
    held = broker.worlds.hand(told["name"])
    service = _service(told)
    connection = service.logon(*_login(held))
    now = held.clock.now()
    ids = service.getSessionIds(connection, now.replace(year=2029, month=11), now)
    sessions = [service.getSession(connection, one) for one in ids]
    files = [file for session in sessions for file in session.files.SessionFile]

    assert files
    assert all(file.url.startswith(f"{told['url']}/recordings/") for file in files)
    first = requests.get(files[0].url, timeout=10)
    assert (first.status_code, len(first.content)) == (200, files[0].size)
    elsewhere = requests.get(files[0].url.replace(f"/w/{told['name']}", ""), timeout=10)
    assert elsewhere.status_code in (403, 410)
    broker.worlds.drop(told["name"])


def test_two_worlds_see_nothing_of_each_other(broker: RunningBroker) -> None:
    """Clock, data, connections and journal are a world's own; the same seed gives the same."""
    one, two = (broker.worlds.hand(broker.worlds.new({"seed": 9})) for _ in range(2))
    before = two.describe()
    service = _service(one.describe())
    connection = service.logon(*_login(one))
    one.tester.advance(one.clock.now().replace(year=2031))
    one.tester.add_past(3, 9)

    assert _login(one) == _login(two)
    assert two.describe() == before
    assert not two.tester.journal.after(0, 10)
    with pytest.raises(zeep.exceptions.Fault) as refused:
        _service(two.describe()).getPortal(connection)
    assert "connection" in str(refused.value).lower()
    for held in (one, two):
        broker.worlds.drop(held.name)


def test_two_hundred_worlds_side_by_side(broker: RunningBroker) -> None:
    """Each logs on to its own, posts its own number of requests and finds just those."""

    def lived(number: int) -> tuple[int, int]:
        held = broker.worlds.hand(broker.worlds.new({"seed": number % 5}))
        try:
            portal = held.broker.plan.portals[0]
            asked = {"portal": portal.name, "subPortal": portal.sub_portals[0], "question": "?"}
            for _ in range(number % 7):
                held.tester.perform("post", asked)
            return number % 7, held.describe()["sessions"]
        finally:
            broker.worlds.drop(held.name)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lived, range(200)))

    assert [wanted for wanted, _ in found] == [there for _, there in found]
    assert broker.worlds.names() == ["default"]


def test_an_open_connection_leads_to_the_world_that_is_there(broker: RunningBroker) -> None:
    """WIRE-2: the same request on one connection, before a drop, after it, and to a new world."""
    name = broker.worlds.new({"name": "again"})
    url = f"{broker.url}/w/{name}/health"
    with requests.Session() as client:
        seen = [client.get(url, timeout=10).status_code]
        broker.worlds.drop(name)
        seen.append(client.get(url, timeout=10).status_code)
        broker.worlds.new({"name": name})
        seen.append(client.get(url, timeout=10).status_code)
    broker.worlds.drop(name)

    assert seen == [200, 404, 200]


def test_a_world_that_is_dropped_during_a_beat_holds_up_no_other(
    broker: RunningBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worlds behind it have their beat all the same."""
    first, second, third = (
        broker.worlds.hand(broker.worlds.new({"clock": "real"})) for _ in range(3)
    )
    done: list[str] = []
    monkeypatch.setattr(first.broker, "beat", lambda: broker.worlds.drop(second.name))
    monkeypatch.setattr(third.broker, "beat", lambda: done.append(third.name))

    broker.worlds.beat()

    assert done == [third.name]
    for held in (first, third):
        broker.worlds.drop(held.name)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"name": "UPPER"}, "'name' must"),
        ({"name": ""}, "'name' must"),
        ({"name": "default"}, "already"),
        ({"seed": -1}, "'seed'"),
        ({"sessions": 10**9}, "'sessions'"),
        ({"days": "ten"}, "'days'"),
        ({"clock": "broken"}, "'clock'"),
        ({"now": "yesterday"}, "'now'"),
        ({"colour": "blue"}, "'colour'"),
    ],
)
def test_a_wrong_wish_makes_no_world_and_is_named(
    broker: RunningBroker, http: requests.Session, wish: object, said: str
) -> None:
    """FAULT-1: what is wrong stands in the answer."""
    refused = _asked(broker, http, "POST", "worlds", wish)

    assert refused.status_code == 400
    assert said in refused.json()["error"]
    assert broker.worlds.names() == ["default"]


@pytest.mark.parametrize("mode", ["real", "shifted", "frozen"])
def test_a_wrong_instant_makes_no_world_in_python_either(broker: RunningBroker, mode: str) -> None:
    """FAULT-1: whichever clock is asked for."""
    with pytest.raises(ValueError, match="'now'"):
        broker.worlds.new({"clock": mode, "now": "yesterday"})

    assert broker.worlds.names() == ["default"]


def test_every_call_of_a_world_exists_for_each_world(
    broker: RunningBroker, http: requests.Session
) -> None:
    """The clock of one is advanced; the others stand where they stood."""
    name = broker.worlds.new({})
    told = _asked(broker, http, "POST", f"worlds/{name}/clock/advance", {"seconds": 60}).json()

    assert told["now"] == "2030-01-15T09:01:00.000Z"
    assert _asked(broker, http, "GET", "clock").json()["now"] == "2030-01-15T09:00:00.000Z"
    assert _asked(broker, http, "GET", "worlds/nobody/clock").status_code == 404
    assert _asked(broker, http, "DELETE", "worlds/default").status_code == 400
    broker.worlds.drop(name)


@pytest.mark.parametrize("mode", ["real", "shifted"])
def test_a_world_may_have_a_clock_that_goes(broker: RunningBroker, mode: str) -> None:
    """A shifted one begins at the instant that is asked for."""
    held = broker.worlds.hand(broker.worlds.new({"clock": mode, "now": "2031-02-03T04:05:06Z"}))

    assert held.clock.mode == mode
    assert (held.clock.now().year == 2031) is (mode == "shifted")
    broker.worlds.drop(held.name)


def test_the_past_of_a_world_is_over_where_its_clock_is_the_machines(broker: RunningBroker) -> None:
    """RET-2: its sessions lie in the days before the machine's time, not before 2030."""
    held = broker.worlds.hand(broker.worlds.new({"clock": "real", "sessions": 9, "days": 30}))
    service, now = _service(held.describe()), held.clock.now()
    logins = [login for (login,) in held.broker.logins().values()]
    connections = [service.logon(login["username"], login["password"]) for login in logins]
    ids = [service.getSessionIds(each, now - timedelta(days=31), now) for each in connections]

    assert sum(map(len, ids)) == 9
    broker.worlds.drop(held.name)


def test_there_is_an_end_to_worlds() -> None:
    """A test that drops none hears it, before the machine does."""
    with running_broker() as running:
        for _ in range(MOST - 1):
            running.worlds.new({})
        with pytest.raises(ValueError, match="drop some"):
            running.worlds.new({})
