"""The customer's page on the channel of its session, as docs/channel.md has it: hears, speaks.

What a verb tells goes into reports: no key, no ticket and no frame is in it.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.caller import Outcome
from conformance.customer import page
from conformance.hands import Hands, Missing, verb
from conformance.sealed import Damaged, open_frame, seal_frame
from conformance.waiting import MOST_SECONDS

_PARTIES: Final = ("broker", "customer", "rep")
_HEAD: Final = 29  # place, sender, source, number and length, before each frame
_WAIT_SECONDS: Final = 1
_LOOKS: Final = 20
_JSON: Final = {"Accept": "application/json"}
# What can be wrong with a frame: what it is sealed with, bound to, or changed in on its way.
SPOILT: Final = (
    "another key",
    "another session",
    "another sender",
    "another source",
    "another number",
    "a changed byte",
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page was handed of its session's channel."""

    session_id: int
    key: bytes
    relay: str
    ticket: str
    since: str

    @property
    def open(self) -> Mapping[str, str]:
        """The header that lets it read and write."""
        return {"Authorization": f"Bearer {self.ticket}"}

    def bound(self, party: str, source: str, number: int) -> bytes:
        """Give what a frame is bound to."""
        return f"{self.session_id}/{party}/{source}/{number}".encode()


def _ask(hands: Hands, url: str) -> tuple[int, Mapping[str, Any]]:
    """Ask for what a page needs; give the status, and what was told."""
    answer = hands.target.http.send("GET", url, _JSON)
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = {}
    return answer.status, told if isinstance(told, dict) else {}


def _handed(hands: Hands, url: str) -> Page:
    """Take part.

    Raises:
        Missing: this target's pages have no channel.
    """
    status, told = _ask(hands, url)
    if status == 404:
        msg = "the customer's page has no channel"
        raise Missing(msg)
    try:
        key = base64.b64decode(told["key"], validate=True)
        return Page(told["sessionId"], key, told["relay"], told["ticket"], told["since"])
    except (KeyError, TypeError, binascii.Error):
        msg = f"what is handed out at a page's channel is not as docs/channel.md has it ({status})"
        raise Missing(msg) from None


def _frames(body: bytes) -> Iterator[tuple[str, str, int, bytes]]:
    """Read frames: who sent each, from which source, its number, and its bytes."""
    while len(body) >= _HEAD and body[8] < len(_PARTIES):
        size = int.from_bytes(body[25:_HEAD], "big")
        number = int.from_bytes(body[17:25], "big")
        yield _PARTIES[body[8]], body[9:17].hex(), number, body[_HEAD : _HEAD + size]
        body = body[_HEAD + size :]


@verb
def ask_for_channel(hands: Hands, /, *, url: str) -> Outcome:
    """Tell with which status a page's channel is handed out, or is not."""
    return {"status": _ask(hands, url)[0]}


@verb
def hear(hands: Hands, /, *, url: str, connection_id: str, session_id: int, text: str) -> Outcome:
    """Let the representative say something by the Agents service; tell what comes of it here."""
    handed = _handed(hands, url)
    said: dict[str, Any] = {"connection_id": connection_id, "session_id": session_id}
    hands.call("sendChat", service="Agents", text=text, **said)
    heard, opened, closed, clear, since = False, 0, 0, False, handed.since
    for _ in range(int(MOST_SECONDS / _WAIT_SECONDS)):
        place = f"{handed.relay}?since={since}&wait={_WAIT_SECONDS}"
        answer = hands.target.http.send("GET", place, handed.open)
        since = answer.headers.get("relay-at", since)
        clear = clear or text.encode() in answer.body
        for party, source, number, frame in _frames(answer.body):
            try:
                plain = open_frame(handed.key, handed.bound(party, source, number), frame)
            except Damaged:
                closed += 1
            else:
                opened += 1
                heard = heard or text in plain.decode("utf-8", "replace")
        if heard or closed or answer.status != 200:
            break
    return {"gives": {"heard": heard, "closed": closed, "in_clear": clear, "opened": opened}}


@verb
def speak(hands: Hands, /, *, url: str, text: str, spoilt: str = "") -> Outcome:
    """Say something as the customer's page, in a frame that is right, or wrong in one way."""
    handed = _handed(hands, url)
    digest = hashlib.sha256(text.encode()).digest()
    source, iv = digest[:8], digest[8:20]
    key = digest[:16] if spoilt == "another key" else handed.key
    named = f"{digest.hex()[:15]}g" if spoilt == "another source" else source.hex()
    other = Page(handed.session_id + 1, b"", "", "", "")
    bound = (other if spoilt == "another session" else handed).bound(
        "rep" if spoilt == "another sender" else "customer", named, int(spoilt == "another number")
    )
    frame = seal_frame(key, bound, iv, json.dumps({"kind": "chat", "text": text}).encode())
    if spoilt == "a changed byte":
        frame = frame[:-1] + bytes([frame[-1] ^ 1])
    body = source + bytes(8) + len(frame).to_bytes(4, "big") + frame
    answer = hands.target.http.send("POST", f"{handed.relay}/customer", handed.open, body)
    return {"status": answer.status}


@verb
def find_words(
    hands: Hands, /, *, connection_id: str, session_id: int, words: list[str]
) -> Outcome:
    """Tell which words are in a session's record, once the last of them is, or never comes."""
    found: list[str] = []
    for _ in range(_LOOKS):
        outcome = hands.call("getSession", connection_id=connection_id, session_id=session_id)
        if not isinstance(outcome.get("gives"), dict):
            return outcome
        details = [event["detail"] or "" for event in outcome["gives"]["events"]]
        found = [word for word in words if any(word in detail for detail in details)]
        if words[-1] in found:
            break
        hands.wait(MOST_SECONDS / _LOOKS)  # a recorder may read behind its relay
    return {"gives": {"found": found}}


@verb
def use_ticket_elsewhere(hands: Hands, /, *, url: str, other: str) -> Outcome:
    """Read the channel of one page with the ticket of another."""
    handed, stranger = _handed(hands, url), _handed(hands, other)
    place = f"{handed.relay}?since={handed.since}&wait=0"
    return {"status": hands.target.http.send("GET", place, stranger.open).status}


@verb
def compare_channel_keys(hands: Hands, /, *, urls: list[str]) -> Outcome:
    """Ask each page twice; tell how long the keys are, and how many there are."""
    keys = [_handed(hands, url).key for url in urls for _ in range(2)]
    return {"gives": {"bytes": sorted({len(key) for key in keys}), "keys": len(set(keys))}}


@verb
def look_for_key(
    hands: Hands, /, *, url: str, session: str, connection_id: str, session_id: int
) -> Outcome:
    """Tell where else a session's key stands: in the page, the desktop's events, the journal."""
    key = _handed(hands, url).key
    words = (base64.b64encode(key), base64.urlsafe_b64encode(key).rstrip(b"="), key.hex().encode())
    page(hands, "GET", session)
    seen = {"the page": hands.wire[1]}
    hands.call("getEvents", service="Agents", connection_id=connection_id, since=0)
    seen["the desktop's events"] = hands.wire[1]
    hands.call("getSession", connection_id=connection_id, session_id=session_id)
    seen["the record"] = hands.wire[1]
    if hands.target.control is not None:
        journal = hands.target.control.ask("GET", ["journal"], query={"last": 200})
        seen["the journal"] = json.dumps(journal).encode()
    found = [place for place, text in seen.items() if any(word in text for word in words)]
    return {"gives": {"found": found}}
