"""CHAN-1: relays in processes of their own, killed and started again, die with their broker."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from broker_sim.remote import Control
from broker_sim.tests.frames import NaiveParty
from broker_sim.tests.served import served, until
from broker_sim.tests.test_channel_page import page

pytestmark = pytest.mark.slow
JSON: Final = {"Accept": "application/json"}
RELAYS: Final = ("--relay", "2", "--relay-port", "0")


class Served:
    """A broker with relays of its own."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.url, self.pid = told["baseUrl"], told["process"].pid
        self.ca: Any = told["caFile"] or True
        self.control = Control(told["controlUrl"], told["controlToken"])
        self.portal = next(iter(told["logins"]))

    @property
    def pids(self) -> list[int]:
        """The broker's processes; the relays come last."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sorted(map(int, found))

    def post(self) -> str:
        """Launch a request and bring it to its start; give the link of its page."""
        fields = {
            "Portal": self.portal,
            "Question": "It hums",
            "Name": "Ada",
            "Email": "a@b.example",
        }
        url = f"{self.url}/ds/queryPost.flow"
        told = requests.post(url, fields, headers=JSON, verify=self.ca, timeout=20).json()
        for act in ("accept", "start"):
            self.control.post("/acts", {"act": act, "sessionId": told["sessionId"]})
        return str(told["links"]["session"])

    def page(self, link: str, more: str = "") -> Any:
        return requests.get(link + more, headers=JSON, verify=self.ca, timeout=20).json()

    def customer(self, link: str) -> NaiveParty:
        return NaiveParty.of(self.page(link, "/channel"), self.url)

    def said(self, link: str) -> list[str]:
        return [line["text"] for line in self.page(link)["lines"] if line["kind"] == "Chat"]

    def has(self, link: str, texts: list[str]) -> bool:
        """Tell whether these were said."""
        return self.said(link) == texts


@contextmanager
def serving(home: Path, *options: str) -> Iterator[Served]:
    always = ("--port", "0", "--control", "--control-port", "0", *RELAYS)
    with served(home, *always, *options) as told:
        yield Served(told)


@pytest.mark.parametrize("options", [("--workers", "1"), ("--workers", "3", "--store", "file")])
def test_the_recorder_follows_the_relays(tmp_path: Path, options: tuple[str, ...]) -> None:
    """CHAN-1: whichever of them a session belongs to, and whichever process is asked."""
    with serving(tmp_path, "--http", *options) as broker:
        links = [broker.post() for _ in range(2)]
        parties = [broker.customer(link) for link in links]
        assert len({party.url.split("/relay/")[0] for party in parties}) == 2
        for nth, (link, party) in enumerate(zip(links, parties, strict=True)):
            party.say(kind="chat", text=f"Hello {nth}")
            assert until(partial(broker.has, link, [f"Hello {nth}"]))
            act = {
                "act": "chat",
                "sessionId": party.session_id,
                "text": "x",
                "speaker": "representative",
            }
            broker.control.post("/acts", act)
            heard: list[Any] = []
            assert until(partial(_heard, party, heard, ["x"]))


def _heard(party: NaiveParty, heard: list[Any], texts: list[str]) -> bool:
    """Tell whether it has heard these by events, with what it had heard before."""
    heard += [said for _, said in party.hear(wait=1) if said["kind"] == "event"]
    return [
        said["line"]["text"] for said in heard if "from" not in said and "line" in said
    ] == texts


def test_a_relay_that_is_killed_is_another_one_at_once(tmp_path: Path) -> None:
    """CHAN-1: pages find that it has forgotten, send again what they had sent, and go on."""
    with serving(tmp_path, "--http") as broker:
        link = broker.post()
        party = broker.customer(link)
        first = party.frame({"kind": "chat", "text": "One"})
        party.post(0, [first])
        assert until(lambda: broker.said(link) == ["One"])
        party.frames()
        epoch = party.since.split(".")[0]
        for pid in broker.pids[1:]:
            os.kill(pid, signal.SIGKILL)
        assert until(lambda: _taken(party, first, epoch) == 412)
        assert party.post(0, [first])[0] == 200
        party.next = 1
        party.say(kind="chat", text="Two")
        assert until(lambda: broker.said(link) == ["One", "Two"])
        assert len(broker.pids) == 3


def _taken(party: NaiveParty, frame: bytes, epoch: str) -> int:
    try:
        return party.post(0, [frame], f"?epoch={epoch}")[0]
    except OSError:
        return 0


def test_relays_die_with_their_broker(tmp_path: Path) -> None:
    """CHAN-1: also when it is killed."""
    with serving(tmp_path, "--http") as broker:
        pids = broker.pids
        assert len(pids) == 3
        os.kill(broker.pid, signal.SIGKILL)
        assert until(lambda: not any(_lives(pid) for pid in pids))


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_relays_speak_tls_with_the_brokers_certificates(tmp_path: Path) -> None:
    """CHAN-1, SEC-1: pages may connect there, and nowhere else besides."""
    with serving(tmp_path) as broker:
        link = broker.post()
        told = broker.page(link, "/channel")
        assert told["relay"].startswith("https://")
        headers = {"Authorization": f"Bearer {told['ticket']}", "Origin": broker.url}
        answer = requests.get(told["relay"], headers=headers, verify=broker.ca, timeout=20)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert requests.options(told["relay"], verify=broker.ca, timeout=20).status_code == 204
        policy = requests.get(link, verify=broker.ca, timeout=20).headers["content-security-policy"]
        origin = told["relay"].split("/relay/")[0]
        assert origin in policy.partition("connect-src")[2].partition(";")[0]


def test_a_relay_tells_strangers_nothing(tmp_path: Path) -> None:
    """CHAN-1: neither of its channels, nor of their names."""
    with serving(tmp_path, "--http") as broker:
        told = broker.page(broker.post(), "/channel")
        origin = told["relay"].split("/relay/")[0]
        for ticket in ("", told["ticket"]):
            headers = {"Authorization": f"Bearer {ticket}"}
            assert (
                requests.get(f"{origin}/relay-tap", headers=headers, timeout=20).status_code == 403
            )
        assert json.dumps(told["key"]) not in requests.get(origin, timeout=20).text


@pytest.mark.foreign
def test_pages_go_on_when_their_relay_is_killed(tmp_path: Path) -> None:
    """CHAN-1: channel.js, in Node; nothing that was said is lost or comes twice."""
    with serving(tmp_path, "--http") as broker:
        link = broker.post()
        with page(broker.url, f"{link}/channel") as one, page(broker.url, f"{link}/channel") as two:
            for nth in range(3):
                one.send(kind="chat", text=f"A{nth}")
                two.send(kind="chat", text=f"B{nth}")
                one.until(lambda nth=nth: len(one.talk()) == len(two.talk()) == 2 * nth + 2)  # type: ignore[misc]  # mypy infers no type of a lambda with defaults
                for pid in broker.pids[1:]:
                    os.kill(pid, signal.SIGKILL)
            one.send(kind="chat", text="A3")
            one.until(lambda: one.talk() == two.talk() and len(two.talk()) == 7, 30)
            assert sorted(one.talk()) == ["A0", "A1", "A2", "A3", "B0", "B1", "B2"]
            assert until(partial(broker.has, link, one.talk()))
            assert "lost" in one.states()


def test_a_restored_world_has_other_channels_at_its_relays(tmp_path: Path) -> None:
    """CHAN-1: those of before are closed; what was said since is not heard any more."""
    with serving(tmp_path, "--http") as broker:
        link = broker.post()
        before = broker.customer(link)
        before.say(kind="chat", text="One")
        assert until(partial(broker.has, link, ["One"]))
        broker.control.post("/snapshots", {"name": "one"})
        before.say(kind="chat", text="Two")
        assert until(partial(broker.has, link, ["One", "Two"]))

        broker.control.post("/snapshots/one/restore")

        assert until(lambda: before.post(2, [before.frame({"kind": "typing"}, 2)])[0] == 410)
        after = broker.customer(link)
        assert after.url != before.url
        after.say(kind="chat", text="Three")
        assert until(partial(broker.has, link, ["One", "Three"]))
