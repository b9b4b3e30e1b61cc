"""CHAN-1: channel.js, in Node, against relays that lie, forget and break off."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sim.core.channel import Party
from broker_sim.testing import running_broker
from broker_sim.tests.frames import Frame, seal
from broker_sim.tests.lying_relay import Liar, lying
from broker_sim.tests.talks import Talk, talking

pytestmark = pytest.mark.foreign
HERE: Final = Path(__file__).parent
MODULE: Final = HERE.parent / "web" / "static" / "channel.js"
TEXTS: Final = [f"marker {nth}" for nth in range(1, 7)]


class Page:
    """One party's page; what it was told, in order."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.told: list[list[Any]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.told.append(json.loads(line))

    def send(self, **message: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def talk(self) -> list[str]:
        """Give the chat as it stands on the page."""
        shown: list[str] = []
        for kind, *what in tuple(self.told):
            if kind == "lines":
                shown = [line["text"] for line in what[0] if line["kind"] == "Chat"]
            elif kind == "message" and what[0]["kind"] == "chat":
                shown.append(what[0]["text"])
            elif kind == "message" and what[0].get("line", {}).get("kind") == "Chat":
                shown.append(what[0]["line"]["text"])
        return shown

    def states(self) -> list[str]:
        return [what[0] for kind, *what in tuple(self.told) if kind == "state"]

    def until(self, holds: Callable[[], bool], seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, str(self.told)  # a list would be told in part
            time.sleep(0.01)  # noqa: TID251  a page is waited for


@contextmanager
def page(url: str, descriptor: str) -> Iterator[Page]:
    command = ["node", str(HERE / "channel_page.mjs"), url, MODULE.as_uri(), descriptor]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Page(process)
        finally:
            process.terminate()


@contextmanager
def before_a_liar(talk: Talk, party: Party) -> Iterator[tuple[Page, Liar]]:
    world = talk.broker.tester.world
    with (
        lying(talk.broker.url, world, talk.session_id, party) as liar,
        page(liar.url, f"{liar.url}/descriptor") as shown,
    ):
        shown.until(lambda: "open" in shown.states())
        yield shown, liar


@pytest.fixture
def talk() -> Iterator[Talk]:
    with running_broker() as broker:
        yield talking(broker)


def of_customer(frames: list[Frame]) -> list[int]:
    return [at for at, one in enumerate(frames) if one.party == "customer"]


def flip(frames: list[Frame], key: bytes) -> list[Frame]:
    at = of_customer(frames)[1]
    was = frames[at].frame
    frames[at] = replace(frames[at], frame=was[:20] + bytes([was[20] ^ 1]) + was[21:])
    return frames


def drop(frames: list[Frame], key: bytes) -> list[Frame]:
    del frames[of_customer(frames)[1]]
    return frames


def drop_last(frames: list[Frame], key: bytes) -> list[Frame]:
    del frames[of_customer(frames)[-1]]
    return frames


def reorder(frames: list[Frame], key: bytes) -> list[Frame]:
    one, other = of_customer(frames)[1:3]
    frames[one], frames[other] = frames[other], frames[one]
    return frames


def renumber(frames: list[Frame], key: bytes) -> list[Frame]:
    one, other = of_customer(frames)[1:3]
    earlier, later = frames[one], frames[other]
    frames[one] = replace(earlier, frame=later.frame)
    frames[other] = replace(later, frame=earlier.frame)
    return frames


def swap_sources(frames: list[Frame], key: bytes) -> list[Frame]:
    at = of_customer(frames)[1]
    frames[at] = replace(frames[at], source="ab" * 8, n=0)
    return frames


def swap_directions(frames: list[Frame], key: bytes) -> list[Frame]:
    at = of_customer(frames)[1]
    frames[at] = replace(frames[at], party="broker", n=frames[at].n + 1000)
    return frames


def swap_sessions(frames: list[Frame], key: bytes) -> list[Frame]:
    at = of_customer(frames)[1]
    one, said = frames[at], b'{"kind":"chat","text":"other"}'
    frames[at] = replace(one, frame=seal(key, 4711, one.party, one.source, one.n, said))
    return frames


@pytest.mark.parametrize(
    "lie",
    [flip, drop, drop_last, reorder, renumber, swap_sources, swap_directions, swap_sessions],
    ids=lambda lie: lie.__name__,
)
def test_a_page_notices_what_a_relay_does_to_frames(
    talk: Talk, lie: Callable[[list[Frame], bytes], list[Frame]]
) -> None:
    """CHAN-1: it says so, asks the broker, and shows all that was said, once and in order."""
    hold = threading.Event()
    done: list[bool] = []

    def lying_once(frames: list[Frame]) -> list[Frame]:
        if len(of_customer(frames)) < 3 or done:
            return frames if done or not of_customer(frames) else [*frames][:0]
        done.append(True)
        return lie(frames, talk.customer.key)

    with before_a_liar(talk, Party.REP) as (shown, liar):
        liar.lie = lying_once
        frames = [talk.customer.frame({"kind": "chat", "text": t}, n) for n, t in enumerate(TEXTS)]
        assert talk.customer.post(0, frames)[0] == 200
        shown.until(lambda: bool(done) and shown.talk() == TEXTS)
        hold.wait(0.3)
        assert shown.talk() == TEXTS
        assert shown.states()[:2] == ["open", "lost"]


def test_a_frame_that_comes_again_is_read_once(talk: Talk) -> None:
    """CHAN-1."""
    with before_a_liar(talk, Party.REP) as (shown, liar):
        liar.lie = lambda frames: [*frames, *frames[::-1], *frames]
        for text in TEXTS:
            talk.customer.say(kind="chat", text=text)
        shown.until(lambda: len(shown.talk()) >= len(TEXTS))
        assert shown.talk() == TEXTS
        assert shown.states() == ["open"]


def test_what_a_party_may_not_say_is_not_shown(talk: Talk) -> None:
    """CHAN-1: nobody speaks for the broker; the next frame is heard."""
    with before_a_liar(talk, Party.REP) as (shown, _):
        line = {"kind": "Chat", "who": "rep", "text": "forged"}
        talk.customer.say(kind="event", event="Chat", line=line)
        talk.customer.say(kind="event", event="Ended")
        talk.customer.say(kind="chat", text="said")
        shown.until(lambda: bool(shown.talk()))
        assert shown.talk() == ["said"]
        assert shown.states() == ["open"]


def test_a_relay_that_writes_everything_down_has_read_nothing(talk: Talk) -> None:
    """CHAN-1: neither what is said nor the key goes through it in plain text."""
    with before_a_liar(talk, Party.REP) as (shown, liar):
        shown.send(kind="chat", text=TEXTS[0])
        talk.customer.say(kind="chat", text=TEXTS[1])
        shown.until(lambda: sorted(shown.talk()) == TEXTS[:2])
        written = b"".join(liar.seen)
        assert len(written) > 300
        assert b"marker" not in written
        assert talk.customer.key not in written


def test_both_pages_see_one_order_and_the_record_has_it(talk: Talk) -> None:
    """CHAN-1, AGENT-2: who sends sees it when it comes back."""
    with (
        before_a_liar(talk, Party.REP) as (rep, _),
        before_a_liar(talk, Party.CUSTOMER) as (customer, _other),
    ):
        for nth in range(10):
            rep.send(kind="chat", text=f"R{nth}")
            customer.send(kind="chat", text=f"C{nth}")
        rep.until(lambda: len(rep.talk()) == len(customer.talk()) == 20)
        assert rep.talk() == customer.talk()
        assert [chat.partition(": ")[2] for chat in talk.chats()] == rep.talk()


def test_two_pages_of_one_party_lose_nothing(talk: Talk) -> None:
    """CHAN-1: a customer who opens the page twice; each counts its own frames."""
    with (
        before_a_liar(talk, Party.CUSTOMER) as (one, _),
        before_a_liar(talk, Party.CUSTOMER) as (other, _liar),
    ):
        for nth in range(5):
            one.send(kind="chat", text=f"A{nth}")
            other.send(kind="chat", text=f"B{nth}")
        one.until(lambda: len(one.talk()) == len(other.talk()) == 10)
        assert sorted(one.talk()) == [f"{who}{nth}" for who in "AB" for nth in range(5)]
        assert one.talk() == other.talk()
        assert len(talk.chats()) == 10


def test_pages_go_on_at_a_broker_that_was_started_again(tmp_path: Path) -> None:
    """CHAN-1: nothing that was said is lost or comes twice."""
    with running_broker(store="file", home=tmp_path) as broker:
        talk = talking(broker)
        with page(broker.url, _customers(talk)) as shown:
            shown.send(kind="chat", text="One")
            shown.until(lambda: shown.talk() == ["One"])
            broker.restart()
            shown.send(kind="chat", text="Two")
            shown.until(lambda: shown.talk() == ["One", "Two"])
            assert [chat.partition(": ")[2] for chat in talk.chats()] == ["One", "Two"]


def _customers(talk: Talk) -> str:
    from broker_sim.service import passes  # noqa: PLC0415  for this one

    token = passes.session_pass(talk.broker.tester.world, talk.session_id)
    return f"{talk.broker.url}/cs/{token}/channel"


def test_a_page_closes_with_its_session(talk: Talk) -> None:
    """CHAN-1: the end is told, and nothing more is sent."""
    with page(talk.broker.url, _customers(talk)) as shown:
        shown.until(lambda: "open" in shown.states())
        talk.act("end", resolution="Resolved")
        shown.until(lambda: shown.states()[-1] == "closed")
        ends = [what[0]["event"] for kind, *what in shown.told if kind == "message"]
        assert ends == ["Ended"]
        shown.send(kind="chat", text="Anyone?")
        shown.until(lambda: ["sent", False] in shown.told)


def test_pages_go_on_in_a_world_that_was_restored(talk: Talk) -> None:
    """CHAN-1: what was said since is gone from the page, as it is from the record."""
    snapshots = talk.broker.worlds.hand().snapshots
    with page(talk.broker.url, _customers(talk)) as shown:
        shown.send(kind="chat", text="One")
        shown.until(lambda: shown.talk() == ["One"])
        snapshots.take("one")
        shown.send(kind="chat", text="Two")
        shown.until(lambda: shown.talk() == ["One", "Two"])
        snapshots.restore("one")
        shown.send(kind="chat", text="Three")
        shown.until(lambda: shown.talk() == ["One", "Three"])
        shown.until(lambda: [chat.partition(": ")[2] for chat in talk.chats()] == ["One", "Three"])


def test_a_page_goes_on_behind_a_message_that_the_relay_refuses(talk: Talk) -> None:
    """CHAN-1: it was not sent, and says so; the page is not mute."""
    with page(talk.broker.url, _customers(talk)) as shown:
        shown.send(kind="chat", text="x" * 300_000)
        shown.send(kind="chat", text="Two")
        shown.until(lambda: shown.talk() == ["Two"] and ["sent", True] in shown.told)
        assert [what[0] for kind, *what in shown.told if kind == "sent"] == [False, True]
