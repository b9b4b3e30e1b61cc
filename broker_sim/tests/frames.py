"""A party of a channel, made after docs/channel.md, for tests that judge the broker's own.

It has nothing of the broker's but the cipher's library.
"""

from __future__ import annotations

import base64
import json
import os
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PARTIES = ("broker", "customer", "rep")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as a relay gives it."""

    place: int
    party: str
    source: str
    n: int
    frame: bytes


def seal(key: bytes, session_id: int, party: str, source: str, n: int, plain: bytes) -> bytes:
    iv = os.urandom(12)
    return iv + AESGCM(key).encrypt(iv, plain, f"{session_id}/{party}/{source}/{n}".encode())


def unseal(key: bytes, session_id: int, one: Frame) -> bytes:
    bound = f"{session_id}/{one.party}/{one.source}/{one.n}".encode()
    return AESGCM(key).decrypt(one.frame[:12], one.frame[12:], bound)


def body(source: str, first: int, frames: list[bytes]) -> bytes:
    head = bytes.fromhex(source) + first.to_bytes(8, "big")
    return head + b"".join(len(f).to_bytes(4, "big") + f for f in frames)


def read(said: bytes) -> list[Frame]:
    found = []
    while said:
        place, party, source = int.from_bytes(said[:8], "big"), PARTIES[said[8]], said[9:17].hex()
        n, size = int.from_bytes(said[17:25], "big"), int.from_bytes(said[25:29], "big")
        found.append(Frame(place, party, source, n, said[29 : 29 + size]))
        said = said[29 + size :]
    return found


def fetch(
    url: str, data: bytes | None = None, ticket: str = "", method: str | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """Give status, body and headers, whatever the status."""
    headers = {"Authorization": f"Bearer {ticket}"} if ticket else {}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=40) as answer:
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.headers.items()}
    except HTTPError as problem:
        with problem:
            headers = {k.lower(): v for k, v in problem.headers.items()}
            return problem.code, problem.read(), headers


@dataclass(slots=True)
class NaiveParty:
    """One end of a channel.

    Attributes:
        url: of the relay's channel.
        since: how far it has read.
        seen: by party and source, the number of its next frame.
        source: names it among all that send in the session.
        next: the number of its next frame.
    """

    session_id: int
    party: str
    key: bytes
    url: str
    ticket: str
    since: str = ""
    seen: dict[str, dict[str, int]] = field(default_factory=dict)
    source: str = field(default_factory=lambda: os.urandom(8).hex())
    next: int = 0

    @classmethod
    def of(cls, told: dict[str, Any], origin: str) -> NaiveParty:
        """Be the party that a descriptor is for."""
        return cls(
            told["sessionId"],
            told["party"],
            base64.b64decode(told["key"]),
            told["relay"] if "://" in told["relay"] else origin + told["relay"],
            told["ticket"],
            told["since"],
            {party: dict(sources) for party, sources in told["seen"].items()},
        )

    def frame(self, message: dict[str, Any], n: int | None = None) -> bytes:
        plain, n = json.dumps(message).encode(), self.next if n is None else n
        return seal(self.key, self.session_id, self.party, self.source, n, plain)

    def post(self, first: int, frames: list[bytes], more: str = "") -> tuple[int, Any]:
        url = f"{self.url}/{self.party}{more}"
        status, said, _ = fetch(url, body(self.source, first, frames), self.ticket)
        return status, json.loads(said) if said.startswith(b"{") else said

    def say(self, **message: Any) -> None:
        """Send one message."""
        status, said = self.post(self.next, [self.frame(message)])
        assert status == 200, said
        self.next = said["next"]

    def frames(self, wait: int = 0) -> list[Frame]:
        status, said, headers = fetch(
            f"{self.url}?since={self.since}&wait={wait}", ticket=self.ticket
        )
        assert status == 200, said
        self.since = headers["relay-at"]
        return read(said)

    def hear(self, wait: int = 0) -> list[tuple[str, dict[str, Any]]]:
        """Give (party, message) of what came, without what was in the descriptor."""
        found = []
        for one in self.frames(wait):
            seen = self.seen.setdefault(one.party, {})
            if one.n >= seen.get(one.source, 0):
                seen[one.source] = one.n + 1
                plain = unseal(self.key, self.session_id, one)
                found.append((one.party, json.loads(plain)))
        return found
