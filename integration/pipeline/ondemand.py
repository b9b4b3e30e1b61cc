"""On demand: the sessions of a range, or one by its id.

Source: C-TIME-1, C-ONCE-1.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from integration.core import window
from integration.core.record import Portal, instant
from integration.core.window import Window
from integration.crashpoint import point
from integration.errors import BehindEdge, Exit, Stop
from integration.ledger import Waiting
from integration.pipeline.carry import Carrier
from integration.pipeline.crew import Crew
from integration.pipeline.listing import Listing, patiently
from integration.pipeline.sources import Listed

# A range is listed again until nothing new is in it, at most this often
_ROUNDS: Final = 5
_SHOWN: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request.

    Attributes:
        listed: the range, as it was asked in the end; None for single sessions.
        found: ids of the sessions that were to be stored.
        waiting: those that are not stored yet; a later start tries them again.
        lost: those that are not stored and will not be.
    """

    listed: Window | None
    found: int
    waiting: Sequence[Waiting]
    lost: Sequence[Waiting]

    @property
    def stored(self) -> int:
        """How many are stored."""
        return self.found - len(self.waiting) - len(self.lost)

    @property
    def complete(self) -> bool:
        """Whether all are stored."""
        return not self.waiting and not self.lost


class OnDemand:
    """Fetches what it is asked for, with a carrier and a crew."""

    def __init__(self, carrier: Carrier, portal: Portal, workers: int) -> None:
        self._carrier = carrier
        self._store = carrier.store
        self._clock = carrier.clock
        self._observer = carrier.observer
        self._portal = portal
        self._workers = workers

    def sessions(self, ids: Sequence[int]) -> Outcome:
        """Fetch single sessions by their ids; what the broker does not have leaves no trace."""
        self._bring(list(dict.fromkeys(ids)))
        outcome = self._outcome(None, set(ids))
        self._store.ledger.forget([lost.session_id for lost in outcome.lost])
        return outcome

    def range(self, start: datetime | None, end: datetime | None, *, clamp: bool) -> Outcome:
        """Fetch all sessions that ended in [start, end).

        Args:
            start: None for as far back as the broker goes.
            end: None for now, by the broker's clock.
            clamp: where `start` lies before the broker's retention, start there.

        Raises:
            Stop: `start` lies before the broker's retention, and there is no `clamp`; or the
                range is empty.
        """
        asked = self._window(start, end)
        found, listed = self._rounds(asked, clamp=clamp or start is None, skip=set())
        return self._outcome(listed, found)

    def catch_up(self, start: datetime | None) -> Outcome:
        """Fetch what ended since `start`, or as far back as the broker goes, and is not stored.

        What is stored stays as it is: later changes come with the updates.
        """
        asked = self._window(start, None)
        name = self._portal.name
        held = self._store.database.ended_between(name, asked.start, asked.end)
        stored = {i for i, h in held.items() if h.archive and self._store.archive.holds(i)}
        found, listed = self._rounds(asked, clamp=True, skip=stored)
        return self._outcome(listed, found)

    def changed(self, since: datetime | None) -> Outcome:
        """Fetch all sessions that changed since then, to now by the broker's clock.

        Args:
            since: None, or an instant before the retention, for as far back as the broker goes.

        Source: C-SCHED-1.
        """
        asked = self._window(since, None)
        listing = Listing(self._carrier.broker, self._clock, self._portal.page_max, clamp=True)
        listed, ids = listing.every(asked, by="Updated")
        self._bring(ids)
        return self._outcome(listed, ids)

    def missed(self, since: datetime | None) -> None:
        """Note what changed since an instant, for the queue; None for all that the broker has.

        Source: C-ONCE-3.
        """
        listing = Listing(self._carrier.broker, self._clock, self._portal.page_max, clamp=True)
        now = patiently(self._clock, self._carrier.broker.portal)
        edge = window.edge(now)
        start = edge if since is None else max(since, edge)
        _, ids = listing.every(Window(start, now.broker_time), by="Updated")
        self._note(ids)

    def _window(self, start: datetime | None, end: datetime | None) -> Window:
        now = patiently(self._clock, self._carrier.broker.portal)
        first = window.edge(now) if start is None else start
        last = now.broker_time if end is None else end
        if last <= first:
            raise Stop(f"the range ends before it starts: [{instant(first)}, {instant(last)})")
        return Window(first, last)

    def _rounds(self, asked: Window, *, clamp: bool, skip: set[int]) -> tuple[set[int], Window]:
        """List and bring until a listing has nothing new."""
        listing = Listing(self._carrier.broker, self._clock, self._portal.page_max, clamp=clamp)
        done = set(skip)
        listed = asked
        for _ in range(_ROUNDS):
            try:
                listed, ids = listing.every(listed)
            except BehindEdge as behind:
                raise Stop(
                    f"the range starts before {instant(behind.edge)}: the broker keeps nothing"
                    " that ended earlier. Start there, or say --clamp.",
                    exit_code=Exit.USAGE,
                ) from None
            fresh = [session_id for session_id in ids if session_id not in done]
            if not fresh or self._clock.stopping:
                break
            self._bring(fresh)
            done.update(fresh)
        return done - skip, listed

    def _bring(self, ids: Sequence[int]) -> None:
        self._observer.found(len(ids))
        self._note(ids)
        Crew(self._carrier, self._workers).work(Listed(ids, self._clock))

    def _note(self, ids: Sequence[int]) -> None:
        self._store.ledger.note([(session_id, 0) for session_id in ids], self._clock.now())
        point("noted")

    def _outcome(self, listed: Window | None, found: Collection[int]) -> Outcome:
        among = set(found)
        ledger = self._store.ledger
        under_way = ledger.under_way(among)
        waiting = [w for w in ledger.queue(_SHOWN) if w.session_id in under_way]
        return Outcome(listed, len(among), waiting, ledger.lost(_SHOWN, among))
