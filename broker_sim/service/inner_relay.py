"""The relay inside the broker's own process, and the recorder that reads it at once.

Source: CHAN-1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from broker_sim.core.channel import BROKERS, Party
from broker_sim.service.channels import Names
from broker_sim.service.ports import World
from broker_sim.service.recorder import Recorder
from broker_sim.service.relay import Gap, NotTaken, Relay
from broker_sim.service.tickets import Tickets

_LOOK_SECONDS: Final = 0.15


class InnerRelay:
    """The relay of one world, in its process.

    Args:
        world: whose.
        fresh: gives a text that no relay of this world had before.
        tick: seconds that only grow.
    """

    def __init__(self, world: World, fresh: Callable[[], str], tick: Callable[[], float]) -> None:
        self._world = world
        self._fresh = fresh
        self._room = ""
        self._tick = tick
        self.relay = Relay(fresh(), tick)
        self.recorder = Recorder(world, tick)
        self.tickets = Tickets(
            self._sign,
            self._verify,
            world.clock.now,
        )
        self.names = Names(world, lambda: self._room)
        self._read: dict[int, int] = {}
        self._lock = Lock()

    def _sign(self, text: str) -> str:
        return self._world.vault.sign(text)  # another one after a reset

    def _verify(self, text: str, signature: str) -> bool:
        return self._world.vault.verify(text, signature)

    def forget(self) -> None:
        """Begin anew: there is another world in the store now, and its channels' names are others.

        Pages hear that theirs are closed, and ask the broker where they go on.
        """
        self._room = self._fresh()
        self.names.forget()
        self.relay.close_all()
        self.recorder.forget()
        # Another one, not this one emptied: who is reading on has this one's place, and writes it
        # there. It holds the lock while it waits for the store, which may be ours alone here.
        self._read = {}

    def rename(self) -> None:
        """Give all channels other names; the same, as no other process knows them."""
        self.forget()

    def address(self, session_id: int) -> str:
        """Give the path of a session's channel, below the host that the caller came to."""
        root = urlsplit(self._world.base_url()).path
        return f"{root}/relay/{self.names.of(session_id)}"

    def ticket(self, session_id: int, party: str) -> str:
        """Give what lets a party write and read there."""
        return self.tickets.make(self.names.of(session_id), party)

    def read_to(self, session_id: int) -> tuple[str, Mapping[Party, Mapping[str, int]]]:
        """Read what has come; give the place up to which it was, and each source's next number."""
        self._read_on(session_id)
        place = f"{self.relay.epoch}.{self._read.get(session_id, 0)}"
        return place, self.recorder.known(session_id).seen

    def origins(self) -> Sequence[str]:
        """Give the origins besides their own that pages need: none."""
        return ()

    def taken(self, name: str) -> None:
        """Read what came in for a channel, and tell it what has happened; slow."""
        session_id = self.names.number(name)
        if session_id is not None:
            self._read_on(session_id)
            self._tell(session_id)

    def look(self, name: str) -> None:
        """Tell a channel what has happened, unless that was just done."""
        session_id = self.names.number(name)
        if session_id is None:  # its session is over, and recorded
            self.relay.close(name)
            return
        known, now = self.recorder.known(session_id), self._tick()
        if now - known.looked >= _LOOK_SECONDS and known.lock.acquire(blocking=False):
            known.lock.release()
            self._tell(session_id)

    def _read_on(self, session_id: int) -> None:
        with self._lock:
            read = self._read
            page = self.relay.behind(self.names.of(session_id), read.get(session_id, 0))
            if page is not None:
                place = f"{self.relay.epoch}.{page.at}"
                self.recorder.take(session_id, page.frames, place)
                read[session_id] = page.at

    def _tell(self, session_id: int) -> None:
        name = self.names.of(session_id)
        self.recorder.known(session_id).looked = self._tick()
        told = self.relay.next_of(name, Party.BROKER, BROKERS)
        if not self.recorder.look(session_id, partial(self._send, name), told):
            self.relay.close(name)
            self._read.pop(session_id, None)

    def _send(self, name: str, first: int, frames: Sequence[bytes]) -> int:
        try:
            return self.relay.post(name, Party.BROKER, BROKERS, first, frames)
        except Gap as gap:
            return gap.expected
        except NotTaken:  # nobody listens there
            return first
