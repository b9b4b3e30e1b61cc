"""How the dashboard and the administration write what `shown` does not. All times are UTC."""

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
    """Let templates write as these functions do."""
    for filter_ in (wait, iso, status, role):
        app.jinja_env.filters[filter_.__name__] = filter_


def wait(of: timedelta | None) -> str:
    """Write how long somebody waits, as m:ss or h:mm:ss: figures that grow do not jump."""
    if of is None:
        return _NONE
    minutes, seconds = divmod(of // timedelta(seconds=1), 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02d}:{seconds:02d}" if hours else f"{rest}:{seconds:02d}"


def iso(instant: datetime) -> str:
    """Write an instant for machines."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status(word: str) -> str:
    """Say a representative's status."""
    return _STATUSES.get(word, word)


def role(word: str) -> str:
    """Say a manager's role."""
    return ROLE_NAMES[Role(word)]
