"""A broker in memory with seven sessions, and a client of it, for the tests that want one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.tests.broker_process import BrokerProcess
from integration.tests.fakes import FIRST_ID, FakeBroker, ManualClock
from integration.tests.home import Client, portal_in


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def broker(clock: ManualClock) -> FakeBroker:
    """Seven sessions, a minute apart, in pages of three."""
    made = FakeBroker(clock)
    for session_id in range(FIRST_ID, FIRST_ID + 7):
        made.whole(session_id)
        clock.advance(60)
    return made


@pytest.fixture
def client(tmp_path: Path, broker: FakeBroker, clock: ManualClock) -> Iterator[Client]:
    opened = Client(portal_in(tmp_path), broker, clock)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def real_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProcess]:
    """A broker over TLS, in memory; each test makes a portal of its own in it."""
    with BrokerProcess(tmp_path_factory.mktemp("broker")) as running:
        yield running
