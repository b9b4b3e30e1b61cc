"""CHAN-1: what a relay may do to frames, and what the recorder makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.core.channel import Party, Sealed
from broker_sim.core.record import Event
from broker_sim.service.recorder import Recorder
from broker_sim.service.storage import Store, Transaction
from broker_sim.tests.frames import seal
from broker_sim.tests.worlds import Hands, world

PLACE = "t.1"
SOURCE = "0123456789abcdef"
OTHER = "00000000000000ff"


@pytest.fixture(scope="module")
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


class Recorded:
    """A session that goes on, its recorder, and its key."""

    def __init__(self, hands: Hands) -> None:
        self.tick = 0.0
        self.store = hands.broker.store
        self.number = hands.post()
        for act in ("accept", "start"):
            hands.act(act, sessionId=self.number)
        self.recorder = Recorder(hands.broker.world, lambda: self.tick)
        with self.store.reading() as tx:
            found = tx.channel(self.number)
        assert found is not None
        self.key = found.key

    def frame(self, party: Party, n: int, text: str, source: str = SOURCE) -> Sealed:
        said = json.dumps({"kind": "chat", "text": text}).encode()
        return self.sealed(party, n, said, source)

    def sealed(self, party: Party, n: int, plain: bytes, source: str = SOURCE) -> Sealed:
        frame = seal(self.key, self.number, party, source, n, plain)
        return Sealed(n + 1, party, source, n, frame)

    def take(self, *frames: Sealed) -> None:
        self.recorder.take(self.number, frames, PLACE)

    def chats(self) -> list[str]:
        with self.store.reading() as tx:
            held = tx.held(self.number)
        assert held is not None
        return [e.detail.partition(": ")[2] for e in held.session.events if e.kind is Event.CHAT]

    @property
    def bad(self) -> int:
        return self.recorder.known(self.number).bad


ACTS = ("flip", "drop", "repeat", "reorder", "turn", "swap source", "renumber")
doings = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 30)), max_size=4)


def lied(frames: list[Sealed], act: str, at: int) -> list[Sealed]:
    """Do one thing to one frame."""
    at %= len(frames)
    one, rest = frames[at], frames[:at] + frames[at + 1 :]
    match act:
        case "drop":
            return rest or frames
        case "repeat":
            return [*frames, one]
        case "reorder":
            return [*rest, one]
        case _:
            return [*frames[:at], _changed(one, act, at), *frames[at + 1 :]]


def _changed(one: Sealed, act: str, at: int) -> Sealed:
    match act:
        case "flip":
            where = at % len(one.frame)
            flipped = one.frame[:where] + bytes([one.frame[where] ^ 4]) + one.frame[where + 1 :]
            return replace(one, frame=flipped)
        case "turn":
            return replace(one, party=Party.REP if one.party is Party.CUSTOMER else Party.CUSTOMER)
        case "swap source":
            return replace(one, source=OTHER, n=0)
        case _:
            return replace(one, n=one.n + 1)


@settings(max_examples=60, deadline=None)
@given(spoken=st.lists(st.sampled_from(list(Party)[1:]), min_size=2, max_size=8), acts=doings)
def test_whatever_a_relay_does_the_record_is_what_was_said(
    hands: Hands, spoken: list[Party], acts: list[tuple[str, int]]
) -> None:
    """CHAN-1: no word that nobody said, none twice, none before an earlier one of its speaker."""
    recorded = Recorded(hands)
    sent: list[Sealed] = []
    said: dict[Party, list[str]] = {party: [] for party in Party}
    for party in spoken:
        said[party].append(f"{party} {len(said[party])}")
        sent.append(recorded.frame(party, len(said[party]) - 1, said[party][-1]))
    came = sent
    for act, at in acts:
        came = lied(came, act, at)

    for one in came:
        recorded.take(one)

    chats = recorded.chats()
    for party, texts in said.items():
        assert _is_part_of([c for c in chats if c.startswith(party)], texts)
    assert len(set(chats)) == len(chats)
    if _has_all_before_its_last(came, sent):
        return
    assert recorded.bad, "what is missing before a later frame is noticed"


def _is_part_of(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(one in rest for one in part)


def _has_all_before_its_last(came: list[Sealed], sent: list[Sealed]) -> bool:
    """Tell whether all that came is as it was sent, each sender's from its first on in order."""
    known = {(one.party, one.source, one.n): one.frame for one in sent}
    following = dict.fromkeys(Party, 0)
    for one in came:
        if known.get((one.party, one.source, one.n)) != one.frame or one.n > following[one.party]:
            return False
        following[one.party] = max(following[one.party], one.n + 1)
    return True


