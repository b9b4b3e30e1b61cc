"""The cases of live traffic at work, from the arrival to the survey.

A case asks for its next turn by an instant; what is done then goes through the use cases that
forms and desktops call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from broker_sim.core.record import Event, Session, Stage
from broker_sim.core.refusal import Refused
from broker_sim.service import customers, standing_in
from broker_sim.service.ports import World
from broker_sim.service.redeeming import redeem
from broker_sim.synthetic import course, doings, story, traffic
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.company import CompanyPlan
from broker_sim.synthetic.course import Course
from broker_sim.synthetic.doings import Step
from broker_sim.synthetic.story import Request, Story
from broker_sim.synthetic.traffic import Arrival

_MS: Final = timedelta(milliseconds=1)
# How often somebody looks whether a representative has come, and how long at most.
_LOOK: Final = timedelta(seconds=20)
_PATIENCE: Final = timedelta(milliseconds=course.UNANSWERED_MS)
_CONSENT: Final = timedelta(seconds=10)
# One phone code in so many is never used; one is mistyped at first; one transfer goes to a rep.
_UNUSED: Final = 12
_MISTYPED: Final = 10
_TO_A_REP: Final = 3


@dataclass(slots=True)
class Case:
    """One leg of a case.

    Attributes:
        way: how it goes; with who really helps, once that is known.
        posted: when its request was posted; offsets of the way count from here.
        session_id: 0 until there is a session.
        code: the phone code that was read out, if one was.
        asked: what the customer brings, once it was asked for.
        told: what is said and done; None until somebody helps.
        late: how much later than planned somebody answered.
        steps: what is still to be said and done, each with its time.
    """

    way: Course
    posted: datetime
    session_id: int = 0
    code: str = ""
    told: Story | None = None
    asked: Request | None = None
    late: timedelta = timedelta(0)
    steps: list[tuple[datetime, Step]] = field(default_factory=list)

    def at(self, offset: int) -> datetime:
        """Give the instant of an offset in milliseconds."""
        return self.posted + offset * _MS + self.late


Turn: TypeAlias = Callable[[Case, datetime], None]
# Takes when, which case, the place of the turn among its case's, and the turn.
Later: TypeAlias = Callable[[datetime, Case, int, Turn], None]


class Casework:
    """Plays cases in one world.

    Args:
        world: where.
        seed: of the world.
        plan: the company.
        later: keeps a turn for its instant.
        until: tells up to when nobody looks, so that what is said may be said at once; None
            where somebody may look at any time.
    """

    def __init__(
        self,
        world: World,
        seed: int,
        plan: CompanyPlan,
        later: Later,
        until: Callable[[], datetime | None],
    ) -> None:
        self._world, self._seed, self._plan = world, seed, plan
        self._later, self._until = later, until
        self.going_on: set[int] = set()  # sessions that somebody has accepted
        self._reps = {rep.email: rep for rep in plan.reps}

    def arrive(self, arrival: Arrival) -> None:
        """Let somebody come who needs help: by the form, or on the phone."""
        case = Case(traffic.case(self._seed, self._plan, arrival), arrival.at)
        if case.way.place.mode == "Phone":
            self._call(case)
        else:
            self._post(case)

    def _post(self, case: Case) -> None:
        way, asked = case.way, self._asked(case)
        posted = customers.post(
            self._world,
            way.place.portal.name,
            way.place.sub_portal,
            asked.question,
            smart_box_entries=asked.entries,
            reference_id=asked.reference_id,
            customer_ip=asked.customer.ip,
            locale=asked.locale,
        )
        case.session_id = posted.session_id
        self._wait(case)

    def _asked(self, case: Case) -> Request:
        if case.asked is None:
            case.asked = story.request(self._seed, course.LIVE, case.way)
        return case.asked

    def _wait(self, case: Case) -> None:
        way, times = case.way, case.way.times
        if times.responded is not None:
            self._later(case.at(times.responded), case, 1, self._respond)
        elif way.fate is Event.ABANDONED:
            self._later(case.at(times.ended), case, 1, self._abandon)
        elif way.fate is Event.DECLINED:
            self._later(case.at(times.ended), case, 1, self._decline)

    def _abandon(self, case: Case, _now: datetime) -> None:
        customers.abandon(self._world, case.session_id)

    def _decline(self, case: Case, _now: datetime) -> None:
        standing_in.turn_down(self._world, case.session_id)

    def _respond(self, case: Case, now: datetime) -> None:
        rather, number = case.way.place.rep.email, case.way.number
        try:
            taken = standing_in.take_up(self._world, case.session_id, rather, number)
        except Refused:
            # Somebody else plays a representative and was quicker, or it is over.
            self._later(now + _CONSENT, case, 2, self._agree)
            return
        if taken is not None:
            self._accepted(case, taken, now)
        elif now + _LOOK < case.posted + _PATIENCE:
            self._later(now + _LOOK, case, 1, self._respond)

    def _agree(self, case: Case, _now: datetime) -> None:
        customers.agree(self._world, case.session_id)

    def _accepted(self, case: Case, taken: Session, now: datetime) -> None:
        """Go on with who has accepted at `now`, whoever was planned."""
        place = case.way.place._replace(
            sub_portal=taken.sub_portal, rep=self._reps[taken.representative or ""]
        )
        case.way = case.way._replace(place=place)
        times = case.way.times
        self.going_on.add(case.session_id)
        case.late += now - case.at(times.responded or 0)
        case.told = story.tell(self._seed, course.LIVE, case.way, case.asked)
        case.steps = [(case.at(offset), step) for offset, step in doings.beats(case.told)]
        if times.started is None:
            self._later(case.at(times.ended), case, 5, self._close)
        else:
            self._later(case.at(times.started), case, 2, self._start)

    def _start(self, case: Case, now: datetime) -> None:
        try:
            customers.agree(self._world, case.session_id)
        except Refused:
            self.going_on.discard(case.session_id)  # somebody else has ended it
            raise
        self._go_on(case, now)

    def _go_on(self, case: Case, now: datetime) -> None:
        """Ask for the next turn: what is said until somebody may look is said at once."""
        end, until = case.at(case.way.times.ended), self._until() or now
        if end <= until or not case.steps:
            self._later(end, case, 5, self._close)
            return
        unseen = [at for at, _ in case.steps if at <= until]
        self._later(unseen[-1] if unseen else case.steps[0][0], case, 3, self._talk)

    def _talk(self, case: Case, now: datetime) -> None:
        self._do(case, [one for one in case.steps if one[0] <= now], now)
        case.steps = [one for one in case.steps if one[0] > now]
        self._go_on(case, now)

    def _do(self, case: Case, steps: list[tuple[datetime, Step]], now: datetime) -> Session:
        timed = steps if self._until() else [(now, step) for _, step in steps]
        return standing_in.do(self._world, case.session_id, timed)

    def _close(self, case: Case, now: datetime) -> None:
        """Say what is left to be said, and end it."""
        assert case.told is not None
        self.going_on.discard(case.session_id)
        last = doings.closing(case.told)
        rest = case.steps if last is None else [*case.steps, (case.at(case.way.times.ended), last)]
        case.steps = []
        session = self._do(case, rest, now)
        if case.way.fate is Event.TRANSFERRED:
            self._transfer(case, now)
        elif case.way.times.survey is not None and session.stage is Stage.FINISHED:
            self._later(case.at(case.way.times.survey), case, 6, self._rate)

    def _rate(self, case: Case, _now: datetime) -> None:
        assert case.told is not None
        ratings = case.told.outcome.customer_ratings
        customers.rate(self._world, case.session_id, ratings)

    def _transfer(self, case: Case, now: datetime) -> None:
        further = traffic.handed_on(self._seed, self._plan, case.way)
        to_rep = Draws(self._seed, "to a rep", case.way.number).once_in(_TO_A_REP)
        successor = standing_in.hand_over(
            self._world,
            case.session_id,
            case.way.belongs,
            rather=further.place.rep.email,
            to_rep=to_rep,
        )
        second = Case(further, now, successor.session_id)
        if successor.stage is Stage.ACCEPTED:
            self._accepted(second, successor, now)
        else:
            self._wait(second)

    def _call(self, case: Case) -> None:
        """Call by phone: whoever takes it reads a code out. Some never use theirs. PHONE-3."""
        way, asked = case.way, self._asked(case)
        read = standing_in.read_out(
            self._world,
            (way.place.portal.name, way.place.sub_portal),
            way.place.rep.email,
            way.number,
            asked.customer.name,
            asked.reference_id,
        )
        draws = Draws(self._seed, "codes", way.number)
        if read is None or way.times.responded is None or draws.once_in(_UNUSED):
            return
        case.code = read.code
        typed = case.at(draws.between(15_000, 90_000))
        if draws.once_in(_MISTYPED):
            self._later(typed - timedelta(seconds=8), case, 0, self._mistype)
        self._later(typed, case, 1, self._redeem)

    def _mistype(self, case: Case, _now: datetime) -> None:
        self._type(case, case.code[1:] + case.code[:1])

    def _redeem(self, case: Case, now: datetime) -> None:
        begun = self._type(case, "-".join((case.code[:3], case.code[3:6], case.code[6:])))
        case.session_id = begun.session_id
        self._accepted(case, begun, now)

    def _type(self, case: Case, code: str) -> Session:
        asked = self._asked(case)
        return redeem(
            self._world,
            code,
            portal=case.way.place.portal.name,
            customer_ip=asked.customer.ip,
            locale=asked.locale,
        )
