"""Surveys that have been answered and have not arrived yet: only a hostile world has some.

Source: PORTAL-5, UPD-2.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from broker_sim.contract import faults
from broker_sim.core.record import Labelled
from broker_sim.core.refusal import Refused
from broker_sim.service.storage import Transaction


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey on its way; it arrives at `due`."""

    due: datetime
    ratings: tuple[Labelled, ...]


def send(tx: Transaction, session_id: int, survey: Survey) -> None:
    """Put a session's survey on its way.

    Raises:
        Refused: OutOfTurn; one is on its way already.
    """
    if on_its_way(tx, session_id) is not None:
        raise Refused(faults.OUT_OF_TURN)
    pairs = [(one.label, one.value) for one in survey.ratings]
    said = json.dumps({"due": survey.due.isoformat(), "ratings": pairs})
    tx.set_note(_note(session_id), said)


def on_its_way(tx: Transaction, session_id: int) -> Survey | None:
    """Give a session's survey that has not arrived."""
    kept = tx.note(_note(session_id))
    if not kept:
        return None
    said = json.loads(kept)
    ratings = tuple(Labelled(label, value) for label, value in said["ratings"])
    return Survey(datetime.fromisoformat(said["due"]), ratings)


def arrived(tx: Transaction, session_id: int) -> None:
    """Note that it is no longer on its way."""
    tx.set_note(_note(session_id), "")


def _note(session_id: int) -> str:
    return f"survey {session_id}"


def earliest(*instants: datetime | None) -> datetime | None:
    """Give the earliest of those that there are."""
    return min((one for one in instants if one is not None), default=None)
