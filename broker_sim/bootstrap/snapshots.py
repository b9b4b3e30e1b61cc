"""Snapshots of a world: all of its state at one moment, to come back to.

A snapshot holds the store, large recordings, clock, chance, fault rules and the limit of
calls. The journal is no state of the world: it goes on over a restore.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from broker_sim.bootstrap.broker import Broker
from broker_sim.service.checking import short

MOST: Final = 50
_BYTES_MOST: Final = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A world at one moment.

    Attributes:
        name: by which it is restored.
        taken: the world's time then.
        size: bytes of what it keeps in memory; of rows, a rough count.
    """

    name: str
    taken: datetime
    size: int
    store: Any
    blobs: Mapping[str, bytes]
    clock: str
    drawn: int
    beside: Mapping[str, Any]

    def told(self) -> Mapping[str, Any]:
        """Tell it by the names of the control API."""
        return {"name": self.name, "taken": self.taken, "bytes": self.size}


class Snapshots:
    """The snapshots of one world, in memory, until the world ends.

    Args:
        broker: the world.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._kept: dict[str, Snapshot] = {}
        self._count = 0

    def list(self) -> Sequence[Snapshot]:
        """Give all, oldest first."""
        return list(self._kept.values())

    def take(self, name: str | None = None) -> Snapshot:
        """Keep the world as it is now; one of the same name before is replaced.

        Raises:
            ValueError: there are too many, or they would fill the memory; the name could not
                stand in a path.
        """
        if name is not None:
            short({"name": name}, "name")
        if name not in self._kept and len(self._kept) >= MOST:
            raise ValueError(f"there are {MOST} snapshots already: drop some")
        broker, now = self._broker, self._broker.clock.now()
        store, blobs = broker.store.saved(), broker.blobs.saved()
        size = _size(store) + sum(map(len, blobs.values()))
        if size + sum(kept.size for kept in self._kept.values()) > _BYTES_MOST:
            most = _BYTES_MOST // 2**20
            raise ValueError(f"the snapshots of a world hold {most} MB at most: drop some")
        self._count += 1
        chosen = name or self._new_name()
        beside = {key: keeper.saved() for key, keeper in broker.keepers().items()}
        taken = Snapshot(
            chosen, now, size, store, blobs, broker.clock.saved(), broker.drawn, beside
        )
        self._kept[chosen] = taken
        return taken

    def _new_name(self) -> str:
        while f"snapshot-{self._count}" in self._kept:
            self._count += 1
        return f"snapshot-{self._count}"

    def restore(self, name: str) -> Snapshot:
        """Bring the world back to where it was; the snapshot stays.

        Raises:
            LookupError: there is none of that name.
        """
        kept = self._found(name)
        broker = self._broker
        with broker.store.alone():
            broker.store.restore(kept.store)
            broker.blobs.restore(kept.blobs)
            broker.clock.restore(kept.clock)
            broker.reopen(kept.drawn)
        for key, keeper in broker.keepers().items():
            keeper.restore(kept.beside[key])
        return kept

    def drop(self, name: str) -> None:
        """Forget one.

        Raises:
            LookupError: there is none of that name.
        """
        self._found(name)
        del self._kept[name]

    def _found(self, name: str) -> Snapshot:
        kept = self._kept.get(name)
        if kept is None:
            there = ", ".join(self._kept) or "none yet"
            raise LookupError(f"there is no snapshot {name!r}; there are: {there}")
        return kept


def _size(store: object) -> int:
    if isinstance(store, bytes):
        return len(store)
    assert isinstance(store, Mapping)
    return 512 * sum(len(rows) for rows in store.values())
