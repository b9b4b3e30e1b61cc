"""What a page needs to take part in its session's channel, as JSON.

Source: CHAN-1.
"""

from __future__ import annotations

from flask import Response, jsonify

from broker_sim.core.channel import Party
from broker_sim.service import channels
from broker_sim.web.pages import world


def of(session_id: int, party: Party) -> Response:
    """Answer with a party's descriptor; who may have it was checked before.

    Raises:
        Refused: OutOfTurn; the session does not go on.
    """
    answer = jsonify(channels.descriptor(world(), session_id, party))
    answer.headers["Cache-Control"] = "no-store"
    return answer
