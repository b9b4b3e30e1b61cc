"""The control API's calls for fault rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from broker_sim.testing import running_broker
from broker_sim.testing.running import RunningBroker
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.struck import ask, logon_request, whole


@pytest.fixture(scope="module")
def served() -> Iterator[RunningBroker]:
    with running_broker(seed=3) as broker:
        yield broker


@pytest.fixture
def world(served: RunningBroker) -> Iterator[BrokerWorld]:
    with served.world(seed=3, sessions=6) as world:
        yield world


@pytest.fixture
def control(world: BrokerWorld) -> Iterator[Callable[..., requests.Response]]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {world.control_token}"

        def call(method: str, path: str, given: Any = None) -> requests.Response:
            return session.request(method, world.control_url + path, json=given, timeout=10)

        yield call


def test_rules_come_and_go_by_the_control_api(
    world: BrokerWorld, control: Callable[..., requests.Response]
) -> None:
    """POST adds, GET tells the counts, DELETE removes one or all."""
    rule = {"operation": "logon", "effect": "status", "status": 503, "retryAfter": 1, "skip": 1}
    made = control("POST", "/faults", rule).json()
    control("POST", "/faults", {"id": "mine", "effect": "cut", "times": 1})
    first = whole(world, logon_request(world))
    second = ask(world, logon_request(world))
    told = control("GET", "/faults").json()["faults"]

    assert (made["id"], made["when"], made["fitted"]) == ("fault-1", "before", 0)
    assert (first, second.status) == ((b"", "rst"), 503)
    assert [(one["id"], one["fitted"], one["struck"]) for one in told] == [
        ("fault-1", 2, 1),
        ("mine", 1, 1),
    ]
    assert control("DELETE", "/faults/mine").json() == {"removed": 1}
    assert control("DELETE", "/faults/mine").status_code == 404
    assert control("DELETE", "/faults").json() == {"removed": 1}
    assert control("GET", "/faults").json() == {"faults": []}


def test_the_control_api_names_what_is_wrong(control: Callable[..., requests.Response]) -> None:
    """FAULT-1: 400 and a sentence with field and wish."""
    wrong = control("POST", "/faults", {"effect": "delay", "seconds": "2"})
    unknown = control("POST", "/faults", {"effect": "cut", "operation": "getSesion"})

    assert (wrong.status_code, unknown.status_code) == (400, 400)
    assert wrong.json()["error"] == "'seconds' must be a number from 0 to 600; not '2'"
    assert "'Sessions.getSession'" in unknown.json()["error"]
