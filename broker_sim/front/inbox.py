"""Requests out of bytes, in whatever pieces the bytes come.

Pure: it opens nothing and knows no time. However a message is cut into pieces, the same
requests come out of it.

Source: FAULT-2; RFC 9112.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from broker_sim.front.door import Route
from broker_sim.front.framing import Chunked, Framing, sized
from broker_sim.front.limits import Limits
from broker_sim.front.message import Head, Unacceptable, may_begin, parse_head
from broker_sim.service.exchange import Request

REMEMBERED_BYTES: Final = 2048
END: Final = b"\r\n\r\n"


class Part(Enum):
    """What has come of the next request."""

    NOTHING = auto()
    SOME_HEAD = auto()
    SOME_BODY = auto()  # the head is whole, the body is not


@dataclass(slots=True)  # not frozen: on the way of every request, where freezing costs 1 us
class Asked:
    """One whole request, and who answers it."""

    head: Head
    route: Route
    request: Request


class Inbox:
    """The bytes of one caller that are not answered yet.

    Args:
        find: tells who answers a path, and thereby how long a body may be.
        limits: of the head.
        client: address of the caller.
        scheme: "http" or "https".
    """

    def __init__(
        self, find: Callable[[str], Route], limits: Limits, client: str, scheme: str
    ) -> None:
        self._find = find
        self._limits = limits
        self._client = client
        self._scheme = scheme
        self._buffer = bytearray()
        self._begun: tuple[Head, Route, Framing] | None = None
        self._half: tuple[Head, Route] | None = None
        self._known: tuple[bytes, Head] | None = None  # the last head, as it came
        self._owes_continue = False

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take what came."""
        self._buffer += data

    def forget(self) -> None:
        """Drop what came and was not taken."""
        self._buffer.clear()

    @property
    def part(self) -> Part:
        """What has come of the next request."""
        if self._begun is not None:
            return Part.SOME_BODY
        return Part.SOME_HEAD if self._buffer else Part.NOTHING

    def owes_continue(self) -> bool:
        """Tell, once, that the caller waits for leave to send its body."""
        owes, self._owes_continue = self._owes_continue, False
        return owes

    def take(self) -> Asked | None:
        """Take the next request; None while some of it is missing.

        Raises:
            Unacceptable: what came is no request that is served; nothing after it counts.
        """
        begun = self._begun
        if begun is None:
            self._begun = begun = self._begin()
            if begun is None:
                return None
        head, route, framing = begun
        body = framing.take(self._buffer)
        if body is None:
            return None
        self._begun = self._half = None
        self._owes_continue = False
        return Asked(head, route, self._request(head, body))

    def half(self) -> tuple[Route | None, Request]:
        """Give the request whose head has come and whose body has not, without a body.

        Returns:
            None and an empty request where there is none such.
        """
        if self._half is None:
            return None, Request("", "")
        head, route = self._half
        return route, self._request(head, b"")

    def _request(self, head: Head, body: bytes) -> Request:
        bare = head.method == "HEAD"
        method = "GET" if bare else head.method
        return Request(
            method, head.path, head.query, head.headers, body, self._client, self._scheme, bare
        )

    def _begin(self) -> tuple[Head, Route, Framing] | None:
        known = self._known
        if known is not None and self._buffer.startswith(known[0]):  # callers repeat their heads
            del self._buffer[: len(known[0])]
            head = known[1]
        else:
            raw = self._take_head()
            if raw is None:
                return None
            head = parse_head(raw, self._limits)
            self._known = (raw + END, head) if len(raw) <= REMEMBERED_BYTES else None
        route = self._find(head.path)  # every time: who answered may be gone, or another
        self._half = (head, route)
        self._owes_continue = head.waits and not self._buffer
        if head.body_bytes is None:
            return head, route, Chunked(route.max_body_bytes)
        return head, route, sized(head.body_bytes, route.max_body_bytes)

    def _take_head(self) -> bytes | None:
        buffer, most = self._buffer, self._limits.head_bytes
        if not buffer:
            return None
        while buffer.startswith(b"\r\n"):  # some clients end a body with one too many
            del buffer[:2]
        if not buffer or buffer == b"\r":
            return None
        if not may_begin(buffer):
            raise Unacceptable(400, "This is not HTTP. A TLS client needs an https door.")
        end = buffer.find(END, 0, most + len(END))
        if end < 0:
            if len(buffer) >= most + len(END):
                raise Unacceptable(431, f"The head of the request exceeds {most} bytes.")
            return None
        raw = bytes(buffer[:end])
        del buffer[: end + len(END)]
        return raw
