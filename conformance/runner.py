"""Runs the properties against a target and gives a verdict on every rule."""

import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test

import conformance.broker  # noqa: F401  # importing it makes its properties known
from conformance.bench import Bench, Broken, Chase, InTheWay, ShrinkingOver
from conformance.coverage import Tally
from conformance.exchange import Unreachable
from conformance.hands import Hands, Missing
from conformance.ledger import Ledger, verdict_of
from conformance.properties import PROPERTIES, Machine, Property
from conformance.rulebook import CAPABILITIES
from conformance.stopping import Wish
from conformance.target import Target
from conformance.verdict import Verdict

# How many examples a property of share 1 draws, and how long a failure may be made smaller.
EFFORTS: Final = {"dev": (8, 5.0), "ci": (20, 20.0), "night": (300, 60.0)}


class WentAway(Unreachable):
    """The target answered, and then did no longer; `verdicts` has what was found until then."""

    def __init__(self, why: str, verdicts: tuple[Verdict, ...]) -> None:
        super().__init__(why)
        self.verdicts: Final = verdicts


class Progress(Protocol):
    """Told what is going on; both calls come from the running thread."""

    def begins(self, name: str, judged: Sequence[str]) -> None:
        """A property begins."""
        ...

    def ends(self, name: str, seconds: float, broken: str | None) -> None:
        """A property has ended; `broken` is the rule that it found broken."""
        ...

    def waits(self, seconds: float) -> None:
        """Real time has to pass, for so long: the target has no clock that could be moved."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What to judge and how hard.

    Attributes:
        ids: the rules, in order.
        seed: of all chance in the run.
        examples: that a property of share 1 draws.
        shrink_seconds: that may go into making one failure smaller.
    """

    ids: tuple[str, ...]
    seed: int
    examples: int = EFFORTS["ci"][0]
    shrink_seconds: float = EFFORTS["ci"][1]


def judge(
    target: Target, plan: Plan, progress: Progress | None = None, wish: Wish | None = None
) -> tuple[Verdict, ...]:
    """Judge a target; its clock is stopped and its world used up.

    After a Ctrl-C the rules that were not done with are not testable; what was found stands.

    Raises:
        Unreachable: it is not there.
        WentAway: it was, and went away in the middle.
    """
    bench, ledger = _bench(target, Tally()), Ledger(wish or Wish())
    if progress is not None:
        bench.hands.waits = progress.waits
    benches = {False: bench}
    applicable = _applicable(target, plan.ids)
    ledger.unfinished.update(applicable)
    with suppress(KeyboardInterrupt):
        try:
            _go_through(target, plan, benches, ledger, progress)
            ledger.unfinished.clear()
        except Unreachable as error:
            ledger.gone = str(error)
    for one in benches.values():
        one.give_back()
        for rule, stray in one.strays.items():
            ledger.breaks.setdefault(rule, stray)
    found = tuple(verdict_of(bench, ledger, rule, rule in applicable) for rule in plan.ids)
    if ledger.gone:
        raise WentAway(ledger.gone, found)
    return found


def _go_through(
    target: Target,
    plan: Plan,
    benches: dict[bool, Bench],
    ledger: Ledger,
    progress: Progress | None,
) -> None:
    """Try every property that judges something here; tell when a rule is done with."""
    applicable = _applicable(target, plan.ids)
    left = Counter(rule for each in PROPERTIES for rule in each.cases if rule in applicable)
    for each in PROPERTIES:
        ledger.wish.heed()
        judged = tuple(rule for rule in each.cases if rule in applicable)
        if judged:
            if each.served not in benches:
                benches[True] = _served(target, benches[False])
            run = partial(_try, benches[each.served], each, judged, plan, ledger)
            _tell(progress, each, judged, run)
            left.subtract(judged)
            ledger.unfinished.difference_update(rule for rule in judged if not left[rule])


def _bench(target: Target, tally: Tally) -> Bench:
    hands = Hands(target)
    if target.control is not None:
        hands.now = target.control.freeze()
    return Bench(hands, f"{time.monotonic_ns() % 0xFFFFFF:x}", tally)


def _served(target: Target, bench: Bench) -> Bench:
    return bench if target.served is None else _bench(target.served(), bench.tally)


def _applicable(target: Target, ids: Sequence[str]) -> frozenset[str]:
    claimed = target.description.capabilities
    lacking = {rule for name, its in CAPABILITIES.items() if name not in claimed for rule in its}
    return frozenset(ids) - lacking


