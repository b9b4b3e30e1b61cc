"""What a world was asked and what it answered."""

from __future__ import annotations

from typing import Final

from flask import request

from broker_sim.control.given import whole
from broker_sim.control.routes import Hand, Routes, Told

_MOST: Final = 1000


def add(routes: Routes) -> None:
    """Register the routes of the journal."""

    @routes.get("/journal")
    def journal(hand: Hand) -> Told:
        """Read the last exchanges behind a number, oldest first."""
        after = whole(request.args.get("after"), "after", 0)
        limit = min(whole(request.args.get("limit"), "limit", 100), _MOST)
        entries = hand.tester.journal.after(after, limit)
        following = entries[-1]["number"] if entries else after
        return {"entries": list(entries), "next": following}
