"""Chance: the machine's for a served world, a seed's for a world made for tests."""

from __future__ import annotations

import hashlib
import secrets
import threading


class SystemEntropy:
    """Unguessable bytes from the machine."""

    def take(self, count: int) -> bytes:
        """Give `count` fresh bytes."""
        return secrets.token_bytes(count)


class SeededEntropy:
    """The same bytes for the same seed and the same order of calls. For tests only.

    Args:
        seed: of the world.
        start: how often the world was opened before, so that none of them repeats another.
        drawn: how often bytes were taken before; it goes on behind them.
    """

    def __init__(self, seed: int, start: int = 0, drawn: int = 0) -> None:
        name = f"{seed} {start}" if start else f"{seed}"
        self._key = hashlib.sha256(f"broker-sim entropy {name}".encode()).digest()
        self._keyed: dict[int, hashlib.blake2b] = {}  # by how many bytes they give
        self._drawn = drawn
        self._lock = threading.Lock()

    @property
    def drawn(self) -> int:
        """How often bytes were taken."""
        return self._drawn

    def take(self, count: int) -> bytes:
        """Give the next `count` bytes, at most 64."""
        if count > 64:
            msg = f"at most 64 bytes at once, not {count}"
            raise ValueError(msg)
        with self._lock:
            turn = self._drawn
            self._drawn += 1
        keyed = self._keyed.get(count)
        if keyed is None:
            keyed = self._keyed[count] = hashlib.blake2b(key=self._key, digest_size=count)
        hashed = keyed.copy()
        hashed.update(turn.to_bytes(8, "big"))
        return hashed.digest()
