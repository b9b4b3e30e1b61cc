"""The settings as the program has them: frozen, checked, complete.

Source: C-KEY-1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


class Secret:
    """A text that does not show itself."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text; hand it to where it is used, keep it nowhere."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"


@dataclass(frozen=True, slots=True)
class Portal:
    """How to bring one portal home.

    Attributes:
        nickname: what its owner calls it; also its folder in the state.
        address: where the Sessions service is called.
        wsdl: where the service is described.
        password: None where it was not asked for.
        channels: what to store besides the properties.
        decompress: a folder instead of a zip.
        database: SQLAlchemy URL; may hold a password.
        start_at: where `run` and `fetch` begin; None is as far back as the broker goes.
        schedule: when `schedule` runs, a cron expression in UTC; None for never.
        state: the client's own notes about this portal.
    """

    nickname: str
    address: str
    wsdl: str
    username: str
    password: Secret | None
    security_key: Secret | None
    ca_file: Path | None
    interval_seconds: float
    channels: frozenset[str]
    decompress: bool
    storage: Path
    database: str = field(repr=False)
    start_at: datetime | None
    schedule: str | None
    state: Path
    workers: int


@dataclass(frozen=True, slots=True)
class Settings:
    """All portals, at least one, and the test seam."""

    portals: tuple[Portal, ...]
    crash_at: str | None = None
