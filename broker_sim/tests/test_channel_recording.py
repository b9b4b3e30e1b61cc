"""CHAN-1, REC-2: the screen recordings of a session that was lived in browsers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from broker_sim.contract import limits
from broker_sim.core.channel import Party
from broker_sim.service import channels, heartbeat
from broker_sim.testing import running_broker
from broker_sim.tests.frames import NaiveParty
from broker_sim.tests.guacamole import instructions
from broker_sim.tests.stores import START
from broker_sim.tests.talks import (
    SIZE,
    WHITE,
    Talk,
    drawn,
    goes_on,
    opened,
    party,
    talking,
    written,
)

BEGUN = int(START.timestamp() * 1000)
ILL_SIDES = [(0, 9), (9, 0), (-1, 9), (9, 1.5), (9, limits.SCREEN_SIDE_MAX + 1), (9,), (9, "")]


@pytest.fixture
def talk() -> Iterator[Talk]:
    with running_broker() as broker:
        yield talking(broker)


def shared(talk: Talk) -> Talk:
    """Begin screen sharing, with the first whole picture."""
    talk.act("screen", on=True)
    talk.customer.say(kind="screen", ms=0, data=SIZE + WHITE + written("sync", 0), key=True)
    return talk


def syncs(plain: bytes) -> list[int]:
    return [int(one[1]) for one in instructions(plain) if one[0] == "sync"]


def test_the_recording_is_what_the_customer_shared(talk: Talk) -> None:
    """CHAN-1: its frames, on the world's time, and nothing synthetic."""
    shared(talk)
    data = drawn(8) + written("mouse", 9, 9, 1, 70) + written("sync", 70)
    talk.customer.say(kind="screen", ms=70, data=data, key=False)
    plain = talk.plain(talk.end(), "RemoteScreen")
    assert plain.decode() == (
        SIZE
        + (SIZE + WHITE + written("sync", BEGUN))
        + (drawn(8) + written("mouse", 9, 9, 1, BEGUN + 70) + written("sync", BEGUN + 70))
    )


def test_the_representatives_recording_has_the_whiteboard_too(talk: Talk) -> None:
    """CHAN-1."""
    shared(talk)
    stroke = written("size", 1, 64, 48) + written("rect", 1, 0, 0, 9, 9)
    talk.rep.say(kind="whiteboard", ms=40, data=stroke)
    ended = talk.end()
    assert written("rect", 1, 0, 0, 9, 9).encode() in talk.plain(ended, "LocalScreen")
    assert written("rect", 1, 0, 0, 9, 9).encode() not in talk.plain(ended, "RemoteScreen")
    assert WHITE.encode() in talk.plain(ended, "LocalScreen")


def test_a_session_without_a_stream_keeps_its_synthetic_recording(talk: Talk) -> None:
    """CHAN-1: also one that was only talked in."""
    talk.customer.say(kind="chat", text="No screen today")
    plain = talk.plain(talk.end(), "RemoteScreen")
    assert len(syncs(plain)) > 1
    assert talk.kept() == []


def test_the_key_and_the_stream_go_when_the_recording_is_made(talk: Talk) -> None:
    """CHAN-1: what is left is sealed under keys of its own."""
    shared(talk)
    assert talk.kept() == ["key", "stream/000000000"]
    talk.end()
    assert talk.kept() == []
    with talk.broker.tester.world.store.reading() as tx:
        assert tx.orphans() == []


def test_the_key_goes_with_a_session_that_fails(talk: Talk) -> None:
    """CHAN-1: it comes to no recording."""
    shared(talk)
    talk.act("fail", reason="gone")
    assert talk.kept() == []


def test_what_is_sent_while_no_screen_is_shared_is_not_recorded(talk: Talk) -> None:
    """CHAN-1, PORTAL-4: the customer may end it at any time."""
    talk.customer.say(kind="screen", ms=0, data=SIZE + WHITE, key=True)
    shared(talk)
    talk.act("screen", on=False)
    talk.customer.say(kind="screen", ms=9000, data=drawn(8), key=False)
    assert syncs(talk.plain(talk.end(), "RemoteScreen")) == [BEGUN]


def test_a_recording_begins_with_a_whole_picture(talk: Talk) -> None:
    """CHAN-1: what came before is drawn on nothing."""
    talk.act("screen", on=True)
    talk.customer.say(kind="screen", ms=0, data=drawn(8), key=False)
    talk.customer.say(kind="screen", ms=10, data=WHITE + SIZE, key=True)
    plain = talk.plain(talk.end(), "RemoteScreen")
    assert next(instructions(plain)) == ["size", "0", "64", "48"]
    assert syncs(plain) == [BEGUN + 10]


