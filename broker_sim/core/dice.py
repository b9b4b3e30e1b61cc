"""Chance that follows from its source alone: the same source, the same throws."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_WORD = 2**64


class Dice:
    """Throws in a row (SplitMix64), begun from a digest of `source`."""

    def __init__(self, *source: object) -> None:
        text = " ".join(map(str, source))
        self._state = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])

    def below(self, bound: int) -> int:
        """Give a whole number from 0 to `bound` - 1; `bound` is at least 1 and small."""
        self._state = (self._state + 0x9E3779B97F4A7C15) % _WORD
        mixed = self._state
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 % _WORD
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB % _WORD
        return (mixed ^ (mixed >> 31)) % bound

    def one_in(self, bound: int) -> bool:
        """Say yes once in `bound` throws, on average."""
        return self.below(bound) == 0

    def pick(self, among: Sequence[T]) -> T:
        """Give one of these; there is at least one."""
        return among[self.below(len(among))]

    def shuffled(self, these: Sequence[T]) -> list[T]:
        """Give the same in some order."""
        left = list(these)
        return [left.pop(self.below(len(left))) for _ in these]
