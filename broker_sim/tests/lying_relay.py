"""A relay that lies: it stands before an honest one, and does to frames what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from broker_sim.core.channel import Party
from broker_sim.core.refusal import Refused
from broker_sim.service import channels
from broker_sim.tests.frames import PARTIES, Frame, fetch, read


@dataclass(slots=True)
class Liar:
    """What it does, and all that it has seen.

    Attributes:
        target: the honest relay's origin.
        described: gives status and body of the descriptor whose relay it is, for /descriptor.
        lie: changes the frames of one answer; called with all of them.
        seen: every body that went through it.
    """

    target: str
    described: Callable[[], tuple[int, bytes]]
    lie: Callable[[list[Frame]], list[Frame]] = lambda frames: frames
    seen: list[bytes] = field(default_factory=list)
    url: str = ""


def listed(frames: list[Frame]) -> bytes:
    return b"".join(
        one.place.to_bytes(8, "big")
        + bytes([PARTIES.index(one.party)])
        + bytes.fromhex(one.source)
        + one.n.to_bytes(8, "big")
        + len(one.frame).to_bytes(4, "big")
        + one.frame
        for one in frames
    )


@contextmanager
def lying(target: str, world: Any, session_id: int, party: Party) -> Iterator[Liar]:
    """Stand before the relay for one party of a session."""

    def described() -> tuple[int, bytes]:
        try:
            return 200, json.dumps(channels.descriptor(world, session_id, party)).encode()
        except Refused:  # its session is over
            return 409, b"{}"

    liar = Liar(target, described)
    handler = type("Handler", (_Handler,), {"liar": liar})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    liar.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    liar: Liar

    def do_GET(self) -> None:
        if self.path == "/descriptor":
            self._answer(*self.liar.described(), {})
            return
        status, body, headers = self._ask(None)
        lied = listed(self.liar.lie(read(body))) if status == 200 else body
        self._answer(status, lied, headers)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.liar.seen.append(sent)
        self._answer(*self._ask(sent))

    def _ask(self, body: bytes | None) -> tuple[int, bytes, dict[str, str]]:
        ticket = self.headers["Authorization"].removeprefix("Bearer ")
        try:
            status, said, headers = fetch(self.liar.target + self.path, body, ticket)
        except OSError:  # the honest one is gone
            return 502, b"", {}
        self.liar.seen.append(said)
        return status, said, headers

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        with suppress(OSError):  # the page is gone
            self.send_response(status)
            for name, value in headers.items():
                if name.startswith(("relay-", "retry", "content-type")):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""
