"""Real time: follow the broker's change log, poll after poll.

Polls only note what changed; the crew brings it home meanwhile. So a long download never delays a
poll, and a crash between the two loses nothing.

Source: C-POLL-1, C-ONCE-1, C-ONCE-3.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from integration.core import backoff
from integration.core.ports import Clock, Observer, Sessions
from integration.core.record import PURGED, Portal, Update, instant
from integration.core.window import parse
from integration.crashpoint import point
from integration.errors import CursorAhead, Exit, LogTruncated, Misplaced, Park, Retry, Stop
from integration.pipeline.store import Store

# After failures, polls come more slowly, down to one in five minutes
POLL_CAP_SECONDS: Final = 300.0
_SEEN: Final = "seen until"
_log = logging.getLogger("integration.pipeline")


class Follower:
    """Follows one portal's change log into the ledger.

    Args:
        missed: notes all that changed since an instant, or all there is for None.
        polled: told after each poll: what went wrong if anything, and seconds to the next one.
    """

    def __init__(
        self,
        store: Store,
        broker: Sessions,
        clock: Clock,
        observer: Observer,
        portal: Portal,
        missed: Callable[[datetime | None], None],
        polled: Callable[[str | None, float], None],
    ) -> None:
        self._store = store
        self._broker = broker
        self._clock = clock
        self._observer = observer
        self._portal = portal
        self._missed = missed
        self._polled = polled

    def begin(self) -> None:
        """Find the place in the log to go on from: ours, the database's, or the log's end.

        It is kept at once, so that nothing is lost from now on.
        """
        ledger, database = self._store.ledger, self._store.database
        cursor = database.cursor(self._store.nickname)
        place = ledger.polled
        if place is None:
            place = cursor.update_id if cursor else self._broker.last_update_id()
            ledger.note_page([], [], place, self._clock.now())
            if cursor is None:
                ledger.set_fact(_SEEN, instant(self._portal.broker_time))
        if cursor is None:
            with database.begin() as transaction:
                place = ledger.low_water() or 0
                database.set_cursor(transaction, self._store.nickname, place, self._clock.now())

    def follow(self, interval: float) -> None:
        """Poll every `interval` seconds until the program is to stop; see `backoff.next_poll`."""
        due, failures = self._clock.ticks(), 0
        while not self._clock.stopping:
            began = self._clock.ticks()
            problem, patience = None, 0.0
            try:
                self.poll()
                failures = 0
            except (Retry, Park) as why:
                failures += 1
                problem = str(why)
                after = getattr(why, "after", None) or 0.0
                slow = backoff.delay(
                    failures, self._clock.chance(), first=interval, cap=POLL_CAP_SECONDS
                )
                patience = max(after, slow)
                _log.warning("poll failed: %s (%s in a row)", why, failures)
            now = self._clock.ticks()
            following = backoff.next_poll(due, began, now + patience, interval)
            due = following.due
            self._polled(problem, following.start - now)
            self._clock.wait(following.start - now)

    def poll(self) -> int:
        """Read the log to its end; tells how many sessions are new in the queue."""
        fresh = 0
        while True:
            since = self._store.ledger.polled or 0
            try:
                page = self._broker.updates(since)
            except Misplaced as elsewhere:
                self._recover(elsewhere, since)
                continue
            fresh += self._note(page)
            if len(page) < self._portal.page_max or self._clock.stopping:
                return fresh

    def _note(self, page: Sequence[Update]) -> int:
        if not page:
            return 0
        told = [(u.session_id, u.update_id) for u in page if u.kind != PURGED]
        purged = {u.session_id for u in page if u.kind == PURGED}
        ledger = self._store.ledger
        fresh = ledger.note_page(told, purged, page[-1].update_id, self._clock.now())
        ledger.set_fact(_SEEN, instant(page[-1].time))
        point("polled")
        self._observer.found(fresh)
        return fresh

    def _recover(self, elsewhere: Misplaced, since: int) -> None:
        """The log does not reach our place: fetch what we missed on demand, then go on in it.

        Raises:
            Stop: the log ends before our place: it is not the one that we read.
        """
        match elsewhere:
            case LogTruncated(oldest=oldest) if oldest > since + 1:
                seen = self._store.ledger.fact(_SEEN)
                _log.warning("%s; fetching what changed since %s", elsewhere, seen)
                self._missed(None if seen is None else parse(seen))
                self._store.ledger.note_page([], [], oldest - 1, self._clock.now())
            case CursorAhead() if self._broker.last_update_id() < since:
                raise Stop(
                    f"{elsewhere} ({since}): the broker was reset or restored. Move the state and"
                    " the database away to begin anew.",
                    exit_code=Exit.NOT_ALL_STORED,
                )
            case _:
                raise Retry(f"{elsewhere}, but that is not so")
