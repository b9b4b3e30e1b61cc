"""Time in the tester's hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from werkzeug.exceptions import BadRequest

from broker_sim.control.given import instant, text, within
from broker_sim.control.routes import Hand, Routes, Told, body


def add(routes: Routes) -> None:
    """Register the routes of the clock."""

    @routes.get("/clock")
    def clock(hand: Hand) -> Told:
        """Tell mode and time."""
        return _told(hand)

    @routes.put("/clock")
    def set_clock(hand: Hand) -> Told:
        """Set mode and time; nothing runs but what is then due."""
        given = body()
        hand.tester.set_clock(text(given, "mode"), instant(given, "now"))
        return _told(hand)

    @routes.post("/clock/advance")
    def advance(hand: Hand) -> Told:
        """Move time on and do all that falls due on the way, in order."""
        given = body()
        to = instant(given, "to")
        if to is None:
            to = _later(hand.tester.clock.now(), given)
        hand.tester.advance(to)
        return _told(hand)


def _told(hand: Hand) -> Mapping[str, Any]:
    return {"mode": hand.tester.clock.mode, "now": hand.tester.clock.now()}


def _later(now: datetime, given: Mapping[str, Any]) -> datetime:
    seconds = given.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise BadRequest("say 'seconds' (a number) or 'to' (an instant)")
    try:
        return within(now + timedelta(seconds=seconds))
    except OverflowError as problem:
        raise BadRequest("that many seconds are more than a calendar holds") from problem
