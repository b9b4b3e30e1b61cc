"""The naive client, right and wrong in every way, before the cases of the rules it breaks."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import product
from typing import Final

from conformance.client.adapter import PLAIN, Adapter, read
from conformance.client.cases import CASES, OPTIONAL, PROFILES, Case
from conformance.client.pacing import Pace
from conformance.client.runner import Doors, Tried, doors, try_one
from conformance.client.wrong.switches import WRONG, Wrong

WORKERS: Final = 4
RULES: Final = PROFILES["full"]

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """One switch under one seed: the case of its rule that caught it, or why none did."""

    switch: str
    seed: int
    case: str | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Kills:
    """What came of a run.

    Attributes:
        unclean: by seed and case, what the client without a switch did not pass, and why.
    """

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    unclean: dict[tuple[int, str], str]
    trials: tuple[Trial, ...]

    def killed(self, trial: Trial) -> bool:
        """Tell whether a trial counts: a case failed that the right client passes."""
        return trial.case is not None and (trial.seed, trial.case) not in self.unclean

    def kills(self, name: str) -> tuple[Trial, ...]:
        """Give the trials that caught a switch, by seed."""
        return tuple(each for each in self.trials if each.switch == name and self.killed(each))

    def faults(self) -> Iterator[str]:
        """Say everything for which the matrix must not pass."""
        for (seed, case), why in sorted(self.unclean.items()):
            yield f"the naive client does not pass {case} under seed {seed}: {why}"
        for trial in self.trials:
            if not self.killed(trial):
                breaks = WRONG[trial.switch].breaks
                yield f"{trial.switch} ({breaks}) survives seed {trial.seed}: {trial.why}"


def naive(switch: str | None = None) -> Adapter:
    """Give the naive client as the suite starts it, with a switch or right."""
    more = () if switch is None else ("--wrong", switch)
    return read(PLAIN, (sys.executable, "-m", "conformance.client.wrong", *more))


def judging(rule: str) -> tuple[Case, ...]:
    """Give the cases that judge a rule, those that take long last."""
    return tuple(sorted((each for each in CASES if rule in each.cases), key=lambda c: c.long))


def seen(wrong: Wrong) -> bool:
    """Tell whether what shows this mistake is installed here."""
    return wrong.needs is None or shutil.which(wrong.needs) is not None


def tried(name: str, seed: int, opened: Doors, pace: Pace) -> Trial:
    """Try a switch by the cases of its rule, until one catches it."""
    wrong, why = WRONG[name], []
    for case in judging(wrong.breaks):
        outcome = try_one(naive(name), opened, seed, pace, case)
        found = outcome.warned if wrong.warns else filter(None, [outcome.broken])
        if any(broken.rule == wrong.breaks for broken in found):
            return Trial(name, seed, case.name)
        if outcome.error is not None:
            return Trial(name, seed, None, outcome.error)
        why.append(f"{case.name}: {outcome.missing or outcome.unsupported or 'nothing found'}")
    return Trial(name, seed, None, "; ".join(why))


def clean(case: Case, seed: int, opened: Doors, pace: Pace) -> str | None:
    """Tell why the client without a switch does not pass all of a case; None if it does.

    What a client may lack it may: a case that it does not support has caught no wrong one either.
    """
    outcome: Tried = try_one(naive(), opened, seed, pace, case)
    for broken in (outcome.broken, *outcome.warned):
        if broken is not None:
            return f"{broken.rule}: expected {broken.expected}, received {broken.received}"
    if outcome.unsupported and OPTIONAL.issuperset(case.cases):
        return None
    met = outcome.tally
    never = [each for rule, needed in case.cases.items() for each in met.lacking(rule, needed)]
    odd = outcome.error or outcome.missing or outcome.unsupported
    return odd or (f"never met: {'; '.join(never)}" if never else None)


def run(
    names: Sequence[str],
    seeds: Sequence[int],
    *,
    workers: int = WORKERS,
    progress: Progress = lambda _done, _of, _said: None,
) -> Kills:
    """Try switches, and the right client by the cases of the rules that they break."""
    names = [name for name in names if seen(WRONG[name])]
    rules = tuple(dict.fromkeys(WRONG[name].breaks for name in names))
    cases = {case.name: case for rule in rules for case in judging(rule)}
    pace, unclean, trials = Pace(), dict[tuple[int, str], str](), list[Trial]()
    with doors(seeds[0], rules) as opened, ThreadPoolExecutor(workers) as pool:
        jobs: dict[Future[Trial | str | None], tuple[int, str]] = {}
        for seed, case in product(seeds, cases.values()):
            jobs[pool.submit(clean, case, seed, opened, pace)] = seed, case.name
        for seed, name in product(seeds, names):
            jobs[pool.submit(tried, name, seed, opened, pace)] = seed, name
        try:
            for done, job in enumerate(as_completed(jobs), 1):
                found = job.result()
                if isinstance(found, Trial):
                    trials.append(found)
                elif found is not None:
                    unclean[jobs[job]] = found
                progress(done, len(jobs), _told(found, jobs[job]))
        except KeyboardInterrupt:
            pace.stop()
            pool.shutdown(cancel_futures=True)
            raise
        pool.shutdown()
        _alone(unclean, cases, opened, pace)
    order = tuple(WRONG)
    trials.sort(key=lambda trial: (order.index(trial.switch), trial.seed))
    return Kills(tuple(names), tuple(seeds), unclean, tuple(trials))


def _alone(
    unclean: dict[tuple[int, str], str], cases: Mapping[str, Case], opened: Doors, pace: Pace
) -> None:
    """Try the right client once more by what measures time, as the suite does, nothing beside it.

    What holds then was the fault of those that ran beside it.
    """
    for seed, name in [each for each in unclean if cases[each[1]].alone]:
        found = clean(cases[name], seed, opened, pace)
        if found is None:
            del unclean[seed, name]


def _told(found: Trial | str | None, job: tuple[int, str]) -> str:
    seed, name = job
    if isinstance(found, Trial):
        caught = f"caught by {found.case}" if found.case else f"SURVIVES: {found.why}"
        return f"{name} (seed {seed}): {caught}"
    return f"right client, {name} (seed {seed}): {found or 'clean'}"
