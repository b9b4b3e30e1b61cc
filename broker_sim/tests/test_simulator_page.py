"""The simulator's page over HTTP: where it stands, and what it does not tell."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import requests

from broker_sim.bootstrap.announcing import described
from broker_sim.contract import ENDPOINTS
from broker_sim.control import simulator
from broker_sim.core import hostility
from broker_sim.testing import running_broker
from broker_sim.tests.served import served


def test_the_page_stands_on_the_control_listener_only() -> None:
    """The product's door knows nothing of it; the root of the control listener leads to it."""
    with running_broker() as broker:
        there = requests.get(f"{broker.control_url}/", timeout=10)
        assert there.url == f"{broker.control_url}/_sim/"
        assert "<title>Simulator</title>" in there.text

        assert requests.get(f"{broker.url}/_sim/", timeout=10).status_code == 404
        with broker.world(seed=3) as other:
            assert requests.get(f"{other.url}/_sim/", timeout=10).status_code == 404


def test_the_page_is_public_and_tells_nothing_about_a_world() -> None:
    """SEC-2: whoever has no token gets forms and the contract's names, no login and no token."""
    with running_broker(sessions=3) as broker:
        page = requests.get(f"{broker.control_url}/_sim/", timeout=10)
        secrets = [broker.control_token, *(password for _, _, password in broker.logins)]

        assert not [secret for secret in secrets if secret in page.text]
        assert broker.logins[0][0] not in page.text
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Cache-Control"] == "no-store"
        assert not re.findall(r"<style|\sstyle=|\son[a-z]+=", page.text)


def test_every_file_of_the_page_is_there() -> None:
    """On the same listener, by the digest in its address."""
    with running_broker() as broker:
        page = requests.get(f"{broker.control_url}/_sim/", timeout=10).text
        files = re.findall(r'(?:href|src)="(/[^"]+)"', page)

        assert len(files) >= 4
        for file in files:
            assert requests.get(broker.control_url + file, timeout=10).ok, file


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_page_is_only_read(method: str) -> None:
    """What changes something is a call of the API."""
    with running_broker() as broker:
        answer = requests.request(method, f"{broker.control_url}/_sim/", timeout=10)

        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_the_page_offers_all_there_is() -> None:
    """Every operation, every provocation, every magic value, by the names of the contract."""
    words = simulator.words()

    assert len(words["operations"]) == sum(len(endpoint.operations) for endpoint in ENDPOINTS)
    assert {one["name"] for one in words["provocations"]} == set(hostility.BY_NAME)
    with running_broker() as broker:
        page = requests.get(f"{broker.control_url}/_sim/", timeout=10).text
    told = re.search(r'<script type="application/json" id="words">(.*?)</script>', page)
    assert told is not None
    assert json.loads(told[1]) == json.loads(json.dumps(words))


def test_serve_says_where_the_page_is(tmp_path: Path) -> None:
    """With the token where no server sees it; nothing where there is no control door."""
    with served(tmp_path, "--port", "0", "--control", "--control-port", "0") as told:
        assert told["simulatorUrl"] == f"{told['controlUrl']}/_sim/#token={told['controlToken']}"
        assert told["simulatorUrl"] in described(told)
    with served(tmp_path, "--port", "0") as told:
        assert told["simulatorUrl"] is None
