"""One world in several processes: what one of them changes wholesale, the others take up.

All that happens is in the store. Beside it a process knows the clock, the hostile profile, the
world's seed and secret, and numbers of portals. So before every use case, where it asks the
clock, a process looks at the notes in the store: the clock's, the profile's, and the world's
edition, which changes when the world is emptied or another one put in its place.
"""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Final

from broker_sim.adapters.entropy import SystemEntropy
from broker_sim.service import hostility

if TYPE_CHECKING:
    from broker_sim.bootstrap.broker import Broker

_CLOCK_NOTE: Final = "clock"
_EDITION_NOTE: Final = "edition"


class Sharing:
    """What one process knows of the others of its world.

    Args:
        broker: this process's; its clock follows the others' from now on.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._taking_up = RLock()  # whoever takes up asks the time, too
        with broker.store.reading() as tx:
            self._edition = tx.note(_EDITION_NOTE)
        self._clock: str | None = None
        self._profile = ""
        broker.clock.follow(self._look)

    def tell(self) -> None:
        """Let the others know that the world is another one now."""
        edition = SystemEntropy().take(8).hex()  # never one that was there before
        with self._broker.store.writing() as tx:
            tx.set_note(_EDITION_NOTE, edition)
        self._edition = edition

    def _look(self) -> str | None:
        """Take up another world, if there is one; give the clock as it was set last."""
        store = self._broker.store
        if store.database.inside:  # who asks the time there has its transaction's world
            return self._clock
        notes = store.notes()
        self._clock = notes.get(_CLOCK_NOTE)
        edition, profile = notes.get(_EDITION_NOTE), notes.get(hostility.NOTE, "")
        with self._taking_up:  # nobody goes on with half of another world
            if edition not in (None, self._edition):
                self._edition = edition
                self._broker.take_up()
        if profile != self._profile:
            self._profile = profile
            self._broker.faults.hostility.resume()
        return self._clock
