"""Snapshots of a world, and the world as a document."""

from __future__ import annotations

from broker_sim.control.given import text
from broker_sim.control.routes import Hand, Routes, Told, body


def add(routes: Routes) -> None:
    """Register the routes of snapshots and exports."""

    @routes.get("/snapshots")
    def snapshots(hand: Hand) -> Told:
        """List the snapshots, oldest first."""
        return {"snapshots": [kept.told() for kept in hand.snapshots.list()]}

    @routes.post("/snapshots")
    def take(hand: Hand) -> Told:
        """Keep the world as it is now."""
        return hand.snapshots.take(text(body(), "name", needed=False)).told()

    @routes.post("/snapshots/<name>/restore")
    def restore(hand: Hand, name: str) -> Told:
        """Bring the world back to a snapshot, which stays."""
        return hand.snapshots.restore(name).told()

    @routes.delete("/snapshots/<name>")
    def drop(hand: Hand, name: str) -> Told:
        """Forget a snapshot."""
        hand.snapshots.drop(name)
        return {"dropped": name}

    @routes.get("/export")
    def export(hand: Hand) -> Told:
        """Give the world as a document that `POST /_sim/worlds {"import": ...}` takes."""
        return hand.export()
