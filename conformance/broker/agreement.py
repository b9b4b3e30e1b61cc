"""MON-3: the monitors agree with the records of sessions at every moment."""

from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from broker_sim.contract import limits
from conformance.bench import Bench
from conformance.caller import Outcome
from conformance.cases import ACCEPTED, RUNNING, WAITING, Case
from conformance.floor import Floor, Rep
from conformance.hands import Hands, verb
from conformance.model import SECOND
from conformance.patterns import gives
from conformance.properties import Machine, judges


@verb
def compare_monitors(hands: Hands, /, *, connection_id: str, session_ids: list[int]) -> Outcome:
    """Read monitors and sessions at one instant; tell where they say different things."""
    # The queues first: nothing before them may bring the world up to date.
    queues = hands.call("getQueues", service="Monitors", connection_id=connection_id)
    reps = hands.call("getRepresentatives", service="Monitors", connection_id=connection_id)
    if not isinstance(reps.get("gives"), list) or not isinstance(queues.get("gives"), list):
        return {"broken": f"the monitors do not answer: {reps if 'gives' not in reps else queues}"}
    busy = {one["login"]: set(one["session_ids"]) for one in reps["gives"]}
    inside = {one["login"] for one in reps["gives"] if one["status"] == "InSession"}
    waiting = {
        each["session_id"]: one["sub_portal"] for one in queues["gives"] for each in one["requests"]
    }
    differ: list[str] = []
    for number in session_ids:
        told = hands.call("getSession", connection_id=connection_id, session_id=number)
        session = told.get("gives")
        if isinstance(session, dict):
            differ.extend(_differing(session, number, busy, inside, waiting))
    differ.extend(f"{login} is InSession with none" for login in inside if not busy[login])
    return {"gives": {"differ": differ}}


def _differing(
    session: dict[str, Any],
    number: int,
    busy: dict[str, set[int]],
    inside: set[str],
    waiting: dict[int, str],
) -> list[str]:
    runs, login = session["status"] == "InSession", session["representative"]
    waits = session["status"] == "New" and login is None
    found = []
    if runs is not (number in busy.get(login or "", ())):
        found.append(f"a session that is {session['status']}: its representative's ids say else")
    if runs and login not in inside:
        found.append("a session goes on whose representative is not InSession")
    if waits is not (number in waiting):
        found.append(f"a session that is {session['status']}, of {login}: the queue says else")
    elif waits and waiting[number] != session["sub_portal"]:
        found.append("a request waits in the queue of another sub-portal")
    return found


_MET: Final = ("a request waits", "one is accepted", "a session goes on", "one is over")
_ASIDE: Final = ("given up", "declined", "transferred")


@judges({"MON-3": (*_MET, *_ASIDE)}, exactly=len(_MET) + len(_ASIDE))
def monitors_and_records_agree(bench: Bench, data: st.DataObject) -> None:
    """MON-3: at every stage of a session the monitors say what its record says."""
    met = data.draw(st.sampled_from((*_MET, *_ASIDE)), label="stage")
    floor = Floor(bench)
    rep = floor.there()
    case = floor.post()
    _compare(floor)
    if met == "given up":
        floor.advance(case.posted + limits.UNANSWERED_AFTER)
    elif met == "declined":
        floor.does(rep, "declineRequest", session_id=case.id)
    elif met != _MET[0]:
        _brought_on(floor, rep, case, met)
    _compare(floor)
    bench.passed("MON-3", met)


def _brought_on(floor: Floor, rep: Rep, case: Case, met: str) -> None:
    """Accept a request, and go on with it as far as is asked for."""
    floor.accept(rep, case)
    if met == _MET[1]:
        return
    floor.start(case)
    _compare(floor)
    if met == _MET[3]:
        floor.end(rep, case)
    elif met == "transferred":
        heir = floor.does(rep, "transferSession", session_id=case.id, sub_portal="Billing")
        floor.cases[heir] = Case(heir, floor.bench.now, {**case.facts, "sub_portal": "Billing"})


