"""The hostile profile: switch it on, tell it, switch it off."""

from __future__ import annotations

from typing import Final

from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import FLAG, given, listed, or_null, taken, whole, words
from broker_sim.core.hostility import BY_NAME

_NAMES: Final = listed(words(*BY_NAME))
_TAKES: Final = taken("HostileProfile", {}, seed=whole(), only=_NAMES)
_STANDS: Final = given(
    "HostileState", on=FLAG, seed=or_null(whole()), provocations=_NAMES, answers=whole()
)


def add(routes: Routes) -> None:
    """Register the routes of the hostile profile."""

    @routes.put("/hostile", takes=_TAKES, gives=_STANDS)
    def switch_on(hand: Hand) -> Told:
        """Switch the hostile profile on: all of it, or only the named provocations."""
        said = body()
        return hand.tester.faults.hostility.on(said.get("seed") or 0, said.get("only"))

    @routes.get("/hostile", gives=_STANDS)
    def state(hand: Hand) -> Told:
        """Tell which provocations are on, and how many answers they were drawn for."""
        return hand.tester.faults.hostility.told()

    @routes.delete("/hostile", gives=_STANDS)
    def switch_off(hand: Hand) -> Told:
        """Switch the hostile profile off."""
        hand.tester.faults.hostility.off()
        return hand.tester.faults.hostility.told()
