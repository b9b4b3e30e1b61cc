"""Frames of one channel, opened and done as their senders wanted.

Source: CHAN-1, AGENT-2.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final

from broker_sim.contract import limits
from broker_sim.core import channel, customer, guacamole
from broker_sim.core.channel import Malformed, Party, Sealed
from broker_sim.core.guacamole import NoDrawing
from broker_sim.core.record import Event, Session
from broker_sim.core.refusal import Refused
from broker_sim.service import agents, customers, stream
from broker_sim.service.channel_storage import Channel
from broker_sim.service.ports import World
from broker_sim.service.settling import take
from broker_sim.service.storage import Transaction

_LOG: Final = logging.getLogger("broker_sim.service")
_FRAMED_MOST: Final = 1024  # what a failing relay may leave to be told
_TOLD_MOST: Final = 20
_SHARED_MOST_MS: Final = 24 * 60 * 60 * 1000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(slots=True)
class Known:
    """What is remembered of a channel beside the store.

    Attributes:
        epoch: of the relay that was read last.
        seen: by party and source, the number of its next frame; the source used last at the end.
        said_up: by party, the tick at which it may say as much at once as after a rest.
        told: how many of the session's events have been told to the channel; None if unknown.
        looked: when somebody last looked whether there are more.
        bad: frames that could not be opened, or were not there, or made no sense.
    """

    epoch: str = ""
    seen: Mapping[Party, Mapping[str, int]] = field(default_factory=dict)
    said_up: dict[Party, float] = field(default_factory=dict)
    told: int | None = None
    looked: float = 0.0
    bad: int = 0
    lock: Lock = field(default_factory=Lock)


class FrameReader:
    """Some frames of one channel, read in one transaction.

    Args:
        world: where.
        tx: the transaction.
        found: the channel.
        known: what is remembered of it.
        tick: seconds that only grow, whatever the world's time does.
    """

    def __init__(
        self, world: World, tx: Transaction, found: Channel, known: Known, tick: float
    ) -> None:
        self._world = world
        self._tx = tx
        self._found = found
        self._known = known
        self._now = world.clock.now()
        self._tick = tick
        self._said_up = dict(known.said_up)
        self._sharing: int | None = None
        self._looked = False
        self._progress = replace(found.progress)
        stored, here = found.progress.seen, known.seen
        self._seen = {one: seen_of(stored.get(one, {}), here.get(one, {})) for one in Party}
        self._fresh = _read_elsewhere(stored, here)
        self._screens: list[Sealed] = []
        self._changed = False

    def take(self, one: Sealed) -> None:
        """Read one frame."""
        number, expected = self._found.session_id, self._seen[one.party].get(one.source, 0)
        bound = channel.bound_to(number, one.party, one.source, one.n)
        plain = self._world.vault.open_frame(self._found.key, bound, one.frame)
        if plain is None:
            self._bad(one, "it was changed on its way")
            return
        if one.n < expected:
            return
        if one.n > expected and (one.party, one.source) not in self._fresh:
            self._bad(one, f"number {expected} was to come")
            # what follows may be drawn on what is missing
            if one.party is Party.CUSTOMER and not self._is_of_another(one):
                self._progress = replace(self._progress, awaits_key=True)
                self._changed = True
        self._note(one)
        try:
            self._do(one, channel.message(plain, one.party))
        except (Malformed, NoDrawing, Refused) as problem:
            self._bad(one, str(problem))

    def _note(self, one: Sealed) -> None:
        """Note that a frame was read, which makes its source the one used last."""
        self._fresh.discard((one.party, one.source))
        seen = self._seen[one.party]
        self._changed |= seen.pop(one.source, None) is None
        seen[one.source] = one.n + 1
        while len(seen) > limits.CHANNEL_SOURCES_MAX:
            del seen[next(iter(seen))]

    def _do(self, one: Sealed, said: Mapping[str, Any]) -> None:
        number = self._found.session_id
        match said["kind"]:
            case "chat":
                self._count(one.party, _text(said, "text"))
                say = customers.say_in if one.party is Party.CUSTOMER else agents.say_in
                after = say(self._tx, number, _text(said, "text"), self._now)
                self._framed(one, len(after.events))
            case "file":
                self._count(one.party)
                held = take(self._tx, number, self._now)
                name, content = _text(said, "name"), _bytes(said, "content")
                agents.send_content_in(self._tx, held, name, content, self._now)
                self._framed(one, len(held.session.events) + 1)
            case kind if stream.is_screen(one.party, kind):
                self._screen(one, said)

    def _count(self, party: Party, text: str = "") -> None:
        """Accept one thing more that a party says: each rewrites the session, which all wait for.

        Raises:
            Malformed: nobody says so much.
        """
        framed = self._progress.framed
        if framed and framed[-1][0] + 1 >= limits.CHANNEL_EVENTS_MAX:
            raise Malformed(f"the session has {limits.CHANNEL_EVENTS_MAX} events")
        counts = 1 + len(text) // limits.CHAT_COUNTS_CHARACTERS
        begun = max(self._tick, self._said_up.get(party, self._tick))
        said_up = begun + counts / limits.CHATS_PER_SECOND
        if said_up - self._tick > limits.CHATS_BURST / limits.CHATS_PER_SECOND:
            raise Malformed("it says more than it may")
        self._said_up[party] = said_up
        self._looked = False

    def _framed(self, one: Sealed, events: int) -> None:
        """Note that the newest event came as a frame, until the channel was told of it."""
        told = self._known.told or 0
        framed = [known for known in self._progress.framed if known[0] >= told]
        framed.append((events - 1, str(one.party), one.source, one.n))
        self._progress = replace(self._progress, framed=framed[-_FRAMED_MOST:])
        self._changed = True

    def _screen(self, one: Sealed, said: Mapping[str, Any]) -> None:
        """Keep a frame of the screens, from the first whole picture on, while they are shared."""
        since = self._shared_since()
        if since is None:
            return
        data, ms = _text(said, "data"), said.get("ms")
        if type(ms) is not int or not 0 <= ms <= _SHARED_MOST_MS:
            raise Malformed("no ms")
        whole = one.party is Party.CUSTOMER and said.get("key") is True
        guacamole.check(data, whole=whole)
        if not whole and (self._progress.awaits_key or self._is_of_another(one)):
            return
        at = max(self._progress.ms, since + ms)
        draws = one.source if whole else self._progress.draws
        self._progress = replace(self._progress, awaits_key=False, draws=draws, ms=at)
        self._screens.append(replace(one, at=at))
        self._changed = True

    def _is_of_another(self, one: Sealed) -> bool:
        """Tell whether a customer's page draws on another picture than the one that is kept."""
        return one.party is Party.CUSTOMER and self._progress.draws not in ("", one.source)

    def _shared_since(self) -> int | None:
        """Tell when the sharing of the screen began; looked up again only after something said."""
        if not self._looked:
            held = self._tx.held(self._found.session_id)
            shared = held is not None and customer.sight(held.session).shares_screen
            self._sharing = _shared_since(held.session) if held is not None and shared else None
            self._looked = True
        return self._sharing

    def _bad(self, one: Sealed, why: str) -> None:
        self._known.bad += 1
        if self._known.bad <= _TOLD_MOST:  # who sends nonsense must not fill the log
            number = self._found.session_id
            _LOG.warning("session %s: frame %s of %s: %s", number, one.n, one.party, why)

    def keep(self, place: str) -> None:
        """Store how far was read, which is to this place."""
        if self._changed or epoch_of(place) != epoch_of(self._progress.place):
            seen = {str(party): of for party, of in self._seen.items() if of}
            found = replace(self._found, progress=replace(self._progress, place=place, seen=seen))
            if self._screens:
                found = stream.keep(self._world, self._tx, found, self._screens)
            self._tx.put_channel(found)

    def remember(self, place: str) -> None:
        """Note how far was read; once it is in the store, as what failed comes again."""
        self._known.seen, self._known.said_up = self._seen, self._said_up
        self._known.epoch = epoch_of(place)


def _read_elsewhere(
    stored: Mapping[str, Mapping[str, int]], here: Mapping[Party, Mapping[str, int]]
) -> set[tuple[str, str]]:
    """Give the sources that another process has read; how far that came is not quite known."""
    found = ((party, source) for party, sources in stored.items() for source in sources)
    return {(party, source) for party, source in found if source not in here.get(Party(party), {})}


def seen_of(stored: Mapping[str, int], since: Mapping[str, int]) -> dict[str, int]:
    """Give, by source, the number of its next frame: by what is stored, and remembered since."""
    kept = {source: n for source, n in stored.items() if source not in since}
    return kept | {source: max(n, stored.get(source, 0)) for source, n in since.items()}


def epoch_of(place: str) -> str:
    """Give what tells the relay of a place from those that were before it."""
    return place.partition(".")[0]


def _shared_since(session: Session) -> int:
    """Tell when the sharing of the screen began, in milliseconds since 1970."""
    begun = [one.time for one in session.events if one.kind is Event.SCREEN_ON]
    return (begun[-1] - _EPOCH) // _MILLISECOND


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
