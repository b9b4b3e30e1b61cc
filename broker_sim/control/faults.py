"""Fault rules: add, tell, remove."""

from __future__ import annotations

from typing import Final

from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import (
    ANYTHING,
    FLAG,
    TEXT,
    Shape,
    by_name,
    given,
    listed,
    one_of,
    taken,
    whole,
    words,
)
from broker_sim.core.effects import STATUSES

_SECONDS: Final[Shape] = {"type": "number", "minimum": 0, "maximum": 600}
_STATUS: Final[Shape] = {"type": "integer", "enum": [*STATUSES]}
_HOW: Final = words("rst", "fin")
_LIKE: Final = taken("Like", {"like": TEXT})
_CHANCE: Final[Shape] = {"type": "number", "minimum": 0, "maximum": 1}


def _effect(word: str, needed: dict[str, Shape] | None = None, **may: Shape) -> Shape:
    """Give the shape of a rule with this effect."""
    return taken(
        f"Fault{word[0].upper()}{word[1:]}",
        {"effect": words(word), **(needed or {})},
        id=TEXT,
        operation=TEXT,
        login=TEXT,
        match=by_name({"anyOf": [TEXT, {"type": "integer"}, FLAG, _LIKE]}),
        skip=whole(0, 10**9),
        times=whole(1, 10**9),
        probability=_CHANCE,
        when=words("before", "after"),
        seed=whole(),
        **may,
    )


RULE: Final = one_of(
    "FaultRule",
    "effect",
    [
        _effect("fault", {"code": TEXT}, fields=by_name(ANYTHING)),
        _effect(
            "status",
            {"status": {"type": "integer", "enum": [*STATUSES]}},
            retryAfter=whole(0, 86_400),
        ),
        _effect("delay", {"seconds": _SECONDS}),
        _effect("drip", {"seconds": _SECONDS}, pieces=whole(1, 1000)),
        _effect("truncate", keep=whole(0, 2**40), how=_HOW),
        _effect("cut", how=_HOW),
        _effect("garbage", size=whole(1, 1024 * 1024), raw=FLAG),
        _effect("contentType", {"contentType": TEXT}),
        _effect("empty"),
    ],
)
_STANDING: Final[Shape] = {
    "title": "StandingFaultRule",
    "description": "a rule as it was given, with how many calls it has fitted and struck",
    "type": "object",
    "properties": {"id": TEXT, "effect": TEXT, "fitted": whole(), "struck": whole()},
    "required": ["id", "effect", "fitted", "struck"],
}
_REMOVED: Final = given("RemovedFaults", removed=whole())


def add(routes: Routes) -> None:
    """Register the routes of fault rules."""

    @routes.post("/faults", takes=RULE, gives=_STANDING, checks=False)
    def new(hand: Hand) -> Told:
        """Add a fault rule."""
        return hand.tester.faults.add_said(body())

    @routes.get("/faults", gives=given("FaultRules", faults=listed(_STANDING)))
    def rules(hand: Hand) -> Told:
        """List the fault rules in order, with how many calls each has fitted and struck."""
        return {"faults": hand.tester.faults.list()}

    @routes.delete("/faults", gives=_REMOVED)
    def clear(hand: Hand) -> Told:
        """Remove all fault rules."""
        removed = len(hand.tester.faults.list())
        hand.tester.faults.clear()
        return {"removed": removed}

    @routes.delete("/faults/<rule>", gives=_REMOVED)
    def remove(hand: Hand, rule: str) -> Told:
        """Remove one fault rule."""
        hand.tester.faults.remove(rule)
        return {"removed": 1}
