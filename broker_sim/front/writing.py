"""The head of an answer, and the plain sentences the front itself says."""

import functools
from http import HTTPStatus
from typing import Final

from broker_sim.service.exchange import Answer, Headers, Stream

STATUS_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus
}
BODILESS: Final = frozenset({204, 304})
OURS: Final = frozenset({"connection", "content-length", "date", "transfer-encoding"})
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


def answer_head(answer: Answer | Stream, length: int, *, keep: bool, old: bool, date: str) -> bytes:
    """Write the status line and the header fields, up to and with the empty line.

    Length, connection and date are the front's to write; a handler's own are left out.

    Args:
        answer: its status must be one that `http.HTTPStatus` knows.
        length: bytes of the body, also where none is sent (HEAD).
        keep: whether the connection stays open.
        old: whether the caller speaks HTTP/1.0.
        date: a whole header line, or nothing.

    Raises:
        ValueError: a field would break out of its line, or is beyond latin-1.
        KeyError: the status is unknown.
    """
    return _head(answer.status, answer.headers, length, date, keep, old)


@functools.lru_cache(256)  # most answers are headed as one before, up to the next second
def _head(status: int, headers: Headers, length: int, date: str, keep: bool, old: bool) -> bytes:
    lines = [STATUS_LINES[status]]
    lines += [f"{name}: {value}\r\n" for name, value in headers if name.lower() not in OURS]
    if date:
        lines.append(date)
    if status not in BODILESS:
        lines.append(f"content-length: {length}\r\n")
    if not keep:
        lines.append("connection: close\r\n")
    elif old:
        lines.append("connection: keep-alive\r\n")
    lines.append("\r\n")
    head = "".join(lines)
    if head.count("\n") != len(lines) or head.count("\r") != len(lines):
        msg = "a header field of the answer holds a line break"
        raise ValueError(msg)
    return head.encode("latin-1")


def sentence(status: int, text: str, headers: Headers = ()) -> Answer:
    """Answer with one plain sentence."""
    plain = (
        ("content-type", "text/plain; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
    )
    return Answer(status, plain + headers, f"{text}\n".encode())


TOO_MANY: Final = sentence(
    503, "Too many downloads at once. Try again in a moment.", (("retry-after", "1"),)
)
# Never sent: how it is told that nobody was there to send an answer to.
GONE: Final = sentence(499, "The caller went away before it was answered.")
