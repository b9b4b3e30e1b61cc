"""How the pages write times and spans. All times are UTC, and say so where they stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Flask

from broker_sim.core.management import ROLE_NAMES, Role

_NONE: Final = "\N{EN DASH}"
_STATUSES: Final = {
    "LoggedOut": "Logged out",
    "Unavailable": "Unavailable",
    "Available": "Available",
    "InSession": "In session",
}


def add(app: Flask) -> None:
    """Give the templates these filters."""
    found = {"span": span, "clock": clock, "moment": moment, "iso": iso, "status": status}
    app.jinja_env.filters.update({**found, "role": role})


def span(of: timedelta | None) -> str:
    """Write a span as m:ss, h:mm:ss or days; a dash for none."""
    if of is None:
        return _NONE
    seconds = of // timedelta(seconds=1)
    hours, rest = divmod(seconds, 3600)
    if hours >= 48:
        return f"{hours // 24} days"
    tail = f"{rest % 60:02d}"
    return f"{hours}:{rest // 60:02d}:{tail}" if hours else f"{rest // 60}:{tail}"


def clock(instant: datetime) -> str:
    """Write the time of day, to the second."""
    return instant.astimezone(UTC).strftime("%H:%M:%S")


def moment(instant: datetime | None) -> str:
    """Write day and time, to the second; a dash for none."""
    return _NONE if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def iso(instant: datetime) -> str:
    """Write an instant for machines."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status(word: str) -> str:
    """Say a representative's status."""
    return _STATUSES.get(word, word)


def role(word: str) -> str:
    """Say a manager's role."""
    return ROLE_NAMES[Role(word)]
