"""Two small proxies, HTTP and SOCKS5, that count what goes through them."""

from __future__ import annotations

import selectors
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = "127.0.0.1"
_CHUNK: Final = 64 * 1024
_LINE_MOST: Final = 16 * 1024


class Relay(socketserver.ThreadingTCPServer):
    """A proxy; `carried` counts the connections that it has made for others."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, handler: type[socketserver.BaseRequestHandler]) -> None:
        super().__init__((_HOST, 0), handler)
        self.carried = 0

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{_HOST}:{self.server_address[1]}"


@contextmanager
def running(kind: str) -> Iterator[Relay]:
    """Run a proxy, "http" or "socks"."""
    with Relay({"http": _Http, "socks": _Socks}[kind]) as relay:
        thread = threading.Thread(target=relay.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield relay
        finally:
            relay.shutdown()
            thread.join()


class _Carrying(socketserver.BaseRequestHandler):
    request: socket.socket
    server: Relay

    def carry(self, host: str, port: int, first: bytes, answer: bytes) -> None:
        """Connect to somebody, say `first` there and `answer` here, and carry both ways."""
        try:
            there = socket.create_connection((host, port), 10)
        except OSError:
            return
        self.server.carried += 1
        with there:
            there.settimeout(None)
            if first:
                there.sendall(first)
            if answer:
                self.request.sendall(answer)
            _both_ways(self.request, there)


def _both_ways(here: socket.socket, there: socket.socket) -> None:
    with selectors.DefaultSelector() as waiting:
        waiting.register(here, selectors.EVENT_READ, there)
        waiting.register(there, selectors.EVENT_READ, here)
        while True:
            for ready, _ in waiting.select():
                try:
                    data = ready.fileobj.recv(_CHUNK)  # type: ignore[union-attr]  # both are sockets
                    if not data:
                        return
                    ready.data.sendall(data)
                except OSError:
                    return


class _Http(_Carrying):
    """CONNECT, and plain requests by absolute URL, one per connection."""

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head and len(head) < _LINE_MOST:
            data = self.request.recv(_CHUNK)
            if not data:
                return
            head += data
        line, _, rest = head.partition(b"\r\n")
        method, _, target = line.decode("latin-1").rpartition(" ")[0].partition(" ")
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            self.carry(host, int(port), b"", b"HTTP/1.1 200 OK\r\n\r\n")
            return
        parts = urlsplit(target)
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        first = f"{method} {path} HTTP/1.1\r\nConnection: close\r\n".encode() + _unkept(rest)
        self.carry(parts.hostname or "", parts.port or 80, first, b"")


def _unkept(rest: bytes) -> bytes:
    """Leave out what asks to keep the connection: the next request may be for another host."""
    head, gap, body = rest.partition(b"\r\n\r\n")
    kept = [
        line
        for line in head.split(b"\r\n")
        if line.partition(b":")[0].strip().lower() not in (b"connection", b"proxy-connection")
    ]
    return b"\r\n".join(kept) + gap + body


class _Socks(_Carrying):
    """SOCKS5 without a login: names and addresses."""

    def handle(self) -> None:
        try:
            _, count = self._read(2)
            self._read(count)
            self.request.sendall(b"\x05\x00")
            _, command, _, kind = self._read(4)
            host = self._host(kind)
            port = int.from_bytes(self._read(2))
        except (EOFError, OSError):
            return
        if command == 1:
            self.carry(host, port, b"", b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")

    def _host(self, kind: int) -> str:
        if kind == 1:
            return socket.inet_ntop(socket.AF_INET, self._read(4))
        if kind == 4:
            return socket.inet_ntop(socket.AF_INET6, self._read(16))
        return self._read(self._read(1)[0]).decode("ascii")

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.request.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data
