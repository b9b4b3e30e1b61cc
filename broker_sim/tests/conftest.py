"""What every test of the broker has around it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from broker_sim.testing import stores


@pytest.fixture(autouse=True)
def _no_database_is_left() -> Iterator[None]:
    """Delete the databases that stood for files of this test, where there were any."""
    yield
    stores.drop_unused()
