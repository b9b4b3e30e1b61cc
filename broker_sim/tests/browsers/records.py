"""What the broker has recorded of a session that is lived in browsers."""

from __future__ import annotations

from broker_sim.core.record import Event, Session
from broker_sim.testing.world import BrokerWorld


def record(broker: BrokerWorld, number: int) -> Session:
    """Give a session as it is stored; what comes over its channel is there a moment later."""
    with broker.tester.world.store.reading() as tx:
        held = tx.held(number)
    assert held is not None
    return held.session


def kinds(broker: BrokerWorld, number: int) -> list[Event]:
    """Give what has happened in a session."""
    return [one.kind for one in record(broker, number).events]


def details(broker: BrokerWorld, number: int, kind: Event) -> list[str]:
    """Give the details of what has happened in a session, of one kind."""
    return [one.detail for one in record(broker, number).events if one.kind is kind]
