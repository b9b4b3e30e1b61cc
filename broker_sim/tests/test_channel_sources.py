"""CHAN-1: each source counts its own frames; what the recorder knows of them, and forgets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest

from broker_sim.contract import limits
from broker_sim.core.channel import BROKERS, Party
from broker_sim.core.record import Event
from broker_sim.service.recorder import Recorder
from broker_sim.tests.frames import Frame, unseal
from broker_sim.tests.test_channel_tampering import OTHER, SOURCE, Recorded
from broker_sim.tests.worlds import Hands, world


@pytest.fixture(scope="module")
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


def restart(recorded: Recorded, hands: Hands) -> None:
    """Let another recorder go on with what is stored."""
    recorded.recorder = Recorder(hands.broker.world, lambda: 0.0)


def test_two_sources_of_a_party_share_no_numbers(hands: Hands) -> None:
    """CHAN-1: both are heard, in the order in which they came."""
    recorded = Recorded(hands)
    for n in range(3):
        for source in (SOURCE, OTHER):
            recorded.take(recorded.frame(Party.CUSTOMER, n, f"{source} {n}", source))
    assert recorded.chats() == [f"{source} {n}" for n in range(3) for source in (SOURCE, OTHER)]
    assert recorded.bad == 0


def test_what_another_recorder_had_read_is_passed_over(hands: Hands) -> None:
    """CHAN-1: also where it had read further than it needed to store."""
    recorded = Recorded(hands)
    chat = recorded.frame(Party.CUSTOMER, 0, "Hello")
    typing = recorded.sealed(Party.CUSTOMER, 1, b'{"kind":"typing"}')
    recorded.take(chat, typing)
    restart(recorded, hands)
    recorded.take(chat)
    recorded.take(recorded.frame(Party.CUSTOMER, 2, "Again"))
    restart(recorded, hands)
    recorded.take(chat, typing, recorded.frame(Party.CUSTOMER, 2, "Again"))
    assert recorded.chats() == ["Hello", "Again"]
    assert recorded.bad == 0


@pytest.mark.parametrize("kind", ["chat", "typing"])
def test_a_source_that_is_new_is_stored_with_its_first_frame(hands: Hands, kind: str) -> None:
    """CHAN-1: its next may jump for another recorder, as that of no stranger may."""
    recorded = Recorded(hands)
    recorded.take(recorded.sealed(Party.REP, 0, json.dumps({"kind": kind, "text": "x"}).encode()))
    restart(recorded, hands)
    recorded.take(recorded.frame(Party.REP, 5, "jumps"), recorded.frame(Party.REP, 6, "on"))
    assert recorded.bad == 0
    recorded.take(recorded.frame(Party.REP, 1, "strange", OTHER))
    assert recorded.bad == 1


def test_a_source_jumps_once_for_another_recorder(hands: Hands) -> None:
    """CHAN-1: what is missing behind that is noticed, also among frames that come together."""
    recorded = Recorded(hands)
    recorded.take(recorded.frame(Party.CUSTOMER, 0, "one"))
    restart(recorded, hands)
    recorded.take(*(recorded.frame(Party.CUSTOMER, n, f"{n}") for n in (3, 5)))
    assert recorded.bad == 1


def test_only_so_many_sources_of_a_party_are_remembered(hands: Hands) -> None:
    """CHAN-1: those used last; a party's many push out none of the other's."""
    recorded, most = Recorded(hands), limits.CHANNEL_SOURCES_MAX
    typing, theirs = b'{"kind":"typing"}', recorded.frame(Party.REP, 0, "Hello")
    recorded.take(theirs)
    sources = [f"{n:016x}" for n in range(most)]
    for n, source in [(0, one) for one in sources] + [(1, sources[0]), (0, OTHER)]:
        recorded.take(recorded.sealed(Party.CUSTOMER, n, typing, source))
    recorded.take(theirs)
    with recorded.store.reading() as tx:
        found = tx.channel(recorded.number)
    assert found is not None
    assert set(found.progress.seen["customer"]) == {*sources, OTHER} - {sources[1]}
    assert recorded.chats() == ["Hello"]


def told(recorded: Recorded) -> list[dict[str, object]]:
    """Let the recorder tell all events; read what it tells."""
    found: list[dict[str, object]] = []

    def send(first: int, frames: Sequence[bytes]) -> int:
        for n, frame in enumerate(frames, start=first):
            one = Frame(0, "broker", BROKERS, n, frame)
            found.append(json.loads(unseal(recorded.key, recorded.number, one)))
        return first + len(frames)

    assert recorded.recorder.look(recorded.number, send, told=0)
    return found


def test_all_that_was_said_in_a_burst_is_told_as_what_it_came_as(hands: Hands) -> None:
    """CHAN-1: else pages would show it twice; of what was told before no more is stored."""
    recorded, most = Recorded(hands), limits.CHATS_BURST
    both = [(party, n) for n in range(most) for party in (Party.CUSTOMER, Party.REP)]
    recorded.take(*(recorded.frame(party, n, "x" * 9) for party, n in both))
    said = [one for one in told(recorded) if one["event"] == Event.CHAT]
    assert [(one["from"], one["source"], one["n"]) for one in said] == [
        (party, SOURCE, n) for party, n in both
    ]
    recorded.tick = 1.0
    recorded.take(recorded.frame(Party.REP, most, "One more"))
    with recorded.store.reading() as tx:
        found = tx.channel(recorded.number)
    assert found is not None
    assert [(one[1], one[3]) for one in found.progress.framed] == [(Party.REP, most)]
