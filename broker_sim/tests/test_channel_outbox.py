"""CHAN-1: what a page has to send goes in POSTs that a relay takes, in Node."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

from broker_sim.core.channel import unpacked

pytestmark = pytest.mark.foreign
MODULE: Final = Path(__file__).parents[1] / "web" / "static" / "channel" / "outbox.js"
SENDING: Final = """
const { Outbox } = await import(process.argv[1]);
const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt"]);
const outbox = new Outbox(async (body) => {
  console.log(JSON.stringify(Buffer.from(body).toString("base64")));
  return { next: 0 };
});
outbox.use(key, { sessionId: 1, party: "rep" }, 0);
const messages = JSON.parse(process.argv[2]);
const sent = messages.map(([kind, size]) => outbox.add({ kind, text: "x".repeat(size) }));
outbox.begin(0);
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
    assert [len(frames) for _, frames in read] == posts
    assert [first for first, _ in read] == [sum(posts[:nth]) for nth in range(len(posts))]


def test_what_a_relay_took_while_another_was_found_is_sent() -> None:
    """CHAN-1: the answer comes after the page was told to number anew; it goes on."""
    moving = SENDING.replace("  return {", "  outbox.move(9);\n  return {")
    command = ["node", "--input-type=module", "-e", moving, MODULE.as_uri(), '[["chat", 5]]']
    told = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)
    assert told.returncode == 0, told.stderr
