"""What a party of a session needs to take part in its channel.

Source: CHAN-1.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core import channel
from broker_sim.core.channel import Party
from broker_sim.core.record import Stage
from broker_sim.core.refusal import Refused
from broker_sim.service import spoken
from broker_sim.service.frame_reader import seen_of
from broker_sim.service.ports import World
from broker_sim.service.settling import take

_NAME_LETTERS: Final = 22  # 132 bits of a signature
_REMEMBERED_MOST: Final = 4096  # names beside those of the channels that were open at a look


class Names:
    """The names under which relays know the channels of a world; they tell nothing of it.

    Args:
        world: whose.
        room: tells this world from those that were there before it.
    """

    def __init__(self, world: World, room: Callable[[], str]) -> None:
        self._world = world
        self._room = room
        self._numbers: dict[str, int] = {}

    def of(self, session_id: int) -> str:
        """Give the name of a session's channel."""
        name = self._of(session_id, self._room())
        if len(self._numbers) < _REMEMBERED_MOST:  # where nobody follows, none is ever forgotten
            self._numbers[name] = session_id
        return name

    def _of(self, session_id: int, room: str) -> str:
        return self._world.vault.sign(f"channel {session_id} {room}")[:_NAME_LETTERS]

    def number(self, name: str) -> int | None:
        """Give whose channel has this name; None for one of no open channel."""
        number = self._numbers.get(name)
        if number is None:
            # Another process may have put another world there: asking the time takes it up.
            self._world.clock.now()
            with self._world.store.reading() as tx:
                numbers = tx.channels()
            room = self._room()
            # Without those that were closed meanwhile.
            self._numbers = {self._of(one, room): one for one in numbers}
            number = self._numbers.get(name)
        return number

    @property
    def remembered(self) -> int:
        """How many names are remembered."""
        return len(self._numbers)

    def forget(self) -> None:
        """Forget whose names are whose: the room is another one now."""
        self._numbers.clear()


def descriptor(world: World, session_id: int, party: Party) -> Mapping[str, Any]:
    """Give a party all that it needs to take part; whoever has this has the session's key.

    `lines` is the talk so far. All frames whose number is less than its source's in `seen` are
    in it, and no other; those behind `since` at the relay are all that are not. What a relay had
    that was there before that of `since` is read to its end.

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
    stored = found.progress.seen
    seen = {one: seen_of(stored.get(one, {}), known.get(one, {})) for one in Party}
    seen[Party.BROKER] = {channel.BROKERS: len(held.session.events)}
    return {
        "sessionId": session_id,
        "party": party,
        "relay": world.relays.address(session_id),
        "ticket": world.relays.ticket(session_id, party),
        "key": base64.b64encode(found.key).decode(),
        "since": since or found.progress.place,
        "seen": seen,
        "now": spoken.instant(now),
        "lines": told,
    }
