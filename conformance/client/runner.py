"""Runs the cases, some beside each other, and gives a verdict on every rule."""

from __future__ import annotations

import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import conformance.client.chapters  # noqa: F401  importing it makes its cases known
from conformance.client.adapter import Adapter, Unsupported
from conformance.client.cases import CASES, Case
from conformance.client.door import own_door
from conformance.client.pacing import Pace, Stopped, ticks
from conformance.client.place import Place
from conformance.client.probing import probe
from conformance.client.scene import Scene
from conformance.client.shell import script
from conformance.client.telling import Failed
from conformance.coverage import Tally
from conformance.hands import Missing
from conformance.history import Break
from conformance.rulebook import rules
from conformance.runner import Progress
from conformance.target import Description


class Go(Protocol):
    """Tries a case, in its own size or a smaller one."""

    def __call__(self, case: Case, most: int | None = None, /) -> Tried:
        """Try it."""
        ...


class Shown(Progress, Protocol):
    """Told what is going on; also where a failure is tried in a smaller size."""

    def shrinks(self, name: str, most: int) -> None:
        """A failed case is tried again, of that size."""
        ...


WORKERS: Final = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """What to judge: the rules in order, the seed of all chance, and how many cases at once.

    Attributes:
        smaller_seconds: how long smaller sizes are looked for, of all failed cases together.
    """

    ids: tuple[str, ...]
    seed: int
    workers: int = WORKERS
    smaller_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one case.

    Attributes:
        broken: the evidence of a failure; `warned` of what is a warning only.
        unsupported: what the client does not have.
        missing: why nothing was proved.
        error: our own fault.
        again: how often a failure was tried once more, alone, and how often it failed again.
        most: the size that the case was held to; None for its own.
        largest: its own size: of how many sessions or faults it is; 0 if it has none.
        longest: the steps of the failure at that size, where a smaller one was found.
        script: a shell script that does the same; None where none can.
    """

    case: Case
    tally: Tally = field(default_factory=Tally)
    broken: Break | None = None
    warned: tuple[Break, ...] = ()
    unsupported: str | None = None
    missing: str | None = None
    error: str | None = None
    seconds: float = 0.0
    again: tuple[int, int] | None = None
    most: int | None = None
    largest: int = 0
    longest: int = 0
    script: str | None = None


class Doors:
    """The suite's own brokers: a plain one, and one with TLS when a case first asks for it."""

    def __init__(self, stack: ExitStack, seed: int) -> None:
        self._stack = stack
        self._seed = seed
        self._open = dict[bool, Description]()
        self(False)  # noqa: FBT003  see __call__

    def __call__(self, tls: bool) -> Description:
        """Give a door, the plain one or that with TLS; one that is asked for first is opened.

        Open it before cases run beside each other. A broker makes its pages when it is first
        asked, which Python 3.11 does not survive in two threads at once: so it is asked here.
        """
        if tls not in self._open:
            self._open[tls] = self._stack.enter_context(own_door(self._seed, tls=tls))
            Place(self._open[tls]).close()
        return self._open[tls]


@contextmanager
def doors(seed: int, ids: Sequence[str] = ()) -> Iterator[Doors]:
    """Start the brokers that these rules need."""
    with ExitStack() as stack:
        opened = Doors(stack, seed)
        if "C-NET-1" in ids:
            opened(True)  # noqa: FBT003  see Doors
        yield opened


def of(ids: Iterable[str]) -> tuple[Case, ...]:
    """Give the cases that judge some of these rules; those that measure time come last."""
    wanted = frozenset(ids)
    found = [case for case in CASES if wanted & case.cases.keys()]
    return tuple(sorted(found, key=lambda case: (case.alone, not case.long)))


def try_all(
    adapter: Adapter, plan: Plan, pace: Pace, progress: Shown | None = None
) -> tuple[Tried, ...]:
    """Try all cases of the plan; after a Ctrl-C give those that ran.

    Raises:
        Unreachable: the client cannot be started, or never calls the broker.
    """
    found: list[Tried] = []
    with doors(plan.seed, plan.ids) as opened:
        probe(adapter, opened, pace)
        cases = of(plan.ids)
        beside = [case for case in cases if not case.alone]
        go = partial(try_one, adapter, opened, plan.seed, pace)
        with ThreadPoolExecutor(plan.workers, "case") as pool:
            jobs = {pool.submit(_told, go, case, progress): case for case in beside}
            found += _collected(jobs, pace)
        for case in cases:
            if case.alone:
                found.append(_alone(go, case, pace, progress))
        confirmed = [_confirmed(go, each) for each in found]
        part = pace.limited(plan.smaller_seconds)
        go = partial(try_one, adapter, opened, plan.seed, part)
        return tuple(smaller(go, each, part, progress) for each in confirmed)


