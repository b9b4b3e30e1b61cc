"""One peer: its process, what to ask it, and what an answer costs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Self

from bench.caller import envelope
from bench.peers.line import Line
from bench.process import cpu_seconds

# So many requests are under way at once: a server that has always something to do is measured,
# and not one that is woken up for every call.
_AT_ONCE: Final = 8
SOAP: Final = {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}


def ask(
    target: str, body: bytes = b"", headers: Mapping[str, str] = SOAP, method: str = "POST"
) -> bytes:
    """Write a request."""
    fields = {"host": "127.0.0.1", "user-agent": "bench", **headers}
    if method != "GET":
        fields["content-length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def soap(path: str, operation: str, **arguments: object) -> bytes:
    """Write the call of an operation at a path."""
    return ask(path, envelope(operation, **arguments))


class Peer:
    """A server and what it is asked.

    Args:
        name: what stands in the report.
        pid: of its process.
        url: its scheme, host and port.

    Attributes:
        subjects: the requests of a turn, by what they ask for.
        after: what is done with the answers of a turn, outside of what is measured.
    """

    def __init__(self, name: str, pid: int, url: str) -> None:
        self.name = name
        self.pid = pid
        self._lines = [Line(url) for _ in range(_AT_ONCE)]
        self.subjects: Mapping[str, Sequence[bytes]] = {}
        self.after: dict[str, Callable[[bytes], object]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.hang_up()

    def ask(self, request: bytes) -> bytes:
        """Give the body of the answer.

        Raises:
            RuntimeError: the answer is none of success.
        """
        line = self._lines[0]
        line.send(request)
        return line.receive()

    def turn(self, subject: str) -> float:
        """Ask all that belongs to a subject; give the CPU seconds that one answer took."""
        requests = self.subjects[subject]
        self.hang_up()  # some servers have ended a line that was idle meanwhile
        self._answers([self._greeting()] * len(self._lines))  # what a line costs is not measured
        before = cpu_seconds(self.pid)
        answers = self._answers(requests)
        took = cpu_seconds(self.pid) - before
        after = self.after.get(subject)
        if after is not None:
            for answer in answers:
                after(answer)
        return took / len(requests)

    def _greeting(self) -> bytes:
        """Give a request that may be made any number of times, as a logon may not."""
        return next(asks[0] for name, asks in self.subjects.items() if name != "logon")

    def _answers(self, requests: Sequence[bytes]) -> Sequence[bytes]:
        """Ask on all lines at once; each is asked again as soon as it has answered."""
        count, answers = len(self._lines), []
        for nth, request in enumerate(requests):
            line = self._lines[nth % count]
            if nth >= count:
                answers.append(line.receive())
            line.send(request)
        first = max(0, len(requests) - count)
        answers += [self._lines[nth % count].receive() for nth in range(first, len(requests))]
        return answers

    def hang_up(self) -> None:
        """End all lines; the next request makes new ones. Some servers end idle ones themselves."""
        for line in self._lines:
            line.close()
