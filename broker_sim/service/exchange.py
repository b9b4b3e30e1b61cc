"""What a door takes and gives: values only, so that every shell speaks the same.

A handler runs inline on the event loop and must not wait. What must wait is handed back
as a value: `Offload` for slow work, `Wait` for a pause.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal, TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(slots=True)  # not frozen: on the way of every call, where freezing costs 1 us
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


@dataclass(slots=True)  # not frozen, for the same reason
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


class Bell:
    """Ends pauses: it is rung once, by any thread, and whoever listens goes on.

    Who begins to listen when it was rung already goes on at once.
    """

    __slots__ = ("_listening", "_lock", "_rung")

    def __init__(self) -> None:
        self._lock = Lock()
        self._rung = False
        self._listening: dict[object, Callable[[], None]] = {}

    def listen(self, who: object, called: Callable[[], None]) -> None:
        """Have `called` called when it rings, in the thread that rings it."""
        with self._lock:
            if not self._rung:
                self._listening[who] = called
                return
        called()

    def leave(self, who: object) -> None:
        """Listen no more."""
        with self._lock:
            self._listening.pop(who, None)

    def ring(self) -> None:
        """Wake all who listen."""
        with self._lock:
            self._rung, called = True, list(self._listening.values())
            self._listening.clear()
        for one in called:
            one()


@dataclass(frozen=True, slots=True)
class Wait:
    """Pause for `seconds`, or until the bell rings, then go on inline with `then()`."""

    seconds: float
    then: Callable[[], Any]
    bell: Bell | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection without an answer, once `after` is on the wire.

    `after` is sent as it is: garbage, or an answer that breaks off.
    """

    how: Literal["rst", "fin"] = "fin"
    after: bytes = b""


Reply: TypeAlias = Answer | Stream | Offload | Wait | Cut
Handler: TypeAlias = Callable[[Request], Reply]
