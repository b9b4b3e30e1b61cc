"""The recorder: reads a channel as the broker, does what was said, tells what else happened.

It is the third who has the session's key, having made it. A chat becomes a Chat event through
the use case that every other door calls; what happens by those doors goes into the channel.

Source: CHAN-1, AGENT-2.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, Final

from broker_sim.core import channel
from broker_sim.core.channel import Malformed, Party, Sealed
from broker_sim.core.record import Session
from broker_sim.core.refusal import Refused
from broker_sim.service import agents, customers, spoken
from broker_sim.service.channel_storage import Channel, Progress
from broker_sim.service.ports import World
from broker_sim.service.settling import take
from broker_sim.service.storage import Transaction

_LOG: Final = logging.getLogger("broker_sim.service")
_KNOWN_MOST: Final = 4096
_RESERVED: Final = 256  # numbers, each time one of a frame that changes nothing goes beyond
_FRAMED_MOST: Final = 64
_BEHIND_MOST: Final = 100


@dataclass(slots=True)
class Known:
    """What is remembered of a channel beside the store.

    Attributes:
        seen: by party, the number of its next frame.
        told: how many of the session's events have been told to the channel; None if unknown.
        looked: when somebody last looked whether there are more.
        bad: frames that could not be opened, or were not there, or made no sense.
    """

    seen: dict[Party, int] = field(default_factory=dict)
    told: int | None = None
    looked: float = 0.0
    bad: int = 0
    lock: Lock = field(default_factory=Lock)


class Recorder:
    """Reads the channels of one world.

    Args:
        world: whose.
    """

    def __init__(self, world: World) -> None:
        self._world = world
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

    def take(self, session_id: int, frames: Sequence[Sealed]) -> None:
        """Read frames in the order in which they came; slow.

        Each is read once, however often it comes. What was changed on its way, is out of
        its order or makes no sense is passed over and counted.
        """
        theirs = [one for one in frames if one.party is not Party.BROKER]
        if not theirs:
            return
        known = self.known(session_id)
        with known.lock:
            now = self._world.clock.now()
            with self._world.store.writing() as tx:
                found = tx.channel(session_id)
                if found is None:  # it was over, and is recorded
                    return
                reading = _Reading(self._world, tx, found, known, now)
                for one in theirs:
                    reading.take(one)
                reading.keep()

    def look(
        self, session_id: int, send: Callable[[int, Sequence[bytes]], None], told: int | None
    ) -> bool:
        """Tell the channel what has happened since the last look; False once all is over.

        Args:
            session_id: whose channel.
            send: takes the number of the first frame, and frames of the broker.
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
        if known.told < len(events):
            places = range(known.told, len(events))
            send(known.told, [self._event(found, held.session, place) for place in places])
            known.told = len(events)
        return held.session.ended is None

    def _event(self, found: Channel, session: Session, place: int) -> bytes:
        """Seal what the channel is told of one event; its number is its place."""
        said: dict[str, Any] = {"kind": "event", **spoken.event(session, place)}
        for at, party, n in found.progress.framed:
            if at == place:
                said |= {"from": party, "n": n}
        bound = channel.bound_to(session.session_id, Party.BROKER, place)
        return self._world.vault.seal_frame(found.key, bound, channel.written(said))


class _Reading:
    """Some frames of one channel, read in one transaction."""

    def __init__(
        self, world: World, tx: Transaction, found: Channel, known: Known, now: datetime
    ) -> None:
        self._world = world
        self._tx = tx
        self._found = found
        self._known = known
        self._now = now
        self._progress = replace(found.progress)
        self._seen = {party: found.progress.seen.get(party, 0) for party in Party}
        self._fresh = {party for party in Party if party not in known.seen}
        self._seen |= {party: max(n, self._seen[party]) for party, n in known.seen.items()}
        self._changed = False

    def take(self, one: Sealed) -> None:
        """Read one frame."""
        number, expected = self._found.session_id, self._seen[one.party]
        if one.n < expected:
            return
        bound = channel.bound_to(number, one.party, one.n)
        plain = self._world.vault.open_frame(self._found.key, bound, one.frame)
        if plain is None:
            self._bad(one, "it was changed on its way")
            return
        if one.n > expected and one.party not in self._fresh:
            self._bad(one, f"number {expected} was to come")
        self._fresh.discard(one.party)
        self._seen[one.party] = one.n + 1
        try:
            self._do(one, channel.message(plain, one.party))
        except (Malformed, Refused) as problem:
            self._bad(one, str(problem))

    def _do(self, one: Sealed, said: Mapping[str, Any]) -> None:
        number = self._found.session_id
        match said["kind"]:
            case "chat":
                say = customers.say_in if one.party is Party.CUSTOMER else agents.say_in
                after = say(self._tx, number, _text(said, "text"), self._now)
                self._framed(one, len(after.events))
            case "file":
                held = take(self._tx, number, self._now)
                name, content = _text(said, "name"), _bytes(said, "content")
                agents.send_content_in(self._tx, held, name, content, self._now)
                self._framed(one, len(held.session.events) + 1)
            case _:
                limit = self._progress.reserved.get(one.party, 0)
                if one.n + 1 >= limit:  # so that a number is never given twice
                    self._progress.reserved[one.party] = one.n + 1 + _RESERVED
                    self._changed = True

    def _framed(self, one: Sealed, events: int) -> None:
        """Note that the newest event came as a frame, which both have seen."""
        framed = [*self._progress.framed, (events - 1, str(one.party), one.n)]
        self._progress = replace(self._progress, framed=framed[-_FRAMED_MOST:])
        self._changed = True

    def _bad(self, one: Sealed, why: str) -> None:
        self._known.bad += 1
        _LOG.warning(
            "session %s: frame %s of %s: %s", self._found.session_id, one.n, one.party, why
        )

    def keep(self) -> None:
        """Store how far was read, and remember it."""
        if self._changed:
            seen = {str(party): n for party, n in self._seen.items()}
            progress: Progress = replace(self._progress, seen=seen)
            self._tx.put_channel(replace(self._found, progress=progress))
        self._known.seen = dict(self._seen)


def _text(said: Mapping[str, Any], name: str) -> str:
    text = said.get(name)
    if not isinstance(text, str):
        raise Malformed(f"no {name}")
    return text


def _bytes(said: Mapping[str, Any], name: str) -> bytes:
    try:
        return base64.b64decode(_text(said, name), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(f"no {name}") from None
