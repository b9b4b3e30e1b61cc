"""WSGI applications behind the front: a whole request in, a whole answer out, in a thread.

For pages and control calls. Downloads are `Stream`s; through here they would be held whole
in memory.

Source: PEP 3333.
"""

import io
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from broker_sim.service.exchange import Answer, Handler, Headers, Offload, Reply, Request

LOG: Final = logging.getLogger("broker_sim.front")
_BUILDING: Final = threading.Lock()
FRAMING: Final = frozenset({"content-length", "transfer-encoding"})

Environ: TypeAlias = dict[str, Any]
ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType]
Application: TypeAlias = Callable[..., Iterable[bytes]]


def mount(application: Application, at: str = "") -> Handler:
    """Let a WSGI application answer, in a thread of the front.

    Args:
        application: may be called by several threads at once.
        at: the path it believes to be its root (`SCRIPT_NAME`); the route must be there.
    """

    def handler(request: Request) -> Reply:
        return Offload(lambda: _call(application, environ(request, at)), lambda answer: answer)

    return handler


def built_once(make: Callable[[], Application]) -> Application:
    """Give an application that is built by its first call, in whichever thread.

    One is built at a time in a process: building compiles URL rules, and CPython 3.11 fails now
    and then where two threads compile at once.
    """
    made: list[Application] = []

    def application(said: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        if not made:
            with _BUILDING:
                if not made:
                    made.append(make())
        return made[0](said, start)

    return application


def environ(request: Request, at: str = "") -> Environ:
    """Say a request as WSGI does: paths as latin-1 of their UTF-8 bytes."""
    headers = request.headers
    host = urlsplit(f"//{headers.get('host') or 'localhost'}")
    said: Environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": _wire(at),
        "PATH_INFO": _wire(request.path.removeprefix(at)),
        "QUERY_STRING": request.query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": host.hostname or "localhost",
        "SERVER_PORT": str(_port(host.netloc, request.scheme)),
        "REMOTE_ADDR": request.client,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": _ErrorLog(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "broker_sim.head": request.head,
    }
    said.update(_fields(headers))
    return said


def _fields(headers: Mapping[str, str]) -> Environ:
    said: Environ = {}
    for name, value in headers.items():
        if name == "content-type":
            said["CONTENT_TYPE"] = value
        elif name not in FRAMING and "_" not in name:  # which could pass itself off as a dash
            said[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return said


def _wire(path: str) -> str:
    return path.encode().decode("latin-1")


def _port(netloc: str, scheme: str) -> int:
    try:
        port = urlsplit(f"//{netloc}").port
    except ValueError:  # a Host header that no browser sends
        port = None
    return port or (443 if scheme == "https" else 80)


def _call(application: Application, said: Environ) -> Answer:
    begun = _Begun()
    pieces = application(said, begun.start)
    try:
        body = b"".join([*pieces])
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
    status, headers = begun.told()
    return Answer(status, headers, begun.written + body)


class _Begun:
    """What an application says by `start_response`."""

    def __init__(self) -> None:
        self._told: tuple[int, Headers] | None = None
        self.written = b""

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        """Note status and headers; an application in trouble may call it again."""
        if self._told is not None and exc_info is None:
            msg = "the application began its answer twice"
            raise RuntimeError(msg)
        self._told = int(status.split(" ", 1)[0]), tuple(headers)
        return self._write

    def told(self) -> tuple[int, Headers]:
        """Give what was said.

        Raises:
            RuntimeError: nothing was.
        """
        if self._told is None:
            msg = "the application gave a body without a status"
            raise RuntimeError(msg)
        return self._told

    def _write(self, data: bytes) -> None:
        self.written += data


class _ErrorLog(io.TextIOBase):
    """What an application writes to `wsgi.errors`, in the log."""

    def write(self, text: str) -> int:
        """Log one line."""
        if text.strip():
            LOG.error("%s", text.rstrip())
        return len(text)
