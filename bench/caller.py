"""A caller that costs little itself: one connection, kept alive, requests written beforehand."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from broker_sim.contract import limits
from broker_sim.contract.sessions import SESSIONS

_PIECE: Final = 256 * 1024
_SECONDS: Final = 120.0
_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


class Caller:
    """One connection to one address.

    Args:
        url: scheme, host and port.
        ca_file: what to trust where the scheme is https.
    """

    def __init__(self, url: str, ca_file: Path | None = None) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._socket = socket.create_connection((parts.hostname, parts.port), _SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=ca_file)
            self._socket = context.wrap_socket(self._socket, server_hostname=parts.hostname)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> bytes:
        """Send a request; give the body of its answer."""
        return b"".join(self.read(request))

    def read(self, request: bytes) -> Iterator[bytes]:
        """Send a request; give the body of its answer piece by piece, as they are asked for.

        Raises:
            RuntimeError: the answer is none of success.
        """
        self._socket.sendall(request)
        came = b""
        while (end := came.find(b"\r\n\r\n")) < 0:
            came += self._receive()
        head, rest = came[: end + 2], came[end + 4 :]
        found = _LENGTH.search(head)
        if found is None or not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 206")):
            msg = f"answered {head.decode(errors='replace')}{rest[:2000].decode(errors='replace')}"
            raise RuntimeError(msg)
        left = int(found[1]) - len(rest)
        yield rest
        while left:
            piece = self._receive()
            left -= len(piece)
            yield piece

    def _receive(self) -> bytes:
        piece = self._socket.recv(_PIECE)
        if not piece:
            msg = "the connection was closed in the middle of an answer"
            raise RuntimeError(msg)
        return piece


def get(target: str, **fields: str) -> bytes:
    """Write a GET request."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"GET {target} HTTP/1.1\r\nhost: bench.example\r\n{lines}\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """Write the POST of a SOAP 1.1 message."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: bench.example\r\nuser-agent: bench\r\n"
        f'content-type: text/xml; charset=utf-8\r\nsoapaction: ""\r\n'
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def call(operation: str, path: str = SESSIONS.path, /, **arguments: object) -> bytes:
    """Write the call of an operation; the arguments go by their names on the wire, in order."""
    return post(path, envelope(operation, **arguments))


def envelope(operation: str, /, **arguments: object) -> bytes:
    """Write the message that calls an operation."""
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in arguments.items())
    message = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{operation} xmlns="{limits.NAMESPACE}">{inner}</{operation}>'
        "</soap:Body></soap:Envelope>"
    )
    return message.encode()


def values(answer: bytes, element: str) -> list[str]:
    """Give the texts of all elements of that name in an answer."""
    found = re.findall(f"<{element}>([^<]*)</{element}>", answer.decode())
    return [unescape(text) for text in found]