def _compare(floor: Floor) -> None:
    numbers = list(floor.cases)
    floor.bench.do("compare_monitors", connection_id=floor.connection, session_ids=numbers)
    floor.bench.expect("MON-3", gives({"differ": []}))


@judges({"MON-1": (), "MON-2": (), "MON-3": ()}, share=0.6, steps=18)
class MonitorsAgree(Machine):
    """MON-1, MON-2, MON-3: representatives and customers come and go; all doors say the same."""

    @initialize()
    def begin(self) -> None:
        """Hire two, of whom one serves one sub-portal more."""
        self.bench.to_whole_second()
        self.floor = Floor(self.bench)
        for served in (("General",), ("General", "Billing")):
            self.floor.hire(*served)

    def _of(self, stage: str) -> list[Case]:
        return [case for case in self.floor.cases.values() if case.stage == stage]

    def _rep_of(self, case: Case) -> Rep:
        return next(rep for rep in self.floor.reps if case in rep.mine)

    def _there(self, rep: Rep) -> bool:
        return rep.wire is not None and rep.wire.state(self.bench.now) == "alive"

    @rule(which=st.integers(0, 1))
    def come_or_go(self, which: int) -> None:
        """Log on, be available, or log off: whatever comes next for this one."""
        rep = self.floor.reps[which]
        if not self._there(rep):
            self.floor.log_on(rep)
        elif not rep.available:
            self.floor.set_available(rep, available=True)
        else:
            self.floor.log_off(rep)

    @rule(which=st.integers(0, 1))
    def be_available(self, which: int) -> None:
        """Be at the desk and take requests."""
        rep = self.floor.reps[which]
        if not self._there(rep):
            self.floor.log_on(rep)
        self.floor.set_available(rep, available=True)

    @rule(which=st.integers(0, 1), available=st.booleans())
    def say(self, which: int, *, available: bool) -> None:
        """Take requests or none."""
        rep = self.floor.reps[which]
        if self._there(rep):
            self.floor.set_available(rep, available=available)

    @rule(sub_portal=st.sampled_from(("General", "Billing")))
    def post(self, sub_portal: str) -> None:
        """Let a customer come."""
        self.floor.post(subPortal=sub_portal)

    @rule(which=st.integers(0, 1))
    def take_one(self, which: int) -> None:
        """Be there, and let a customer come, be accepted and agree."""
        self.be_available(which)
        self.floor.in_session(self.floor.reps[which])

    @rule()
    def accept(self) -> None:
        """Let whoever may take the oldest request."""
        for case in self._of(WAITING)[:1]:
            for rep in self.floor.reps:
                serves = case.facts["sub_portal"] in rep.sub_portals
                if serves and rep.takes_requests(self.bench.now):
                    self.floor.accept(rep, case)
                    return

    @rule()
    def agree(self) -> None:
        """Let an accepted customer agree."""
        for case in self._of(ACCEPTED)[:1]:
            self.floor.start(case)

    @rule(how=st.sampled_from(("end", "fail", "leave")))
    def finish(self, how: str) -> None:
        """Let something come to an end."""
        if how == "leave":
            for case in self._of(WAITING)[:1]:
                self.floor.act(case, "abandon")
            return
        for case in self._of(RUNNING)[:1]:
            rep = self._rep_of(case)
            if how == "end" and self._there(rep):
                self.floor.end(rep, case)
            elif how == "fail":
                self.floor.act(case, "fail", reason="The line was cut.")

    @rule(seconds=st.sampled_from((1, 61, 599, 600, 1199, 1201)))
    def wait(self, seconds: int) -> None:
        """Let time go on."""
        self.floor.advance(self.bench.now + seconds * SECOND)

    @precondition(lambda self: hasattr(self, "floor"))
    @invariant()
    def all_doors_say_the_same(self) -> None:
        """MON-1, MON-2, MON-3."""
        floor, bench = self.floor, self.bench
        floor.check_representatives()
        floor.check_queues()
        bench.do("compare_monitors", connection_id=floor.connection, session_ids=list(floor.cases))
        bench.expect("MON-3", gives({"differ": []}))
