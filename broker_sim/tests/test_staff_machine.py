"""MON-3, PORTAL-3, PHONE-3: in whatever order people do things, the broker agrees with a model."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from broker_sim.service.redeeming import redeem
from broker_sim.tests.desks import Desk
from broker_sim.tests.refusals import code_of
from broker_sim.tests.staff_model import Case, Person, StaffModel
from broker_sim.tests.worlds import Hands, world

WHO = st.integers(0, 3)
WHICH = st.integers(0, 10)


class Staff(RuleBasedStateMachine):
    """Four people at their desks, customers who come, and codes; all in one portal."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.hands: Hands = self.stack.enter_context(world())
        with self.hands.broker.store.reading() as tx:
            serving = tx.serving(self.hands.portal)
        people: dict[str, Person] = {}
        for sub_portal, member in serving:
            email = member.rep.email
            people.setdefault(email, Person(email, set(), self.now)).sub_portals.add(sub_portal)
        self.sub_portals = list(dict.fromkeys(sub_portal for sub_portal, _ in serving))[:2]
        chosen = [one for one in people.values() if one.sub_portals & set(self.sub_portals)][:4]
        self.model = StaffModel(people)  # the others of them stay at home
        self.desks = [Desk(self.hands, one.email) for one in chosen]

    @property
    def now(self) -> datetime:
        return self.hands.broker.clock.now()

    def teardown(self) -> None:
        self.stack.close()

    def person(self, who: int) -> tuple[Desk, Person]:
        desk = self.desks[who % len(self.desks)]
        return desk, self.model.people[desk.email]

    def case(self, which: int, *states: str) -> Case | None:
        found = [case for case in self.model.cases.values() if not states or case.state in states]
        return found[which % len(found)] if found else None

    def does(self, desk: Desk, name: str, **given: Any) -> str | None:
        """Call as a representative who is logged on; give the refusal's code."""
        person = self.model.people[desk.email]
        person.used = self.now
        return code_of(partial(desk.call, name, **given))

    @rule(who=WHO)
    def log_on(self, who: int) -> None:
        desk, person = self.person(who)
        was_on = person.is_on(self.now)
        assert code_of(desk.logon) == ("AlreadyLoggedOn" if was_on else None)
        if not was_on:
            self.model.logon(person, self.now)
            desk.seen = 0

    @rule(who=WHO)
    def log_off(self, who: int) -> None:
        desk, person = self.person(who)
        if person.is_on(self.now):
            assert self.does(desk, "logoff") is None
            self.model.logoff(person, self.now)

    @rule(who=WHO, available=st.booleans())
    def be_available(self, who: int, available: bool) -> None:
        desk, person = self.person(who)
        if person.is_on(self.now):
            assert self.does(desk, "setAvailability", available=available) is None
            self.model.set_available(person, self.now, available=available)

    @rule(who=WHO)
    def come_back(self, who: int) -> None:
        """Leave, if there, and sit down at an empty desk."""
        self.log_off(who)
        self.log_on(who)
        self.be_available(who, available=True)

    @rule(nth=st.integers(0, 1))
    def post(self, nth: int) -> None:
        sub_portal = self.sub_portals[nth % len(self.sub_portals)]
        number = self.hands.post(subPortal=sub_portal)
        self.model.post(number, sub_portal, self.now)

    @rule(who=WHO, which=WHICH, accept=st.booleans())
    def answer(self, who: int, which: int, accept: bool) -> None:
        desk, person = self.person(who)
        case = self.case(which)
        if case is None or not person.is_on(self.now):
            return
        person.used = self.now
        expected = self.model.may_accept(person, case, self.now)
        name = "acceptRequest" if accept else "declineRequest"
        assert self.does(desk, name, session_id=case.number) == expected
        if expected is None and accept:
            self.model.accept(person, case)
        elif expected is None:
            self.model.decline(person, case, self.now)

    @rule(which=WHICH)
    def abandon(self, which: int) -> None:
        case = self.case(which, "waiting")
        if case is not None:
            self.hands.act("abandon", sessionId=case.number)
            self.model.gone(case, self.now)

    @rule(which=WHICH)
    def agree(self, which: int) -> None:
        case = self.case(which, "accepted")
        if case is not None:
            self.hands.act("start", sessionId=case.number)
            self.model.start(case, self.now)

    @rule(which=WHICH)
    def end(self, which: int) -> None:
        case = self.case(which, "going")
        desk = None if case is None else next(d for d in self.desks if d.email == case.rep)
        if case is None or desk is None or not self.model.people[desk.email].is_on(self.now):
            return
        given = {"session_id": case.number, "resolution": "Resolved"}
        assert self.does(desk, "endSession", **given) is None
        self.model.end(case, self.now)

    @rule(minutes=st.sampled_from([1, 5, 10, 15, 20]))
    def let_time_pass(self, minutes: int) -> None:
        self.hands.pass_time(timedelta(minutes=minutes))
        self.hands.log_on_anew()
        with self.hands.broker.store.writing() as tx:
            tx.drop_connection(self.hands.username)

    @rule(who=WHO)
    def make_code(self, who: int) -> None:
        desk, person = self.person(who)
        given = {"representative": desk.email, "customer_name": "", "portal": self.hands.portal}
        full = len(self.model.active(self.now, person.email)) >= 8
        made: list[Any] = []
        end = code_of(lambda: made.append(self.hands.call("createCode", **given)))
        assert end == ("TooManyCodes" if full else None)
        for code in made:
            self.model.codes[code.code] = (person.email, self.now)

    @precondition(lambda self: self.model.codes)
    @rule(which=WHICH)
    def type_code(self, which: int) -> None:
        code = list(self.model.codes)[which % len(self.model.codes)]
        works = code in self.model.active(self.now)
        begun: list[Any] = []
        end = code_of(lambda: begun.append(redeem(self.hands.broker.world, code)))
        assert end in ((None,) if works else ("NoSuchCode", "RateLimited"))
        for session in begun:
            self.model.redeem(code, session.session_id, session.sub_portal, self.now)

    @rule(who=WHO)
    def cancel_codes(self, who: int) -> None:
        desk, person = self.person(who)
        theirs = self.model.active(self.now, person.email)
        assert self.hands.call("cancelCodes", representative=desk.email) == len(theirs)
        for code in theirs:
            del self.model.codes[code]

    @rule(who=WHO)
    def look(self, who: int) -> None:
        """Read the news, and hand in what was dealt with."""
        desk, person = self.person(who)
        self.model.settle(self.now)
        if person.is_on(self.now):
            person.used = self.now
            assert desk.heard() == person.inbox
            person.inbox = []

    @invariant()
    def the_monitors_agree(self) -> None:
        self.model.settle(self.now)
        told = {one.login: one for one in self.hands.call("getRepresentatives")}
        assert set(told) == set(self.model.people)
        for email, person in self.model.people.items():
            one = told[email]
            said = (str(one.status), one.since, list(one.session_ids), one.handled_today)
            assert said == self.model.status(person, self.now)
            assert one.takes_requests == person.takes(self.now)

    @invariant()
    def the_queues_agree(self) -> None:
        for one in self.hands.call("getQueues"):
            waiting = [
                case
                for case in self.model.cases.values()
                if case.state == "waiting" and case.sub_portal == one.sub_portal
            ]
            assert [request.session_id for request in one.requests] == [
                case.number for case in waiting
            ]
            waits = [int((self.now - case.posted).total_seconds()) for case in waiting]
            assert one.longest_wait_seconds == max(waits, default=0)
            words = [
                self.model.status(person, self.now)[0]
                for person in self.model.people.values()
                if one.sub_portal in person.sub_portals
            ]
            assert one.representatives_available == words.count("Available")
            assert one.representatives_in_session == words.count("InSession")

    @invariant()
    def the_codes_agree(self) -> None:
        listed = [code.code for code in self.hands.call("getCodes")]
        assert sorted(listed) == sorted(self.model.active(self.now))


Staff.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestStaff = Staff.TestCase
