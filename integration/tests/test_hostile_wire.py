"""C-NET-2, C-LOCK-1: a client behind a proxy that cuts, loses, halves and garbles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.tests.broker_process import BrokerProcess, until
from integration.tests.client_process import ClientProcess, stop
from integration.tests.home import index, rows
from integration.tests.hostile import Between

pytestmark = pytest.mark.slow

# Spared, so that the test is about the rest: a logon whose answer is lost costs twenty minutes of
# waiting, as it should; and the description is read once
SPARED = (b":logon ", b"?wsdl")


@pytest.fixture(scope="module")
def open_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProcess]:
    """A broker without TLS: what passes can be read, and spoilt."""
    with BrokerProcess(tmp_path_factory.mktemp("open"), http=True) as running:
        yield running


def spoilt(proxy: Between) -> int:
    return sum(count for kind, count in proxy.done.items() if kind != "passed")


def stored(client: ClientProcess) -> int:
    return int(client.run_json("status")["totals"]["stored"])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_demand_through_a_hostile_proxy(
    open_broker: BrokerProcess, tmp_path: Path, seed: int
) -> None:
    """C-NET-2: a third of all exchanges is spoilt; all sessions come home, whole and once."""
    login = open_broker.portal()
    ids = [open_broker.whole(login) for _ in range(3)]
    client = ClientProcess(tmp_path, open_broker, login)
    with Between(seed, 0.33, SPARED) as proxy:
        client.environment = {"http_proxy": proxy.url, "no_proxy": ""}
        for _ in range(3):  # a person starts it again where patience ended
            said = client.run("fetch", code=None)
            if f"{len(ids)} of {len(ids)} sessions" in said:
                break
    client.environment = {}

    assert spoilt(proxy) >= 5, proxy.done
    assert [row[0] for row in rows(client.portal)["support_session"]] == ids
    assert client.run_json("verify")["good"]


@pytest.mark.parametrize("seed", [4, 5])
def test_real_time_through_a_hostile_proxy(
    open_broker: BrokerProcess, tmp_path: Path, seed: int
) -> None:
    """C-NET-2, C-ONCE-2: it backs off, comes back, and misses no change."""
    login = open_broker.portal()
    client = ClientProcess(tmp_path, open_broker, login)
    with Between(seed, 0.0, SPARED) as proxy:
        client.environment = {"http_proxy": proxy.url, "no_proxy": ""}
        watching = client.begin("watch")
        until(lambda: client.run_json("status")["updates"]["state"] == "updating")
        proxy.share = 0.33
        ids = [open_broker.whole(login) for _ in range(3)]
        boxes = [{"label": "How was it?", "value": "fine"}]
        open_broker.act("survey", sessionId=ids[0], customerRatings=boxes)
        # What fails again and again comes to wait a minute: by chance alone it may take long.
        until(lambda: stored(client) == 3 or spoilt(proxy) >= 10, 150)
        proxy.share = 0.0
        until(lambda: stored(client) == 3, 150)
        until(lambda: client.run_json("status")["queue"]["length"] == 0, 90)
        until(lambda: index(client.portal, ids[0])["customer_ratings"], 90)
        code, said = stop(watching)
    client.environment = {}

    assert code == 0, said
    assert [row[0] for row in rows(client.portal)["support_session"]] == ids
    assert client.run_json("verify")["good"]


def test_a_wrong_password_behind_a_proxy_that_loses_every_answer(
    open_broker: BrokerProcess, tmp_path: Path
) -> None:
    """C-LOCK-1: ten starts, two logons: the third failure would lock the login."""
    login = open_broker.portal(hard_lockouts=True)
    client = ClientProcess(tmp_path, open_broker, login, password="wrong")
    mark = open_broker.mark()
    with Between(6, 1.0, (b"?wsdl",)) as proxy:
        client.environment = {"http_proxy": proxy.url, "no_proxy": ""}
        for _ in range(10):
            client.run("fetch", code=None)

    assert len(open_broker.calls("logon", mark)) <= 2
    client.settings["password"] = login.password
    client.environment = {}
    client.run("fetch")


def test_through_a_proxy_that_behaves(open_broker: BrokerProcess, tmp_path: Path) -> None:
    """C-NET-1: every exchange passes the proxy of the environment, downloads as well."""
    login = open_broker.portal()
    open_broker.whole(login)
    client = ClientProcess(tmp_path, open_broker, login)
    mark = open_broker.mark()
    with Between(7, 0.0) as proxy:
        client.environment = {"http_proxy": proxy.url, "no_proxy": ""}
        client.run("fetch")

    assert proxy.done["passed"] == len(open_broker.journal(mark))
    assert proxy.done["passed"] > 10
