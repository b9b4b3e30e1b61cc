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


def seal(key: bytes, session_id: int, party: str, n: int, plain: bytes) -> bytes:
    iv = os.urandom(12)
    return iv + AESGCM(key).encrypt(iv, plain, f"{session_id}/{party}/{n}".encode())


def unseal(key: bytes, session_id: int, party: str, n: int, frame: bytes) -> bytes:
    return AESGCM(key).decrypt(frame[:12], frame[12:], f"{session_id}/{party}/{n}".encode())


def body(first: int, frames: list[bytes]) -> bytes:
    return first.to_bytes(8, "big") + b"".join(len(f).to_bytes(4, "big") + f for f in frames)


def read(said: bytes) -> list[tuple[int, str, int, bytes]]:
    """Give (place, party, number, frame) of each."""
    found = []
    while said:
        place, party, n = int.from_bytes(said[:8], "big"), PARTIES[said[8]], said[9:17]
        size = int.from_bytes(said[17:21], "big")
        found.append((place, party, int.from_bytes(n, "big"), said[21 : 21 + size]))
        said = said[21 + size :]
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
        next: the number of its next frame.
        since: how far it has read.
    """

    session_id: int
    party: str
    key: bytes
    url: str
    ticket: str
    next: int = 0
    since: str = ""
    seen: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, told: dict[str, Any], origin: str) -> NaiveParty:
        """Be the party that a descriptor is for."""
        return cls(
            told["sessionId"],
            told["party"],
            base64.b64decode(told["key"]),
            told["relay"] if "://" in told["relay"] else origin + told["relay"],
            told["ticket"],
            told["next"],
            told["since"],
            dict(told["seen"]),
        )

    def frame(self, message: dict[str, Any], n: int | None = None) -> bytes:
        plain = json.dumps(message).encode()
        return seal(self.key, self.session_id, self.party, self.next if n is None else n, plain)

    def post(self, first: int, frames: list[bytes], more: str = "") -> tuple[int, Any]:
        url = f"{self.url}/{self.party}{more}"
        status, said, _ = fetch(url, body(first, frames), self.ticket)
        return status, json.loads(said) if said.startswith(b"{") else said

    def say(self, **message: Any) -> None:
        """Send one message."""
        status, said = self.post(self.next, [self.frame(message)])
        assert status == 200, said
        self.next = said["next"]

    def frames(self, wait: int = 0) -> list[tuple[int, str, int, bytes]]:
        status, said, headers = fetch(
            f"{self.url}?since={self.since}&wait={wait}", ticket=self.ticket
        )
        assert status == 200, said
        self.since = headers["relay-at"]
        return read(said)

    def hear(self, wait: int = 0) -> list[tuple[str, dict[str, Any]]]:
        """Give (party, message) of what came, without what was in the descriptor."""
        found = []
        for _, party, n, frame in self.frames(wait):
            if n >= self.seen.get(party, 0):
                self.seen[party] = n + 1
                plain = unseal(self.key, self.session_id, party, n, frame)
                found.append((party, json.loads(plain)))
        return found
