"""Relays in processes of their own, and the recorder that follows them.

Each session belongs to one of them. Every process of the broker hands out addresses and tickets;
one of them, the leader, follows: it is told by each relay which channels have moved, and reads
those as the broker.

Source: CHAN-1.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from broker_sim.core.channel import Party, Sealed
from broker_sim.service.channels import Names
from broker_sim.service.frame_reader import epoch_of
from broker_sim.service.ports import World
from broker_sim.service.recorder import Recorder
from broker_sim.service.tickets import Tickets

_LOG: Final = logging.getLogger("broker_sim.service")
_IDLE_SECONDS: Final = 20
_BREATH_SECONDS: Final = 0.2  # between two looks for what happens by other doors
_READ_MOST: Final = 4096
_ROOM_NOTE: Final = "relay room"


class Unreachable(Exception):  # noqa: N818  a finding about a relay, not our error
    """A relay does not answer, or refuses."""


@dataclass(frozen=True, slots=True)
class Tapped:
    """What a relay's tap tells.

    Attributes:
        at: the next place.
        moved: the names of channels that there is news of.
        version: changes when `known` does.
        known: the names of all its channels.
    """

    at: str
    moved: Sequence[str]
    version: str
    known: Sequence[str]


class Line(Protocol):
    """Calls to one relay; each may raise Unreachable."""

    def tap(self, since: str, known: str, wait_seconds: float) -> Tapped:
        """Tell which channels have moved behind a place; wait until one has."""

    def read(self, name: str, since: str) -> tuple[str, Sequence[Sealed]]:
        """Give the place, and the frames, behind a place of a channel."""

    def post(self, name: str, first: int, frames: Sequence[bytes]) -> int:
        """Send frames of the broker; give the number of the next one."""

    def close(self, name: str) -> None:
        """Take no more of a channel's frames."""


class OuterRelays:
    """Where channels go through, seen from one process of the broker.

    Args:
        world: whose.
        urls: gives the relays' URLs as pages reach them; one or more.
        tickets: made with the key that the relays share.
        room: gives a name that no world had before.
        tick: seconds that only grow.
    """

    def __init__(
        self,
        world: World,
        urls: Callable[[], Sequence[str]],
        tickets: Tickets,
        room: Callable[[], str],
        tick: Callable[[], float],
    ) -> None:
        self._urls = urls
        self._tick = tick
        self._tickets = tickets
        self._world = world
        self._fresh = room
        self.names = Names(world, self._room)
        self.recorder = Recorder(world, tick)
        self.followers: Sequence[Follower] = ()

    def _room(self) -> str:
        with self._world.store.reading() as tx:
            return tx.note(_ROOM_NOTE) or ""

    def address(self, session_id: int) -> str:
        """Give the URL of a session's channel."""
        urls = self._urls()
        return f"{urls[session_id % len(urls)]}/relay/{self.names.of(session_id)}"

    def ticket(self, session_id: int, party: str) -> str:
        """Give what lets a party write and read there."""
        return self._tickets.make(self.names.of(session_id), party)

    def read_to(self, session_id: int) -> tuple[str, Mapping[Party, Mapping[str, int]]]:  # noqa: ARG002  the port names the session; the follower reads it soon
        """Give neither: what was read is known from the store."""
        return "", {}

    def origins(self) -> Sequence[str]:
        """Give the relays' origins."""
        return self._urls()

    def rename(self) -> None:
        """Give all channels other names: this process has put another world into the store.

        Pages hear that theirs are closed, and ask the broker where they go on.
        """
        with self._world.store.writing() as tx:
            tx.set_note(_ROOM_NOTE, self._fresh())
        self.forget()
        for follower in self.followers:
            follower.close_all()

    def forget(self) -> None:
        """Begin anew: some process has put another world into the store, and named its channels.

        Whoever follows closes those that have no name there with its next turns.
        """
        self.names.forget()
        self.recorder.forget()

    def follow(self, lines: Sequence[Callable[[], Line]]) -> None:
        """Have the recorder follow all relays, each in a thread of its own.

        Args:
            lines: each opens a way to one of them.
        """
        self.followers = [Follower(self.names, self.recorder, line, self._tick) for line in lines]
        for follower in self.followers:
            follower.start()

    def stop(self) -> None:
        """Follow no more."""
        for follower in self.followers:
            follower.stop()


