"""Screen recordings: the customer's desktop and the representative's, as they replay.

Both are streams in the Guacamole recording format, see `pen`. Timestamps are milliseconds
since 1970 and go from the session's start to its end; what happens in between is what the
session's events say, at their instants.
"""

from __future__ import annotations

from collections.abc import Iterator

from broker_sim.core.record import Session
from broker_sim.synthetic import plot
from broker_sim.synthetic.customer_screen import CustomerScreen
from broker_sim.synthetic.rep_screen import RepScreen


def remote(seed: int, session: Session) -> Iterator[bytes]:
    """Give the customer's screen, piece by piece.

    Raises:
        ValueError: the session has not started.
    """
    return CustomerScreen(plot.read(seed, session)).frames()


def local(seed: int, session: Session) -> Iterator[bytes]:
    """Give the representative's screen, piece by piece.

    Raises:
        ValueError: the session has not started.
    """
    return RepScreen(plot.read(seed, session)).frames()
