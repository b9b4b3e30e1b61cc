"""The journal of a world that several processes serve: one keeps it, the others tell it.

Each message is one exchange on a Unix socket that keeps messages apart (SOCK_SEQPACKET). A
process tells of an exchange before it answers, and who keeps them reads all that has been told
before it shows any: so what a caller has seen answered is in the journal.
"""

from __future__ import annotations

import pickle
import select
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from broker_sim.adapters.journal import MemoryJournal, cut
from broker_sim.service.seen import Exchange, Seen
from broker_sim.service.tallies import Tallies

_PATIENCE_MS: Final = 50
_MOST: Final = 1024 * 1024  # bytes of a message; a sender's own limit is less
_LOOK_SECONDS: Final = 0.2


def channel() -> tuple[socket.socket, socket.socket]:
    """Give the end that is read and the end that is written to, by as many as like."""
    reader, writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    reader.setblocking(False)  # noqa: FBT003  the standard library's signature
    writer.setblocking(False)  # noqa: FBT003  the same
    return reader, writer


class TellingJournal(MemoryJournal):
    """Tells another process of every exchange; keeps none.

    Where that process takes nothing for 50 ms, exchanges are lost until it does again: a
    tester's journal must not hold up callers.
    """

    def __init__(self, writer: socket.socket) -> None:
        super().__init__()
        self._writer = writer
        self._lost = False

    def add(self, exchange: Exchange, now: datetime) -> None:
        """Tell it."""
        told = pickle.dumps((exchange, cut(exchange), now), pickle.HIGHEST_PROTOCOL)
        self._lost = not (self._sent(told) or self._sent_later(told))

    def _sent(self, told: bytes) -> bool:
        try:
            self._writer.send(told)
        except OSError:  # full, or nobody reads any more
            return False
        return True

    def _sent_later(self, told: bytes) -> bool:
        if self._lost:
            return False
        waiting = select.poll()
        waiting.register(self._writer, select.POLLOUT)
        return bool(waiting.poll(_PATIENCE_MS)) and self._sent(told)


class KeepingJournal(MemoryJournal):
    """Keeps what this process and all others tell.

    Args:
        reader: where the others tell it.
    """

    def __init__(self, reader: socket.socket) -> None:
        super().__init__()
        self._reader = reader
        self._enough = threading.Event()
        self._reading = threading.Lock()
        threading.Thread(target=self._watch, name="broker-sim-journal", daemon=True).start()

    def _watch(self) -> None:
        """Take what is told even while nobody asks, or the others would lose theirs."""
        waiting = select.poll()
        waiting.register(self._reader, select.POLLIN)
        while not self._enough.is_set():
            if waiting.poll(_LOOK_SECONDS * 1000):
                self._hear()

    def _hear(self) -> None:
        """Take all that has been told so far."""
        with self._reading, suppress(BlockingIOError):
            while told := self._reader.recv(_MOST):
                self.keep(*pickle.loads(told))  # noqa: S301  a process of our own told it

    def seen(self, after: int = 0, limit: int | None = None) -> Sequence[Seen]:
        """Give what is kept with a number greater than this, oldest first; redacted."""
        self._hear()
        return super().seen(after, limit)

    @property
    def last(self) -> int:
        """The number of the last exchange; 0 where there was none."""
        self._hear()
        return super().last

    @property
    def size(self) -> tuple[int, int]:
        """How many exchanges are kept, and roughly how many bytes they take."""
        self._hear()
        return super().size

    @property
    def tallies(self) -> Tallies:
        """Of all exchanges, the forgotten ones too."""
        self._hear()
        return super().tallies

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self._hear()
        super().clear()

    def close(self) -> None:
        """Take no more."""
        self._enough.set()
