"""Chance without a memory: a number drawn for (seed, purpose, index) is always the same.

The generator is splitmix64 used as a counter hash: the state is the hash of what is asked for,
so any session can be made by its index without making the ones before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final, TypeVar

T = TypeVar("T")

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15


def mix(state: int) -> int:
    """Give the splitmix64 output of a 64-bit state."""
    state = (state + _GOLDEN) & _MASK
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)


@lru_cache(maxsize=1024)
def _stream(seed: int, purpose: str) -> int:
    salt = int.from_bytes(blake2b(purpose.encode(), digest_size=8).digest(), "little")
    return mix((salt ^ seed) & _MASK)


def draw(seed: int, purpose: str, index: int = 0) -> int:
    """Give 64 bits of chance for the `index`-th thing of that purpose."""
    return mix(_stream(seed, purpose) ^ (index * _GOLDEN & _MASK))


def fingerprint(text: str) -> int:
    """Give 64 bits that stand for a text, the same in every process."""
    return int.from_bytes(
        blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little"
    )


class Draws:
    """A run of draws for one thing; two with the same beginning run alike."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, purpose: str, index: int = 0) -> None:
        self._state = draw(seed, purpose, index)

    def bits(self) -> int:
        """Give the next 64 bits."""
        # As `mix`, written out: most of the time of a bulk load is spent here.
        self._state = state = (self._state + _GOLDEN) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        return state ^ (state >> 31)

    def below(self, end: int) -> int:
        """Give a number in [0, end)."""
        return self.bits() * end >> 64

    def between(self, low: int, high: int) -> int:
        """Give a number in [low, high], both ends in."""
        return low + (self.bits() * (high - low + 1) >> 64)

    def unit(self) -> float:
        """Give a fraction in [0, 1)."""
        return (self.bits() >> 11) / (1 << 53)

    def rarely(self) -> float:
        """Give a fraction in [0, 1) that is seldom large: the cube of an even one."""
        # Multiplied out: powers may differ in the last bit from one machine to the next.
        unit = (self.bits() >> 11) / (1 << 53)
        return unit * unit * unit

    def once_in(self, count: int) -> bool:
        """Say yes once in so many times."""
        return self.bits() * count >> 64 == 0

    def pick(self, choices: Sequence[T]) -> T:
        """Give one of them, each as likely."""
        return choices[self.bits() * len(choices) >> 64]

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """Give `count` different ones in an order of chance; all of them if there are fewer."""
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]
