"""One kept-alive connection that costs its caller little, to servers of any manner."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

_PIECE: Final = 256 * 1024
_SECONDS: Final = 120.0
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked\r\n", re.IGNORECASE)
_CLOSES: Final = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)
_LAST: Final = b"0\r\n\r\n"


class Line:
    """One connection, made anew after an answer that ended it.

    Args:
        url: scheme, host and port; plain HTTP.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._address = (parts.hostname, parts.port)
        self._socket: socket.socket | None = None

    def close(self) -> None:
        """End the connection; the next request makes another."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
        self._socket = None

    def send(self, request: bytes) -> None:
        """Send a whole request."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, _SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)

    def receive(self) -> bytes:
        """Give the body of the answer to what was sent last.

        Raises:
            RuntimeError: the answer is none of success, or is broken off.
        """
        came = self._receive()
        while (end := came.find(b"\r\n\r\n")) < 0:
            came += self._receive()
        head, rest = came[: end + 2], came[end + 4 :]
        found = _LENGTH.search(head)
        if found is not None:
            body = self._sized(rest, int(found[1]))
        elif _CHUNKED.search(head):
            body = self._chunked(rest)
        else:
            msg = f"an answer of no known length: {head.decode(errors='replace')}"
            raise RuntimeError(msg)
        if _CLOSES.search(head):
            self.close()
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
            msg = f"answered {head.decode(errors='replace')}{body[:2000].decode(errors='replace')}"
            raise RuntimeError(msg)
        return body

    def _sized(self, came: bytes, length: int) -> bytes:
        pieces, left = [came], length - len(came)
        while left > 0:
            pieces.append(self._receive())
            left -= len(pieces[-1])
        return b"".join(pieces)

    def _chunked(self, came: bytes) -> bytes:
        while not came.endswith(_LAST):  # no answer here has a trailer, or such bytes inside
            came += self._receive()
        at, pieces = 0, list[bytes]()
        while True:
            end = came.index(b"\r\n", at)
            size = int(came[at:end], 16)
            if size == 0:
                return b"".join(pieces)
            pieces.append(came[end + 2 : end + 2 + size])
            at = end + 2 + size + 2

    def _receive(self) -> bytes:
        assert self._socket is not None
        piece = self._socket.recv(_PIECE)
        if not piece:
            msg = "the connection was closed in the middle of an answer"
            raise RuntimeError(msg)
        return piece
