"""AGENT-1, PORTAL-3: what each desktop hears, step by step, whoever comes, goes and does what."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from conformance.cases import ACCEPTED, RUNNING, WAITING, Case
from conformance.floor import Floor, Rep
from conformance.model import SECOND
from conformance.patterns import Unordered, gives
from conformance.properties import Machine, judges

_SERVED: Final = (("General",), ("General", "Billing"), ("Billing",))
_which = st.integers(0, len(_SERVED) - 1)
_Heard = tuple[str, int]
# What must have been heard, or nothing was proved.
_HEARD: Final = {
    "RequestWaiting": "among several, a desktop hears of a request",
    "RequestGone": "among several, a desktop hears that it is gone",
    "Accepted": "among several, a desktop hears that it has it",
    "Started": "among several, a desktop hears that the customer agreed",
}


@dataclass(slots=True)
class _Ears:
    """What a desktop has heard, in the suite's own idea.

    Attributes:
        cursor: the last event that was read.
        alerted: the requests on it; `declined` are off it for good.
        due: what it must hear next, in any order within one step.
        open: what it may hear or not: the text does not say.
    """

    rep: Rep
    cursor: int = 0
    alerted: set[int] = field(default_factory=set)
    declined: set[int] = field(default_factory=set)
    due: list[_Heard] = field(default_factory=list)
    open: list[_Heard] = field(default_factory=list)

    def forget(self) -> None:
        """Begin with an empty desk."""
        self.alerted.clear()
        self.due.clear()
        self.open.clear()

    def alert(self, numbers: Iterable[int]) -> None:
        """Hear of requests that wait, each once."""
        for number in numbers:
            if number not in self.alerted | self.declined:
                self.alerted.add(number)
                self.due.append(("RequestWaiting", number))

    def gone(self, number: int) -> None:
        """Hear that a request waits no more."""
        if number in self.alerted:
            self.alerted.remove(number)
            self.due.append(("RequestGone", number))


@judges({"AGENT-1": tuple(_HEARD.values()), "PORTAL-3": ()}, share=1.5, steps=40)
class DesktopsHear(Machine):
    """AGENT-1, PORTAL-3: every desktop hears of all that concerns it, once, and of nothing else."""

    @initialize()
    def begin(self) -> None:
        """Hire three, who serve two sub-portals between them, and let them sit down."""
        self.bench.to_whole_second()
        self.floor = Floor(self.bench)
        self.ears = [_Ears(self.floor.hire(*served)) for served in _SERVED]
        for which in range(len(self.ears)):
            self.sit_down(which)

    def _of(self, stage: str) -> list[Case]:
        return [case for case in self.floor.cases.values() if case.stage == stage]

    def _there(self, ears: _Ears) -> bool:
        return ears.rep.wire is not None and ears.rep.wire.state(self.bench.now) == "alive"

    def _takes(self, ears: _Ears, case: Case) -> bool:
        serves = case.facts["sub_portal"] in ears.rep.sub_portals
        return serves and ears.rep.takes_requests(self.bench.now)

    def _own(self, case: Case) -> _Ears | None:
        found = next(ears for ears in self.ears if case in ears.rep.mine)
        return found if self._there(found) else None

    def _hears(self, case: Case, kind: str) -> None:
        own = self._own(case)
        if own is not None:
            own.due.append((kind, case.id))

    def _gone(self, case: Case) -> None:
        for ears in self.ears:
            ears.gone(case.id)

    @rule(which=_which)
    def come(self, which: int) -> None:
        """Log on, and hear of the sessions that go on."""
        ears = self.ears[which]
        if not self._there(ears):
            ears.forget()
            self.floor.log_on(ears.rep)
            ears.due += [("Resumed", case.id) for case in ears.rep.running()]
            ears.open += [("Resumed", case.id) for case in ears.rep.mine if case.stage == ACCEPTED]

    @rule(which=_which)
    def go(self, which: int) -> None:
        """Log off."""
        ears = self.ears[which]
        if self._there(ears):
            self.floor.log_off(ears.rep)
            ears.forget()

    @rule(which=_which, available=st.booleans())
    def say(self, which: int, *, available: bool) -> None:
        """Take requests, and hear of those that wait; or take none."""
        ears = self.ears[which]
        if self._there(ears):
            begins = available and not ears.rep.available
            self.floor.set_available(ears.rep, available=available)
            if begins:
                ears.alert(case.id for case in self._of(WAITING) if self._takes(ears, case))

    @rule(which=_which)
    def sit_down(self, which: int) -> None:
        """Be there and take requests."""
        self.come(which)
        self.say(which, available=True)

    @rule(sub_portal=st.sampled_from(("General", "Billing")))
    def post(self, sub_portal: str) -> None:
        """Let a customer come."""
        case = self.floor.post(subPortal=sub_portal)
        for ears in self.ears:
            if self._takes(ears, case):
                ears.alert((case.id,))

    @rule(which=_which)
    def accept(self, which: int) -> None:
        """Take the first request on the desk; the others hear that it is gone."""
        ears = self.ears[which]
        for case in self._of(WAITING):
            if case.id in ears.alerted and self._takes(ears, case):
                self.floor.accept(ears.rep, case)
                ears.alerted.remove(case.id)
                ears.due.append(("Accepted", case.id))
                self._gone(case)
                return

    @rule(which=_which)
    def take_one(self, which: int) -> None:
        """Be there; let a customer come, be accepted and agree."""
        self.sit_down(which)
        self.post(self.ears[which].rep.sub_portals[0])
        self.accept(which)
        self.agree()

    @rule(which=_which)
    def decline(self, which: int) -> None:
        """Decline the first request that somebody else could still take."""
        ears = self.ears[which]
        for case in self._of(WAITING):
            others = [
                other for other in self.ears if other is not ears and self._takes(other, case)
            ]
            left = [other for other in others if case.id not in other.declined]
            if case.id in ears.alerted and self._takes(ears, case) and left:
                self.floor.does(ears.rep, "declineRequest", session_id=case.id)
                ears.alerted.remove(case.id)
                ears.declined.add(case.id)
                return

    @rule()
    def agree(self) -> None:
        """Let an accepted customer agree."""
        for case in self._of(ACCEPTED)[:1]:
            self.floor.start(case)
            self._hears(case, "Started")

    @rule(own=st.booleans())
    def talk(self, *, own: bool) -> None:
        """Let one of the two say something."""
        for case in self._of(RUNNING)[:1]:
            ears = self._own(case)
            if not own:
                self.floor.act(case, "chat", text="It hums.")
                self._hears(case, "Chat")
            elif ears is not None:
                self.floor.does(ears.rep, "sendChat", session_id=case.id, text="Does it?")
                self._hears(case, "Chat")

    @rule(how=st.sampled_from(("end", "fail", "leave")))
    def finish(self, how: str) -> None:
        """Let something come to an end."""
        if how == "leave":
            for case in [*self._of(WAITING), *self._of(ACCEPTED)][:1]:
                waited = case.stage == WAITING
                self.floor.act(case, "abandon")
                if waited:
                    self._gone(case)
                else:
                    self._hears(case, "Abandoned")
            return
        for case in self._of(RUNNING)[:1]:
            ears = self._own(case)
            if how == "fail":
                self.floor.act(case, "fail", reason="The line was cut.")
                self._hears(case, "Failed")
            elif ears is not None:
                self.floor.end(ears.rep, case)
                self._hears(case, "Ended")

    @rule(seconds=st.sampled_from((1, 61, 599, 600)))
    def wait(self, seconds: int) -> None:
        """Let time go on; requests that nobody takes are given up."""
        before = self._of(WAITING)
        self.floor.advance(self.bench.now + seconds * SECOND)
        for case in before:
            if case.stage != WAITING:
                self._gone(case)

    @precondition(lambda self: hasattr(self, "ears"))
    @invariant()
    def each_hears_its_own(self) -> None:
        """Read every desktop's events behind the last: what was due, and nothing else."""
        for ears in self.ears:
            if self._there(ears):
                self._listen(ears)

    def _listen(self, ears: _Ears) -> None:
        wire = ears.rep.wire
        assert wire is not None
        more = {"connection_id": wire.id, "since": ears.cursor}
        told = self.bench.call("getEvents", service="Agents", **more).get("gives")
        wire.use(self.bench.now)
        events: list[dict[str, Any]] = told if isinstance(told, list) else []
        heard = [(event["kind"], event["session_id"]) for event in events]
        wanted = [*ears.due, *(one for one in ears.open if one in heard)]
        patterns = tuple({"kind": kind, "session_id": number} for kind, number in wanted)
        self.bench.expect("AGENT-1", gives(Unordered(patterns)))
        for kind, _ in wanted:
            if kind in _HEARD:
                self.bench.passed("AGENT-1", _HEARD[kind])
        ears.cursor = max([ears.cursor, *(event["event_id"] for event in events)])
        ears.due.clear()
        ears.open.clear()
