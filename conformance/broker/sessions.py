"""SESS-1 to SESS-3: the life of a session, its times, its status, its links."""

from datetime import timedelta
from itertools import product
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from conformance.bench import MILLISECOND, Bench
from conformance.cases import ACCEPTED, ERROR, FINISHED, OUT_OF_TURN, RUNNING, WAITING, Case
from conformance.desk import Desk
from conformance.patterns import http
from conformance.properties import Machine, judges
from conformance.strategies import EDGES, pauses

_DURATIONS: Final = {
    0: "no time at all is 0 minutes",
    1: "1 ms is a minute",
    59_999: "59,999 ms are one",
    60_000: "60,000 ms are one",
    60_001: "60,001 ms are two",
    3_600_000: "an hour is sixty",
}
_ABSENT: Final = "a time is absent until it has happened"
_WAYS: Final[dict[str, tuple[str, ...]]] = {
    WAITING: (),
    ACCEPTED: ("accept",),
    RUNNING: ("accept", "start"),
    FINISHED: ("accept", "start", "end"),
    ERROR: ("decline",),
}
# What an act needs to be said, beside the session.
WORDS: Final[dict[str, dict[str, Any]]] = {
    "chat": {"speaker": "customer", "text": "Hello?"},
    "sendFile": {"name": "fix.zip", "size": 12_345},
    "pushUrl": {"url": "https://help.example/42"},
    "screen": {"on": True},
    "reboot": {"reconnected": True},
    "fail": {"reason": "the connection broke"},
    "transfer": {"subPortal": "Billing"},
    "survey": {"customerRatings": [{"label": "Speed", "value": "5"}]},
}


def brought_to(desk: Desk, stage: str) -> Case:
    """Post a request and bring it to a stage."""
    case = desk.post()
    for act in _WAYS[stage]:
        desk.act(case, act)
    return case


@judges({"SESS-1": (_ABSENT, *_DURATIONS.values())}, exactly=len(_DURATIONS) * 3)
def times_are_those_of_the_acts(bench: Bench, data: st.DataObject) -> None:
    """SESS-1: each time is absent until it has happened; a begun minute counts."""
    lasted, waited = data.draw(
        st.sampled_from([(d, w) for d in _DURATIONS for w in (0, 1, 61_234)]), label="ms"
    )
    desk = Desk(bench, bench.place())
    case = desk.post()
    desk.check(case, ["SESS-1"])
    for act in ("accept", "start", "end"):
        pause = lasted if act == "end" else waited
        desk.advance(bench.now + pause * MILLISECOND)
        desk.act(case, act)
        desk.check(case, ["SESS-1"])
    bench.passed("SESS-1", _ABSENT)
    bench.passed("SESS-1", _DURATIONS[lasted])


_FAILED: Final = "a session that failed has its minutes"
_ENDS: Final = (
    ("decline", WAITING),
    ("abandon", WAITING),
    ("abandon", ACCEPTED),
    ("fail", WAITING),
    ("fail", ACCEPTED),
    ("fail", RUNNING),
    ("end", RUNNING),
)


@judges(
    {"SESS-2": tuple(f"{act} while {stage}" for act, stage in _ENDS), "SESS-1": (_FAILED,)},
    exactly=len(_ENDS),
)
def every_end_says_which(bench: Bench, data: st.DataObject) -> None:
    """SESS-2: New, InSession, Finished; or Error, with an end and an event that says which."""
    act, stage = data.draw(st.sampled_from(_ENDS), label="end")
    desk = Desk(bench, bench.place())
    case = brought_to(desk, stage)
    desk.check(case, ["SESS-2"])
    desk.advance(bench.now + 1234 * MILLISECOND)
    desk.act(case, act, **WORDS.get(act, {}))
    desk.check(case, ["SESS-2", "SESS-1"])
    bench.passed("SESS-2", f"{act} while {stage}")
    if case.started is not None and case.stage == ERROR:
        bench.passed("SESS-1", _FAILED)


_GIVEN_UP: Final = {
    -1: "waiting 1 ms before it is given up",
    0: "given up at its time",
    1: "given up 1 ms later",
}


_HEIR: Final = "the successor of a transfer is given up like any request"


@judges({"SESS-2": (*_GIVEN_UP.values(), _HEIR)}, exactly=6)
def unanswered_requests_are_given_up(bench: Bench, data: st.DataObject) -> None:
    """SESS-2: a request that nobody answers ends as Error, at its instant."""
    side, heir = data.draw(st.sampled_from([*product(EDGES, (False, True))]), label="side, heir")
    desk = Desk(bench, bench.place())
    case = desk.post()
    if heir:
        for act in _WAYS[RUNNING]:
            desk.act(case, act)
        case = desk.transfer(case, desk.place.sub_portals[1])
    deadline = case.unanswered_at()
    assert deadline is not None
    desk.advance(deadline + side * MILLISECOND)
    desk.check(case, ["SESS-2", "SESS-1"])
    bench.passed("SESS-2", _HEIR if heir else _GIVEN_UP[side])


