"""Fault rules: add, tell, remove."""

from __future__ import annotations

from broker_sim.control.routes import Hand, Routes, Told, body


def add(routes: Routes) -> None:
    """Register the routes of fault rules."""

    @routes.post("/faults")
    def new(hand: Hand) -> Told:
        """Add a fault rule."""
        return hand.tester.faults.add_said(body())

    @routes.get("/faults")
    def rules(hand: Hand) -> Told:
        """List the fault rules in order, with how many calls each has fitted and struck."""
        return {"faults": hand.tester.faults.list()}

    @routes.delete("/faults")
    def clear(hand: Hand) -> Told:
        """Remove all fault rules."""
        removed = len(hand.tester.faults.list())
        hand.tester.faults.clear()
        return {"removed": removed}

    @routes.delete("/faults/<rule>")
    def remove(hand: Hand, rule: str) -> Told:
        """Remove one fault rule."""
        hand.tester.faults.remove(rule)
        return {"removed": 1}