class Follower:
    """Reads the channels of one relay for the recorder.

    Args:
        names: of the channels.
        recorder: who reads.
        line: opens a way to the relay.
        tick: seconds that only grow.
    """

    def __init__(
        self,
        names: Names,
        recorder: Recorder,
        line: Callable[[], Line],
        tick: Callable[[], float],
    ) -> None:
        self._names = names
        self._recorder = recorder
        self._line, self._closing = line(), line()
        self._tick = tick
        self._told = 0.0
        self._read: OrderedDict[str, str] = OrderedDict()
        self._at = self._version = ""
        self._known: Sequence[str] = ()
        self._pending: dict[str, None] = {}  # in the order in which they moved
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broker-sim-follower", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a call under way is not waited for."""
        self._enough.set()

    def close_all(self) -> None:
        """Close all channels that the relay knows."""
        for name in self._known:
            try:
                self._closing.close(name)
            except Unreachable:
                return

    def _run(self) -> None:
        while not self._enough.is_set():
            try:
                soon = self._known or self._pending
                self.turn(_BREATH_SECONDS if soon else _IDLE_SECONDS)
            except Unreachable as problem:
                _LOG.info("a relay is away: %s", problem)
                self._enough.wait(_BREATH_SECONDS)
            except Exception:  # noqa: BLE001  one bad turn must not end the recording of all
                self._blame("a relay could not be read")
                self._enough.wait(_BREATH_SECONDS)

    def turn(self, wait_seconds: float) -> None:
        """Read what has come, and tell what has happened."""
        told = self._line.tap(self._at, self._version, wait_seconds)
        if epoch_of(told.at) != epoch_of(self._at):
            self._read.clear()
        self._at, self._version, self._known = told.at, told.version, told.known
        # Also where nothing came: pages ask whether all was read that the relay before had.
        new = [name for name in told.known if name not in self._read]
        self._pending |= dict.fromkeys([*told.moved, *new])
        for name in tuple(self._pending):
            if self._each(self._take, name):
                del self._pending[name]
        for name in self._due(told):
            self._each(self._tell, name)

    def _each(self, work: Callable[[str], None], name: str) -> bool:
        """Do something for a channel; False where it failed, which the others do not suffer."""
        try:
            work(name)
        except Unreachable as problem:
            _LOG.info("channel %s: the relay is away or refuses: %s", name, problem)
            return False
        except Exception:  # noqa: BLE001  one bad channel must not end the recording of all
            self._blame(f"channel {name} could not be read or told")
            return False
        return True

    def _blame(self, what: str) -> None:
        """Log what is being handled; at the end of all a store that is closed is no error."""
        if not self._enough.is_set():
            _LOG.exception(what)

    def _due(self, told: Tapped) -> Sequence[str]:
        """Give the channels to be told what has happened: a few times a second all of them."""
        now = self._tick()
        if now - self._told < _BREATH_SECONDS:
            return [name for name in told.moved if name in told.known]
        self._told = now
        return told.known

    def _take(self, name: str) -> None:
        session_id, place = self._names.number(name), ""
        if session_id is not None:
            place, frames = self._line.read(name, self._read.get(name, ""))
            self._recorder.take(session_id, frames, place)
        self._read[name] = place
        while len(self._read) > _READ_MOST:
            self._read.popitem(last=False)

    def _tell(self, name: str) -> None:
        session_id = self._names.number(name)
        if session_id is None or not self._recorder.look(
            session_id, partial(self._line.post, name)
        ):
            self._line.close(name)
