"""The channel of a session: who sends, what a frame is bound to, what may stand in it.

A frame is a message under the session's key, bound to its session, its sender and its place
among the frames of its source. So whoever carries frames can keep them back, and nothing else.
Each program that takes part is a source of its own, so no two ever share a number.

Source: CHAN-1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from broker_sim.contract import limits


class Party(StrEnum):
    """Who sends: the two that a session is of, and the broker."""

    BROKER = "broker"
    CUSTOMER = "customer"
    REP = "rep"


PARTIES: Final = tuple(Party)
_PLACE: Final = {party: place for place, party in enumerate(PARTIES)}
_NUMBER_MOST: Final = 2**53 - 1  # what a browser counts without loss
_LENGTH: Final = 4
_SOURCE: Final = limits.CHANNEL_SOURCE_BYTES
_FIRST: Final = _SOURCE + 8
_HEAD: Final = 8 + 1 + _FIRST + _LENGTH
BROKERS: Final = "00" * _SOURCE  # the only source of the broker
FRAME_LEAST: Final = limits.CHANNEL_IV_BYTES + limits.CHANNEL_TAG_BYTES + 1

# Which kinds of message each party may send.
KINDS: Final[Mapping[Party, frozenset[str]]] = {
    Party.CUSTOMER: frozenset({"chat", "typing", "screen"}),
    Party.REP: frozenset({"chat", "typing", "file", "refresh", "input", "whiteboard"}),
    Party.BROKER: frozenset({"event"}),
}


class Malformed(ValueError):  # noqa: N818  a finding about bytes, not our error
    """These bytes are no frames, or this text is no message."""


class TooMuch(Malformed):
    """These are more frames than go into one POST."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One frame on its way.

    Attributes:
        at: its place among all frames that its relay has carried for the channel, from 1.
        source: which of its party's programs has sent it, in lower-case hex.
        n: its place among the source's, from 0.
        frame: IV, ciphertext and tag.
        comes_back: its sender is to read it, too.
    """

    at: int
    party: Party
    source: str
    n: int
    frame: bytes
    comes_back: bool = True


def bound_to(session_id: int, party: Party, source: str, n: int) -> bytes:
    """Give what a frame is bound to: the AAD of its cipher."""
    return f"{session_id}/{party}/{source}/{n}".encode()


def message(plain: bytes, party: Party) -> Mapping[str, Any]:
    """Read a frame's plain text.

    Raises:
        Malformed: it is no JSON object with a kind that this party may send.
    """
    try:
        read = json.loads(plain)
    except (ValueError, RecursionError):
        raise Malformed("a message is JSON") from None
    kind = read.get("kind") if isinstance(read, dict) else None
    if not isinstance(kind, str) or kind not in KINDS[party]:
        raise Malformed(f"no message of a {party}")
    found: Mapping[str, Any] = read
    return found


def written(said: Mapping[str, Any]) -> bytes:
    """Write a message as a frame's plain text."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def packed(source: str, first: int, frames: Iterable[bytes]) -> bytes:
    """Write the body of a POST: source, number of the first frame, then each behind its length."""
    parts = [bytes.fromhex(source), first.to_bytes(8, "big")]
    for frame in frames:
        parts += [len(frame).to_bytes(_LENGTH, "big"), frame]
    return b"".join(parts)


def unpacked(body: bytes) -> tuple[str, int, Sequence[bytes]]:
    """Read the body of a POST.

    Returns:
        The frames' source, the number of the first, and one frame or more.

    Raises:
        Malformed: it is none.
        TooMuch: they have to be sent in several.
    """
    source, first = body[:_SOURCE].hex(), int.from_bytes(body[_SOURCE:_FIRST], "big")
    at, frames = _FIRST, []
    while at < len(body):
        size = int.from_bytes(body[at : at + _LENGTH], "big")
        frame = body[at + _LENGTH : at + _LENGTH + size]
        if not FRAME_LEAST <= size <= limits.FRAME_MAX_BYTES or len(frame) != size:
            raise Malformed(f"a frame has {FRAME_LEAST} to {limits.FRAME_MAX_BYTES} bytes")
        frames.append(frame)
        at += _LENGTH + size
    if not frames or first + len(frames) > _NUMBER_MOST:
        raise Malformed("source and number of 8 bytes each, then frames, each behind its length")
    if fitting(frames) < len(frames):
        raise TooMuch(f"{limits.FRAMES_POST_MAX} frames of {limits.FRAMES_POST_BYTES} bytes in all")
    return source, first, frames


def fitting(frames: Iterable[bytes]) -> int:
    """Tell how many of these, from the first on, go into one POST: at least one of any."""
    count = size = 0
    for frame in frames:
        size += len(frame) + limits.FRAME_TAKES_BYTES
        over = count >= limits.FRAMES_POST_MAX or size > limits.FRAMES_POST_BYTES
        if count and over:
            break
        count += 1
    return count


def listed(frames: Iterable[Sealed]) -> bytes:
    """Write the body of a GET: each frame behind its place, sender, source, number and length."""
    parts = []
    for one in frames:
        parts.append(one.at.to_bytes(8, "big"))
        parts.append(bytes([_PLACE[one.party]]) + bytes.fromhex(one.source))
        parts.append(one.n.to_bytes(8, "big") + len(one.frame).to_bytes(_LENGTH, "big"))
        parts.append(one.frame)
    return b"".join(parts)


def unlisted(body: bytes) -> Sequence[Sealed]:
    """Read the body of a GET.

    Raises:
        Malformed: it is none.
    """
    at, found = 0, []
    while at < len(body):
        head = body[at : at + _HEAD]
        size = int.from_bytes(head[25:], "big")
        frame = body[at + _HEAD : at + _HEAD + size]
        if len(head) != _HEAD or head[8] >= len(PARTIES) or len(frame) != size:
            raise Malformed("frames, each behind 29 bytes of place, sender, source, number, length")
        place, n = int.from_bytes(head[:8], "big"), int.from_bytes(head[17:25], "big")
        found.append(Sealed(place, PARTIES[head[8]], head[9:17].hex(), n, frame))
        at += _HEAD + size
    return found
