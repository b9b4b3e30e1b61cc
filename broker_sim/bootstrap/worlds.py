"""The worlds of one process: the default one, and those that testers make and drop.

Each has its own store, clock, chance, data and journal. The default world answers at the
root; another one below the path /w/NAME. A made world is in memory and for tests: its
password hashes are cheap, its keys follow from its seed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from broker_sim.adapters.clocks import MODES
from broker_sim.bootstrap import describing, exports, no_world
from broker_sim.bootstrap.broker import Broker
from broker_sim.bootstrap.noting import of_unserved
from broker_sim.bootstrap.routes import Incidents, below, routes
from broker_sim.bootstrap.snapshots import Snapshots
from broker_sim.contract import limits
from broker_sim.control.given import (
    DAYS_MOST,
    LIVE_MOST,
    SESSIONS_MOST,
    WORLD_NAME,
    instant,
    number,
    text,
)
from broker_sim.core.refusal import Refused
from broker_sim.front.door import Door, Route
from broker_sim.front.showcase import Showcase
from broker_sim.service.ports import SettableClock
from broker_sim.service.tester import Tester
from broker_sim.settings import MEMORY, Settings

DEFAULT: Final = "default"
PREFIX: Final = "/w/"
MOST: Final = 1000
START: Final = datetime(2030, 1, 15, 9, 0, tzinfo=UTC)
FIRST_SEED: Final = 7
SEED_MOST: Final = 2**63 - 1
_WISHES: Final = frozenset(
    {"name", "seed", "sessions", "days", "livePerHour", "rate", "burst", "clock", "now"}
)
_NAME: Final = re.compile(WORLD_NAME)


@dataclass(frozen=True, slots=True)
class Held:
    """One world and its doors."""

    name: str
    broker: Broker
    door: Door
    snapshots: Snapshots

    @property
    def tester(self) -> Tester:
        """What a tester may do to it."""
        return self.broker.tester

    @property
    def clock(self) -> SettableClock:
        """Its clock."""
        return self.broker.clock

    def export(self) -> Mapping[str, Any]:
        """Give it as a document that another world can be made of."""
        return exports.export(self.broker)

    def describe(self) -> Mapping[str, Any]:
        """Tell it with its URLs and the passwords of its seeded logins."""
        return describing.described(self.name, self.broker)

    def outline(self) -> Mapping[str, Any]:
        """Tell it in short, its portals and people left out."""
        return describing.outlined(self.name, self.broker)

    def portal(self, name: str) -> Mapping[str, Any]:
        """Tell one portal as `describe` does; LookupError where there is none of that name."""
        return describing.portal(self.broker, name)

    def representative(self, email: str) -> Mapping[str, Any]:
        """Tell one representative as `describe` does; LookupError where there is none."""
        return describing.representative(self.broker, email)


class Worlds:
    """The worlds of a process, by name.

    Attributes:
        tls: which certificate their door shows; None where it speaks plain HTTP.

    Args:
        first: the default world; its `base_url` is known.
        incidents: gives a new id for each thing that goes wrong inside.
    """

    def __init__(self, first: Broker, incidents: Incidents) -> None:
        self.tls: Showcase | None = None
        self._incidents = incidents
        self._root = first.base_url
        self._settings = first.settings
        self._lock = threading.Lock()
        self._made = 0
        door = Door(routes(first, incidents))
        self._held = {DEFAULT: Held(DEFAULT, first, door, Snapshots(first))}

    def find(self, path: str) -> Route | None:
        """Find who answers a path below /w/NAME, or says that no world is there; else None."""
        if not f"{path}/".startswith(PREFIX):
            return None
        name, _, _ = path[len(PREFIX) :].partition("/")
        held = self._held.get(name) if name != DEFAULT else None
        return self._nobody(name) if held is None else held.door.find(path)

    def _nobody(self, name: str) -> Route:
        """Give who answers for a world that is not there; the default world's journal has it."""
        first = self.hand().broker
        return Route(PREFIX + name, no_world.handler(name, of_unserved(first)))

    def hand(self, name: str | None = None) -> Held:
        """Give one world; the default one for None.

        Raises:
            LookupError: there is none of that name.
        """
        held = self._held.get(name or DEFAULT)
        if held is None:
            msg = f"there is no world {name!r}; GET /_sim/worlds lists them"
            raise LookupError(msg)
        return held

    def names(self) -> list[str]:
        """Give the names of all worlds, the default one first."""
        return list(self._held)

    def new(self, given: Mapping[str, Any]) -> str:
        """Make a world as a tester wishes (see `wished`), or of an export (`import`).

        Raises:
            ValueError: a wrong value, named; a name that is taken; too many worlds; other
                processes would not have it.
        """
        if self._settings.workers > 1:
            msg = "a further world lives in one process only: start without --workers"
            raise ValueError(msg)
        if "import" in given:
            return self._import(given)
        mode = text(given, "clock") or "frozen"
        if mode not in MODES:
            msg = f"'clock' must be one of {', '.join(MODES)}, not {mode!r}"
            raise ValueError(msg)
        at = instant(given, "now")
        name = self.make(given.get("name"), wished(self._settings, given))
        if mode != "frozen":
            self.hand(name).tester.set_clock(mode, at)
        return name

    def _import(self, given: Mapping[str, Any]) -> str:
        odd = sorted(set(given) - {"import", "name"})
        if odd:
            raise ValueError(f"an imported world is what its export says: leave {odd[0]!r} out")
        document = exports.checked(given["import"])
        name = self.make(given.get("name"), wished(self._settings, {}))
        try:
            exports.put(self.hand(name).broker, document)
        except Exception:  # whatever it was, no half-filled world stays behind
            self.drop(name)
            raise
        return name

    def make(self, name: object, settings: Settings) -> str:
        """Make a world of these settings; give its name, a new one where none is given."""
        with self._lock:
            chosen = self._free_name(name)
            self._held[chosen] = self._opened(chosen, settings)
        return chosen

    def _opened(self, name: str, settings: Settings) -> Held:
        prefix = PREFIX + name
        broker = Broker(replace(settings, base_url=self._root + prefix))
        found = below(prefix, routes(broker, self._incidents))
        door = Door(found, lost=of_unserved(broker))
        return Held(name, broker, door, Snapshots(broker))

    def _free_name(self, name: object) -> str:
        if len(self._held) >= MOST:
            msg = f"there are {MOST} worlds already: drop some (DELETE /_sim/worlds/NAME)"
            raise ValueError(msg)
        if name is None:
            self._made += 1
            while f"world-{self._made}" in self._held:
                self._made += 1
            return f"world-{self._made}"
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            msg = "'name' must have 1 to 63 of the characters a-z, 0-9 and, inside, -"
            raise ValueError(msg)
        if name in self._held:
            msg = f"there is a world {name!r} already"
            raise ValueError(msg)
        return name

    def drop(self, name: str) -> None:
        """End a world; its data is gone.

        Raises:
            LookupError: there is none of that name.
            ValueError: it is the default world.
        """
        if name == DEFAULT:
            msg = "the default world lives as long as its process; it can be reset"
            raise ValueError(msg)
        with self._lock:
            held = self.hand(name)
            del self._held[name]
        held.broker.close()

    def beat(self) -> None:
        """Do what each world does by itself, once; where time stands still, that is nothing."""
        for name, held in tuple(self._held.items()):
            if held.clock.mode != "frozen":
                try:
                    held.broker.beat()
                except Refused:
                    if self._held.get(name) is held:  # else it was dropped meanwhile
                        raise

    def close(self) -> None:
        """End all worlds but the default one, which its maker closes."""
        for name in self.names():
            if name != DEFAULT:
                self.drop(name)


def wished(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """Turn a tester's wish, all but its name, into settings.

    Raises:
        ValueError: a wrong value, named.
    """
    unknown = sorted(set(given) - _WISHES)
    if unknown:
        msg = f"a world has no {unknown[0]!r}; it has {', '.join(sorted(_WISHES))}"
        raise ValueError(msg)
    seed, days = number(given, "seed", SEED_MOST), number(given, "days", DAYS_MOST)
    return replace(
        settings,
        store=MEMORY,
        recordings=None,
        for_tests=True,
        magic=True,
        seed=FIRST_SEED if seed is None else seed,
        sessions=number(given, "sessions", SESSIONS_MOST) or 0,
        days=90 if days is None else days,
        live_per_hour=float(number(given, "livePerHour", LIVE_MOST) or 0),
        rate=float(number(given, "rate", limits.RATE_MOST) or 0),
        burst=number(given, "burst", limits.RATE_MOST) or limits.RATE_BURST,
        frozen_at=None if given.get("clock") == "real" else instant(given, "now") or START,
    )
