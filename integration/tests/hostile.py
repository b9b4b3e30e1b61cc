"""Servers that misbehave on the wire: one that answers by script, one that stands between.

Both speak plain HTTP, one request to a connection, so that each byte sent is one the test chose.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read to its end; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    raw_head: bytes


class Scripted:
    """Answers each request with the bytes that `script` gives, then closes the connection."""

    def __init__(self, script: Callable[[Request], bytes]) -> None:
        self._script = script
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        acceptor = threading.Thread(target=self._accept)
        self._threads.append(acceptor)
        acceptor.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with connection:
            try:
                request = _read(connection)
                if request is not None:
                    connection.sendall(self._script(request))
            except OSError:
                return
            except CutError:
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


class CutError(Exception):
    """A script says: reset the connection, send nothing."""


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Write an answer; `Content_Length` and the like may be given, else they are right."""
    told = {"Content-Length": str(len(body)), "Connection": "close"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _read(connection: socket.socket) -> Request | None:
    """Read a request; None if the caller went away."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        chunk = connection.recv(65_536)
        if not chunk:
            return None
        raw += chunk
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in rest)}
    while len(body) < int(headers.get("content-length", 0)):
        chunk = connection.recv(65_536)
        if not chunk:
            return None
        body += chunk
    method, target, _ = first.split(" ", 2)
    return Request(method, target, headers, body, head)


MISDEEDS: Final = ("refuse", "lose", "half", "garbage", "unavailable", "html", "empty", "reset")


class Between(Scripted):
    """A proxy for plain HTTP that spoils a share of what passes, by a seed.

    Args:
        share: how much of it, from 0 to 1; may be changed at any time.
        spare: parts of a request that let it pass unspoilt.
    """

    def __init__(self, seed: int, share: float, spare: tuple[bytes, ...] = ()) -> None:
        super().__init__(self._relay)
        self._chance = random.Random(seed)
        self._guard = threading.Lock()
        self.share = share
        self._spare = spare
        self.done: Counter[str] = Counter()

    def _relay(self, request: Request) -> bytes:
        misdeed = self._choose(request)
        self.done[misdeed or "passed"] += 1
        match misdeed:
            case "refuse" | "reset":
                raise CutError
            case "unavailable":
                return answer(503, b"busy", Retry_After="1")
            case "html":
                return answer(200, b"<html><body>Sign in</body></html>", Content_Type="text/html")
        real = _forward(request)
        match misdeed:
            case "lose":
                raise CutError
            case "half":
                return real[: len(real) // 2]
            case "garbage":
                return _garbled(real)
            case "empty":
                return answer(200, Content_Type="text/xml")
        return real

    def _choose(self, request: Request) -> str | None:
        if any(part in request.body or part in request.raw_head for part in self._spare):
            return None
        with self._guard:
            spoil = self._chance.random() < self.share
            return self._chance.choice(MISDEEDS) if spoil else None


def _forward(request: Request) -> bytes:
    """Send a request to where it was going, and read the answer to its end."""
    there = urlsplit(request.target)
    path = there.path + (f"?{there.query}" if there.query else "")
    kept = {n: v for n, v in request.headers.items() if not n.startswith(("proxy-", "connection"))}
    lines = [f"{request.method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in kept.items())]
    head = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
    with socket.create_connection((there.hostname or "", there.port or 80), timeout=30) as onward:
        onward.sendall(head + request.body)
        parts = []
        while chunk := onward.recv(65_536):
            parts.append(chunk)
    return b"".join(parts)


def _garbled(real: bytes) -> bytes:
    """Keep length and headers; overwrite the middle of the body."""
    head, blank, body = real.partition(b"\r\n\r\n")
    third = len(body) // 3
    return (
        head + blank + body[:third] + b"\x00\xff<" * (third // 3) + body[third + third // 3 * 3 :]
    )