def test_a_frame_of_another_session_is_none_of_this_one(hands: Hands) -> None:
    """CHAN-1: not even under the same key."""
    one, other = Recorded(hands), Recorded(hands)
    one.take(other.frame(Party.CUSTOMER, 0, "mixed"))
    said = json.dumps({"kind": "chat", "text": "mixed"}).encode()
    sealed = seal(one.key, other.number, "customer", SOURCE, 0, said)
    one.take(Sealed(1, Party.CUSTOMER, SOURCE, 0, sealed))
    assert one.chats() == []
    assert one.bad == 2


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"[]",
        b"null",
        b'"chat"',
        b'{"kind":"chat"}',
        b'{"kind":"chat","text":7}',
        b'{"kind":"event","event":"Ended"}',
        b'{"kind":"file","name":"a","content":"YQ=="}',
        b'{"kind":["chat"],"text":"x"}',
        b'{"kind":"chat","text":"\\ud800"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"kind":"chat","text":"\\u0000"}',
    ],
)
def test_what_a_party_may_not_say_is_passed_over(hands: Hands, plain: bytes) -> None:
    """CHAN-1: and the next frame is heard."""
    recorded = Recorded(hands)
    recorded.take(recorded.sealed(Party.CUSTOMER, 0, plain))
    recorded.take(recorded.frame(Party.CUSTOMER, 1, "Still here"))
    assert recorded.chats() == ["Still here"]
    assert recorded.bad == 1


class FullDisk:
    """A store that fails at the end of its first writing transaction, which leaves no trace."""

    def __init__(self, store: Store) -> None:
        self.reading = store.reading
        self._writing = store.writing
        self._full = True

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        with self._writing() as tx:
            yield tx
            if self._full:
                self._full = False
                raise OSError("no room")


def test_frames_that_could_not_be_stored_are_read_again(hands: Hands) -> None:
    """CHAN-1: what a failed commit took with it was not read."""
    recorded = Recorded(hands)
    full = FullDisk(recorded.store)
    failing = replace(hands.broker.world, store=full)  # type: ignore[arg-type]  # the two that the recorder needs
    recorded.recorder = Recorder(failing, lambda: 0.0)
    frame = recorded.frame(Party.CUSTOMER, 0, "Hello")
    with pytest.raises(OSError, match="no room"):
        recorded.take(frame)
    assert recorded.chats() == []
    recorded.take(frame)
    recorded.take(frame)
    assert recorded.chats() == ["Hello"]
    assert recorded.bad == 0


def test_a_party_says_no_more_than_it_may(hands: Hands) -> None:
    """CHAN-1: a burst, then so many a second; what is over is passed over, the other is heard."""
    recorded, most = Recorded(hands), limits.CHATS_BURST
    said = [recorded.frame(Party.CUSTOMER, n, f"customer {n}") for n in range(most + 5)]
    recorded.take(*said[: most // 2])
    recorded.take(*said[most // 2 :], recorded.frame(Party.REP, 0, "rep 0"))
    assert recorded.chats() == [*(f"customer {n}" for n in range(most)), "rep 0"]
    assert recorded.bad == 5

    recorded.tick = 1.0
    more = range(most + 5, most + 6 + limits.CHATS_PER_SECOND)
    recorded.take(*(recorded.frame(Party.CUSTOMER, n, f"customer {n}") for n in more))
    assert recorded.chats()[most + 1 :] == [f"customer {n}" for n in more[:-1]]
    assert recorded.bad == 6


def test_a_long_chat_counts_as_many(hands: Hands) -> None:
    """CHAN-1: two of the longest at once; each is stored with all that follows."""
    recorded, long = Recorded(hands), "x" * (limits.TEXT_MAX - 1)
    recorded.take(*(recorded.frame(Party.REP, n, long) for n in range(3)))
    assert recorded.chats() == [long, long]
    assert recorded.bad == 1


def test_a_session_takes_only_so_many_events_by_its_channel(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CHAN-1: each event is stored with all before it."""
    recorded = Recorded(hands)
    with recorded.store.reading() as tx:
        held = tx.held(recorded.number)
    assert held is not None
    monkeypatch.setattr(limits, "CHANNEL_EVENTS_MAX", len(held.session.events) + 2)
    for n in range(4):
        recorded.take(recorded.frame(Party.CUSTOMER, n, f"chat {n}"))
    assert recorded.chats() == ["chat 0", "chat 1"]
    assert recorded.bad == 2
