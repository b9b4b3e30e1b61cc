"""Chance: the machine's for a served world, a seed's for a world made for tests."""

from __future__ import annotations

import hashlib
import itertools
import secrets


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
    """

    def __init__(self, seed: int, start: int = 0) -> None:
        name = f"{seed} {start}" if start else f"{seed}"
        self._key = hashlib.sha256(f"broker-sim entropy {name}".encode()).digest()
        self._count = itertools.count()

    def take(self, count: int) -> bytes:
        """Give the next `count` bytes, at most 64."""
        if count > 64:
            msg = f"at most 64 bytes at once, not {count}"
            raise ValueError(msg)
        turn = next(self._count).to_bytes(8, "big")
        return hashlib.blake2b(turn, key=self._key, digest_size=count).digest()
