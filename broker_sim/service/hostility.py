"""One world's hostile profile: on, off, counted, saved.

The profile is kept in the store beside the data, as sessions settle by it; how many answers it
has dressed is kept in this process.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from broker_sim.core.dice import Dice
from broker_sim.core.hostility import BY_NAME, Manners, Profile, manners, profile
from broker_sim.service.ports import World
from broker_sim.service.storage import Transaction

NOTE: Final = "hostile profile"
_NO_NAMES: Final[frozenset[str]] = frozenset()


class Hostility:
    """The hostile profile of one world.

    Args:
        world: whose manners it changes.
        changed: told whenever it was switched.
    """

    def __init__(self, world: World, changed: Callable[[], None]) -> None:
        self._world = world
        self._changed = changed
        self._lock = threading.Lock()
        self._profile: Profile | None = None
        self._answers = 0

    @property
    def is_on(self) -> bool:
        """Tell whether anything of it is on."""
        return self._profile is not None

    def on(self, seed: int = 0, only: Iterable[str] | None = None) -> Mapping[str, Any]:
        """Switch on the whole profile, or the named provocations; tell how it stands.

        Raises:
            ValueError: a provocation is unknown.
        """
        self._switch(profile(seed, only), 0)
        return self.told()

    def off(self) -> None:
        """Be plain again."""
        self._switch(None, 0)

    def _switch(self, to: Profile | None, answers: int) -> None:
        with self._lock:
            self._profile, self._answers = to, answers
            self._world.manners = manners(to)
            with self._world.store.writing() as tx:
                if (tx.note(NOTE) or "") != _written(to):
                    tx.set_note(NOTE, _written(to))
        self._changed()

    def resume(self) -> None:
        """Go on with the profile that the store holds."""
        with self._world.store.reading() as tx:
            kept = _profile(tx)
        if kept != self._profile:
            self._switch(kept, 0)

    def told(self) -> Mapping[str, Any]:
        """Tell how it stands."""
        of = self._profile
        names = [name for name in BY_NAME if of is not None and name in of.names]
        return {
            "on": of is not None,
            "seed": None if of is None else of.seed,
            "provocations": names,
            "answers": self._answers,
        }

    def draw(self) -> tuple[frozenset[str], Dice]:
        """Count one answer; give the provocations for it and their dice."""
        with self._lock:
            of = self._profile
            if of is None:
                return _NO_NAMES, Dice()
            self._answers += 1
            dice = Dice(of.seed, "answer", self._answers)
        return of.drawn(dice), dice

    def saved(self) -> Mapping[str, Any] | None:
        """Give its state as plain JSON data, for `restore`."""
        with self._lock:
            of, answers = self._profile, self._answers
        return None if of is None else {**json.loads(_written(of)), "answers": answers}

    def restore(self, saved: Mapping[str, Any] | None) -> None:
        """Go on where `saved` stood."""
        if saved is None:
            self._switch(None, 0)
        else:
            self._switch(profile(saved["seed"], saved["only"]), int(saved["answers"]))


def manners_in(tx: Transaction) -> Manners:
    """Give the manners of the world whose store this is."""
    return manners(_profile(tx))


def _profile(tx: Transaction) -> Profile | None:
    kept = tx.note(NOTE)
    if not kept:
        return None
    said = json.loads(kept)
    return profile(said["seed"], said["only"])


def _written(of: Profile | None) -> str:
    if of is None:
        return ""
    only = None if of.whole else [name for name in BY_NAME if name in of.names]
    return json.dumps({"seed": of.seed, "only": only})
