"""One case under way: a world, the client's processes, what was done, and what it came to.

Every judgement goes through `Scene.expect`, which names the rule and counts the case. What a
case needs and does not get ends it as `Missing`: nothing was proved, and nothing is said
against the client.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from conformance.client.adapter import WALL, Adapter, Unsupported
from conformance.client.diary import NOT_HERE, Diary
from conformance.client.pacing import Pace, ticks
from conformance.client.place import PORTAL, Place
from conformance.client.program import UNSUPPORTED, Program, faketime, in_time, traced
from conformance.client.store import Store
from conformance.client.telling import Failed, Told, ended, last_calls, written
from conformance.coverage import Tally
from conformance.hands import Missing
from conformance.history import Break, History, Step
from conformance.target import Description

USERNAME: Final = "client.api"
PASSWORD: Final = "Correct-horse-9-Staple-Zinnia"  # noqa: S105  invented, and looked for afterwards
INTERVAL_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 25.0
# Of a client whose interval cannot be set: that of the contract, and so much more patience
DEFAULT_INTERVAL_SECONDS: Final = 10.0
_SLOW: Final = 5
_ODD: Final = 5
Seen = TypeVar("Seen")


class Scene:
    """What a case has in its hands.

    Args:
        door: gives the suite's own broker, with TLS or without.
        folder: for this case alone.
        seed: of all chance in it.
        most: what `count` gives at most; None for no bound.
    """

    def __init__(
        self,
        adapter: Adapter,
        door: Callable[[bool], Description],
        folder: Path,
        seed: str,
        pace: Pace,
        most: int | None = None,
    ) -> None:
        self.adapter: Final = adapter
        self.folder: Final = folder
        self.pace: Final = pace
        self.tally: Final = Tally()
        self.chance: Final = random.Random(seed)  # noqa: S311  seeded, so that it can be had again
        self.diary: Final = Diary()
        self.most: Final = most
        self.largest = 0
        self.warned: list[Break] = []
        self._door = door
        self._begun = ticks()
        self._start = datetime.now(UTC)  # noqa: TID251  a history tells when it was made
        self._steps: list[Told] = []
        self._places: list[Place] = []
        self._programs: list[Program] = []

    @property
    def place(self) -> Place:
        """The case's world; the first use makes it, with the client's portal."""
        if not self._places:
            self.open()
        return self._places[0]

    def open(self, now: datetime | None = None, *, tls: bool = False) -> Place:
        """Make a world with the client's portal."""
        place = Place(self._door(tls), now, self.diary)
        self._places.append(place)
        self.diary.names |= {place.url: "$BASE/w/$W", str(self.folder): "$dir"}
        place.portal(USERNAME, PASSWORD)
        return place

    def close(self) -> None:
        """Leave no process and no world behind."""
        for program in self._programs:
            program.kill()
        for place in self._places:
            place.close()

    @property
    def values(self) -> dict[str, str]:
        """What fills the placeholders of a start."""
        place, folder = self.place, self.folder
        return {
            "wsdl": place.wsdl,
            "url": place.url,
            "username": USERNAME,
            "password": PASSWORD,
            "archive": str(folder / "archive"),
            "state": str(folder / "state"),
            "folder": str(folder),
            "interval": f"{INTERVAL_SECONDS:g}",
        }

    @property
    def store(self) -> Store:
        """What the client has stored."""
        return Store(self.folder / "archive", self.adapter.observe, self.values)

    def start(
        self,
        verb: str,
        *options: str,
        values: Mapping[str, str] | None = None,
        clock: tuple[datetime, float] | None = None,
        trace: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Program:
        """Start the client.

        Args:
            verb: what it is to do.
            options: of the adapter's, besides the interval.
            values: fill placeholders.
            clock: when its time begins, and how fast it goes.
            trace: where strace writes what it renames and syncs.
            environment: besides the adapter's.

        Raises:
            Unsupported: the adapter has no such verb or option.
        """
        for name in ("archive", "state"):
            (self.folder / name).mkdir(exist_ok=True)
        given = values or {}
        paced = verb == "watch" and "interval" in self.adapter.options
        wanted = (*options, "interval") if paced else options
        start = self.adapter.start(verb, wanted, {**self.values, **given})
        if clock is not None:
            start = in_time(start, *clock, wall=self.adapter.faketime == WALL)
            self.diary.elsewhere.append("the client's clock is moved from an instant on")
        if trace is not None:
            start = traced(start, trace)
            self.diary.elsewhere.append("it is seen by strace alone")
        self.diary.elsewhere += [NOT_HERE[name] for name in options if name in NOT_HERE]
        self.diary.learn({**self.values, **given})
        number = len(self._programs)
        program = Program(start, self.folder, number, self.pace, environment, self.diary)
        self._programs.append(program)
        told = {name: text for name, text in given.items() if "password" not in name}
        self.did("start", verb=verb, options=" ".join(options) or None, **told)
        return program

    def watch(self, *, timed: bool = False) -> Program:
        """Start `watch` and wait until it polls.

        Args:
            timed: its polls are to be an interval of the suite's apart: by its own setting, else
                by a faster clock.

        Raises:
            Missing: it does not poll, or its interval can be had in neither way.
        """
        mark = self.place.mark()
        program = self.start("watch", clock=self._faster() if timed else None)
        self.need(
            lambda: self.place.calls("getUpdates", after=mark), "polls after its start", program
        )
        return program

    def _faster(self) -> tuple[datetime, float] | None:
        """Give the clock by which the contract's interval is the suite's."""
        if "interval" in self.adapter.options:
            return None
        if self.adapter.faketime is not True or faketime() is None:
            msg = "its interval cannot be set, nor its time be moved"
            raise Missing(msg)
        return datetime.now(UTC), DEFAULT_INTERVAL_SECONDS / INTERVAL_SECONDS  # noqa: TID251  where its time begins

    @property
    def patience(self) -> float:
        """How many seconds things may take to come about."""
        slow = 1 if "interval" in self.adapter.options else _SLOW
        return PATIENCE_SECONDS * slow

    def fetch(
        self,
        start: datetime,
        end: datetime,
        *options: str,
        values: Mapping[str, str] | None = None,
        trace: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Program:
        """Start `fetch` for [start, end); the rest as `start` takes it."""
        said = {**(values or {}), "from": written(start), "to": written(end)}
        return self.start("fetch", *options, values=said, trace=trace, environment=environment)

    def kill(self, program: Program) -> None:
        """Kill it as a power cut would."""
        self.did("kill", running=program.running)
        program.kill()

    def did(self, verb: str, /, **arguments: Any) -> None:
        """Note a step."""
        self._steps.append((self._at(), verb, arguments, {}))

    def _at(self) -> timedelta:
        return timedelta(seconds=ticks() - self._begun)

    def whole(self, portal: str = PORTAL) -> int:
        """Make a session that ended and has its recordings."""
        number = self.place.whole(portal)
        self.did("session_ends", session_id=number)
        return number

    def count(self, number: int) -> int:
        """Give the size of a case: `number`, less where a smaller case is looked for."""
        self.largest = max(self.largest, number)
        return number if self.most is None else min(number, self.most)

    def fault(self, operation: str, effect: str, **more: Any) -> str:
        """Add a fault rule."""
        self.did("fault", operation=operation, effect=effect, **more)
        return self.place.fault(operation, effect, **more)

    def until(self, met: Callable[[], Seen], seconds: float = 0.0) -> Seen:
        """Look until something is so, patiently if not said how long; give what was seen last."""
        return self.pace.until(met, seconds or self.patience)

    def need(
        self,
        met: Callable[[], Seen],
        what: str,
        program: Program | None = None,
        seconds: float = 0.0,
    ) -> Seen:
        """Wait for what a case rests on.

        Raises:
            Missing: it did not come about, or the client ended first.
            Unsupported: the client says that it cannot do this.
        """
        self.until(lambda: bool(met()) or (program is not None and not program.running), seconds)
        seen = met()
        if not seen:
            self.supported(program)
            msg = f"the client was never seen: {what}{ended(program)}"
            raise Missing(msg)
        return seen

    def struck(self, *rules: str) -> Callable[[], bool]:
        """Give the question whether all of these fault rules have struck."""
        return lambda: all(map(self.place.struck, rules))

    def supported(self, program: Program | None) -> None:
        """Ask whether the client ended because it does not support this.

        Raises:
            Unsupported: so it is.
        """
        if program is not None and program.code == UNSUPPORTED:
            msg = f"the client does not support this (exit {UNSUPPORTED})"
            raise Unsupported(msg)

    def expect(self, rule: str, held: bool, expected: str, received: str, case: str) -> None:
        """Judge; count the case where it held.

        Raises:
            Failed: it did not.
        """
        if not held:
            raise Failed(self._break(rule, expected, received))
        self.tally.hit(rule, case)

    def warn(self, rule: str, expected: str, received: str) -> None:
        """Note what is worse than it should be and breaks nothing."""
        self.warned.append(self._break(rule, expected, received))

    def stored_once(self, rule: str, ids: Sequence[int], case: str, seconds: float = 0.0) -> None:
        """Expect each of these sessions to come to be stored, and exactly once."""
        store = self.store
        self.until(lambda: all(store.ids()[number] for number in ids), seconds or PATIENCE_SECONDS)
        found = store.ids()
        odd = {number: found[number] for number in ids if found[number] != 1}
        told = ", ".join(f"{number} {count} times" for number, count in list(odd.items())[:_ODD])
        told += f" and {len(odd) - _ODD} more" if len(odd) > _ODD else ""
        self.expect(rule, not odd, f"each of {len(ids)} sessions once", told or "so it is", case)

    def _break(self, rule: str, expected: str, received: str) -> Break:
        called = last_calls(self.place, self.place.now() - self._at()) if self._places else []
        steps = sorted([*self._steps, *called], key=lambda step: step[0])
        numbered = [Step(number, *step) for number, step in enumerate(steps, 1)]
        return Break(rule, History(self._start, numbered), (), expected, received)
