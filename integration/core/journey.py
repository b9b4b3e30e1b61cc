"""The steps of one session, from the first word of it to its place in the store.

    noted -> fetched -> downloaded -> archived -> stored

Each step is noted after it is done. Whatever stops the client, the session is taken up again from
the start of its journey, and each step gives the same result when done twice; so a crash costs a
repetition and makes no second file and no second row.

Source: C-ONCE-1, C-ONCE-2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Step(StrEnum):
    """How far a session has come."""

    NOTED = "noted"
    FETCHED = "fetched"
    DOWNLOADED = "downloaded"
    ARCHIVED = "archived"
    STORED = "stored"
    GONE = "gone"  # the broker no longer has it, and neither do we
    GIVEN_UP = "given up"  # its data failed verification time and again


class Event(StrEnum):
    """What happened to it."""

    NOTE = "note"  # the broker told of it, anew or again
    FETCH = "fetch"
    DOWNLOAD = "download"
    ARCHIVE = "archive"
    RECORD = "record"
    KEEP = "keep"  # the broker no longer has it; what we hold stays
    VANISH = "vanish"
    GIVE_UP = "give up"


_UNDER_WAY: Final = {
    Event.FETCH: Step.FETCHED,
    Event.KEEP: Step.STORED,
    Event.VANISH: Step.GONE,
    Event.GIVE_UP: Step.GIVEN_UP,
}

MOVES: Final[Mapping[Step, Mapping[Event, Step]]] = {
    Step.NOTED: _UNDER_WAY,
    Step.FETCHED: {**_UNDER_WAY, Event.DOWNLOAD: Step.DOWNLOADED},
    Step.DOWNLOADED: {**_UNDER_WAY, Event.ARCHIVE: Step.ARCHIVED},
    Step.ARCHIVED: {**_UNDER_WAY, Event.RECORD: Step.STORED},
    Step.STORED: {Event.NOTE: Step.NOTED},
    Step.GONE: {Event.NOTE: Step.NOTED},
    Step.GIVEN_UP: {Event.NOTE: Step.NOTED},
}
FINISHED: Final = frozenset({Step.STORED, Step.GONE, Step.GIVEN_UP})
# A file that fails verification this often is given up, with a report
DISTRUST_LIMIT: Final = 5


@dataclass(frozen=True, slots=True)
class Journey:
    """One session on its way.

    Attributes:
        step: how far it is.
        first_wanted: the oldest update of it that is not yet stored; 0 if a range asked for it.
        wanted: the newest update of it that we know of; 0 if a range asked for it.
        held: every update up to this one shows in what is stored; None while nothing is.
        attempts: failed attempts since something of it last came home.
        distrusted: how many of them were for data that did not verify.
    """

    session_id: int
    step: Step = Step.NOTED
    first_wanted: int = 0
    wanted: int = 0
    held: int | None = None
    attempts: int = 0
    distrusted: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do for now."""
        return self.step in FINISHED


def move(journey: Journey, event: Event) -> Journey:
    """Take a step.

    Raises:
        ValueError: the table has no such move from here: a mistake of ours.
    """
    step = MOVES[journey.step].get(event)
    if step is None:
        msg = f"{event} does not follow {journey.step}"
        raise ValueError(msg)
    return replace(journey, step=step)


def note(journey: Journey, update_id: int) -> Journey:
    """The broker tells of update `update_id`; 0 means that a range asks for the session.

    An update that what is stored already shows changes nothing. A session that is under way stays
    where it is: `stored` sees that there is more to come. A range is a person's wish: failures
    before it do not count.
    """
    known = max(journey.held or 0, journey.wanted if journey.finished else 0)
    if 0 < update_id <= known:
        return journey
    told = replace(journey, wanted=max(journey.wanted, update_id))
    if journey.finished:
        afresh = replace(told, first_wanted=update_id, attempts=0, distrusted=0)
        return move(afresh, Event.NOTE)
    if not update_id:
        return replace(told, attempts=0, distrusted=0)
    return replace(told, first_wanted=min(journey.first_wanted or update_id, update_id))


def stored(journey: Journey, held: int) -> Journey:
    """Rows and cursor are committed, with a record that shows every update up to `held`.

    A record shows at least the updates that were known before it was asked for (UPD-2). If a
    newer one has been noted meanwhile, the journey begins again.
    """
    done = replace(
        journey,
        step=Step.STORED,
        held=max(held, journey.held or 0),
        attempts=0,
        distrusted=0,
        first_wanted=0,
    )
    if journey.wanted <= held:
        return done
    return replace(done, step=Step.NOTED, first_wanted=held + 1)


def vanished(journey: Journey) -> Journey:
    """The broker no longer has the session; what we hold of it stays."""
    return move(journey, Event.VANISH if journey.held is None else Event.KEEP)


def progressed(journey: Journey) -> Journey:
    """A file of it is complete: failures count from here, so that large sessions come home too."""
    return replace(journey, attempts=0)


def failed(journey: Journey, *, distrusted: bool) -> Journey:
    """Count one failed attempt; data that fails verification too often is given up."""
    again = replace(
        journey,
        attempts=journey.attempts + 1,
        distrusted=journey.distrusted + distrusted,
    )
    if again.distrusted >= DISTRUST_LIMIT:
        return move(again, Event.GIVE_UP)
    return again
