"""Live traffic at work: the plan's acts, played through the same use cases as any other."""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from broker_sim.core.record import Labelled, Session
from broker_sim.core.refusal import Refused
from broker_sim.synthetic.company import CompanyPlan
from broker_sim.synthetic.traffic import Act, arrivals, script

_LOG: Final = logging.getLogger("broker_sim.synthetic")
_AHEAD: Final = timedelta(hours=1)

# The plan's words for acts and arguments, and those of the door that they go through.
_ACTS: Final = {"file": "sendFile", "url": "pushUrl", "diagnostics": "takeDiagnostics"}
_ARGUMENTS: Final = {
    "sub_portal": "subPortal",
    "reference_id": "referenceId",
    "customer_ip": "customerIp",
    "smart_box_entries": "smartBoxEntries",
    "end_label": "endLabel",
    "end_data": "endData",
    "rep_ratings": "repRatings",
    "customer_ratings": "customerRatings",
}

Perform = Callable[[str, Mapping[str, Any]], Session]


class LiveTraffic:
    """Customers and representatives who come and act from `start` on.

    Args:
        seed: of the world.
        plan: the company.
        start: nobody came before.
        per_hour: how many come in an average hour.
        perform: does one act, by the names of the control API.
    """

    def __init__(
        self, seed: int, plan: CompanyPlan, start: datetime, per_hour: float, perform: Perform
    ) -> None:
        self._seed, self._plan, self._per_hour = seed, plan, per_hour
        self._perform = perform
        self._planned_to = start
        self._acts: list[tuple[datetime, int, int, int, Act]] = []
        self._sessions: dict[tuple[int, int], int] = {}
        self._lock = threading.Lock()

    def next_at(self) -> datetime:
        """Tell when something will next be done, or planned."""
        with self._lock:
            return min(self._acts[0][0], self._planned_to) if self._acts else self._planned_to

    def play(self, now: datetime) -> None:
        """Do all that is due at `now`, in order. What was refused has come too late: no harm.

        Whoever comes while another plays waits for its end.
        """
        with self._lock:
            while self._planned_to <= now:
                self._plan_ahead()
            while self._acts and self._acts[0][0] <= now:
                _, number, _, left, act = heapq.heappop(self._acts)
                self._do(number, act)
                if not left:
                    self._forget(number)

    def _plan_ahead(self) -> None:
        begin, end = self._planned_to, self._planned_to + _AHEAD
        for arrival in arrivals(self._seed, self._plan, begin, end, self._per_hour):
            acts = script(self._seed, self._plan, arrival)
            for place, act in enumerate(acts):
                # Acts of one arrival at one instant are told apart by their place.
                left = len(acts) - 1 - place
                heapq.heappush(self._acts, (act.at, arrival.number, place, left, act))
        self._planned_to = end

    def _forget(self, number: int) -> None:
        for leg in (0, 1):
            self._sessions.pop((number, leg), None)

    def _do(self, number: int, act: Act) -> None:
        arguments = dict(_translated(act.arguments))
        if act.kind != "post":
            known = self._sessions.get((number, act.leg))
            if known is None:
                return
            arguments["sessionId"] = known
        try:
            session = self._perform(_ACTS.get(act.kind, act.kind), arguments)
        except Refused as refused:
            _LOG.info("%s of arrival %s came out of turn: %s", act.kind, number, refused)
            return
        leg = act.leg + 1 if act.kind == "transfer" else act.leg
        self._sessions[number, leg] = session.session_id


def _translated(arguments: Mapping[str, object]) -> Iterable[tuple[str, object]]:
    for name, value in arguments.items():
        if isinstance(value, tuple):
            yield _ARGUMENTS.get(name, name), [_pair(pair) for pair in value]
        else:
            yield _ARGUMENTS.get(name, name), value


def _pair(labelled: Labelled) -> Mapping[str, str | None]:
    return {"label": labelled.label, "value": labelled.value}
