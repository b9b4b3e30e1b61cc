"""The acts of customers and representatives, done by the tester's hand."""

from __future__ import annotations

from broker_sim.control.given import text
from broker_sim.control.routes import Hand, Routes, Told, body


def add(routes: Routes) -> None:
    """Register the route of the acts."""

    @routes.post("/acts")
    def act(hand: Hand) -> Told:
        """Do one act; of a transfer, the session told is the successor."""
        given = body()
        session = hand.tester.perform(text(given, "act"), given)
        return {"sessionId": session.session_id, "updateId": session.last_update_id}
