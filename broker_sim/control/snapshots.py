"""Snapshots of a world, and the world as a document."""

from __future__ import annotations

from typing import Final

from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import (
    ANYTHING,
    INSTANT,
    TEXT,
    by_name,
    given,
    listed,
    taken,
    whole,
)

_SNAPSHOT: Final = given("Snapshot", name=TEXT, taken=INSTANT, bytes=whole())
_EXPORT: Final = {**by_name(ANYTHING), "description": "as docs/world.schema.json says"}


def add(routes: Routes) -> None:
    """Register the routes of snapshots and exports."""

    @routes.get("/snapshots", gives=given("Snapshots", snapshots=listed(_SNAPSHOT)))
    def snapshots(hand: Hand) -> Told:
        """List the snapshots, oldest first."""
        return {"snapshots": [kept.told() for kept in hand.snapshots.list()]}

    @routes.post("/snapshots", takes=taken("SnapshotName", {}, name=TEXT), gives=_SNAPSHOT)
    def take(hand: Hand) -> Told:
        """Keep the world as it is now."""
        return hand.snapshots.take(body().get("name")).told()

    @routes.post("/snapshots/<name>/restore", gives=_SNAPSHOT)
    def restore(hand: Hand, name: str) -> Told:
        """Bring the world back to a snapshot, which stays."""
        return hand.snapshots.restore(name).told()

    @routes.delete("/snapshots/<name>", gives=given("DroppedSnapshot", dropped=TEXT))
    def drop(hand: Hand, name: str) -> Told:
        """Forget a snapshot."""
        hand.snapshots.drop(name)
        return {"dropped": name}

    @routes.get("/export", gives=_EXPORT)
    def export(hand: Hand) -> Told:
        """Give the world as a document that `POST /_sim/worlds {"import": ...}` takes."""
        return hand.export()
