"""What a door takes and gives: values only, so that every shell speaks the same.

A handler runs inline on the event loop and must not wait. What must wait is handed back
as a value: `Offload` for slow work, `Wait` for a pause.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, its body read to the end.

    Attributes:
        method: upper case.
        path: percent-decoded, begins with a slash.
        query: what stands behind the question mark, undecoded.
        headers: by lower-case name.
        body: whole; never longer than the route allows.
        client: address of the caller, without its port.
        scheme: "http" or "https".
        head: it was a HEAD, which is handed on as the GET whose headers it wants.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    client: str = ""
    scheme: str = "http"
    head: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer of `length` bytes, sent piece by piece.

    A plain iterator is pulled in a thread, an asynchronous one on the loop (it may pause
    between its pieces). Either is closed at the end, also when the reader goes away.

    Attributes:
        length: what the head promises.
        pause_seconds: before each piece.
        breaks_at: how much of the body is sent at most, before the connection is closed as
            `breaks_how` says; None for the whole.
    """

    status: int
    headers: Headers
    chunks: Iterator[bytes] | AsyncIterator[bytes]
    length: int
    pause_seconds: float = 0.0
    breaks_at: int | None = None
    breaks_how: Literal["rst", "fin"] = "fin"


@dataclass(frozen=True, slots=True)
class Offload:
    """Do `work` in a thread, then go on inline with `then(its result)`."""

    work: Callable[[], Any]
    then: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Wait:
    """Pause for `seconds`, then go on inline with `then()`."""

    seconds: float
    then: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection without an answer, once `after` is on the wire.

    `after` is sent as it is: garbage, or an answer that breaks off.
    """

    how: Literal["rst", "fin"] = "fin"
    after: bytes = b""


Reply: TypeAlias = Answer | Stream | Offload | Wait | Cut
Handler: TypeAlias = Callable[[Request], Reply]
