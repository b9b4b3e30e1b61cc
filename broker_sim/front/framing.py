"""Where a body ends: after a length, or after the last chunk.

Each takes its bytes from the front of a growing buffer and hands the body on when it is
whole, never before: a body cut short is never seen by a handler.

Source: FAULT-2; RFC 9112, sections 6 and 7.
"""

import functools
import re
from typing import Final, Protocol

from broker_sim.front.message import Unacceptable

CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?")
LINE_BYTES: Final = 256
TRAILER_BYTES: Final = 4096


class Framing(Protocol):
    """A way to tell where a body ends."""

    def take(self, buffer: bytearray) -> bytes | None:
        """Take what belongs to the body off the buffer; None while some of it is missing.

        Raises:
            Unacceptable: the body is malformed, or longer than it may be.
        """


def too_large(max_bytes: int) -> Unacceptable:
    """Tell that a body is over its limit."""
    return Unacceptable(413, f"The body is longer than the {max_bytes} bytes taken here.")


class Sized:
    """A body of a given length, in bytes."""

    __slots__ = ("_bytes",)

    def __init__(self, body_bytes: int, max_bytes: int) -> None:
        if body_bytes > max_bytes:
            raise too_large(max_bytes)
        self._bytes = body_bytes

    def take(self, buffer: bytearray) -> bytes | None:
        """Take the body, whole; None while some of it is missing."""
        if len(buffer) < self._bytes:
            return None
        if len(buffer) == self._bytes:
            body = bytes(buffer)
            buffer.clear()
            return body
        body = bytes(buffer[: self._bytes])
        del buffer[: self._bytes]
        return body


@functools.lru_cache(256)  # callers repeat their lengths, and it keeps nothing of a body
def sized(body_bytes: int, max_bytes: int) -> Sized:
    """Give a body of a given length.

    Raises:
        Unacceptable: it is longer than it may be.
    """
    return Sized(body_bytes, max_bytes)


class Chunked:
    """A body in chunks; extensions and trailers are read past, within bounds."""

    __slots__ = ("_body", "_left", "_max_bytes", "_trailer_bytes")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._body = bytearray()
        self._left: int | None = None  # of the chunk that has begun, its line end included
        self._trailer_bytes: int | None = None  # read so far, once the last chunk has come

    def take(self, buffer: bytearray) -> bytes | None:
        """Take what has come; the body once its last chunk and trailers have come."""
        while self._trailer_bytes is None:
            moved = self._begin(buffer) if self._left is None else self._go_on(buffer, self._left)
            if not moved:
                return None
        while (line := _line(buffer)) is not None:
            if not line:
                return bytes(self._body)
            self._trailer_bytes += len(line)
            if self._trailer_bytes > TRAILER_BYTES:
                raise Unacceptable(431, "The trailers of the body are too long.")
        return None

    def _begin(self, buffer: bytearray) -> bool:
        line = _line(buffer)
        if line is None:
            return False
        found = CHUNK_SIZE.fullmatch(line)
        if found is None:
            raise Unacceptable(400, "A chunk does not begin with its size in hex digits.")
        size = int(found[1], 16)
        if len(self._body) + size > self._max_bytes:
            raise too_large(self._max_bytes)
        if size:
            self._left = size + 2
        else:
            self._trailer_bytes = 0
        return True

    def _go_on(self, buffer: bytearray, left: int) -> bool:
        take = min(left - 2, len(buffer))
        if take > 0:
            self._body += buffer[:take]
            del buffer[:take]
            self._left = left = left - take
        if left > 2 or len(buffer) < 2:
            return False
        if buffer[:2] != b"\r\n":
            raise Unacceptable(400, "A chunk is not as long as it said.")
        del buffer[:2]
        self._left = None
        return True


def _line(buffer: bytearray) -> bytes | None:
    """Take one line off the buffer, without its end; None while it has not ended."""
    end = buffer.find(b"\r\n", 0, LINE_BYTES)
    if end < 0:
        if len(buffer) >= LINE_BYTES:
            raise Unacceptable(400, "A line between the chunks is too long.")
        return None
    line = bytes(buffer[:end])
    del buffer[: end + 2]
    return line