@pytest.mark.parametrize(
    "said",
    [
        {"ms": 5, "data": "4.sync"},
        {"ms": 5, "data": "4.nest,1.1,3.abc;"},
        {"ms": 5, "data": written("rect", "ü")},
        {"ms": -1, "data": drawn(8)},
        {"ms": 86_400_001, "data": drawn(8)},
        {"ms": 1.5, "data": drawn(8)},
        {"ms": True, "data": drawn(8)},
        {"ms": 5},
        {"ms": 5, "data": WHITE, "key": True},
        {"ms": 5, "data": "4.size,1.0,1.1,3.abc;", "key": True},
        *({"ms": 5, "data": written("size", n, *at)} for n in (0, -3) for at in ILL_SIDES),
    ],
)
def test_what_is_no_drawing_is_not_recorded(talk: Talk, said: dict[str, object]) -> None:
    """CHAN-1: a customer's page may send anything."""
    shared(talk)
    talk.customer.say(kind="screen", **{"key": False, **said})
    talk.customer.say(kind="screen", ms=20, data=drawn(16), key=False)
    assert syncs(talk.plain(talk.end(), "RemoteScreen")) == [BEGUN, BEGUN + 20]


def test_the_largest_screen_is_recorded(talk: Talk) -> None:
    """CHAN-1."""
    shared(talk)
    size = written("size", 0, limits.SCREEN_SIDE_MAX, 1)
    talk.customer.say(kind="screen", ms=5, data=size + WHITE, key=True)
    assert syncs(talk.plain(talk.end(), "RemoteScreen")) == [BEGUN, BEGUN + 5]


def test_time_never_goes_back_in_a_recording(talk: Talk) -> None:
    """CHAN-1: whatever the page's clock says; sharing again goes on where the world's time is."""
    shared(talk)
    for ms in (50, 20):
        talk.customer.say(kind="screen", ms=ms, data=drawn(8), key=False)
    talk.act("screen", on=False)
    talk.broker.tester.advance(START + timedelta(seconds=10))
    talk.act("screen", on=True)
    talk.customer.say(kind="screen", ms=3, data=SIZE + WHITE, key=True)
    found = syncs(talk.plain(talk.end(), "RemoteScreen"))
    assert found == [BEGUN, BEGUN + 50, BEGUN + 50, BEGUN + 10_003]


def test_many_small_pieces_become_few(talk: Talk) -> None:
    """CHAN-1: nothing is lost where they are put together."""
    shared(talk)
    for ms in range(1, 150):
        talk.customer.say(kind="screen", ms=ms, data=drawn(ms % 50), key=False)
    assert len(talk.kept()) == 1 + 2 + 150 - 2 * 64
    assert syncs(talk.plain(talk.end(), "RemoteScreen")) == [BEGUN + ms for ms in range(150)]
    assert talk.kept() == []


def test_a_large_recording_goes_through_the_blob_folder(talk: Talk) -> None:
    """CHAN-1: in pieces, and comes out as it went in."""
    shared(talk)
    picture = written("img", 1, 14, 0, "image/png", 0, 0)
    picture += written("blob", 1, "A" * 150_000) + written("end", 1)
    for ms in range(1, 6):
        talk.customer.say(kind="screen", ms=ms, data=picture, key=False)
    ended = talk.end()
    plain = talk.plain(ended, "RemoteScreen")
    assert plain.count(b"A" * 150_000) == 5
    assert syncs(plain) == [BEGUN + ms for ms in range(6)]
    assert talk.kept() == []


