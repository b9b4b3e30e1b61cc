"""CHAN-1: what a page has to send goes in POSTs that a relay takes, in Node."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sim.core.channel import unpacked

pytestmark = pytest.mark.foreign
MODULE: Final = Path(__file__).parents[1] / "web" / "static" / "channel" / "outbox.js"
SENDING: Final = """
const { Outbox } = await import(process.argv[1]);
const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt"]);
const outbox = new Outbox(async (body) => {
  console.log(JSON.stringify(Buffer.from(body).toString("base64")));
  return true;
});
outbox.use(key, { sessionId: 1, party: "rep" });
const messages = JSON.parse(process.argv[2]);
const sent = messages.map(([kind, size]) => outbox.add({ kind, text: "x".repeat(size) }));
outbox.begin();
await Promise.all(sent);
"""


@pytest.mark.parametrize(
    ("messages", "posts"),
    [
        ([("chat", 5)] * 2500, [2048, 452]),
        ([("chat", 100_000)] * 5, [2, 2, 1]),
        ([("chat", 200_000), ("chat", 100_000), ("typing", 0)], [1, 1, 1]),
    ],
)
def test_a_page_sends_no_more_at_once_than_a_relay_takes(
    messages: list[tuple[str, int]], posts: list[int]
) -> None:
    """CHAN-1: all of it, in order, each POST read by the relay's own rule."""
    command = ["node", "--input-type=module", "-e", SENDING, MODULE.as_uri(), json.dumps(messages)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    read = [unpacked(base64.b64decode(json.loads(line))) for line in told.splitlines()]
    assert [len(frames) for _, _, frames in read] == posts
    assert [first for _, first, _ in read] == [sum(posts[:nth]) for nth in range(len(posts))]
    assert len({source for source, _, _ in read}) == 1


MOVING: Final = """
const { Outbox } = await import(process.argv[1]);
const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt"]);
const answers = JSON.parse(process.argv[2]);
const outbox = new Outbox(async (body) => {
  console.log(JSON.stringify(Buffer.from(body).toString("base64")));
  const [taken, moves] = answers.shift() ?? [true, false];
  if (moves) outbox.begin();
  return taken;
});
outbox.use(key, { sessionId: 1, party: "rep" });
outbox.begin();
for (const kind of ["chat", "file", "chat"]) await outbox.add({ kind });
"""


@pytest.mark.parametrize(
    ("answers", "posts"),
    [
        ([], [(0, 1), (1, 1), (2, 1)]),
        ([(False, False)], [(0, 1), (0, 1), (1, 1), (2, 1)]),
        ([(True, False), (False, True)], [(0, 1), (1, 1), (0, 2), (2, 1)]),
        ([(True, False), (True, False), (False, True)], [(0, 1), (1, 1), (2, 1), (0, 3)]),
    ],
)
def test_what_a_relay_took_is_sent_again_to_another(
    answers: list[tuple[bool, bool]], posts: list[tuple[int, int]]
) -> None:
    """CHAN-1: all of it, as it was, in its order and before what follows."""
    command = ["node", "--input-type=module", "-e", MOVING, MODULE.as_uri(), json.dumps(answers)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    read = [unpacked(base64.b64decode(json.loads(line))) for line in told.splitlines()]
    assert [(first, len(frames)) for _, first, frames in read] == posts
    assert len({frame for _, _, frames in read for frame in frames}) == 3


def test_another_relay_that_is_found_while_a_message_is_sealed_gets_the_earlier_first() -> None:
    """CHAN-1: it would pass over what comes behind a later number."""
    late = (
        MOVING.rpartition("for (const")[0]
        + """
await outbox.add({ kind: "chat" });
const sent = outbox.add({ kind: "chat" });
outbox.begin();
await sent;
"""
    )
    command = ["node", "--input-type=module", "-e", late, MODULE.as_uri(), "[]"]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    read = [unpacked(base64.b64decode(json.loads(line))) for line in told.splitlines()]
    assert [(first, len(frames)) for _, first, frames in read] == [(0, 1), (0, 2)]


DRIVEN: Final = """
const { Outbox } = await import(process.argv[1]);
const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt"]);
const told = [], asked = [];
const tell = (what) => (sent) => told.push([what, sent === undefined ? "unknown" : sent]);
const until = async (holds) => {
  for (let n = 0; n < 1000 && !holds(); n += 1) await new Promise((done) => setTimeout(done, 20));
};
let post = () => true;
const outbox = new Outbox((body) => { asked.push([...body]); return post(body); });
outbox.use(key, { sessionId: 1, party: "rep" });
outbox.begin();
"""


def driven(script: str) -> Any:
    """Do something to an outbox; give what it ends with."""
    whole = f"{DRIVEN}{script}"
    command = ["node", "--input-type=module", "-e", whole, MODULE.as_uri()]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    return json.loads(told)


def test_who_closes_is_told_what_the_relay_may_have() -> None:
    """CHAN-1: false, which sends it another way, only for what was in no POST."""
    script = """
post = () => new Promise(() => {});
outbox.add({ kind: "chat" }).then(tell("posted"));
await until(() => asked.length === 1);
outbox.add({ kind: "chat" }).then(tell("waiting"));
outbox.stop();
outbox.add({ kind: "chat" }).then(tell("late"));
await until(() => told.length === 3);
console.log(JSON.stringify(told));
"""
    assert driven(script) == [["posted", "unknown"], ["waiting", False], ["late", False]]


def test_one_message_that_is_refused_holds_up_no_other() -> None:
    """CHAN-1: it alone was not sent; no number is missing in what the relay has."""
    script = """
const bad = 1000;
post = (body) => body.length < bad || null;
for (const size of [5, 2000, 6]) {
  outbox.add({ kind: "chat", text: "x".repeat(size) }).then(tell(size));
}
await until(() => told.length === 3 && outbox.backlog === 0);
const numbers = asked.filter((body) => body.length < bad).map((body) => body[15]);
console.log(JSON.stringify({ told, numbers, backlog: outbox.backlog, next: outbox.next }));
"""
    assert driven(script) == {
        "told": [[5, True], [2000, False], [6, True]],
        "numbers": [0, 1],
        "backlog": 0,
        "next": 2,
    }


def test_a_message_that_cannot_be_sealed_takes_no_number() -> None:
    """CHAN-1: readers would wait for it."""
    script = """
const encrypt = crypto.subtle.encrypt.bind(crypto.subtle);
let times = 0;
crypto.subtle.encrypt = async (...given) => {
  if ((times += 1) === 1) throw new Error("no memory");
  return encrypt(...given);
};
outbox.add({ kind: "chat" }).then(tell("first"));
outbox.add({ kind: "chat" }).then(tell("second"));
await until(() => told.length === 2);
console.log(JSON.stringify({ told, numbers: asked.map((body) => body[15]) }));
"""
    assert driven(script) == {"told": [["first", False], ["second", True]], "numbers": [0]}


def test_what_a_relay_took_whose_end_was_found_meanwhile_is_sent_to_the_next() -> None:
    """CHAN-1: the earlier first; what is taken is what was sent, not as many as that."""
    script = """
await outbox.add({ kind: "chat" });
post = () => { post = () => true; queueMicrotask(() => outbox.begin()); return true; };
outbox.add({ kind: "chat" }).then(tell("second"));
await until(() => told.length === 1 && asked.length === 3);
const posts = asked.map((body) => [body[15], body.length > 100]);
console.log(JSON.stringify({ told, posts, waiting: outbox.waiting.length }));
"""
    assert driven(script) == {
        "told": [["second", True]],
        "posts": [[0, False], [1, False], [0, True]],
        "waiting": 0,
    }


def test_only_talk_that_waits_is_waited_behind() -> None:
    """CHAN-1: pictures and movements do not count; nor does what an earlier relay had."""
    script = """
post = () => new Promise(() => {});
outbox.add({ kind: "typing" });
const before = outbox.holdsTalk;
outbox.add({ kind: "chat" });
console.log(JSON.stringify([before, outbox.holdsTalk]));
process.exit();
"""
    assert driven(script) == [False, True]
