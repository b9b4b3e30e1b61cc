"""HTTP by hand, for tests: bytes out, bytes in, nothing made nicer on the way."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Self

from broker_sim.front.door import Door, Route
from broker_sim.front.limits import Limits
from broker_sim.front.listener import listen
from broker_sim.front.server import EmbeddedServer
from broker_sim.service.exchange import Answer, Reply, Request

PATIENCE = 5.0
"""Seconds that no answer in these tests takes; a test that waits so long has failed."""

QUICK = Limits(
    head_seconds=0.2,
    body_seconds=0.2,
    idle_seconds=0.4,
    stall_seconds=0.4,
    linger_seconds=0.2,
    patrol_seconds=0.02,
)


@dataclass(frozen=True)
class Said:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


def echo(request: Request) -> Reply:
    """Answer with what was understood."""
    line = f"{request.method} {request.path}?{request.query} {len(request.body)}|"
    return Answer(200, (("content-type", "text/plain"),), line.encode() + request.body)


class Noting:
    """A handler that notes what it was asked."""

    def __init__(self, body: bytes = b"") -> None:
        self.asked: list[Request] = []
        self._body = body

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        return Answer(200, body=self._body)


@contextmanager
def serving(
    *routes: Route, limits: Limits | None = None, grace_seconds: float = 0.2
) -> Iterator[EmbeddedServer]:
    """Serve the routes, and `/echo`, on a free port."""
    door = Door([Route("/echo", echo, max_body_bytes=1000), *routes])
    with EmbeddedServer(listen(door), limits=limits, grace_seconds=grace_seconds) as server:
        yield server


class Caller:
    """One connection; reads answers one after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._read = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.socket.sendall(data)

    def end(self) -> None:
        """Say that nothing more will come, and go on reading."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Leave without a goodbye."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def answer(self, *, bodiless: bool = False) -> Said:
        """Read one answer.

        Raises:
            EOFError: the connection ended before the answer did.
        """
        while b"\r\n\r\n" not in self._read:
            self._more()
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in rest)
        length = 0 if bodiless else int(headers.get("content-length", "0"))
        while len(self._read) < length:
            self._more()
        body = bytes(self._read[:length])
        del self._read[:length]
        return Said(int(first.split(" ")[1]), headers, body)

    def rest(self) -> bytes:
        """Read until the other side ends.

        Raises:
            ConnectionResetError: it did not end, it reset.
        """
        with suppress(EOFError):
            while True:
                self._more()
        return bytes(self._read)

    def gone(self) -> bool:
        """Wait until the other side has closed or reset, and nothing more came before."""
        try:
            return self.rest() == b""
        except ConnectionResetError:
            return self._read == b""

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError
        self._read += data


def dial(server: EmbeddedServer, *, receive_bytes: int = 0) -> Caller:
    """Connect; with a small receive buffer, if asked for, so that little is read ahead."""
    caller = socket.socket()
    if receive_bytes:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    caller.settimeout(PATIENCE)
    caller.connect(("127.0.0.1", server.listeners[0].port))
    return Caller(caller)


def get(path: str, *fields: str, method: str = "GET", version: str = "1.1") -> bytes:
    """Write a request without a body."""
    lines = [f"{method} {path} HTTP/{version}", "Host: localhost", *fields, "", ""]
    return "\r\n".join(lines).encode()


def post(path: str, body: bytes, *fields: str) -> bytes:
    """Write a request with a body of known length."""
    return get(path, f"Content-Length: {len(body)}", *fields, method="POST") + body


def ask(server: EmbeddedServer, request: bytes) -> Said:
    """Ask once, on a connection of its own."""
    with dial(server) as caller:
        caller.send(request)
        return caller.answer()
