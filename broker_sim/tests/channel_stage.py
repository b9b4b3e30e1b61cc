"""Pages, a relay and a recorder that do only what they are told to, one step after the other.

The pages are channel.js itself, in Node; the relay answers by its own door, and the recorder
follows it by the broker's own calls. Between them is no network: each request waits until the
stage lets it through, whole or without its answer.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from broker_sim.core.channel import Party
from broker_sim.core.record import Event
from broker_sim.service import channels
from broker_sim.service.exchange import Answer, Request
from broker_sim.service.outer_relays import Follower, OuterRelays
from broker_sim.service.relay import Relay
from broker_sim.service.tickets import Tickets
from broker_sim.tests.staged_recorder import HeldRecorder, StagedCalls
from broker_sim.tests.worlds import Hands
from broker_sim.web.relay_door import RelayDoor

HERE: Final = Path(__file__).parent
MODULE: Final = HERE.parent / "web" / "static" / "channel.js"
_ROUNDS_MOST: Final = 200


class Pages:
    """A process in which pages run."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.opened = 0

    def do(self, what: str, **more: Any) -> dict[str, Any]:
        """Do something; give what is asked and told then."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def pages() -> Iterator[Pages]:
    command = ["node", str(HERE / "channel_stage.mjs"), MODULE.as_uri()]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Pages(process)
        finally:
            process.terminate()


@dataclass(slots=True)
class Page:
    """One page: what it shows, what it has said, what it asks for.

    Attributes:
        talk: the chat as it stands there.
        said: all that it was asked to send.
        sent: what `send` gave true for.
        typing: numbers of those times that others wrote that it was told of.
        asks: by number, in order.
        late: answers on their way.
    """

    party: Party
    talk: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    typing: list[int] = field(default_factory=list)
    asks: dict[int, dict[str, Any]] = field(default_factory=dict)
    late: dict[int, Answer] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)

    def told(self, kind: str, what: Any, more: Sequence[Any]) -> None:
        """Note what it was told."""
        match kind, what:
            case "lines", lines:
                self.talk = [line["text"] for line in lines if line["kind"] == "Chat"]
            case "message", {"kind": "chat", "text": text}:
                self.talk.append(text)
            case "message", {"line": {"kind": "Chat", "text": text}}:
                self.talk.append(text)
            case "message", {"kind": "typing", "nth": nth}:
                self.typing.append(nth)
            case "sent", {"text": text} if more[0]:
                self.sent.append(text)
            case "state", state:
                self.states.append(state)


class Stage:
    """A session that goes on, its relay and its recorder."""

    def __init__(self, hands: Hands, node: Pages) -> None:
        self.hands, self.node = hands, node
        self.number = hands.post()
        for act in ("accept", "start"):
            hands.act(act, sessionId=self.number)
        self.now = 0.0
        self.deaths = 0
        world = hands.broker.world
        self.tickets = Tickets(world.vault.sign, world.vault.verify, world.clock.now)
        urls = ["http://relay.example"]
        self.outer = OuterRelays(world, lambda: urls, self.tickets, str, lambda: self.now)
        self.world = replace(world, relays=self.outer)
        self.pages: dict[int, Page] = {}
        self.kill_relay()
        self.kill_recorder()

    def kill_relay(self) -> None:
        """End the relay; there is another one, which knows nothing, and requests fail."""
        self.deaths += 1
        self.door = RelayDoor(Relay(f"e{self.deaths}", lambda: 0.0), self.tickets)
        for page in self.pages.values():
            for ask in [*page.asks]:
                if "/relay/" in page.asks[ask]["url"]:
                    self.fail(page, ask)

    def kill_recorder(self) -> None:
        """End who follows; another one begins, and knows what is in the store."""
        self.recorder = HeldRecorder(self.world, lambda: self.now)
        line = StagedCalls(lambda: self.door, self.tickets)
        self.follower = Follower(self.outer.names, self.recorder, lambda: line, lambda: self.now)

    def follow(self) -> None:
        """Let the recorder do what is to be done."""
        self.now += 1.0
        self.recorder.release()
        self.follower.turn(0)

    def follow_slowly(self) -> None:
        """Let it read, and store what it has read with its next turn."""
        self.now += 1.0
        self.recorder.release()
        self.recorder.held = []
        self.follower.turn(0)

    def open(self, party: Party) -> Page:
        """Open a page."""
        self.node.opened += 1
        number = self.node.opened
        page = self.pages[number] = Page(party)
        self._do("open", page=number, descriptorUrl=f"http://broker.example/{number}")
        return page

    def say(self, page: Page, text: str) -> None:
        """Let it say something."""
        page.said.append(text)
        self._do("send", page=self._of(page), message={"kind": "chat", "text": text})

    def type(self, page: Page, nth: int) -> None:
        self._do("send", page=self._of(page), message={"kind": "typing", "nth": nth})

    def close(self, page: Page) -> None:
        """Close it."""
        number = self._of(page)
        self._do("close", page=number)
        del self.pages[number]

    def fail(self, page: Page, ask: int) -> None:
        """Let a request fail before it comes anywhere."""
        del page.asks[ask]
        self._do("fail", id=ask)

    def pass_on(self, page: Page, ask: int, how: str = "whole") -> bool:
        """Let a request through; False where it waits for what comes.

        `how` is "whole"; or its answer is "lost", or comes "late".
        """
        answer = self._answer(page, page.asks[ask])
        if answer is None:
            return False
        del page.asks[ask]
        if how == "lost":
            self._do("fail", id=ask)
            return True
        page.late[ask] = answer
        if how == "whole":
            self.deliver(page, ask)
        return True

    def deliver(self, page: Page, ask: int) -> None:
        """Let an answer arrive that is on its way."""
        answer = page.late.pop(ask)
        headers, body = dict(answer.headers), base64.b64encode(answer.body).decode()
        self._do("answer", id=ask, status=answer.status, headers=headers, body=body)

    def pass_all(self, page: Page, *, late_too: bool = True) -> bool:
        """Let all through that a page asks, and what it waits for; False for nothing."""
        self._do("wake")
        asks, late = [*page.asks], [*page.late] if late_too else []
        for ask in late:
            self.deliver(page, ask)
        moved = [self.pass_on(page, ask) for ask in asks]
        return any(moved) or bool(late)

    def _answer(self, page: Page, ask: Mapping[str, Any]) -> Answer | None:
        where, body = urlsplit(ask["url"]), base64.b64decode(ask["body"])
        if where.hostname == "broker.example":
            told = dict(channels.descriptor(self.world, self.number, page.party))
            told["relay"] = told["relay"].replace("//", f"//{self._of(page)}.")
            return Answer(200, (), json.dumps(told).encode())
        asked = Request(ask["method"], where.path, where.query, ask["headers"], body)
        answer = self.door.handle(asked)
        return answer if isinstance(answer, Answer) else None

    def settle(self) -> None:
        """Let everything through until nothing happens any more."""
        for _ in range(_ROUNDS_MOST):
            before = self._shown()
            self.follow()
            moved = [self.pass_all(page) for page in self._living()]
            if before == self._shown() and not any(moved):
                return
        raise AssertionError("it comes to no rest")

    def _shown(self) -> list[object]:
        return [self.record(), *((p.talk[:], p.sent[:], p.states[:]) for p in self._living())]

    def record(self) -> list[str]:
        """Give the chats as they are recorded."""
        with self.world.store.reading() as tx:
            held = tx.held(self.number)
        assert held is not None
        events = held.session.events
        return [one.detail.partition(": ")[2] for one in events if one.kind is Event.CHAT]

    def end(self) -> None:
        """Close all pages."""
        for page in self._living():
            self.close(page)

    def _living(self) -> list[Page]:
        return [*self.pages.values()]

    def _of(self, page: Page) -> int:
        return next(number for number, one in self.pages.items() if one is page)

    def _do(self, what: str, **more: Any) -> None:
        found = self.node.do(what, **more)
        for ask in found["asks"]:
            where = urlsplit(ask["url"])
            owner = where.path[1:] if where.hostname == "broker.example" else where.hostname or ""
            page = self.pages.get(int(owner.split(".")[0]))
            if page is not None:
                page.asks[ask["id"]] = ask
        for number, kind, what_told, *rest in found["told"]:
            if number in self.pages:
                self.pages[number].told(kind, what_told, rest)
