"""How much of anything the front takes before it says no."""

from dataclasses import dataclass

KIB = 1024

CHUNK_BYTES = 64 * KIB
"""Bytes buffered for a reader that does not read, and for a caller who pipelines."""

MAX_BODY_BYTES = 256 * KIB
"""The longest body of an ordinary route (FAULT-2)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one server; every span is in seconds.

    Attributes:
        head_bytes: request line and header fields together; more is refused with 431.
        header_count: header fields of one request; more are refused with 431.
        target_bytes: path and query; more is refused with 414.
        head_seconds: from the first byte of a request to the end of its head; also for a
            handshake, and for a new connection that says nothing.
        body_seconds: from the end of the head to the end of the body; then 408.
        idle_seconds: how long a connection is kept open between two requests.
        stall_seconds: how long a reader may take nothing of an answer before it is cut off.
        linger_seconds: how long a refused caller may go on sending, unread, so that the
            refusal reaches it.
        patrol_seconds: how often the spans above are looked at; they end late by up to this.
        connections: open at once; a further one gets 503.
        streams: downloads at once; a further one gets 503.
        work_threads: threads for `Offload` and for WSGI applications.
        read_threads: threads that pull the chunks of downloads.
        accepts: callers that are let in before the others get their turn; 1 leaves the next one
            to another process behind the same port.
    """

    head_bytes: int = 32 * KIB
    header_count: int = 100
    target_bytes: int = 8 * KIB
    head_seconds: float = 10.0
    body_seconds: float = 10.0
    idle_seconds: float = 75.0
    stall_seconds: float = 60.0
    linger_seconds: float = 2.0
    patrol_seconds: float = 0.25
    connections: int = 800
    streams: int = 64
    work_threads: int = 4
    read_threads: int = 2
    accepts: int = 64
