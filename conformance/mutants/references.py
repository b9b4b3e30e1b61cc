"""No false alarm: the reference, under its hostile profile, again and again; none may fail.

What is broken on purpose must be caught; what is right, but odd, must not be.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Final

from broker_sim.testing import running_broker
from conformance.mutants.trial import be_quiet
from conformance.mutants.watchdog import Beat, Watch, unwatched, watched
from conformance.rulebook import chosen
from conformance.runner import Plan, judge
from conformance.target import Description, reached
from conformance.verdict import Result, Verdict

# A rule that could not be tried in so few examples is no alarm.
_FINE: Final = (Result.PASS, Result.NOT_TESTABLE)
# Rules that pass in such a run at least; fewer, and little was tried at all.
LEAST_PASSED: Final = 30

Progress = Callable[[int, int, str], None]


def alarms(
    seed: int, examples: int, rules: Sequence[str] = (), beat: Beat = unwatched
) -> tuple[str, ...]:
    """Judge the hostile reference once; tell what was found, which must be nothing.

    Args:
        seed: of the suite's chance and of the profile's.
        examples: that a property of share 1 draws.
        rules: only these, and then however few of them pass.
        beat: called at every property.
    """
    with running_broker(seed=3) as broker:
        broker.faults.hostility.on(seed)
        described = Description(broker.url, control=broker.control_url, token=broker.control_token)
        plan = Plan(chosen("full", rules), seed=seed, examples=examples, shrink_seconds=2)
        with reached(described) as target:
            verdicts = judge(target, plan, Watch(beat))
    said = [
        f"seed {seed}: {each.rule.id} {each.result}: {_told(each)}"
        for each in verdicts
        if each.result not in _FINE
    ]
    passed = sum(each.result is Result.PASS for each in verdicts)
    if passed < (1 if rules else LEAST_PASSED):
        said.append(f"seed {seed}: only {passed} rules were tried to their end")
    return tuple(said)


def _told(verdict: Verdict) -> str:
    """Say what was found, in a line: the history is had by the suite under the same seed."""
    if verdict.broken is None:
        return "; ".join(verdict.why)
    return f"expected {verdict.broken.expected}, received {verdict.broken.received}"


def run(
    seeds: Sequence[int],
    *,
    examples: int,
    workers: int = 2,
    progress: Progress = lambda _done, _of, _said: None,
) -> Iterator[str]:
    """Judge it under each seed, in processes of their own; give every alarm."""
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=be_quiet) as pool:
        jobs = {pool.submit(_judged, seed, examples): seed for seed in seeds}
        for done, job in enumerate(as_completed(jobs), 1):
            found = job.result()
            progress(done, len(jobs), f"seed {jobs[job]}: {'; '.join(found) or 'no alarm'}")
            yield from found


def _judged(seed: int, examples: int) -> tuple[str, ...]:
    with watched() as beat:
        return alarms(seed, examples, beat=beat)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conformance.mutants references",
        description="Judge the simulator under its hostile profile: does any rule raise an alarm?",
        epilog="example: python -m conformance.mutants references --runs 10",
    )
    add = parser.add_argument
    add("--runs", type=int, default=200, help="each under a seed of its own (default: 200)")
    add("--first", type=int, default=0, help="the first seed (default: 0)")
    add("--examples", type=int, default=4, help="that a property draws (default: 4)")
    add("--workers", type=int, default=2, help="processes at the same time (default: 2)")
    return parser


def main(words: Sequence[str]) -> int:
    """Run the command; give the exit code: 1 if there was an alarm."""
    given = _parser().parse_args(words)
    seeds = range(given.first, given.first + given.runs)
    found = list(run(seeds, examples=given.examples, workers=given.workers, progress=_progress))
    for alarm in found:
        print(alarm)
    print(f"{len(found)} alarms in {len(seeds)} runs")
    return 1 if found else 0


def _progress(done: int, of: int, said: str) -> None:
    print(f"[{done}/{of}] {said}", flush=True)
