"""What the pipeline needs from outside: time, a broker, downloads, and somebody to tell.

Source: C-POLL-1, C-CONN-1, C-STORE-2.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from integration.core.record import File, Portal, Session, Update
from integration.core.window import Window


class Clock(Protocol):
    """Time, waiting, chance."""

    @property
    def stopping(self) -> bool:
        """Whether the program is to stop."""

    def now(self) -> datetime:
        """The wall clock: aware, UTC."""

    def ticks(self) -> float:
        """Seconds of a clock that never jumps."""

    def wait(self, seconds: float) -> bool:
        """Wait, at most until the program is to stop; tells whether it is to stop."""

    def stop(self) -> None:
        """End every wait."""

    def chance(self) -> float:
        """A number from [0, 1)."""


class Sessions(Protocol):
    """The broker's Sessions service on one connection; every call may raise `errors`."""

    def connect(self) -> Portal:
        """Be logged on, by an earlier connection or a new one, and read the portal."""

    def portal(self) -> Portal:
        """Read the portal, with the broker's time."""

    def session(self, session_id: int) -> Session:
        """Read one session. Raises `Park` if the broker does not have it (any more)."""

    def session_ids(
        self, window: Window, *, by: str = "Ended", after: int | None = None
    ) -> Sequence[int]:
        """Read one page of the sessions of a range; raises `BehindEdge` or `PageLost`."""

    def last_update_id(self) -> int:
        """Read the newest place in the change log."""

    def updates(self, since: int) -> Sequence[Update]:
        """Read one page of the change log; raises `LogTruncated` or `CursorAhead`."""

    def default_key(self, version: int) -> bytes:
        """Read a default wrapping key. Raises `Park` if the broker withholds it."""

    def close(self) -> None:
        """Log off, unless another process of this client uses the connection."""


class Downloads(Protocol):
    """Fetches files by their links."""

    def fetch(self, file: File, target: str) -> None:
        """Complete and verify the file of that path; raises `Retry` or `Distrust`."""


class Observer(Protocol):
    """Somebody who is told how the work goes; from any thread, must be quick."""

    def found(self, sessions: int) -> None:
        """So many more sessions are to be stored."""

    def received(self, size: int) -> None:
        """So many more bytes of files have come and verified."""

    def stored(self, sessions: int) -> None:
        """So many more sessions are stored."""

    def failed(self, session_id: int, problem: str) -> None:
        """An attempt at a session failed; it may come again."""
