"""What a party of a session needs to take part in its channel.

Source: CHAN-1.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core.channel import Party
from broker_sim.core.record import Stage
from broker_sim.core.refusal import Refused
from broker_sim.service import spoken
from broker_sim.service.ports import World
from broker_sim.service.settling import take

_NAME_LETTERS: Final = 22  # 132 bits of a signature


def name(world: World, session_id: int) -> str:
    """Give the name under which the relay knows a session's channel; it tells nothing of it."""
    return world.vault.sign(f"channel {session_id}")[:_NAME_LETTERS]


def descriptor(world: World, session_id: int, party: Party) -> Mapping[str, Any]:
    """Give a party all that it needs to take part; whoever has this has the session's key.

    `lines` is the talk so far. All frames whose number is less than its sender's in `seen` are
    in it, and no other; those behind `since` at the relay are all that are not. A party's next
    frame has the number that the relay says, or that in `next` if that is greater.

    Raises:
        Refused: NoSuchSession, SessionPurged. OutOfTurn; the session does not go on.
    """
    if world.relays is None:
        raise Refused(faults.OUT_OF_TURN)
    now = world.clock.now()
    since, known = world.relays.read_to(session_id)
    with world.store.writing() as tx:
        held, found = take(tx, session_id, now), tx.channel(session_id)
        if found is None or held.session.stage is not Stage.IN_SESSION:
            raise Refused(faults.OUT_OF_TURN)
        told = spoken.lines(held.session)
    progress = found.progress
    seen = {one: max(known.get(one, 0), progress.seen.get(one, 0)) for one in Party}
    seen[Party.BROKER] = len(held.session.events)
    following = seen[party] if party in known else max(seen[party], progress.reserved.get(party, 0))
    return {
        "sessionId": session_id,
        "party": party,
        "relay": world.relays.address(session_id),
        "ticket": world.relays.ticket(session_id, party),
        "key": base64.b64encode(found.key).decode(),
        "since": since,
        "seen": seen,
        "next": following,
        "now": spoken.instant(now),
        "lines": told,
    }
