"""How a fetch goes: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final, TextIO

from integration.status.report import size

_EVERY_SECONDS: Final = 2.0


class Silent:
    """Says nothing: for programs that read JSON."""

    def showing(self) -> AbstractContextManager[object]:
        """Show while the block runs."""
        return nullcontext()

    def found(self, sessions: int) -> None:
        """So many more sessions are to be stored."""

    def received(self, size: int) -> None:
        """So many more bytes of files have come and verified."""

    def stored(self, sessions: int) -> None:
        """So many more sessions are stored."""

    def failed(self, session_id: int, problem: str) -> None:
        """An attempt at a session failed."""


class Lines(Silent):
    """A line now and then; at the end of each a newline, nothing fancy.

    Args:
        ticks: seconds of a clock that never jumps.
    """

    def __init__(self, out: TextIO, ticks: Callable[[], float]) -> None:
        self._out = out
        self._ticks = ticks
        self._guard = threading.Lock()
        self._found = self._stored = self._bytes = 0
        self._next = 0.0
        self._began = ticks()

    def found(self, sessions: int) -> None:
        """So many more sessions are to be stored."""
        with self._guard:
            self._found += sessions
            self._say()

    def received(self, size: int) -> None:
        """So many more bytes of files have come and verified."""
        with self._guard:
            self._bytes += size

    def stored(self, sessions: int) -> None:
        """So many more sessions are stored."""
        with self._guard:
            self._stored += sessions
            if self._ticks() >= self._next or self._stored >= self._found:
                self._say()

    def _say(self) -> None:
        now = self._ticks()
        self._next = now + _EVERY_SECONDS
        left = ""
        if 0 < self._stored < self._found:
            seconds = (now - self._began) / self._stored * (self._found - self._stored)
            left = f", about {seconds:.0f} s left"
        counts = f"{self._stored}/{self._found} sessions, {size(self._bytes)}{left}"
        print(counts, file=self._out, flush=True)


class Bar(Silent):
    """A bar with counts, bytes and the time that is left."""

    def __init__(self) -> None:
        from rich.progress import (  # noqa: PLC0415  `status` must not wait for it
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._bytes = 0
        self._progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("sessions  {task.fields[size]}  left"),
            TimeRemainingColumn(),
            expand=True,
        )
        self._task = self._progress.add_task("bringing home", total=None, size=size(0))

    def showing(self) -> AbstractContextManager[object]:
        """Show while the block runs."""
        return self._progress

    def found(self, sessions: int) -> None:
        """So many more sessions are to be stored."""
        total = self._progress.tasks[self._task].total or 0
        self._progress.update(self._task, total=total + sessions)

    def received(self, size_bytes: int) -> None:
        """So many more bytes of files have come and verified."""
        self._bytes += size_bytes
        self._progress.update(self._task, size=size(self._bytes))

    def stored(self, sessions: int) -> None:
        """So many more sessions are stored."""
        self._progress.advance(self._task, sessions)
