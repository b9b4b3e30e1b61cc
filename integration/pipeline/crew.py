"""Several sessions carried at a time; rows and cursor written for many of them at once.

Workers bring records, files and archives home, in any order. One thread alone commits: rows of
those that are home, and the cursor up to which nothing is missing, in one transaction.

Source: C-ONCE-1, C-ONCE-3.
"""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Final

from integration.core import backoff
from integration.crashpoint import point
from integration.errors import Distrust, Park, Retry, Stop
from integration.pipeline.carry import Carried, Carrier
from integration.pipeline.sources import PATIENCE, Source
from integration.sinks.database import Stored

BATCH: Final = 100
# Rows wait for others at most this long
_BATCH_SECONDS: Final = 0.5
_IDLE_SECONDS: Final = 0.2
_log = logging.getLogger("integration.pipeline")


class Crew:
    """Works through a source of sessions with one carrier."""

    def __init__(self, carrier: Carrier, workers: int) -> None:
        self._carrier = carrier
        self._store = carrier.store
        self._clock = carrier.clock
        self._observer = carrier.observer
        self._workers = workers
        self._running: dict[Future[Carried | None], int] = {}
        self._home: list[Carried] = []
        self._commit_due = 0.0
        self._refusals = 0
        self._cursor: int | None = None

    def work(self, source: Source) -> None:
        """Work until the source is exhausted or the program is to stop.

        Raises:
            Stop: a worker met something that only a person can mend.
            Retry: ledger or database refuse again and again, and the source is not endless.
        """
        with ThreadPoolExecutor(self._workers, "carry") as pool:
            try:
                while not self._clock.stopping and not self._done(source):
                    self._turn(source, pool)
            except BaseException:
                self._clock.stop()
                raise
            finally:
                wait(self._running)
        for future in list(self._running):
            self._settle(source, future)
        self._commit()

    def _done(self, source: Source) -> bool:
        return not self._running and not self._home and source.exhausted

    def _turn(self, source: Source, pool: ThreadPoolExecutor) -> None:
        """Hand out, take in, commit; if ledger or database refuse, wait and come again."""
        try:
            self._hand_out(source, pool)
            self._take_in(source)
            self._commit_if_due()
            self._refusals = 0
        except Retry as why:
            self._refusals += 1
            if self._refusals >= PATIENCE and not source.endless:
                raise
            _log.warning("%s sessions wait: %s", len(self._home), why)
            self._clock.wait(backoff.delay(self._refusals, self._clock.chance()))

    def _hand_out(self, source: Source, pool: ThreadPoolExecutor) -> None:
        in_hand = {*self._running.values(), *(c.session.session_id for c in self._home)}
        while len(self._running) < self._workers and len(self._home) < 2 * BATCH:
            session_id = source.take(in_hand)
            if session_id is None:
                return
            in_hand.add(session_id)
            self._running[pool.submit(self._carrier.carry, session_id)] = session_id

    def _take_in(self, source: Source) -> None:
        if not self._running:
            if not self._home:
                self._clock.wait(_IDLE_SECONDS)
            return
        done, _ = wait(self._running, timeout=_IDLE_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            self._settle(source, future)

    def _settle(self, source: Source, future: Future[Carried | None]) -> None:
        session_id = self._running.pop(future)
        match error := future.exception():
            case None:
                self._arrived(future.result())
            case Park():
                if self._store.ledger.vanished(session_id, str(error)):
                    self._observer.failed(session_id, str(error))
            case Retry():
                self._failed(source, session_id, str(error), after=error.after)
            case OSError():  # the local disk
                self._failed(source, session_id, str(error))
            case Distrust():
                self._failed(source, session_id, str(error), distrusted=True)
            case Stop():
                raise error
            case Exception():  # one odd session must not hold up the others
                _log.error("session %s: a mistake of this program", session_id, exc_info=error)
                self._failed(source, session_id, "a mistake of this program", distrusted=True)
            case _:
                raise error

    def _arrived(self, carried: Carried | None) -> None:
        if carried is None:
            self._observer.stored(1)
            return
        if not self._home:
            self._commit_due = self._clock.ticks() + _BATCH_SECONDS
        self._home.append(carried)

    def _failed(
        self,
        source: Source,
        session_id: int,
        problem: str,
        *,
        after: float | None = None,
        distrusted: bool = False,
    ) -> None:
        if self._clock.stopping:
            return
        journey = self._store.ledger.journey(session_id)
        failures = 1 + (journey.attempts if journey else 0)
        seconds = max(after or 0.0, backoff.delay(failures, self._clock.chance()))
        due = self._clock.now() + timedelta(seconds=seconds)
        given_up = self._store.ledger.failed(session_id, problem, due, distrusted=distrusted)
        _log.warning("session %s: %s (attempt %s)", session_id, problem, failures)
        self._observer.failed(session_id, problem)
        if not given_up:
            source.put_back(session_id, seconds, failures)

    def _commit_if_due(self) -> None:
        full = len(self._home) >= BATCH or not self._running
        if full or self._clock.ticks() >= self._commit_due:
            self._commit()

    def _commit(self) -> None:
        """Write rows and cursor together, then tell the ledger."""
        home = {carried.session.session_id: carried.held for carried in self._home}
        cursor = self._store.ledger.low_water(home)
        if not home and cursor in (None, self._cursor):
            return
        database, now = self._store.database, self._clock.now()
        with database.begin() as transaction:
            database.put(transaction, [_row(carried) for carried in self._home], now)
            if cursor is not None:
                database.set_cursor(transaction, self._store.nickname, cursor, now)
            point("recording")
        self._cursor = cursor
        point("recorded")
        self._store.ledger.stored(
            (c.session.session_id, c.held, len(c.files), sum(f.size for f in c.files))
            for c in self._home
        )
        point("stored")
        self._home.clear()
        for session_id in home:
            self._store.drop_parts(session_id)
        self._observer.stored(len(home))


def _row(carried: Carried) -> Stored:
    names = frozenset(file.name for file in carried.files)
    return Stored(carried.session, carried.archive, names)
