"""A world in which each call of the control API finds what it is about."""

from __future__ import annotations

import json
from typing import Any

from broker_sim.testing import RunningBroker


class Stage:
    """A world named blue with something of everything, made anew when a call has taken it away."""

    def __init__(self, server: RunningBroker) -> None:
        self._server = server
        self._export: Any = None

    def set(self) -> dict[str, Any]:
        """Set the stage; give what is on it."""
        worlds = self._server.worlds
        for name in set(worlds.names()) - {"default", "blue"}:
            worlds.drop(name)
        if "blue" not in worlds.names():
            worlds.new({"name": "blue", "seed": 3, "sessions": 4})
        for name in ("default", "blue"):
            hand = worlds.hand(name)
            hand.snapshots.take("kept")
            hand.tester.faults.clear()
            hand.tester.faults.add_said({"id": "rule", "effect": "empty"})
            hand.tester.set_clock("frozen", hand.tester.clock.now().replace(year=2030))
        self._export = self._export or json.loads(json.dumps(worlds.hand("blue").export()))
        return {"export": self._export}

    def on(self, path: str) -> dict[str, Any]:
        """Tell what there is in the world that a path is about."""
        name = "blue" if "{world}" in path else "default"
        told = self._server.worlds.hand(name).describe()
        portal = next(one for one in told["portals"] if one["logins"])
        login = portal["logins"][0]["username"]
        last = path.partition("/{name}")[0].rpartition("/")[2]
        named = {"snapshots": "kept", "worlds": "blue"}.get(last, portal["name"])
        return {
            "world": "blue",
            "portal": portal["name"],
            "sub": portal["subPortals"][0],
            "username": login,
            "name": named,
            "rule": "rule",
            "email": told["representatives"][0]["email"],
        }
