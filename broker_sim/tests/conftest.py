"""What every test of the broker has around it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from broker_sim.testing import RunningBroker, stores
from broker_sim.tests.desks import Desk, desks
from broker_sim.tests.manager_cast import Cast
from broker_sim.tests.storeless import Storeless
from broker_sim.tests.worlds import Hands


def pytest_configure(config: pytest.Config) -> None:
    """Leave out on PostgreSQL what would do the same there."""
    config.pluginmanager.register(Storeless(config), "storeless")


@pytest.fixture(autouse=True)
def _no_database_is_left() -> Iterator[None]:
    """Delete the databases that stood for files of this test, where there were any."""
    yield
    stores.drop_unused()


@pytest.fixture
def cast(broker: RunningBroker) -> Iterator[Cast]:
    """Give the people of a world of the test's own, in its module's broker."""
    with broker.world() as made:
        yield Cast(made)


@pytest.fixture
def amy(hands: Hands) -> Desk:
    """Give the first representative of the module's world, at the desk and taking requests."""
    return desks(hands)[0].sit_down()


@pytest.fixture
def ben(hands: Hands) -> Desk:
    """Give the second one, likewise."""
    return desks(hands)[1].sit_down()
