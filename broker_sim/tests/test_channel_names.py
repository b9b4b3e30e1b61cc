"""CHAN-1, LOGON-6: channels are named anew once for each world, however many processes serve it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from broker_sim.service.outer_relays import OuterRelays
from broker_sim.service.tickets import Tickets
from broker_sim.tests.worlds import Hands, world

Process = tuple[Hands, OuterRelays]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[tuple[Process, Process]]:
    """Two processes of one world, whose channels go through relays of their own."""
    rooms = map(str, count())

    def process() -> Process:
        hands = stack.enter_context(world(tmp_path, workers=2))
        within = hands.broker.world
        tickets = Tickets(within.vault.sign, within.vault.verify, within.clock.now)
        urls = ["http://relay.example"]
        relays = OuterRelays(within, lambda: urls, tickets, lambda: next(rooms), lambda: 0.0)
        hands.broker.take_relays(relays)
        return hands, relays

    with ExitStack() as stack:
        yield process(), process()


def test_who_takes_up_another_world_leaves_its_channels_their_names(
    processes: tuple[Process, Process],
) -> None:
    """CHAN-1: a page that has gone on is not sent elsewhere when the next process notices."""
    (one, names), (other, others) = processes
    one.broker.tester.reset(11, None)
    address = names.address(12)

    other.broker.world.clock.now()

    assert other.broker.seed == 11
    assert others.address(12) == names.address(12) == address


def test_who_follows_takes_up_another_world_before_it_calls_a_channel_unknown(
    processes: tuple[Process, Process],
) -> None:
    """CHAN-1: it would close it, under a name that the session keeps."""
    (one, names), (_, others) = processes
    one.broker.tester.reset(11, None)
    one.portal = next(iter(one.broker.logins()))
    number = one.post()
    for act in ("accept", "start"):
        one.act(act, sessionId=number)

    assert others.names.number(names.names.of(number)) == number
