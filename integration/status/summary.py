"""The one screen of `run --summary`: redrawn every second, from the state folder."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from integration.config import Portal
from integration.errors import Retry
from integration.status.report import collect, size

_EVERY_SECONDS: Final = 1.0
_QUEUE_ROWS: Final = 5


class Summary:
    """Shows how a portal stands while the block runs; plain lines where there is no terminal."""

    def __init__(self, portal: Portal, now: Callable[[], datetime], console: Console) -> None:
        self._portal = portal
        self._now = now
        self._console = console
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._show, name="summary", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        self._thread.join()

    def _show(self) -> None:
        if not self._console.is_terminal:
            self._lines()
            return
        with Live(console=self._console, auto_refresh=False) as live:
            while True:
                last = self._end.wait(0)
                told = self._told()
                if told is not None:
                    live.update(screen(told), refresh=True)
                if last or self._end.wait(_EVERY_SECONDS):
                    return

    def _lines(self) -> None:
        while not self._end.wait(_EVERY_SECONDS * 10):
            told = self._told()
            if told is not None:
                self._console.print(line(told), markup=False, highlight=False, soft_wrap=True)

    def _told(self) -> dict[str, Any] | None:
        try:
            return collect(self._portal, self._now())
        except Retry:
            return None  # the ledger is busy: the next second


def line(told: dict[str, Any]) -> str:
    """Say it in one line."""
    totals = told["totals"]
    return (
        f"{totals['stored']} sessions stored, {size(totals['bytes'])},"
        f" queue {told['queue']['length']}, lag {told['lag_seconds']:.0f} s,"
        f" {told['updates']['state']}"
    )


def screen(told: dict[str, Any]) -> Panel:
    """Draw it."""
    totals, updates = told["totals"], told["updates"]
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    facts.add_row("stored", Text(f"{totals['stored']} sessions", style="bold green"))
    facts.add_row("files", f"{totals['files']}, {size(totals['bytes'])}")
    facts.add_row("queue", f"{told['queue']['length']} sessions")
    facts.add_row("lag", f"{told['lag_seconds']:.0f} s")
    facts.add_row("updates", _updates(updates))
    facts.add_row("connection", told["connection"]["state"])
    facts.add_row("archives", Text(told["storage"]))
    facts.add_row("database", Text(told["database"]))
    facts.add_row("WSDL", Text(told["wsdl"]))
    shown = told["queue"]["sessions"][:_QUEUE_ROWS]
    return Panel(
        Group(facts, *(Text(_waiting(waiting), style="dim") for waiting in shown)),
        title=f"{told['portal']} · {told['username']}",
        subtitle="Ctrl-C stops",
    )


def _updates(updates: dict[str, Any]) -> Text:
    if updates.get("problem"):
        return Text(f"waiting: {updates['problem']}", style="yellow")
    if not updates.get("next_poll"):
        return Text(str(updates["state"]))
    return Text(f"every {updates['interval_seconds']:g} s, up to update {updates['polled_to']}")


def _waiting(waiting: dict[str, Any]) -> str:
    problem = f": {waiting['problem']}" if waiting["problem"] else ""
    return f"  {waiting['session_id']} {waiting['step']}{problem}"
