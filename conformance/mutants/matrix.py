"""The kill matrix: the reference, then every mutant, under one seed or several."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import groupby
from multiprocessing import get_context
from typing import Any, Final

from conformance.mutants import MUTANTS
from conformance.mutants.trial import Trial, be_quiet, judged, tried
from conformance.mutants.watchdog import watched
from conformance.rulebook import PROFILES

# Every MUST rule that the suite judges: each needs a mutant that it catches.
RULES: Final = tuple(rule for rules in PROFILES.values() for rule in rules)
EXAMPLES: Final = 20
RELEASE_SEEDS: Final = (1, 2, 3, 4, 5)

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Matrix:
    """What came of a run.

    Attributes:
        names: the mutants that were tried.
        examples: that a property of share 1 drew.
        unclean: by seed and rule, what the reference did not pass, and why.
        trials: one for each mutant and seed.
    """

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    examples: int
    unclean: dict[tuple[int, str], str]
    trials: tuple[Trial, ...]

    def killed(self, trial: Trial) -> bool:
        """Tell whether a trial counts: a check failed that the reference passes."""
        return trial.rule is not None and (trial.seed, trial.rule) not in self.unclean

    def kills(self, name: str) -> tuple[Trial, ...]:
        """Give the trials that killed a mutant, by seed."""
        return tuple(each for each in self.trials if each.mutant == name and self.killed(each))

    def faults(self) -> Iterator[str]:
        """Say everything for which the matrix must not pass."""
        for (seed, rule), why in sorted(self.unclean.items()):
            yield f"the reference does not pass {rule} under seed {seed}: {why}"
        for trial in self.trials:
            if not self.killed(trial):
                broken = ", ".join(MUTANTS[trial.mutant].breaks)
                yield f"{trial.mutant} ({broken}) survives seed {trial.seed}: {trial.why}"

    def rules_without_a_kill(self) -> tuple[str, ...]:
        """Give the rules that no mutant was caught by, under every seed."""
        caught = [
            {trial.rule for trial in self.trials if trial.seed == seed and self.killed(trial)}
            for seed in self.seeds
        ]
        return tuple(rule for rule in RULES if not all(rule in rules for rules in caught))


def run(
    names: Sequence[str],
    seeds: Sequence[int],
    *,
    examples: int = EXAMPLES,
    workers: int = 2,
    reference: bool = True,
    progress: Progress = lambda _done, _of, _said: None,
) -> Matrix:
    """Try mutants in processes of their own; the reference comes first.

    Args:
        names: of mutants.
        seeds: each mutant is tried under each.
        examples: that a property of share 1 draws.
        workers: how many processes.
        reference: judge it by the rules that the mutants break; a kill counts only where it
            passes. Not where another run does so, by the same seeds and as many examples.
        progress: told how many of how many are done, and what came of the last.
    """
    unclean: dict[tuple[int, str], str] = {}
    trials: list[Trial] = []
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=be_quiet) as pool:
        jobs: dict[Future[Any], tuple[int, str]] = {}
        for seed in seeds if reference else ():
            for chapter in _chapters(names):
                jobs[pool.submit(_judge, chapter, seed, examples)] = seed, chapter[0]
        for seed in seeds:
            for name in names:
                jobs[pool.submit(_try, name, seed, examples)] = seed, name
        for done, job in enumerate(as_completed(jobs), 1):
            found = job.result()
            if isinstance(found, Trial):
                trials.append(found)
            else:
                unclean.update({(jobs[job][0], rule): why for rule, why in found.items()})
            progress(done, len(jobs), _told(found, jobs[job]))
    order = {name: place for place, name in enumerate(MUTANTS)}
    trials.sort(key=lambda trial: (order[trial.mutant], trial.seed))
    return Matrix(tuple(names), tuple(seeds), examples, unclean, tuple(trials))


def _judge(rules: Sequence[str], seed: int, examples: int) -> dict[str, str]:
    with watched() as beat:
        return judged(rules, seed, examples, beat)


def _try(name: str, seed: int, examples: int) -> Trial:
    with watched() as beat:
        return tried(name, seed, examples, beat)


def _chapters(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Give the rules that some mutants break, chapter by chapter."""
    broken = {rule for name in names for rule in MUTANTS[name].breaks}
    rules = [rule for rule in RULES if rule in broken]
    return [tuple(found) for _, found in groupby(rules, key=lambda rule: rule.partition("-")[0])]


def _told(found: Trial | dict[str, str], job: tuple[int, str]) -> str:
    seed, name = job
    if isinstance(found, Trial):
        caught = f"{found.rule} by {found.check}" if found.rule else f"SURVIVES: {found.why}"
        return f"{name} (seed {seed}, {found.seconds:.1f} s): {caught}"
    chapter = name.partition("-")[0]
    if not found:
        return f"reference, {chapter} (seed {seed}): clean"
    said = "; ".join(f"{rule} {why}" for rule, why in found.items())
    return f"reference, {chapter} (seed {seed}): NOT CLEAN: {said}"
