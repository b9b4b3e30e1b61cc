"""What the ledger is told: every step of every session, on the disk before the next one.

Threads and processes may share the file; each change is one transaction (WAL, synchronous=FULL).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from integration.core import journey
from integration.core.journey import Event, Journey, Step
from integration.durable import Lock, make_folder
from integration.ledger.view import FILE_NAME, FINISHED, UNDER_WAY, View, millis, translated

_VERSION: Final = 1
_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS entry (
    session_id INTEGER PRIMARY KEY,
    step TEXT NOT NULL,
    first_wanted INTEGER NOT NULL,
    wanted INTEGER NOT NULL,
    held INTEGER,
    attempts INTEGER NOT NULL,
    distrusted INTEGER NOT NULL,
    noted INTEGER NOT NULL,
    due INTEGER NOT NULL,
    problem TEXT,
    files INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS entry_under_way ON entry (due) WHERE step NOT IN ({FINISHED});
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
PRAGMA user_version = {_VERSION};
"""
_JOURNEY: Final = "session_id, step, first_wanted, wanted, held, attempts, distrusted"


class Ledger(View):
    """The journeys of one portal's sessions."""

    def __init__(self, folder: Path) -> None:
        """Open the ledger of a state folder; made if it is not there.

        Raises:
            Retry: the disk refuses.
        """
        make_folder(folder)
        file = folder / FILE_NAME
        # alone: SQLite does not wait where two programs change to WAL at once
        with translated(), Lock(folder / "ledger.lock").held():
            self._open(file, "rwc")
            file.chmod(0o600)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)

    def journey(self, session_id: int) -> Journey | None:
        """Tell how far a session is; None if it was never noted."""
        with self._guard, translated():
            return _read(self._db, session_id)

    def note(self, told: Iterable[tuple[int, int]], now: datetime) -> int:
        """Note sessions that the broker told of: (session id, update id, or 0 for a range).

        Returns:
            How many of them are to be worked on and were not before.

        Source: C-ONCE-2.
        """
        fresh = 0
        with self._change() as db:
            for session_id, update_id in told:
                before = _read(db, session_id)
                after = journey.note(before or Journey(session_id), update_id)
                if after == before:
                    continue
                begins = before is None or before.finished
                when = {"due": millis(now), "noted": millis(now)} if begins else {}
                _write(db, after, **when)
                fresh += begins
        return fresh

    def note_page(
        self,
        told: Sequence[tuple[int, int]],
        purged: Collection[int],
        polled: int,
        now: datetime,
    ) -> int:
        """Note a page of updates and the place behind it, both or neither.

        Sessions in `purged` that are on their way are lost to us, or stay as they are stored.
        Tells how many of the others are to be worked on and were not before.
        """
        with self._change():
            fresh = self.note(told, now)
            for session_id in purged:
                self.vanished(session_id, "the broker purged it before it was stored")
            self.set_fact("polled", str(polled))
        return fresh

    def advance(self, session_id: int, event: Event) -> None:
        """Note that a step is done."""
        self._step(session_id, lambda now: journey.move(now, event))

    def progressed(self, session_id: int) -> None:
        """Note that something of a session has come home since its last failure."""
        self._step(session_id, journey.progressed)

    def stored(self, done: Iterable[tuple[int, int, int, int]]) -> None:
        """Note sessions as stored: (session id, update held, files, bytes)."""
        with self._change() as db:
            for session_id, held, files, size in done:
                now = _read(db, session_id)
                if now is not None:
                    after = journey.stored(now, held)
                    _write(db, after, files=files, bytes=size, problem=None)

    def vanished(self, session_id: int, problem: str) -> bool:
        """Note that the broker no longer has a session; tells whether it is lost to us."""
        with self._change() as db:
            after = self._step(session_id, journey.vanished)
            lost = after is not None and after.step is Step.GONE
            if after is not None:
                _write(db, after, problem=problem if lost else None)
        return lost

    def failed(self, session_id: int, problem: str, due: datetime, *, distrusted: bool) -> bool:
        """Note a failed attempt; the next is due at `due`. Tells whether it is given up."""
        with self._change() as db:
            after = self._step(session_id, lambda now: journey.failed(now, distrusted=distrusted))
            if after is not None:
                _write(db, after, due=millis(due), problem=problem)
        return after is not None and after.step is Step.GIVEN_UP

    def forget(self, ids: Iterable[int]) -> None:
        """Drop sessions as if they had never been noted."""
        with self._change() as db:
            db.executemany("DELETE FROM entry WHERE session_id = ?", ((i,) for i in ids))

    def hasten(self, now: datetime) -> None:
        """Make everything in the queue due at once: a new start is a new chance."""
        with self._change() as db:
            db.execute(f"UPDATE entry SET due = ? WHERE {UNDER_WAY}", (millis(now),))  # noqa: S608  constants only

    def set_fact(self, name: str, value: str) -> None:
        """Keep a fact about the portal: for `status`, and for the next start."""
        with self._change() as db:
            db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def drop_fact(self, name: str) -> None:
        """Forget a fact."""
        with self._change() as db:
            db.execute("DELETE FROM fact WHERE name = ?", (name,))

    def _step(self, session_id: int, change: Callable[[Journey], Journey]) -> Journey | None:
        """Take a step, unless another process of ours has brought the session home meanwhile."""
        with self._change() as db:
            now = _read(db, session_id)
            if now is None or now.finished:
                return None
            after = change(now)
            _write(db, after)
            return after

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction, or join the one that this thread has open."""
        with self._guard, translated():
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _read(db: sqlite3.Connection, session_id: int) -> Journey | None:
    query = f"SELECT {_JOURNEY} FROM entry WHERE session_id = ?"  # noqa: S608  constants only
    row = db.execute(query, (session_id,)).fetchone()
    return None if row is None else Journey(row[0], Step(row[1]), *row[2:])


def _write(db: sqlite3.Connection, now: Journey, **more: object) -> None:
    """Write a journey and further columns by name; the names are ours."""
    values: dict[str, object] = {
        "step": str(now.step),
        "first_wanted": now.first_wanted,
        "wanted": now.wanted,
        "held": now.held,
        "attempts": now.attempts,
        "distrusted": now.distrusted,
        **more,
    }
    changes = ", ".join(f"{name} = ?" for name in values)
    update = f"UPDATE entry SET {changes} WHERE session_id = ?"  # noqa: S608  our own names
    if db.execute(update, (*values.values(), now.session_id)).rowcount:
        return
    names, marks = ", ".join(values), ", ?" * len(values)
    insert = f"INSERT INTO entry (session_id, {names}) VALUES (?{marks})"  # noqa: S608  our own names
    db.execute(insert, (now.session_id, *values.values()))
