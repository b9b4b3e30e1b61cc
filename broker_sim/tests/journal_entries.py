"""Exchanges for tests of the journal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from broker_sim.adapters.journal import MemoryJournal
from broker_sim.service.seen import Exchange
from broker_sim.tests.stores import START

SESSIONS: Final = "/services/Sessions"


def exchange(operation: str | None = "getSession", **said: Any) -> Exchange:
    """Make an exchange of which a test says only what it is about."""
    told: dict[str, Any] = {
        "door": SESSIONS,
        "status": 200,
        "fault": None,
        "client": "127.0.0.1",
        "request": b"",
        "response": b"",
    }
    return Exchange(operation=operation, **(told | said))


def journal_of(*exchanges: Exchange | tuple[Exchange, float]) -> MemoryJournal:
    """Make a journal with these exchanges, one second apart, or at the seconds said."""
    journal = MemoryJournal()
    for second, one in enumerate(exchanges):
        said, at = one if isinstance(one, tuple) else (one, float(second))
        journal.add(said, START + timedelta(seconds=at))
    return journal


def at(seconds: float) -> datetime:
    """Give the instant so many seconds after the start."""
    return START + timedelta(seconds=seconds)
