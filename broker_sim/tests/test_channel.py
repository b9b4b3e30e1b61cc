"""CHAN-1: chat and files between two browsers over a relay that reads none of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from broker_sim.contract import limits
from broker_sim.core.channel import Party
from broker_sim.core.refusal import Refused
from broker_sim.service import channels, customers, passes
from broker_sim.testing import running_broker
from broker_sim.tests.frames import NaiveParty, fetch
from broker_sim.tests.talks import Talk, party, started, talking


@pytest.fixture
def talk() -> Iterator[Talk]:
    with running_broker() as broker:
        yield talking(broker)


def test_a_chat_reaches_both_and_the_record(talk: Talk) -> None:
    """CHAN-1, AGENT-2."""
    talk.customer.say(kind="chat", text="Good morning")
    talk.rep.say(kind="chat", text="Hello")
    texts = [said["text"] for _, said in talk.rep.hear() if said["kind"] == "chat"]
    assert texts == ["Good morning", "Hello"]
    assert [who for who, said in talk.customer.hear() if said["kind"] == "chat"] == [
        "customer",
        "rep",
    ]
    assert [chat.partition(": ")[2] for chat in talk.chats()] == ["Good morning", "Hello"]


def test_what_is_said_by_another_door_comes_as_an_event(talk: Talk) -> None:
    """CHAN-1: SOAP, forms and testers are heard, too."""
    act = {"sessionId": talk.session_id, "text": "By a form", "speaker": "customer"}
    talk.broker.tester.perform("chat", act)
    heard = [said for who, said in talk.rep.hear() if who == "broker"]
    assert [said["event"] for said in heard] == ["Chat"]
    assert heard[0]["line"]["who"] == "customer"
    assert heard[0]["line"]["text"] == "By a form"
    assert "from" not in heard[0]


def test_a_reader_waits_until_something_comes(talk: Talk) -> None:
    """CHAN-1: an event wakes a long poll, too."""
    talk.rep.hear()
    act = {"sessionId": talk.session_id, "text": "Now", "speaker": "customer"}
    talk.broker.tester.perform("chat", act)
    assert talk.rep.hear(wait=20)[0][1]["line"]["text"] == "Now"


def test_the_customers_page_hands_out_the_descriptor(talk: Talk) -> None:
    """CHAN-1: the key goes to who has the pass; the journal shows neither it nor the ticket."""
    world = talk.broker.tester.world
    url = f"{talk.broker.url}/cs/{passes.session_pass(world, talk.session_id)}/channel"
    status, said, _ = fetch(url)
    told = json.loads(said)
    assert status == 200
    assert told["party"] == "customer"
    shown = repr(talk.broker.journal.seen())
    assert told["key"] not in shown
    assert told["ticket"] not in shown


def test_a_ticket_opens_its_own_channel_as_its_own_party_only(talk: Talk) -> None:
    """CHAN-1."""
    frame = talk.customer.frame({"kind": "chat", "text": "x"})
    for ticket in ("", talk.rep.ticket, talk.customer.ticket + "x"):
        thief = NaiveParty(talk.session_id, "customer", b"", talk.customer.url, ticket)
        assert thief.post(0, [frame])[0] == 403
    other = party(talk.broker, started(talk.broker), Party.CUSTOMER)
    status, _, _ = fetch(talk.customer.url, ticket=other.ticket)
    assert status == 403


def test_the_channel_ends_with_its_session(talk: Talk) -> None:
    """CHAN-1: the end is told, then nothing is taken any more."""
    talk.broker.tester.perform("end", {"sessionId": talk.session_id, "resolution": "Resolved"})
    assert talk.customer.hear()[-1][1]["event"] == "Ended"
    assert talk.customer.post(0, [talk.customer.frame({"kind": "typing"})])[0] == 410
    with pytest.raises(Refused, match="OutOfTurn"):
        channels.descriptor(talk.broker.tester.world, talk.session_id, Party.REP)


def test_who_waits_in_a_world_that_is_dropped_is_told_that_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """CHAN-1: nothing has gone wrong inside, so there is no incident."""
    with running_broker() as broker, ThreadPoolExecutor(1) as threads:
        with broker.world(seed=3) as world:
            rep = party(world, started(world), Party.REP)
            rep.hear()
            waits = threads.submit(fetch, f"{rep.url}?since={rep.since}&wait=20", ticket=rep.ticket)
            with pytest.raises(TimeoutError):
                waits.result(0.3)
        assert waits.result(10)[0] == 410
    assert not caplog.records


def test_a_reader_of_another_relay_is_told_at_once(talk: Talk) -> None:
    """CHAN-1: that it is this one now; it does not wait first."""
    talk.rep.hear()
    here, talk.rep.since = talk.rep.since, "other.7"
    began = time.monotonic()
    talk.rep.frames(wait=20)
    assert time.monotonic() - began < 10
    assert talk.rep.since.split(".")[0] == here.split(".")[0]


@pytest.mark.parametrize(
    ("count", "size", "status"),
    [
        (limits.FRAMES_POST_MAX, 29, 200),
        (limits.FRAMES_POST_MAX + 1, 29, 413),
        (2, limits.FRAMES_POST_BYTES // 2 - limits.FRAME_TAKES_BYTES, 200),
        (2, limits.FRAMES_POST_BYTES // 2 - limits.FRAME_TAKES_BYTES + 1, 413),
        (1, limits.FRAME_MAX_BYTES, 200),
    ],
)
def test_a_post_never_pushes_out_its_own_frames(
    talk: Talk, count: int, size: int, status: int
) -> None:
    """CHAN-1: what was taken is there for who reads next; what is too much is refused whole."""
    talk.rep.hear()
    assert talk.customer.post(0, [bytes(size)] * count)[0] == status
    came = [one.n for one in talk.rep.frames() if one.party == "customer"]
    assert came == list(range(count if status == 200 else 0))


def test_what_happened_elsewhere_is_told_in_pieces_that_a_relay_keeps(talk: Talk) -> None:
    """CHAN-1: long chats by another door, more than a channel keeps, reach a page that reads."""
    talk.rep.hear()
    texts = [f"{nth}" + "x" * (limits.TEXT_MAX - 1) for nth in range(8)]
    for text in texts:
        customers.say(talk.broker.tester.world, talk.session_id, text)
    heard: list[str] = []
    for _ in range(20):
        heard += [said["line"]["text"] for _, said in talk.rep.hear(wait=1) if said.get("line")]
        if len(heard) >= len(texts):
            break
    assert heard == texts
