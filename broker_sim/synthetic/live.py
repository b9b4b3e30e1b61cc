"""Live traffic at work: customers who come, representatives who work their shifts.

Everything goes through the use cases that forms and desktops call; there is no second way to
make a session. The same seed and the same clock give the same acts.
"""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeAlias

from broker_sim.core.refusal import Refused
from broker_sim.service import standing_in
from broker_sim.service.ports import World
from broker_sim.synthetic import shifts
from broker_sim.synthetic.casework import Case, Casework, Turn
from broker_sim.synthetic.company import CompanyPlan
from broker_sim.synthetic.traffic import arrivals

_LOG: Final = logging.getLogger("broker_sim.synthetic")
_AHEAD: Final = timedelta(hours=6)
# A connection ends after 20 idle minutes: whoever is there uses it so often. CONN-2.
_STAY: Final = timedelta(minutes=10)
# Whoever still has a session when the shift ends goes home so much later.
_OVERTIME: Final = timedelta(minutes=5)
# What is done at one instant is done in this order: people come before requests do.
_SHIFTS: Final = -2
_PRESENCE: Final = -1

Act: TypeAlias = Callable[[datetime], None]


class LiveTraffic:
    """Customers and representatives who come and act from `start` on.

    Args:
        world: where they act.
        seed: of the world.
        plan: the company.
        start: nobody came before; who would be at the desk then sits down.
        per_hour: how many come in an average hour.
    """

    def __init__(
        self, world: World, seed: int, plan: CompanyPlan, start: datetime, per_hour: float
    ) -> None:
        self._world = world
        self._seed, self._plan, self._per_hour = seed, plan, per_hour
        self._planned_to = start
        # When, whose, which leg of it, which turn of that, and what is done.
        self._acts: list[tuple[datetime, int, int, int, Act]] = []
        self._there: set[int] = set()
        self._lock = threading.Lock()
        self._until: datetime | None = None
        self._kept: list[int] | None = None  # None before the first play
        self._casework = Casework(world, seed, plan, self._later, lambda: self._until)
        for rep in shifts.at_desk(seed, plan, start):
            self._push(start, _SHIFTS, rep, 0, partial(self._turn, rep, shifts.Turn.COME))
        self._push(start + _STAY, _PRESENCE, 0, 0, self._stay)

    def next_at(self) -> datetime:
        """Tell when something will next be done, or planned."""
        with self._lock:
            return min(self._acts[0][0], self._planned_to)

    def play(self, now: datetime, until: datetime | None = None) -> None:
        """Do all that is due at `now`, in order. What was refused has come too late: no harm.

        Whoever comes while another plays waits for its end.

        Args:
            now: the world's time.
            until: nobody looks before; what is said in a session until then is said at once,
                each line with its own time. None where somebody may look at any time.
        """
        with self._lock:
            self._until = until
            if self._kept is None:
                standing_in.cut_off(self._world)
                self._kept = []
            while self._planned_to <= now:
                self._plan_ahead()
            while self._acts[0][0] <= now:
                at, *_, act = heapq.heappop(self._acts)
                self._do(act, now if until is None else at)
            if until is None or until < min(self._acts[0][0], self._planned_to):
                self._keep()

    def _keep(self) -> None:
        """Keep which sessions go on, for the process that comes after this one."""
        going_on = sorted(self._casework.going_on)
        if going_on != self._kept:
            standing_in.remember(self._world, going_on)
            self._kept = going_on

    def _do(self, act: Act, now: datetime) -> None:
        try:
            act(now)
        except Refused as refused:
            _LOG.info("live traffic came out of turn: %s", refused)

    def _push(self, at: datetime, *rest: Any) -> None:
        heapq.heappush(self._acts, (at, *rest))

    def _later(self, at: datetime, case: Case, place: int, turn: Turn) -> None:
        self._push(at, case.way.number, case.way.leg, place, partial(turn, case))

    def _plan_ahead(self) -> None:
        begin, end = self._planned_to, self._planned_to + _AHEAD
        for one in shifts.turns(self._seed, self._plan, begin, end):
            self._push(one.at, _SHIFTS, one.rep, 0, partial(self._turn, one.rep, one.turn))
        for arrival in arrivals(self._seed, self._plan, begin, end, self._per_hour):
            come = partial(self._arrive, arrival)
            self._push(arrival.at, arrival.number, 0, 0, come)
        self._planned_to = end

    def _arrive(self, arrival: Any, _now: datetime) -> None:
        self._casework.arrive(arrival)

    def _turn(self, rep: int, turn: shifts.Turn, now: datetime) -> None:
        email = self._plan.reps[rep].email
        match turn:
            case shifts.Turn.COME | shifts.Turn.RETURN:
                self._there.add(rep)
                standing_in.sit_down(self._world, email)
            case shifts.Turn.PAUSE:
                standing_in.pause(self._world, email)
            case shifts.Turn.GO:
                self._there.discard(rep)
                self._go_home(rep, now)

    def _go_home(self, rep: int, now: datetime) -> None:
        """Go when the last session is over, unless the next shift has begun meanwhile."""
        if rep in self._there:
            return
        email = self._plan.reps[rep].email
        standing_in.stay(self._world, (email,))
        if not standing_in.go_home(self._world, email):
            self._push(now + _OVERTIME, _SHIFTS, rep, 1, partial(self._go_home, rep))

    def _stay(self, now: datetime) -> None:
        reps = self._plan.reps
        standing_in.stay(self._world, [reps[rep].email for rep in sorted(self._there)])
        self._push(now + _STAY, _PRESENCE, 0, 0, self._stay)
