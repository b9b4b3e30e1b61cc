"""CHAN-1: what the manual says of frames, as it stands on the page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sim.adapters import vault
from broker_sim.core.channel import Party, Sealed, bound_to, listed, packed
from broker_sim.service import passes
from broker_sim.testing import running_broker
from broker_sim.tests import frames
from broker_sim.tests.talks import talking

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "channel.md").read_text(encoding="utf-8")
BLOCK: Final = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def block(language: str) -> str:
    found: list[tuple[str, str, str]] = BLOCK.findall(PAGE)
    return next(text for kind, _, text in found if kind == language)


@pytest.fixture(scope="module")
def vector() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(block("json"))
    return found


def test_the_vector_is_what_the_broker_makes(vector: dict[str, Any]) -> None:
    """CHAN-1: a frame, and the bodies that carry it."""
    party, source, n = Party(vector["party"]), vector["source"], vector["n"]
    key, iv = bytes.fromhex(vector["key"]), bytes.fromhex(vector["iv"])
    bound = bound_to(vector["sessionId"], party, source, n)
    frame = vault.seal_frame(key, iv, bound, vector["plain"].encode())
    assert frame.hex() == vector["frame"]
    assert vault.open_frame(key, bound, frame).decode() == vector["plain"]
    assert packed(source, n, [frame]).hex() == vector["post"]
    assert listed([Sealed(vector["place"], party, source, n, frame)]).hex() == vector["get"]


def test_the_naive_party_reads_the_vector(vector: dict[str, Any]) -> None:
    """CHAN-1: made after the page, with none of the broker's code."""
    frame = bytes.fromhex(vector["frame"])
    found = frames.read(bytes.fromhex(vector["get"]))
    one = frames.Frame(vector["place"], vector["party"], vector["source"], vector["n"], frame)
    assert found == [one]
    plain = frames.unseal(bytes.fromhex(vector["key"]), vector["sessionId"], found[0])
    assert plain.decode() == vector["plain"]


@pytest.mark.foreign
def test_the_page_reads_and_writes_the_vector(vector: dict[str, Any], tmp_path: Path) -> None:
    """CHAN-1: channel/frames.js, in Node."""
    module = ROOT / "broker_sim" / "web" / "static" / "channel" / "frames.js"
    script = tmp_path / "read.mjs"
    script.write_text(f"""
import * as frames from "{module.as_uri()}";
const v = {json.dumps(vector)};
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const key = await frames.sessionKey(Buffer.from(v.key, "hex").toString("base64"));
const [one] = frames.unlist(bytes(v.get).buffer);
const again = await frames.seal(key, v, await frames.open(key, {{ ...v, ...one }}, one.frame));
console.log(JSON.stringify([
  await frames.open(key, v, again),
  Buffer.from(frames.pack(v.source, v.n, [one.frame])).toString("hex"),
]));
""")
    said = subprocess.run(["node", script], capture_output=True, check=True, timeout=30).stdout
    assert json.loads(said) == [json.loads(vector["plain"]), vector["post"]]


def test_the_pages_party_takes_part(tmp_path: Path) -> None:
    """CHAN-1: it says something, twice, and hears what was said."""
    script = tmp_path / "party.py"
    script.write_text(block("python"))
    with running_broker() as broker:
        talk = talking(broker)
        token = passes.session_pass(broker.tester.world, talk.session_id)
        url = f"{broker.url}/cs/{token}/channel"
        for text in ("One", "Two"):
            command = [sys.executable, str(script), url, text]
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
            assert done.returncode == 0, done.stderr
            assert f'customer {{"kind": "chat", "text": "{text}"}}' in done.stdout
        assert [chat.partition(": ")[2] for chat in talk.chats()] == ["One", "Two"]
