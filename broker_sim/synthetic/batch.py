"""A past as one batch: few parameters from which every session of it is made anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from broker_sim.core.record import Session
from broker_sim.synthetic import past
from broker_sim.synthetic.company import CompanyPlan, plan


@dataclass(frozen=True, slots=True)
class Batch:
    """`sessions` ended sessions over [`start`, `end`), none of which reaches beyond `end`.

    Attributes:
        seed: of the world.
        sessions: how many.
        start: the first post is at this instant or later; aware, UTC.
        end: the last change of the last session is before it; aware, UTC.
        only: a portal and its sub-portals that all of them go to; None spreads them over
            the company's own.
    """

    seed: int
    sessions: int
    start: datetime
    end: datetime
    only: tuple[str, ...] | None = None

    def parameters(self) -> str:
        """Give the batch as a text that `revive` takes."""
        return json.dumps(
            {
                "seed": self.seed,
                "sessions": self.sessions,
                "start": self.start.isoformat(),
                "end": self.end.isoformat(),
                "only": self.only,
            }
        )

    def rows(self, company: CompanyPlan) -> Iterator[past.Row]:
        """Give the columns by which the sessions are found, in order of their post."""
        last = self.end - past.LONGEST
        span = range(self.sessions)
        found = past.rows(
            self.seed, company, span, first_id=0, count=self.sessions, start=self.start, end=last
        )
        if self.only is None:
            return found
        return (
            row._replace(portal=self.only[0], sub_portal=_sub(self.only, place))
            for place, row in enumerate(found)
        )

    @staticmethod
    def revive(parameters: str, place: int, session_id: int, posted: datetime) -> Session:
        """Make the session at `place` of the batch anew."""
        batch = _read(parameters)
        found = past.session(
            batch.seed, plan(batch.seed), place, session_id, posted, count=batch.sessions
        )
        if batch.only is None:
            return found
        return replace(found, portal=batch.only[0], sub_portal=_sub(batch.only, place))


def _sub(only: tuple[str, ...], place: int) -> str:
    return only[1 + place % (len(only) - 1)]


@lru_cache(maxsize=64)
def _read(parameters: str) -> Batch:
    said = json.loads(parameters)
    return Batch(
        said["seed"],
        said["sessions"],
        datetime.fromisoformat(said["start"]),
        datetime.fromisoformat(said["end"]),
        None if said["only"] is None else tuple(said["only"]),
    )