_TURNS: Final = [(stage, act) for stage, acts in OUT_OF_TURN.items() for act in acts]


_REFUSED: Final = tuple(f"{act} refused while {stage}" for stage, act in _TURNS)


@judges({"SESS-2": _REFUSED}, exactly=len(_TURNS))
def nothing_moves_out_of_turn(bench: Bench, data: st.DataObject) -> None:
    """SESS-2: what would move the status another way is refused and changes nothing."""
    stage, act = data.draw(st.sampled_from(_TURNS), label="stage, act")
    desk = Desk(bench, bench.place())
    case = brought_to(desk, stage)
    desk.advance(bench.now + 61_000 * MILLISECOND)
    bench.act(act, sessionId=case.id, **WORDS.get(act, {}))
    bench.expect("SESS-2", http(400, 499))
    desk.check(case, ["SESS-2", "SESS-1", "SESS-3"])
    bench.passed("SESS-2", f"{act} refused while {stage}")


@judges({"SESS-3": ("both records name each other", "so they do in a chain")}, exactly=3)
def transfers_link_both_ways(bench: Bench, data: st.DataObject) -> None:
    """SESS-3: the transferred session and its successor name each other, at once."""
    desk = Desk(bench, bench.place())
    chain = [brought_to(desk, RUNNING)]
    for sub_portal in desk.place.sub_portals[: data.draw(st.sampled_from((1, 2, 3)))]:
        chain.append(desk.transfer(chain[-1], sub_portal))
        for case in chain:
            desk.check(case, ["SESS-3"])
        first = len(chain) == 2
        bench.passed("SESS-3", "both records name each other" if first else "so they do in a chain")
        heir = chain[-1]
        for act in _WAYS[RUNNING]:
            desk.act(heir, act)


@judges({"SESS-1": (), "SESS-2": (), "SESS-3": (), "SESS-4": (), "UPD-1": ()}, steps=15)
class Lives(Machine):
    """SESS-1 to SESS-4, UPD-1: several sessions side by side, told right after every act."""

    @initialize()
    def open_desk(self) -> None:
        """Begin with an empty portal."""
        self.desk = Desk(self.bench, self.bench.place())
        self.cases: list[Case] = []

    def _one(self, which: int) -> Case:
        return self.cases[which % len(self.cases)]

    @rule(sub_portal=st.integers(0, 2))
    def post(self, sub_portal: int) -> None:
        """A customer posts a request."""
        name = self.desk.place.sub_portals[sub_portal]
        self.cases.append(self.desk.post(subPortal=name))

    @precondition(lambda self: bool(self.cases))
    @rule(which=st.integers(0, 5), draw=st.data())
    def act(self, which: int, draw: st.DataObject) -> None:
        """Somebody does something that is in turn."""
        case = self._one(which)
        acts = _in_turn(case)
        if not acts:
            return
        act = draw.draw(st.sampled_from(acts), label="act")
        if act == "transfer":
            self.cases.append(self.desk.transfer(case, self.desk.place.sub_portals[1]))
        else:
            self.desk.act(case, act, **WORDS.get(act, {}))
        self.desk.check(case)
        self.desk.settle()

    @precondition(lambda self: bool(self.cases))
    @rule(which=st.integers(0, 5), draw=st.data())
    def act_out_of_turn(self, which: int, draw: st.DataObject) -> None:
        """Somebody tries what is not in turn; nothing changes."""
        case = self._one(which)
        act = draw.draw(st.sampled_from(OUT_OF_TURN[case.stage]), label="act")
        self.bench.act(act, sessionId=case.id, **WORDS.get(act, {}))
        self.bench.expect("SESS-2", http(400, 499))
        self.desk.check(case)
        self.desk.settle()

    @rule(pause=pauses)
    def wait(self, pause: timedelta) -> None:
        """Let a little time pass."""
        self.desk.advance(self.bench.now + pause)

    @precondition(lambda self: any(case.unanswered_at() for case in self.cases))
    @rule(side=st.sampled_from(EDGES))
    def jump(self, side: int) -> None:
        """Go to the instant at which a request is given up, or beside it; then read all."""
        ends = [at for case in self.cases if (at := case.unanswered_at()) is not None]
        self.desk.advance(min(ends) + side * MILLISECOND)
        for case in self.cases[:4]:
            self.desk.check(case)
        self.desk.settle()


def _in_turn(case: Case) -> tuple[str, ...]:
    during = ("chat", "sendFile", "pushUrl", "takeDiagnostics", "screen", "reboot")
    acts = {
        WAITING: ("accept", "accept", "decline", "abandon", "fail"),
        ACCEPTED: ("start", "start", "start", "abandon", "fail"),
        RUNNING: ("end", "end", "transfer", "fail", *during),
        FINISHED: () if case.surveyed else ("survey",),
        ERROR: (),
    }
    return acts[case.stage]
