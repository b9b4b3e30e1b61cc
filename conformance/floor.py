"""The suite's own naive idea of a floor of representatives: who is there, what waits.

Written from MON-1 to MON-3 and the notes of the Monitors service, with plain lists and counts;
it shares no line with any broker. Where the text leaves an instant open, the model says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from conformance.bench import RIGHT, Bench
from conformance.cases import ACCEPTED, FINISHED, RUNNING, WAITING, Case
from conformance.desk import DONE, Desk
from conformance.hands import Missing
from conformance.model import SECOND, Wire
from conformance.patterns import Anything, Between, OneOf, Pattern, Unordered, gives, told

LOGGED_OUT, UNAVAILABLE, AVAILABLE, IN_SESSION = (
    "LoggedOut",
    "Unavailable",
    "Available",
    "InSession",
)


_TEAMS: Final = ("Crew", "Crew of the night")


@dataclass(slots=True)
class Rep:
    """One representative.

    Attributes:
        screen_name: what customers see; another one than the name.
        wire: its connection; None while it is logged off.
        said: when it last said what it is: hired, logged on or off, available or not; the
            first and the last time of saying the same.
        mine: its sessions, begun or over.
    """

    email: str
    name: str
    screen_name: str
    team: str
    sub_portals: tuple[str, ...]
    said: tuple[datetime, datetime]
    wire: Wire | None = None
    available: bool = False
    mine: list[Case] = field(default_factory=list)

    def running(self) -> list[Case]:
        """Give the sessions that it is in."""
        return [case for case in self.mine if case.stage == RUNNING]

    def words(self, now: datetime) -> tuple[str, ...]:
        """Give every word that its status may be."""
        if self.running():
            return (IN_SESSION,)
        state = "ended" if self.wire is None else self.wire.state(now)
        there = AVAILABLE if self.available else UNAVAILABLE
        return {"ended": (LOGGED_OUT,), "alive": (there,), "either": (LOGGED_OUT, there)}[state]

    def takes_requests(self, now: datetime) -> bool:
        """Tell whether it may accept; only where its connection is surely alive or ended."""
        return self.wire is not None and self.wire.state(now) == "alive" and self.available

    def since(self, now: datetime) -> Pattern:
        """Say since when its status is what it is."""
        begun = [case.started for case in self.mine if case.started is not None]
        if self.running():
            # Of several sessions in a row without a break, any may be meant.
            return Between(min(begun), max(begun))
        low, high = self.said
        ends = [case.ended for case in self.mine if case.started and case.ended]
        if self.wire is not None and self.wire.state(now) != "alive":
            low, high = max(low, self.wire.alive_until), max(high, self.wire.ended_from)
        return Between(max([low, *ends]), max([high, *ends]))

    def handled(self, now: datetime) -> Pattern:
        """Count what it handled today: what is Finished, so nothing that failed."""
        over = [case.ended for case in self.mine if case.stage == FINISHED]
        return sum(ended is not None and ended.date() == now.date() for ended in over)

    def told(self, now: datetime) -> Pattern:
        """What MON-1 says of it."""
        unsure = self.wire is not None and self.wire.state(now) == "either" and self.available
        return {
            "login": self.email,
            "name": self.name,
            "screen_name": self.screen_name,
            "team_name": self.team,
            "sub_portals": Unordered(self.sub_portals),
            "takes_requests": OneOf((True, False)) if unsure else self.takes_requests(now),
            "status": OneOf(self.words(now)),
            "since": self.since(now),
            "session_ids": Unordered(tuple(case.id for case in self.running())),
            "handled_today": self.handled(now),
        }


class Floor(Desk):
    """A portal at work with representatives of its own."""

    def __init__(self, bench: Bench, kind: str = "") -> None:
        super().__init__(bench, bench.place(kind=kind))
        self.reps: Final[list[Rep]] = []

    def hire(self, *sub_portals: str) -> Rep:
        """Let somebody be hired for these sub-portals; for all of them if none is named.

        Raises:
            Missing: the control API does not do it.
        """
        served, team = sub_portals or self.place.sub_portals, _TEAMS[len(self.reps) % len(_TEAMS)]
        said = (self.bench.now, self.bench.now)
        rep = Rep(self.bench.name("rep"), "Rae Rep", "Rae", team, tuple(served), said)
        body = {
            "email": rep.email,
            "password": RIGHT,
            "portal": self.place.portal,
            "subPortals": list(served),
            "name": rep.name,
            "screenName": rep.screen_name,
            "team": team,
        }
        done = self.bench.do("control", method="POST", path=["representatives"], body=body)
        if done.get("status") != 200:
            msg = f"nobody can be hired through the control API: {told(done)}"
            raise Missing(msg)
        self.reps.append(rep)
        return rep

    def log_on(self, rep: Rep) -> str:
        """Let a representative come."""
        self.bench.call("logon", service="Agents", username=rep.email, password=RIGHT)
        outcome = self.bench.expect("AGENT-1", gives(Anything("a connection")))
        rep.wire, rep.available = Wire(outcome["gives"], self.bench.now), False
        rep.wire.use(self.bench.now)
        rep.said = (self.bench.now, self.bench.now)
        return rep.wire.id

    def log_off(self, rep: Rep) -> None:
        """Let a representative go."""
        self.does(rep, "logoff")
        rep.wire, rep.available = None, False
        rep.said = (self.bench.now, self.bench.now)

    def set_available(self, rep: Rep, *, available: bool) -> None:
        """Let a representative take requests, or take none."""
        self.does(rep, "setAvailability", available=available)
        first = rep.said[0] if rep.available is available else self.bench.now
        rep.available, rep.said = available, (first, self.bench.now)

    def there(self, *sub_portals: str) -> Rep:
        """Give a representative who takes requests."""
        rep = self.hire(*sub_portals)
        self.log_on(rep)
        self.set_available(rep, available=True)
        return rep

    def does(self, rep: Rep, operation: str, /, **arguments: Any) -> Any:
        """Let a representative do something that is in turn; it must work, by AGENT-1."""
        assert rep.wire is not None
        self.bench.call(operation, service="Agents", connection_id=rep.wire.id, **arguments)
        rep.wire.use(self.bench.now)
        return self.bench.expect("AGENT-1", gives(), gives(Anything()))["gives"]

    def accept(self, rep: Rep, case: Case) -> None:
        """Let a representative take a request."""
        self.does(rep, "acceptRequest", session_id=case.id)
        case.did("accept", self.bench.now)
        self._changed(case, "Accepted", self.bench.now)
        rep.mine.append(case)

    def start(self, case: Case) -> None:
        """Let the customer agree."""
        self.act(case, "start")

    def end(self, rep: Rep, case: Case, resolution: str = "Resolved") -> None:
        """Let a representative end a session."""
        self.does(rep, "endSession", session_id=case.id, resolution=resolution)
        case.did("end", self.bench.now, resolution=resolution)
        self._changed(case, "Ended", self.bench.now)

    def in_session(self, rep: Rep, **words: Any) -> Case:
        """Give a session that goes on with this representative."""
        case = self.post(subPortal=rep.sub_portals[0], **words)
        self.accept(rep, case)
        self.start(case)
        return case

    def check_representatives(self, rule: str = "MON-1") -> None:
        """Read the representatives and hold them against the model."""
        self.bench.call("getRepresentatives", service="Monitors", connection_id=self.connection)
        now = self.bench.now
        self.bench.expect(rule, gives(Unordered(tuple(rep.told(now) for rep in self.reps))))

    def check_queues(self, rule: str = "MON-2") -> None:
        """Read the queues and hold them against the model."""
        self.bench.call("getQueues", service="Monitors", connection_id=self.connection)
        queues = tuple(self._queue(name) for name in self.place.sub_portals)
        self.bench.expect(rule, gives(Unordered(queues)))

    def _queue(self, sub_portal: str) -> Pattern:
        now = self.bench.now
        waiting = [
            case
            for case in self.cases.values()
            if case.stage == WAITING and case.facts["sub_portal"] == sub_portal
        ]
        waiting.sort(key=lambda case: (case.posted, case.id))
        oldest = min((case.posted for case in waiting), default=now)
        serving = [rep for rep in self.reps if sub_portal in rep.sub_portals]
        return {
            "sub_portal": sub_portal,
            "waiting": len(waiting),
            "longest_wait_seconds": (now - oldest) // SECOND,
            "requests": [_request(case) for case in waiting],
            "representatives_available": _count(serving, AVAILABLE, now),
            "representatives_in_session": _count(serving, IN_SESSION, now),
        }


def _request(case: Case) -> Pattern:
    return {"session_id": case.id, "posted": case.posted, "question": case.facts["question"]}


def _count(serving: Iterable[Rep], word: str, now: datetime) -> Pattern:
    sure = sum(rep.words(now) == (word,) for rep in serving)
    most = sum(word in rep.words(now) for rep in serving)
    return sure if sure == most else Between(sure, most)


STAGES: Final = (WAITING, ACCEPTED, RUNNING, FINISHED)
__all__ = ["DONE", "STAGES", "Floor", "Rep"]
