"""Time in the tester's hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from werkzeug.exceptions import BadRequest

from broker_sim.control.answers import CLOCK, MODE
from broker_sim.control.given import instant, within
from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import INSTANT, NUMBER, taken

_SETTING: Final = taken("ClockSetting", {"mode": MODE}, now=INSTANT)
_STEP: Final = {
    **taken("ClockStep", {}, seconds=NUMBER, to=INSTANT),
    "anyOf": [{"required": ["seconds"]}, {"required": ["to"]}],
}


def add(routes: Routes) -> None:
    """Register the routes of the clock."""

    @routes.get("/clock", gives=CLOCK)
    def clock(hand: Hand) -> Told:
        """Tell mode and time."""
        return _told(hand)

    @routes.put("/clock", takes=_SETTING, gives=CLOCK)
    def set_clock(hand: Hand) -> Told:
        """Set mode and time; nothing runs but what is then due."""
        given = body()
        hand.tester.set_clock(given["mode"], instant(given, "now"))
        return _told(hand)

    @routes.post("/clock/advance", takes=_STEP, gives=CLOCK)
    def advance(hand: Hand) -> Told:
        """Move time on and do all that falls due on the way, in order."""
        given = body()
        to, seconds = instant(given, "to"), given.get("seconds")
        if to is None and seconds is None:
            raise BadRequest("say 'seconds' or 'to'")
        hand.tester.advance(to or _later(hand.tester.clock.now(), seconds))
        return _told(hand)


def _told(hand: Hand) -> Mapping[str, Any]:
    return {"mode": hand.tester.clock.mode, "now": hand.tester.clock.now()}


def _later(now: datetime, seconds: Any) -> datetime:
    try:
        return within(now + timedelta(seconds=seconds))
    except OverflowError as problem:
        raise BadRequest("that many seconds are more than a calendar holds") from problem
