"""What is set for single portals and read seldom: a note of JSON, by the portal's name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from broker_sim.service.storage import Transaction


def noted(tx: Transaction, note: str, portal: str) -> Any:
    """Give what a note has of a portal; None where nothing was set."""
    return _all(tx, note).get(portal)


def put_note(tx: Transaction, note: str, portal: str, said: Mapping[str, Any]) -> None:
    """Keep what is set for a portal, in the place of what was."""
    tx.set_note(note, json.dumps({**_all(tx, note), portal: said}))


def _all(tx: Transaction, note: str) -> dict[str, Any]:
    kept = tx.note(note)
    found: dict[str, Any] = {} if kept is None else json.loads(kept)
    return found
