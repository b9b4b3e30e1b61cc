"""The chance and the secret of a world: unguessable in a served one, of the seed in one for tests.

What has to outlive the process is in notes of the store.
"""

from __future__ import annotations

import hashlib
from typing import Final, TypeAlias

from broker_sim.adapters.entropy import SeededEntropy, SystemEntropy
from broker_sim.service.storage import Store

Entropy: TypeAlias = SeededEntropy | SystemEntropy

SEED_NOTE: Final = "seed"
_SECRET_NOTE: Final = "secret"  # noqa: S105  the name of a note, not what it says
_STARTS_NOTE: Final = "starts"  # how often the world was opened for tests
_SALT_BYTES: Final = 32


def kept_seed(store: Store) -> int | None:
    """Give the seed of the world that the store holds; None where it holds none."""
    with store.reading() as tx:
        kept = tx.note(SEED_NOTE)
    return None if kept is None else int(kept)


def anew(store: Store, seed: int, *, for_tests: bool) -> Entropy:
    """Give the world's chance; in a world for tests another one for each time it is opened."""
    if not for_tests:
        return SystemEntropy()
    with store.writing() as tx:
        start = int(tx.note(_STARTS_NOTE) or 0)
        tx.set_note(_STARTS_NOTE, str(start + 1))
    return SeededEntropy(seed, start)


def again(store: Store, seed: int, drawn: int, *, for_tests: bool) -> Entropy:
    """Give the chance that the world in the store was opened with, behind `drawn`."""
    if not for_tests:
        return SystemEntropy()
    with store.writing() as tx:
        starts = int(tx.note(_STARTS_NOTE) or 1)
        tx.set_note(_STARTS_NOTE, str(starts))
    return SeededEntropy(seed, starts - 1, drawn)


def starts(store: Store) -> int:
    """Tell how often the world was opened for tests."""
    with store.reading() as tx:
        return int(tx.note(_STARTS_NOTE) or 0)


def drawn(entropy: object) -> int:
    """Tell how often chance was drawn; 0 where it cannot be drawn again."""
    return entropy.drawn if isinstance(entropy, SeededEntropy) else 0


def secret(store: Store, seed: int, entropy: Entropy, *, for_tests: bool) -> bytes:
    """Give the world's secret: of the seed in a world for tests, else kept in the store.

    A world for tests that was imported from one that was not has the secret of that one.
    """
    if for_tests:
        with store.reading() as tx:
            brought = tx.note(_SECRET_NOTE)
        if brought is not None:
            return bytes.fromhex(brought)
        return hashlib.sha256(f"broker-sim secret {seed}".encode()).digest()
    with store.writing() as tx:
        kept = tx.note(_SECRET_NOTE)
        if kept is None:
            kept = entropy.take(_SALT_BYTES).hex()
            tx.set_note(_SECRET_NOTE, kept)
    return bytes.fromhex(kept)


def was_for_tests(store: Store) -> bool:
    """Tell whether the world may have cheap password hashes and keys. SEC-1."""
    with store.reading() as tx:
        return tx.note(_STARTS_NOTE) is not None
