"""CHAN-1: the recorder follows a relay; a channel that fails holds up no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from broker_sim.core.channel import BROKERS, PARTIES, Party, Sealed
from broker_sim.service import channels
from broker_sim.service.channels import Names
from broker_sim.service.exchange import Request, Wait
from broker_sim.service.outer_relays import Follower, Tapped, Unreachable
from broker_sim.service.relay import Relay
from broker_sim.service.tickets import TAP, Tickets
from broker_sim.tests.test_channel_tampering import SOURCE, Recorded
from broker_sim.tests.worlds import Hands, world
from broker_sim.web.relay_door import RelayDoor


@pytest.fixture(scope="module")
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


class ShortLine:
    """A line to a relay in this process; reading some channels fails once."""

    def __init__(self, relay: Relay, fails: dict[str, Exception]) -> None:
        self._relay = relay
        self._fails = fails

    def tap(self, since: str, known: str, wait_seconds: float) -> Tapped:  # noqa: ARG002  the port's words; it never waits
        news = self._relay.news(int(since or "0"))
        return Tapped(str(news.at), news.moved, str(news.known[0]), news.known[1])

    def read(self, name: str, since: str) -> tuple[str, Sequence[Sealed]]:
        if problem := self._fails.pop(name, None):
            raise problem
        page = self._relay.read(name, int(since or "0"))
        return str(page.at), page.frames

    def post(self, name: str, first: int, frames: Sequence[bytes]) -> int:
        return self._relay.post(name, Party.BROKER, BROKERS, first, frames)

    def close(self, name: str) -> None:
        self._relay.close(name)


@pytest.mark.parametrize("problem", [Unreachable("no room"), RuntimeError("full disk")])
@pytest.mark.parametrize("which", [0, 1])
def test_a_channel_that_fails_is_read_again_and_holds_up_no_other(
    hands: Hands, problem: Exception, which: int
) -> None:
    """CHAN-1: the others are read in the same turn, it is in the next, without moving again."""
    relay, names = Relay("e", lambda: 0.0), Names(hands.broker.world, lambda: "")
    talks = [Recorded(hands) for _ in range(2)]
    for talk in talks:
        frame = talk.frame(Party.CUSTOMER, 0, "Hello").frame
        relay.post(names.of(talk.number), Party.CUSTOMER, SOURCE, 0, [frame])
    line = ShortLine(relay, {names.of(talks[which].number): problem})
    follower = Follower(names, talks[0].recorder, lambda: line, lambda: 0.0)

    follower.turn(0)
    assert [talk.chats() for talk in talks] == [[] if n == which else ["Hello"] for n in range(2)]
    follower.turn(0)
    assert [talk.chats() for talk in talks] == [["Hello"], ["Hello"]]


@pytest.mark.parametrize("is_over", [False, True])
def test_what_fails_once_all_is_over_is_no_error(
    hands: Hands, caplog: pytest.LogCaptureFixture, is_over: bool
) -> None:
    """CHAN-1: a broker that ends closes its store, and waits for no call under way."""
    relay, names, talk = Relay("e", lambda: 0.0), Names(hands.broker.world, str), Recorded(hands)
    name = names.of(talk.number)
    frame = talk.frame(Party.CUSTOMER, 0, "Hello").frame
    relay.post(name, Party.CUSTOMER, SOURCE, 0, [frame])
    line = ShortLine(relay, {name: RuntimeError("closed")})
    follower = Follower(names, talk.recorder, lambda: line, lambda: 0.0)
    if is_over:
        follower.stop()
    follower.turn(0)
    assert ("closed" in caplog.text) is not is_over


@pytest.mark.parametrize(("epoch", "waits"), [("e", True), ("f", False)])
def test_who_followed_another_relay_does_not_wait_for_news(epoch: str, waits: bool) -> None:
    """CHAN-1: that it has as many channels as the one before tells nothing."""
    now = datetime(2030, 1, 15, 9, tzinfo=UTC)
    tickets = Tickets(lambda text: text.encode().hex()[-99:], lambda *_: True, lambda: now)
    headers = {"authorization": f"Bearer {tickets.make(TAP, TAP)}"}
    relay = Relay("e", lambda: 0.0)
    relay.read("blue", 0)
    query = f"since={epoch}.0&known={epoch}.1&wait=20"
    answer = RelayDoor(relay, tickets).tap(Request("GET", "/relay-tap", query, headers))
    assert isinstance(answer, Wait) is waits


def test_names_of_channels_that_nobody_follows_do_not_pile_up(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CHAN-1: a process that only hands out addresses has flat memory; a name is still known."""
    monkeypatch.setattr(channels, "_REMEMBERED_MOST", 8)
    names, talk = Names(hands.broker.world, lambda: ""), Recorded(hands)
    for session_id in range(100):
        for _ in PARTIES:
            names.of(session_id)
    assert names.remembered == 8
    assert names.number(names.of(talk.number)) == talk.number