_STOPPED: Final = "the run was stopped before"


def _collected(jobs: Mapping[Future[Tried], Case], pace: Pace) -> list[Tried]:
    found: list[Tried] = []
    try:
        found.extend(job.result() for job in as_completed(jobs))
    except KeyboardInterrupt:
        pace.stop()
        for job in jobs:
            job.cancel()
        kept = [job.result() for job in jobs if not job.cancelled()]
        lost = [Tried(case, missing=_STOPPED) for job, case in jobs.items() if job.cancelled()]
        return [*kept, *lost]
    return found


def _alone(go: Callable[[Case], Tried], case: Case, pace: Pace, progress: Shown | None) -> Tried:
    """Try a case with nothing beside it; none once the run was stopped."""
    if pace.stopped:
        return Tried(case, missing=_STOPPED)
    try:
        return _told(go, case, progress)
    except KeyboardInterrupt:
        pace.stop()
        return Tried(case, missing=_STOPPED)


def _told(go: Callable[[Case], Tried], case: Case, progress: Shown | None) -> Tried:
    if progress is not None:
        progress.begins(case.name, tuple(case.cases))
    tried = go(case)
    if progress is not None:
        progress.ends(case.name, tried.seconds, tried.broken.rule if tried.broken else None)
    return tried


def _confirmed(go: Callable[[Case], Tried], tried: Tried) -> Tried:
    """Try a failure once more, alone: a measured time that holds then was the machine's fault."""
    if tried.broken is None:
        return tried
    try:
        again = go(tried.case)
    except KeyboardInterrupt:
        return tried
    if again.missing == _STOPPED:
        return tried
    failed = again.broken is not None and again.broken.rule == tried.broken.rule
    if tried.case.alone and not failed:
        return again
    return replace(tried, again=(int(failed), 1))


def smaller(go: Go, tried: Tried, pace: Pace, progress: Shown | None = None) -> Tried:
    """Try a failed case in smaller sizes, one, two, four and so on; give the first that fails.

    Where none fails, or `pace`, by which `go` tries, ends before one does, the case stays as it
    is. What measures time is left alone: its size is what makes it sure.
    """
    broken, most = tried.broken, 1
    if broken is None or tried.case.alone:
        return tried
    while most < tried.largest and not pace.stopped:
        if progress is not None:
            progress.shrinks(tried.case.name, most)
        try:
            less = go(tried.case, most)
        except KeyboardInterrupt:
            pace.stop()
            return tried
        if less.broken is not None and less.broken.rule == broken.rule:
            longest = len(broken.history.steps)
            return replace(less, again=tried.again, most=most, longest=longest)
        most *= 2
    return tried


def try_one(
    adapter: Adapter,
    opened: Callable[[bool], Description],
    seed: int,
    pace: Pace,
    case: Case,
    most: int | None = None,
) -> Tried:
    """Try one case in a folder and a world of its own; nothing of either is left.

    With `most`, in a smaller size: of so many sessions or faults.
    """
    lacking = adapter.lacking(*case.wants)
    if lacking is not None:
        return Tried(case, unsupported=lacking)
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="client-case-"))
    scene = Scene(adapter, opened, folder, f"{seed} {case.name}", pace, most)
    tried = Tried(case, scene.tally, most=most)
    try:
        case.check(scene)
    except Failed as failed:
        tried = replace(
            tried, broken=failed.broken, script=_script(scene, failed.broken, case, seed)
        )
    except Unsupported as lacks:
        tried = replace(tried, unsupported=str(lacks))
    except Missing as missing:
        tried = replace(tried, missing=str(missing))
    except Stopped:
        tried = replace(tried, missing=_STOPPED)
    except Exception:  # noqa: BLE001  our own fault must be told apart from the client's
        tried = replace(tried, error=traceback.format_exc())
    finally:
        scene.close()
        shutil.rmtree(folder, ignore_errors=True)
    spent = time.monotonic() - begun
    return replace(tried, warned=tuple(scene.warned), seconds=spent, largest=scene.largest)


def _script(scene: Scene, broken: Break, case: Case, seed: int) -> str | None:
    sentence = rules()[broken.rule].sentence
    about = {"rule": broken.rule, "sentence": sentence, "case": case.name, "seed": str(seed)}
    last = max((doing.at for doing in scene.diary.doings), default=ticks())
    return script(broken, scene.diary, about, ticks() - last)
