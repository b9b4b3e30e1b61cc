"""Representatives: hire one, open a locked one; open a locked manager."""

from __future__ import annotations

from typing import Final

from broker_sim.control.answers import REPRESENTATIVE, UNLOCKED
from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import TEXT, listed, taken
from broker_sim.core.record import Representative
from broker_sim.service import hiring, managers

_NEW: Final = taken(
    "NewRepresentative",
    {"email": TEXT, "password": TEXT, "portal": TEXT},
    subPortals=listed(TEXT),
    name=TEXT,
    screenName=TEXT,
    team=TEXT,
    ip=TEXT,
)


def add(routes: Routes) -> None:
    """Register the routes of representatives."""

    @routes.post("/representatives", takes=_NEW, gives=REPRESENTATIVE, refuses=True)
    def hire(hand: Hand) -> Told:
        """Add a representative who serves a portal, or some of its sub-portals."""
        said = body()
        email, name = said["email"], said.get("name") or said["email"]
        rep = Representative(
            email,
            name,
            said.get("screenName") or name,
            said.get("team") or "Support",
            said.get("ip") or "192.0.2.1",
        )
        subs = said.get("subPortals") or ()
        hired = hiring.hire(hand.tester.world, rep, said["password"], said["portal"], subs)
        return hand.representative(hired.email)

    @routes.post("/representatives/<email>/unlock", gives=UNLOCKED, refuses=True)
    def unlock(hand: Hand, email: str) -> Told:
        """Open a representative's locked login, its count cleared."""
        managers.unlock_representative(hand.tester.world, email)
        return {"unlocked": email}

    @routes.post("/managers/<email>/unlock", gives=UNLOCKED, refuses=True)
    def unlock_manager(hand: Hand, email: str) -> Told:
        """Open a manager's locked login, its count cleared."""
        managers.unlock_manager(hand.tester.world, email)
        return {"unlocked": email}
