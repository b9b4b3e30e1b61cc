"""What the ledger tells: the queue, the totals, the facts. Imports little, so it opens fast.

The ledger is a small SQLite file in the state folder. Its instants are milliseconds since 1970,
UTC.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from integration.core import journey
from integration.core.journey import Step
from integration.errors import Retry

FILE_NAME: Final = "ledger.sqlite"
FINISHED: Final = ", ".join(f"'{step}'" for step in sorted(journey.FINISHED))
UNDER_WAY: Final = f"step NOT IN ({FINISHED})"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WAITING: Final = "session_id, step, attempts, noted, due, problem"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A session in the queue, as a person sees it."""

    session_id: int
    step: str
    attempts: int
    noted: datetime
    due: datetime
    problem: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over all sessions: by step, and the files and bytes of those that are stored."""

    steps: Mapping[str, int]
    files: int
    bytes: int
    oldest_waiting: datetime | None


class View:
    """The journeys of one portal's sessions, to be read only."""

    def __init__(self, folder: Path) -> None:
        """Open the ledger of a state folder.

        Raises:
            FileNotFoundError: there is none.
            Retry: the disk refuses.
        """
        file = folder / FILE_NAME
        if not file.is_file():
            raise FileNotFoundError(file)
        self._open(file, "ro")
        if not self._rows("PRAGMA user_version")[0][0]:  # just being made
            self.close()
            raise FileNotFoundError(file)

    def _open(self, file: Path, mode: str) -> None:
        self._guard = threading.RLock()
        where = f"{file.absolute().as_uri()}?mode={mode}"
        with translated():
            self._db = sqlite3.connect(
                where, uri=True, timeout=30, isolation_level=None, check_same_thread=False
            )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def due(self, now: datetime, limit: int, skip: Collection[int]) -> Sequence[int]:
        """List sessions whose next attempt is due, the longest waiting first."""
        rows = self._rows(
            f"SELECT session_id FROM entry WHERE {UNDER_WAY} AND due <= ?"  # noqa: S608  constants only
            " ORDER BY due, session_id LIMIT ?",
            (millis(now), limit + len(skip)),
        )
        return [session_id for (session_id,) in rows if session_id not in skip][:limit]

    def under_way(self, among: Collection[int] | None = None) -> set[int]:
        """Tell which sessions still have a way to go."""
        rows = self._rows(f"SELECT session_id FROM entry WHERE {UNDER_WAY}")  # noqa: S608  constants only
        ids = {session_id for (session_id,) in rows}
        return ids if among is None else ids & set(among)

    def low_water(self, home: Mapping[int, int] | None = None) -> int | None:
        """Tell the update up to which everything is stored; None before the first poll.

        Args:
            home: sessions that are about to be stored, with the update that each will show.
        """
        polled = self.polled
        if polled is None:
            return None
        rows = self._rows(
            "SELECT session_id, first_wanted, wanted FROM entry"  # noqa: S608  constants only
            f" WHERE {UNDER_WAY} AND first_wanted > 0"
        )
        shown = home or {}
        missing: list[int] = [
            max(first, shown.get(session_id, 0) + 1)
            for session_id, first, wanted in rows
            if wanted > shown.get(session_id, 0)
        ]
        return min([polled, *(update - 1 for update in missing)])

    @property
    def polled(self) -> int | None:
        """The last update that is noted; None before the first poll."""
        found: str | None = self.fact("polled")
        return None if found is None else int(found)

    def fact(self, name: str) -> str | None:
        """Read a fact about the portal by its name."""
        rows = self._rows("SELECT value FROM fact WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def facts(self) -> dict[str, str]:
        """Read all facts about the portal."""
        return {str(name): str(value) for name, value in self._rows("SELECT * FROM fact")}

    def queue(self, limit: int) -> Sequence[Waiting]:
        """Show the queue, what is due first at the front."""
        return self._waiting(f"{UNDER_WAY} ORDER BY due, session_id", limit)

    def lost(self, limit: int, among: Collection[int] | None = None) -> Sequence[Waiting]:
        """Show what is not stored and will not be: gone before we had it, or given up."""
        unstored = f"step IN ('{Step.GONE}', '{Step.GIVEN_UP}')"
        shown = self._waiting(f"{unstored} ORDER BY session_id", limit if among is None else -1)
        return [w for w in shown if among is None or w.session_id in among][:limit]

    def totals(self) -> Totals:
        """Count."""
        steps = {
            str(s): int(n) for s, n in self._rows("SELECT step, count(*) FROM entry GROUP BY 1")
        }
        files, size = self._rows("SELECT total(files), total(bytes) FROM entry")[0]
        ((oldest,),) = self._rows(f"SELECT min(noted) FROM entry WHERE {UNDER_WAY}")  # noqa: S608  constants only
        return Totals(steps, int(files), int(size), None if oldest is None else moment(oldest))

    def _waiting(self, which: str, limit: int) -> Sequence[Waiting]:
        rows = self._rows(f"SELECT {_WAITING} FROM entry WHERE {which} LIMIT ?", (limit,))  # noqa: S608  constants only
        return [Waiting(i, s, a, moment(n), moment(d), p) for i, s, a, n, d, p in rows]

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._guard, translated():
            return self._db.execute(query, values).fetchall()


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLite's errors into ours: a full disk or a long lock may pass."""
    try:
        yield
    except sqlite3.Error as error:
        raise Retry(f"the ledger: {error}") from error


def millis(moment: datetime) -> int:
    """An instant as the ledger keeps it."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment(millis: int) -> datetime:
    """An instant that the ledger kept; aware, UTC."""
    return _EPOCH + timedelta(milliseconds=millis)
