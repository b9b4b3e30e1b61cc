"""How fast a connection may call: a limit of one world, in force until it is set anew.

It lies in the memory of the process, as the buckets do; snapshots and exports keep it.
"""

from __future__ import annotations

from typing import Any, Final

from broker_sim.contract import limits
from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import NUMBER, given, or_null, taken, whole
from broker_sim.core.rate import Rate

_BURST: Final = whole(1, limits.RATE_MOST)
_RATE: Final = {**whole(0, limits.RATE_MOST), "description": "calls a second; 0 for any number"}
_SHOWN: Final = given("Rate", rate=NUMBER, burst=or_null(whole(1)))


def add(routes: Routes) -> None:
    """Register the routes of the limit."""

    @routes.get("/rate", gives=_SHOWN)
    def rate(hand: Hand) -> Told:
        """Tell how many calls a second, and how many at once, a connection may make now."""
        return _shown(hand)

    @routes.put(
        "/rate",
        takes=taken("RateWish", {"rate": _RATE}, burst=_BURST),
        gives=_SHOWN,
    )
    def set_rate(hand: Hand) -> Told:
        """Set them from now on, also while the clock stands still; every connection is rested."""
        wish: dict[str, Any] = dict(body())
        burst = wish.get("burst") or limits.RATE_BURST
        limit = Rate(wish["rate"], burst) if wish["rate"] else None
        hand.tester.world.throttle.change(limit)
        return _shown(hand)


def _shown(hand: Hand) -> Told:
    limit = hand.tester.world.throttle.limit
    if limit is None:
        return {"rate": 0, "burst": None}
    return {"rate": limit.per_second, "burst": limit.burst}
