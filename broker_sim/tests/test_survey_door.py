"""SEC-2, PORTAL-5: who tries links of surveys has to wait; who has one does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from broker_sim.service import passes
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.testing.world import BrokerWorld

TICK = timedelta(milliseconds=1)


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def world(broker: RunningBroker) -> Iterator[BrokerWorld]:
    with broker.world(sessions=3) as made:
        yield made


def asked(world: BrokerWorld, token: str, key: str = "12012692") -> requests.Response:
    fields = {"QueryKey": key, "Portal": world.logins[0][0], "Token": token}
    return requests.get(f"{world.url}/ds/sessionEndV8.flow", params=fields, timeout=10)


@pytest.mark.parametrize("wrong", [9, 10, 11])
def test_ten_wrong_links_from_one_address_have_to_wait(world: BrokerWorld, wrong: int) -> None:
    """SEC-2: limit - 1, limit, limit + 1; a minute, its end left out."""
    for nth in range(min(wrong, 10)):
        assert asked(world, f"12012692:{nth}", "²" if nth % 2 else "12012692").status_code == 404
    if wrong == 11:
        assert asked(world, "12012692:x").status_code == 429
    there = asked(world, "12012692:x")
    assert there.status_code == (404 if wrong == 9 else 429)
    if wrong == 9:
        return
    assert there.headers["Retry-After"] == "60"
    now = world.tester.clock.now()
    world.tester.advance(now + timedelta(minutes=1) - TICK)
    assert asked(world, "12012692:x").status_code == 429
    world.tester.advance(now + timedelta(minutes=1))
    assert asked(world, "12012692:x").status_code == 404


def test_a_right_link_is_let_in_all_the_same(world: BrokerWorld) -> None:
    """PORTAL-5: who shares an address with somebody who tries has done nothing."""
    for nth in range(12):
        asked(world, f"12012692:{nth}")
    portal = world.logins[0][0]
    number = world.tester.perform(
        "post", {"portal": portal, "subPortal": "email", "question": "It broke."}
    ).session_id
    token = passes.survey_token(world.tester.world, number, portal)

    assert asked(world, token, str(number)).status_code == 409  # the session goes on
    assert asked(world, "1:x").status_code == 429
