"""A broker inside a test: at once, alone, and gone without a trace."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from broker_sim.adapters.database import sqlite_url
from broker_sim.bootstrap.worlds import START
from broker_sim.contract import ENDPOINTS
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.sessions_of import SessionsOf


def world_of(broker: RunningBroker) -> dict[str, Any]:
    """Ask the control door for the world."""
    headers = {"Authorization": f"Bearer {broker.control_token}"}
    url = f"{broker.control_url}/_sim/world"
    told: dict[str, Any] = requests.get(url, headers=headers, timeout=10).json()
    return told


def is_open(url: str) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) == 0


def test_two_at_once_know_nothing_of_each_other() -> None:
    """Each has its own ports, clock, data and journal; the same seed gives the same logins."""
    with running_broker(seed=7, sessions=5) as one, running_broker(seed=7) as other:
        assert one.logins == other.logins
        assert len({one.url, other.url, one.control_url, other.control_url}) == 4
        one.tester.advance(START + timedelta(hours=1))
        requests.get(one.wsdl_url, timeout=10).raise_for_status()
        SessionsOf(one).call("getPortal")

        assert [world_of(broker)["sessions"] for broker in (one, other)] == [5, 0]
        assert other.tester.clock.now() == START
        assert SessionsOf(other).call("getLastUpdateId") == 0
        assert other.tester.journal.after(0, 10) == []


@pytest.mark.parametrize("store", ["memory", "file"])
def test_nothing_is_left_of_it(store: str) -> None:
    """Neither threads nor ports, used or not, however often one comes and goes."""
    before = set(threading.enumerate())
    for _ in range(10):
        with running_broker(store=store) as broker:
            requests.get(f"{broker.control_url}/_sim/world", timeout=10)
            SessionsOf(broker).call("getPortal")
        assert not is_open(broker.url)
        assert not is_open(broker.control_url)

    assert set(threading.enumerate()) == before


def test_it_is_closed_whatever_the_test_ends_in(tmp_path: Path) -> None:
    """A failing test frees its ports and its store."""
    url = sqlite_url(tmp_path / "broker.db")
    with pytest.raises(ZeroDivisionError), running_broker(store=url, home=tmp_path) as broker:
        raise ZeroDivisionError

    assert not is_open(broker.url)
    (tmp_path / "broker.db").unlink()


def test_https_is_there_when_asked_for(tmp_path: Path) -> None:
    """SEC-1: with an authority of its own, which is the one thing to trust."""
    with running_broker(tls=True, home=tmp_path) as broker:
        assert broker.url.startswith("https://")
        found = requests.get(broker.wsdl_url, verify=str(broker.ca_file), timeout=10)
        assert f'location="{broker.url}/services/Sessions"' in found.text
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(broker.wsdl_url, timeout=10)


def test_a_home_is_gone_on_with(tmp_path: Path) -> None:
    """LOGON-6: the next broker with this home has the same world, at the same time."""
    later = START + timedelta(days=3)
    with running_broker(store="file", home=tmp_path, sessions=5) as broker:
        broker.tester.advance(later)
        before = world_of(broker)
        port = urlsplit(broker.url).port or 0
    again = running_broker(store="file", home=tmp_path, seed=99, sessions=50, port=port)
    with again as broker:
        after = world_of(broker)

    assert before == after


@pytest.fixture
def restarted(tmp_path: Path) -> Iterator[RunningBroker]:
    with running_broker(store="file", home=tmp_path, sessions=5) as broker:
        yield broker


def test_a_restart_keeps_what_a_process_keeps(restarted: RunningBroker) -> None:
    """LOGON-6: ports, sessions, locks and the clock; the journal begins anew."""
    url, sessions = restarted.url, SessionsOf(restarted)
    restarted.tester.advance(START + timedelta(days=1))
    with requests.Session() as http:
        http.post(f"{url}/services/Sessions", data=b"<a/>", timeout=10)
    assert restarted.tester.journal.after(0, 10)
    last = sessions.call("getLastUpdateId")

    restarted.restart()

    assert is_open(url)
    assert restarted.tester.clock.now() == START + timedelta(days=1)
    assert restarted.tester.journal.after(0, 10) == []
    assert SessionsOf(restarted).call("getLastUpdateId") == last


def test_many_at_once_do_not_wait_for_each_other() -> None:
    """A suite may run a broker for every test."""
    with ExitStack() as stack:
        brokers = [stack.enter_context(running_broker(seed=seed)) for seed in range(8)]
        answers = {requests.get(broker.url, timeout=10).status_code for broker in brokers}

    assert answers == {200}


def test_the_page_at_the_root_leads_to_the_services() -> None:
    """A person who opens the address finds the WSDL, and that the data is invented."""
    with running_broker() as broker:
        page = requests.get(broker.url, timeout=10)
        told = [part.partition('"')[0] for part in page.text.split('href="')[1:]]
        links = {link for link in told if "wsdl" in link}
        assert links == {
            f"{endpoint.path}?{kind}" for endpoint in ENDPOINTS for kind in ("wsdl", "wsdl12")
        }
        assert "invented" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        for link in links:
            assert "definitions" in requests.get(broker.url + link, timeout=10).text
        assert requests.post(broker.url, timeout=10).status_code == 405
        assert requests.head(broker.url, timeout=10).content == b""