def test_beyond_its_limit_a_recording_ends_and_the_session_goes_on(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CHAN-1: 200 MB; here a little less."""
    monkeypatch.setattr(limits, "RECORDING_MAX_BYTES", 2000)
    shared(talk)
    for ms in range(1, 40):
        talk.customer.say(kind="screen", ms=ms, data=drawn(8), key=False)
    talk.customer.say(kind="chat", text="Still here")
    assert talk.chats() == ["Customer: Still here"]
    assert 1 < len(syncs(talk.plain(talk.end(), "RemoteScreen"))) < 20


def test_a_stream_that_a_crash_cut_goes_on_and_is_finished(tmp_path: Path) -> None:
    """CHAN-1: the broker is another process; all that it had taken is there."""
    with running_broker(store="file", home=tmp_path) as broker:
        talk = shared(talking(broker))
        talk.customer.say(kind="screen", ms=30, data=drawn(8), key=False)
        talk.customer.say(kind="chat", text="One")
        broker.restart()
        talk.customer = goes_on(talk.customer, party(broker, talk.session_id, Party.CUSTOMER))
        talk.customer.say(kind="screen", ms=60, data=drawn(16), key=False)
        talk.customer.say(kind="chat", text="Two")
        assert talk.chats() == ["Customer: One", "Customer: Two"]
        found = syncs(talk.plain(talk.end(), "RemoteScreen"))
        assert found == [BEGUN, BEGUN + 30, BEGUN + 60]


def test_retention_takes_the_stream_with_its_session(talk: Talk) -> None:
    """CHAN-1, RET-1: nothing is left in the store or in the blob folder."""
    shared(talk)
    for ms in range(1, 70):
        talk.customer.say(kind="screen", ms=ms, data=drawn(8), key=False)
    talk.end()
    talk.broker.tester.advance(START + limits.RETENTION + timedelta(days=1))
    assert talk.kept() == []
    assert talk.broker.worlds.hand().broker.blobs.saved() == {}


def broken(talk: Talk) -> dict[str, bytes]:
    """End a session whose stream has lost what it kept as a blob; give what was lost."""
    shared(talk)
    for ms in range(1, 70):
        talk.customer.say(kind="screen", ms=ms, data=drawn(8), key=False)
    blobs = talk.broker.worlds.hand().broker.blobs
    lost = dict(blobs.saved())
    assert lost
    for key in lost:
        blobs.delete(key)
    talk.act("end", resolution="Resolved")
    return lost


def test_a_recording_that_cannot_be_made_holds_up_nobody_elses(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    """CHAN-1: it is said once which session it is; who asks for it has it tried at once."""
    lost = broken(talk)
    other = shared(talking(talk.broker))
    other.act("end", resolution="Resolved")
    other.ready()
    for _ in range(20):
        heartbeat.beat(talk.broker.tester.world, None)
    assert other.kept() == []
    assert talk.kept()[0] == "key"
    assert caplog.text.count(f"session {talk.session_id}: its recording cannot be made") == 1

    for key, data in lost.items():
        talk.broker.worlds.hand().broker.blobs.put(key, data)
    assert syncs(talk.plain(talk.ready(), "RemoteScreen"))[-1] == BEGUN + 69
    assert talk.kept() == []


def test_a_recording_that_cannot_be_made_does_not_stop_retention(talk: Talk) -> None:
    """RET-1, RET-2: its own session goes in time, and so do all others."""
    broken(talk)
    old = talking(talk.broker).session_id
    talk.broker.tester.perform("end", {"sessionId": old, "resolution": "Resolved"})
    talk.broker.tester.advance(START + limits.RETENTION + timedelta(days=1))
    with talk.broker.tester.world.store.reading() as tx:
        assert [tx.held(number) for number in (talk.session_id, old)] == [None, None]


def test_a_snapshot_carries_an_open_channel(talk: Talk) -> None:
    """CHAN-1: with its key and its stream; its name is another one."""
    shared(talk)
    snapshots = talk.broker.worlds.hand().snapshots
    snapshots.take("shared")
    talk.customer.say(kind="chat", text="Lost with the restore")
    talk.end()
    snapshots.restore("shared")
    assert talk.kept() == ["key", "stream/000000000"]
    before = talk.customer.url
    talk.customer = goes_on(talk.customer, party(talk.broker, talk.session_id, Party.CUSTOMER))
    assert talk.customer.url != before
    talk.customer.say(kind="screen", ms=60, data=drawn(16), key=False)
    assert talk.chats() == []
    assert syncs(talk.plain(talk.end(), "RemoteScreen")) == [BEGUN, BEGUN + 60]


def test_an_export_carries_an_open_channel(talk: Talk) -> None:
    """CHAN-1: the imported world goes on with it, and makes the recording."""
    shared(talk)
    for ms in range(1, 70):
        talk.customer.say(kind="screen", ms=ms, data=drawn(8), key=False)
    worlds = talk.broker.worlds
    document = json.loads(msgspec.json.encode(worlds.hand().export()))
    held = worlds.hand(worlds.new({"name": "copy", "import": document}))
    world = held.broker.world
    told = json.loads(json.dumps(channels.descriptor(world, talk.session_id, Party.CUSTOMER)))
    assert told["relay"].startswith("/w/copy/relay/")
    there = goes_on(talk.customer, NaiveParty.of(told, talk.broker.url))
    there.say(kind="screen", ms=80, data=drawn(16), key=False)
    held.tester.perform("end", {"sessionId": talk.session_id, "resolution": "Resolved"})
    held.tester.advance(held.tester.clock.now() + timedelta(minutes=1))
    with world.store.reading() as tx:
        made = tx.held(talk.session_id)
        assert tx.channel(talk.session_id) is None
    assert made is not None
    found = syncs(opened(world, made.session, "RemoteScreen"))
    assert found == [*range(BEGUN, BEGUN + 70), BEGUN + 80]
    assert talk.kept()[0] == "key"