def _tell(
    progress: Progress | None,
    each: Property,
    judged: Sequence[str],
    run: Callable[[], Chase],
) -> None:
    begun = time.monotonic()
    if progress is not None:
        progress.begins(each.name, judged)
    chase = run()
    if progress is not None:
        broken = None if chase.found is None else chase.found.rule
        progress.ends(each.name, time.monotonic() - begun, broken)


def _try(
    bench: Bench, each: Property, judged: tuple[str, ...], plan: Plan, ledger: Ledger
) -> Chase:
    """Run a property; once a rule is found broken, again for the others, without it."""
    begun = time.monotonic()
    first: Chase | None = None
    muted = frozenset(ledger.breaks)
    while True:
        chase = _once(bench, each, Chase(judged, muted), plan, ledger)
        first = first or chase
        if chase.found is None:
            break
        rule = chase.found.rule
        # First of all: what nobody answered any more is no break of a rule.
        _still_there(bench, judged)
        ledger.breaks.setdefault(rule, chase.found)
        ledger.longest.setdefault(rule, chase.longest)
        ledger.finders.setdefault(rule, each)
        ledger.benches.setdefault(rule, bench)
        ledger.because([r for r in judged if r != rule], f"{rule} is broken and in the way")
        muted |= {rule}
        if all(r in muted for r in judged):
            break
    for rule in judged:
        ledger.seconds[rule] = ledger.seconds.get(rule, 0.0) + time.monotonic() - begun
    return first


def _once(bench: Bench, each: Property, chase: Chase, plan: Plan, ledger: Ledger) -> Chase:
    bench.chase = chase
    try:
        _explore(bench, each, plan)
    except Missing as missing:
        _still_there(bench, chase.rules)
        ledger.because(chase.rules, str(missing))
    except (Broken, InTheWay, ShrinkingOver):
        pass  # the chase has the smallest history
    except HypothesisException as error:
        ledger.wish.heed()
        # Flaky: the target answered the same steps in two ways; the chase has what was seen.
        if chase.found is None and not chase.muted:
            ledger.because(chase.rules, f"it could not be tried: {error}")
    except Exception:  # noqa: BLE001  # our own fault must be told apart from the target's
        ledger.wish.heed()
        for rule in chase.rules:
            ledger.errors.setdefault(rule, traceback.format_exc())
    return chase


def _still_there(bench: Bench, judged: Sequence[str]) -> None:
    """Tell a target that breaks a rule from one that is gone.

    Raises:
        Unreachable: nobody listens there any more.
    """
    if not bench.hands.target.alive():
        msg = f"the target went away while {', '.join(judged)} was judged"
        raise Unreachable(msg)


def _settings(each: Property, plan: Plan) -> settings:
    """Settings of our own, whole: what the surroundings say (`CI`, a profile) changes nothing."""
    return settings(
        max_examples=each.exactly or max(1, round(plan.examples * each.share)),
        stateful_step_count=each.steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        derandomize=False,
    )


def _explore(bench: Bench, each: Property, plan: Plan) -> None:
    chosen = _settings(each, plan)
    watch = _Watch(bench, plan.shrink_seconds)
    if isinstance(each.check, type):
        body = {"bench": bench, "__init__": watch.machine_init(each.check)}
        machine = type(each.name, (each.check,), body)
        run_state_machine_as_test(seed(plan.seed)(machine), settings=chosen)
        return
    check = each.check

    @seed(plan.seed)
    @chosen
    @given(st.data())
    def example(data: st.DataObject) -> None:
        watch.look()
        bench.begin()
        check(bench, data)

    example()


class _Watch:
    """Ends the shrinking of a failure when its time is over."""

    def __init__(self, bench: Bench, seconds: float) -> None:
        self._bench = bench
        self._seconds = seconds
        self._since: float | None = None

    def look(self) -> None:
        """Look at the clock before each example.

        Raises:
            ShrinkingOver: a failure was found so long ago.
        """
        if self._bench.chase.found is None:
            return
        if self._since is None:
            self._since = time.monotonic()
        if time.monotonic() - self._since > self._seconds:
            raise ShrinkingOver

    def machine_init(self, machine: type[Machine]) -> Callable[[Any], None]:
        """Give an `__init__` that looks at the clock first."""

        def init(self_: Machine) -> None:
            self.look()
            machine.__init__(self_)

        return init
