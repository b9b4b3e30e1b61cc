"""The recorder: reads a channel as the broker, does what was said, tells what else happened.

It is the third who has the session's key, having made it. A chat becomes a Chat event through
the use case that every other door calls; what happens by those doors goes into the channel.

Source: CHAN-1, AGENT-2.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Final, TypeAlias

from broker_sim.core import channel
from broker_sim.core.channel import Party, Sealed
from broker_sim.core.record import Session
from broker_sim.service import spoken
from broker_sim.service.channel_storage import Channel
from broker_sim.service.frame_reader import FrameReader, Known, epoch_of
from broker_sim.service.ports import World

_KNOWN_MOST: Final = 4096
_BEHIND_MOST: Final = 100  # events that a channel without any is told first


# Sends frames of the broker, the first of which has this number; gives the next number.
Send: TypeAlias = Callable[[int, Sequence[bytes]], int]


class Recorder:
    """Reads the channels of one world.

    Args:
        world: whose.
        tick: seconds that only grow.
    """

    def __init__(self, world: World, tick: Callable[[], float]) -> None:
        self._world = world
        self._tick = tick
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._lock = Lock()

    def known(self, session_id: int) -> Known:
        """Give what is remembered of a channel."""
        with self._lock:
            known = self._known.setdefault(session_id, Known())
            self._known.move_to_end(session_id)
            while len(self._known) > _KNOWN_MOST:
                self._known.popitem(last=False)
            return known

    def forget(self) -> None:
        """Forget all: there is another world in the store now."""
        with self._lock:
            self._known.clear()

    def take(self, session_id: int, frames: Sequence[Sealed], place: str) -> None:
        """Read frames in the order in which they came, up to a place at their relay; slow.

        Each is read once, however often it comes. What was changed on its way, is out of
        its order, makes no sense or is more than a party may say is passed over and counted.
        That the relay is another one is stored even where nothing came: what pages are told of
        the record then is all that was read at the one before.
        """
        theirs = [one for one in frames if one.party is not Party.BROKER]
        known = self.known(session_id)
        if not theirs and known.epoch == epoch_of(place):
            return
        with known.lock:
            with self._world.store.writing() as tx:
                found = tx.channel(session_id)
                if found is None:  # it was over, and is recorded
                    return
                reading = FrameReader(self._world, tx, found, known, self._tick())
                for one in theirs:
                    reading.take(one)
                reading.keep(place)
            reading.remember(place)

    def look(self, session_id: int, send: Send, told: int | None = None) -> bool:
        """Tell the channel what has happened since the last look; False once all is over.

        Args:
            session_id: whose channel.
            send: takes the number of the first frame, and frames of the broker; gives the number
                of the frame that the relay has next.
            told: how many events the channel was told, as its relay knows it.
        """
        known = self.known(session_id)
        with self._world.store.reading() as tx:
            found, held = tx.channel(session_id), tx.held(session_id)
        if found is None or held is None:
            return False
        events = held.session.events
        if known.told is None:
            known.told = max(0, len(events) - _BEHIND_MOST) if told is None else told
        for _ in range(2):  # once more where the relay knew better
            if known.told < len(events):
                places = range(known.told, len(events))
                frames = [self._event(found, held.session, place) for place in places]
                # What does not fit into one POST is told at the next look.
                sent = frames[: channel.fitting(frames)]
                known.told = min(send(known.told, sent), len(events))
        return held.session.ended is None

    def _event(self, found: Channel, session: Session, place: int) -> bytes:
        """Seal what the channel is told of one event; its number is its place."""
        said: dict[str, Any] = {"kind": "event", **spoken.event(session, place)}
        for at, party, source, n in found.progress.framed:
            if at == place:
                said |= {"from": party, "source": source, "n": n}
        bound = channel.bound_to(session.session_id, Party.BROKER, channel.BROKERS, place)
        return self._world.vault.seal_frame(found.key, bound, channel.written(said))
