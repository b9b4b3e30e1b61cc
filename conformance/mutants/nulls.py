"""Targets that do nothing: no MUST may pass on any of them.

A suite that counts what did not fail as good would pass them all.
"""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.request import urlopen

from broker_sim.testing import running_broker

_HOST: Final = "127.0.0.1"


@contextmanager
def nobody() -> Iterator[str]:
    """Give the URL of a port where nobody listens, as after `true`."""
    with closing(socket.socket()) as held:
        held.bind((_HOST, 0))
        yield f"http://{_HOST}:{held.getsockname()[1]}"


@contextmanager
def hangs_up() -> Iterator[str]:
    """Give the URL of a port that takes every caller and hangs up at once."""
    with closing(socket.create_server((_HOST, 0))) as listening:
        threading.Thread(target=_hang_up, args=(listening,), daemon=True).start()
        yield f"http://{_HOST}:{listening.getsockname()[1]}"
        # A blocked accept is not woken by closing alone.
        listening.shutdown(socket.SHUT_RDWR)


def _hang_up(listening: socket.socket) -> None:
    try:
        while True:
            listening.accept()[0].close()
    except OSError:
        return


# What a canned broker answers to a body: the status, and the body of the answer.
Canned = Callable[[bytes], tuple[int, bytes]]


@contextmanager
def canned(answer: Canned, *, described: bool) -> Iterator[str]:
    """Give the URL of a broker that answers everything in one way.

    Args:
        answer: what it answers.
        described: it publishes the good descriptions, and so passes for a broker at first.
    """
    documents = descriptions() if described else {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, told = answer(body)
            query = self.path.partition("?")[2]
            if self.command == "GET" and query in documents:
                status, told = 200, documents[query]
            self.send_response(status)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PUT = do_HEAD = _answer  # noqa: N815  the library's names

        def log_message(self, *_said: Any) -> None:
            """Say nothing."""

    with _Server((_HOST, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{_HOST}:{server.server_address[1]}"
        server.shutdown()


class _Server(ThreadingHTTPServer):
    """Serves in threads, and says nothing of callers that hang up."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


@cache
def descriptions() -> Mapping[str, bytes]:
    """Give the reference's two documents by their query."""
    with running_broker() as broker:
        base = broker.wsdl_url.removesuffix("?wsdl")
        return {query: urlopen(f"{base}?{query}").read() for query in ("wsdl", "wsdl12")}  # noqa: S310  our own URL


_ANSWERS: Final[Mapping[str, Canned]] = {
    "empty 200": lambda _body: (200, b""),
    "empty 500": lambda _body: (500, b""),
    "echo": lambda body: (200, body),
}
NULLS: Final[Mapping[str, Callable[[], AbstractContextManager[str]]]] = {
    "nobody listens": nobody,
    "hangs up": hangs_up,
    **{name: partial(canned, each, described=False) for name, each in _ANSWERS.items()},
    **{
        f"{name}, well described": partial(canned, each, described=True)
        for name, each in _ANSWERS.items()
    },
}
