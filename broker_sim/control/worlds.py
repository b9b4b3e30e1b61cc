"""Worlds: make, tell, begin anew, fill, sweep, drop."""

from __future__ import annotations

from typing import Final

from broker_sim.contract import limits
from broker_sim.control.answers import MODE, SUMMARY, WORLD
from broker_sim.control.given import (
    DAYS_MOST,
    LIVE_MOST,
    SESSIONS_MOST,
    WORLD_NAME,
    instant,
)
from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import ANYTHING, INSTANT, TEXT, by_name, given, listed, taken, whole
from broker_sim.service import sweeper

_DAYS: Final = 90
_WISH: Final = taken(
    "WorldWish",
    {},
    name={
        "type": "string",
        "pattern": f"^{WORLD_NAME}$",
        "description": "1 to 63 of the characters a-z, 0-9 and, inside, -",
    },
    seed=whole(),
    sessions=whole(0, SESSIONS_MOST),
    days=whole(1, DAYS_MOST),
    livePerHour=whole(0, LIVE_MOST),
    rate={
        **whole(0, limits.RATE_MOST),
        "description": "calls a second of a connection; 0 for any number",
    },
    burst={
        **whole(1, limits.RATE_MOST),
        "description": "calls at once after a rest; 20 if not said",
    },
    clock=MODE,
    now=INSTANT,
    **{"import": {**by_name(ANYTHING), "description": "an export; beside it only `name`"}},
)
_BEGINNING: Final = taken(
    "Beginning", {}, seed=whole(), sessions=whole(0, SESSIONS_MOST), now=INSTANT
)
_PAST: Final = taken(
    "Past", {"sessions": whole(0, SESSIONS_MOST)}, days=whole(1, DAYS_MOST), portal=TEXT
)


def add(routes: Routes) -> None:
    """Register the routes of worlds."""
    _add_worlds(routes)
    _add_world(routes)


def _add_worlds(routes: Routes) -> None:
    @routes.whole("GET", "/worlds", gives=given("Worlds", worlds=listed(SUMMARY)))
    def worlds() -> Told:
        """List the worlds, the default one first."""
        return {"worlds": [routes.worlds.hand(name).outline() for name in routes.worlds.names()]}

    @routes.whole("POST", "/worlds", takes=_WISH, gives=WORLD)
    def new() -> Told:
        """Make a world; it answers below the path /w/NAME."""
        return routes.worlds.hand(routes.worlds.new(body())).describe()

    @routes.whole("GET", "/worlds/<name>", gives=WORLD)
    def show(name: str) -> Told:
        """Tell a world."""
        return routes.worlds.hand(name).describe()

    @routes.whole("DELETE", "/worlds/<name>", gives=given("DroppedWorld", dropped=TEXT))
    def drop(name: str) -> Told:
        """End a world; its data is gone."""
        routes.worlds.drop(name)
        return {"dropped": name}


def _add_world(routes: Routes) -> None:
    @routes.get("/world", gives=WORLD)
    def world(hand: Hand) -> Told:
        """Tell this world."""
        return hand.describe()

    @routes.post("/reset", takes=_BEGINNING, gives=WORLD)
    def reset(hand: Hand) -> Told:
        """Begin anew, from a seed, with that many past sessions, at an instant."""
        said = body()
        hand.tester.reset(said.get("seed"), said.get("sessions"), instant(said, "now"))
        return hand.describe()

    @routes.post("/seed", takes=_PAST, gives=given("Filled", sessions=whole()), refuses=True)
    def seed(hand: Hand) -> Told:
        """Add sessions that are over, over the days before now."""
        said = body()
        days = said.get("days") or _DAYS
        return {"sessions": hand.tester.add_past(said["sessions"], days, said.get("portal"))}

    @routes.post("/sweep", gives=given("Swept", purged=whole()))
    def sweep(hand: Hand) -> Told:
        """Free what the retention has ended, now."""
        return {"purged": sweeper.sweep(hand.tester.world)}
