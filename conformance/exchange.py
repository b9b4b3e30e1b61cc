"""HTTP by the suite's own hand: one connection per thread and host, kept alive, never repeated.

A call that was sent is never sent again by itself: a second logon would count twice.
"""

import http.client
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

# Longer than any answer of a broker may take, the slow ones of FAULT-2 left out.
TIMEOUT_SECONDS: Final = 20.0
# What drips on for longer, or never ends, is no answer: a suite must end, and fit into memory.
WHOLE_SECONDS: Final = 60.0
WHOLE_BYTES: Final = 256 * 2**20
_PIECE_BYTES: Final = 2**16


class Unreachable(Exception):  # noqa: N818  # told in words, not our error
    """Nobody listens there, or TLS could not be agreed; one sentence."""


class NoAnswer(Exception):  # noqa: N818  # told in words, not our error
    """The call was sent and no whole answer came; one sentence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer; header names in lower case; `seconds` from first byte to last."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One exchange as a log tells it: status 0 where no whole answer came; sizes in bytes."""

    method: str
    path: str
    operation: str | None
    status: int
    seconds: float
    sent: int
    received: int


class Http:
    """Speaks to one base URL, and to other hosts when a URL says so.

    Attributes:
        note: told of every exchange, from whichever thread.
    """

    def __init__(self, base: str, ca: Path | None = None) -> None:
        self.base: Final = base.rstrip("/")
        self.note: Callable[[Exchanged], None] | None = None
        self._tls = ssl.create_default_context(cafile=None if ca is None else str(ca))
        self._kept = threading.local()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = None,
    ) -> Answer:
        """Send one request and read its answer; `url` may be a path below the base.

        Raises:
            Unreachable: no connection could be made.
            NoAnswer: the connection broke before a whole answer, or the time was up.
        """
        begun, answer = time.monotonic(), None
        try:
            answer = self._send(method, url, headers or {}, body)
            return answer
        finally:
            if self.note is not None:
                size = len(body) if isinstance(body, bytes) else 0
                took = time.monotonic() - begun
                self.note(_exchanged(method, url, headers or {}, size, answer, took))

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | Iterable[bytes] | None,
    ) -> Answer:
        parts = urlsplit(url if "://" in url else f"{self.base}{url}")
        connection = self._connection(parts)
        path = parts.path or "/"
        target = f"{path}?{parts.query}" if parts.query else path
        begun = time.monotonic()
        try:
            _send(connection, method, target, headers, body)
            answer = connection.getresponse()
            content = _whole(answer)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            msg = f"no whole answer to {method} {parts.path}: {_in_words(error)}"
            raise NoAnswer(msg) from error
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, names, content, time.monotonic() - begun)

    def close(self) -> None:
        """Close this thread's connections."""
        for connection in self._pool().values():
            connection.close()
        self._pool().clear()

    def open_socket(self) -> socket.socket:
        """Open a bare connection to the base, with TLS where the base has it.

        Raises:
            Unreachable: no connection could be made.
        """
        parts = urlsplit(self.base)
        secure = parts.scheme == "https"
        try:
            plain = socket.create_connection(
                (parts.hostname or "", parts.port or (443 if secure else 80)), TIMEOUT_SECONDS
            )
            return self._tls.wrap_socket(plain, server_hostname=parts.hostname) if secure else plain
        except OSError as error:
            raise _unreachable(parts, error) from error

    def _pool(self) -> dict[str, http.client.HTTPConnection]:
        if not hasattr(self._kept, "pool"):
            self._kept.pool = {}
        pool: dict[str, http.client.HTTPConnection] = self._kept.pool
        return pool

    def _connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        kept = self._pool().get(parts.netloc)
        if kept is not None and kept.sock is not None and not _hung_up(kept.sock):
            return kept
        if kept is not None:
            kept.close()
        made = self._made(parts)
        try:
            made.connect()
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(parts, error) from error
        self._pool()[parts.netloc] = made
        return made

    def _made(self, parts: SplitResult) -> http.client.HTTPConnection:
        if parts.scheme == "https":
            return http.client.HTTPSConnection(
                parts.netloc, timeout=TIMEOUT_SECONDS, context=self._tls
            )
        return http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_SECONDS)


def _exchanged(
    method: str,
    url: str,
    headers: Mapping[str, str],
    sent: int,
    answer: Answer | None,
    took: float,
) -> Exchanged:
    status, received = (0, 0) if answer is None else (answer.status, len(answer.body))
    said = headers.get("SOAPAction") or headers.get("Content-Type", "").partition("action=")[2]
    action = said.strip('"').rpartition("/")[2] or None
    return Exchanged(method, urlsplit(url).path, action, status, took, sent, received)


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes | Iterable[bytes] | None,
) -> None:
    chunked = body is not None and not isinstance(body, bytes)
    more = {"Transfer-Encoding": "chunked"} if chunked else {}
    try:
        connection.request(method, target, body, {**headers, **more}, encode_chunked=chunked)
    except (BrokenPipeError, ConnectionResetError):
        # The target may have answered before it had read all: a 413 is a good answer.
        return


def _whole(answer: http.client.HTTPResponse) -> bytes:
    """Read a body to its end.

    Raises:
        OSError, http.client.HTTPException: it does not come, or never ends.
    """
    until = time.monotonic() + WHOLE_SECONDS
    pieces, size = [], 0
    while piece := answer.read1(_PIECE_BYTES):
        pieces.append(piece)
        size += len(piece)
        if size > WHOLE_BYTES:
            msg = f"more than {WHOLE_BYTES // 2**20} MiB came"
            raise OSError(msg)
        if time.monotonic() > until:
            msg = f"it had not come whole after {WHOLE_SECONDS:g} s"
            raise OSError(msg)
    if answer.length:  # it was told, and so much of it is missing
        raise http.client.IncompleteRead(b"", answer.length)
    answer.close()  # read whole: its connection may be used again
    return b"".join(pieces)


def _in_words(error: Exception) -> str:
    match error:
        case TimeoutError():
            return f"nothing came for {TIMEOUT_SECONDS:g} s"
        case ConnectionError():  # RemoteDisconnected, which is a bad status line, too
            return "the connection was closed"
        case http.client.IncompleteRead():
            return "it ends too early"
        case ssl.SSLError():
            return "TLS broke"
        case http.client.HTTPException():
            return "what came is no HTTP"
    return getattr(error, "strerror", None) or str(error)


def _hung_up(kept: socket.socket) -> bool:
    """Tell whether the other side has closed; a kept connection has nothing to say."""
    readable, _, _ = select.select([kept], [], [], 0)
    return bool(readable)


def _unreachable(parts: SplitResult, error: Exception) -> Unreachable:
    reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = f"its certificate is not trusted ({error.verify_message}); name the CA with --ca"
    elif isinstance(error, ssl.SSLError):
        reason = f"no TLS could be agreed on ({error.reason}); is it plain http?"
    return Unreachable(f"{parts.scheme}://{parts.netloc} cannot be reached: {reason}")
