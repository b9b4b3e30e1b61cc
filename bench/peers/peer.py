"""One peer: its process, what to ask it, and what an answer costs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Final, Self
from urllib.parse import urlsplit

from bench.caller import envelope
from bench.process import cpu_seconds

SOAP: Final = {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, written beforehand."""

    target: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: SOAP)
    method: str = "POST"


def soap(path: str, operation: str, **arguments: object) -> Ask:
    """Write the call of an operation at a path."""
    return Ask(path, envelope(operation, **arguments))


class Peer:
    """A server that is asked over one connection, anew where the server closes it.

    Args:
        name: what stands in the report.
        pid: of its process.
        url: its scheme, host and port.
    """

    def __init__(self, name: str, pid: int, url: str) -> None:
        self.name = name
        self.pid = pid
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._connection = HTTPConnection(parts.hostname, parts.port, timeout=120)
        self.subjects: Mapping[str, Sequence[Ask]] = {}
        self.after: dict[str, Callable[[bytes], object]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._connection.close()

    def ask(self, ask: Ask) -> bytes:
        """Give the body of the answer.

        Raises:
            RuntimeError: the answer is none of success.
        """
        self._connection.request(ask.method, ask.target, ask.body, dict(ask.headers))
        with closing(self._connection.getresponse()) as answer:
            body = answer.read()
        if answer.status != 200:
            msg = f"{self.name} answered {answer.status}: {body[:2000].decode(errors='replace')}"
            raise RuntimeError(msg)
        return body

    def turn(self, subject: str) -> float:
        """Ask all that belongs to a subject; give the CPU seconds that one answer took."""
        asks = self.subjects[subject]
        self._connection.close()  # some servers have ended one that was idle meanwhile
        self._connection.connect()
        before = cpu_seconds(self.pid)
        answers = [self.ask(ask) for ask in asks]
        took = cpu_seconds(self.pid) - before
        after = self.after.get(subject)
        if after is not None:
            for answer in answers:
                after(answer)
        return took / len(asks)
