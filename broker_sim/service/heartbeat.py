"""What a served world does by itself: traffic, settling, purging. Bounded work per beat."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from broker_sim.service import recording, sweeper
from broker_sim.service.ports import Traffic, World

_LOG: Final = logging.getLogger("broker_sim.service")


def beat(world: World, traffic: Traffic | None) -> None:
    """Do what is due now, at most one batch of each purge."""
    if traffic is not None:
        traffic.play(world.clock.now())
    sweeper.settle_all(world)
    sweeper.purge_batch(world)
    sweeper.forget_batch(world)
    recording.finish(world)


class Heartbeat:
    """Beats in a thread until it is stopped.

    Args:
        work: one beat; what it raises is logged, and the next beat comes all the same.
        seconds: between two beats.
    """

    def __init__(self, work: Callable[[], None], seconds: float = 0.5) -> None:
        self._work = work
        self._seconds = seconds
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broker-sim-heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; return when the beat under way is over."""
        self._enough.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        while not self._enough.wait(self._seconds):
            try:
                self._work()
            except Exception:  # noqa: BLE001  one bad beat must not end the world
                _LOG.exception("a beat failed; the next one comes")
