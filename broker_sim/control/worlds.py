"""Worlds: make, tell, begin anew, fill, sweep, drop."""

from __future__ import annotations

from werkzeug.exceptions import BadRequest

from broker_sim.control.given import DAYS_MOST, SESSIONS_MOST, instant, number, text
from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.service import sweeper


def add(routes: Routes) -> None:
    """Register the routes of worlds."""
    _add_worlds(routes)
    _add_world(routes)


def _add_worlds(routes: Routes) -> None:
    @routes.whole("GET", "/worlds")
    def worlds() -> Told:
        """List the worlds, the default one first."""
        return {"worlds": [_summary(routes, name) for name in routes.worlds.names()]}

    @routes.whole("POST", "/worlds")
    def new() -> Told:
        """Make a world; it answers below the path /w/NAME."""
        return routes.worlds.hand(routes.worlds.new(body())).describe()

    @routes.whole("GET", "/worlds/<name>")
    def show(name: str) -> Told:
        """Tell a world."""
        return routes.worlds.hand(name).describe()

    @routes.whole("DELETE", "/worlds/<name>")
    def drop(name: str) -> Told:
        """End a world; its data is gone."""
        routes.worlds.drop(name)
        return {"dropped": name}


def _summary(routes: Routes, name: str) -> Told:
    told = routes.worlds.hand(name).describe()
    return {key: told[key] for key in ("name", "url", "seed", "clock", "sessions")}


def _add_world(routes: Routes) -> None:
    @routes.get("/world")
    def world(hand: Hand) -> Told:
        """Tell this world."""
        return hand.describe()

    @routes.post("/reset")
    def reset(hand: Hand) -> Told:
        """Begin anew, from a seed, with that many past sessions, at an instant."""
        given = body()
        hand.tester.reset(
            number(given, "seed"), number(given, "sessions", SESSIONS_MOST), instant(given, "now")
        )
        return hand.describe()

    @routes.post("/seed")
    def seed(hand: Hand) -> Told:
        """Add sessions that are over, over the days before now."""
        given = body()
        sessions, days = number(given, "sessions", SESSIONS_MOST), number(given, "days", DAYS_MOST)
        if sessions is None:
            raise BadRequest("say how many sessions")
        if days == 0:
            raise BadRequest("a past has at least a day")
        portal = text(given, "portal", needed=False)
        return {"sessions": hand.tester.add_past(sessions, days or 90, portal)}

    @routes.post("/sweep")
    def sweep(hand: Hand) -> Told:
        """Free what the retention has ended, now."""
        return {"purged": sweeper.sweep(hand.tester.world)}
