"""Live traffic is a plan: the same however it is asked for, and it can be carried out."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.core import session
from broker_sim.core.record import Event, Representative, Session, Stage
from broker_sim.synthetic import course, doings, shifts, story, traffic
from broker_sim.synthetic.company import plan
from broker_sim.synthetic.course import Course
from broker_sim.synthetic.shifts import Turn
from broker_sim.synthetic.traffic import Arrival
from broker_sim.tests.synthetic_sessions import START, seeds

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MS = timedelta(milliseconds=1)
rates = st.floats(0, 90)
spans = st.integers(0, 60 * 60 * 30).map(lambda seconds: timedelta(seconds=seconds))
offsets = st.integers(0, 10**9).map(lambda milliseconds: timedelta(milliseconds=milliseconds))


@given(seeds, offsets, spans, spans, rates)
@settings(max_examples=40)
def test_a_span_cut_in_two_has_the_same_arrivals(
    seed: int, offset: timedelta, one: timedelta, two: timedelta, rate: float
) -> None:
    """Whoever asks in pieces, as a clock goes on, misses nobody and sees nobody twice."""
    company = plan(seed % 97)
    begin, cut, end = START + offset, START + offset + one, START + offset + one + two
    whole = list(traffic.arrivals(seed, company, begin, end, rate))
    parts = [
        *traffic.arrivals(seed, company, begin, cut, rate),
        *traffic.arrivals(seed, company, cut, end, rate),
    ]

    assert whole == parts
    assert all(begin <= who.at < end for who in whole)
    assert [who.at for who in whole] == sorted(who.at for who in whole)
    assert len({who.number for who in whole}) == len(whole)


def test_who_comes_at_the_edge_belongs_to_the_span_that_begins_there() -> None:
    """Every span is [start, end): the start is in it, the end is not."""
    company = plan(5)
    first, second, *_ = traffic.arrivals(5, company, START, START + WEEK, 60)

    assert list(traffic.arrivals(5, company, START, second.at, 60)) == [first]
    assert next(traffic.arrivals(5, company, second.at, START + WEEK, 60)) == second


def test_as_many_come_as_were_asked_for_and_more_by_day() -> None:
    """The rate is the mean over weeks; a working hour has more than a night's."""
    who = list(traffic.arrivals(5, plan(5), START, START + 4 * WEEK, 60))
    day = [one for one in who if one.at.weekday() < 5 and 9 <= one.at.hour < 17]
    night = [one for one in who if one.at.hour < 4]

    assert 0.9 < len(who) / (60 * 24 * 7 * 4) < 1.1
    assert len(day) / 40 > 2 * len(night) / 28 > 0
    assert list(traffic.arrivals(5, plan(5), START, START + WEEK, 0)) == []


def test_in_a_peak_many_come_to_one_desk() -> None:
    """Once in a while something breaks that many depend on."""
    company = plan(5)
    who = list(traffic.arrivals(5, company, START, START + 4 * WEEK, 60))
    hours: dict[int, list[tuple[str, str]]] = {}
    for one in who:
        place = traffic.case(5, company, one).place
        assert (place.portal.name, place.sub_portal) in place.rep.sub_portals
        hours.setdefault(one.number >> 20, []).append((place.portal.name, place.sub_portal))
    peaks = {hour: desks for hour, desks in hours.items() if traffic.is_peak(5, hour)}
    shares = [max(map(desks.count, desks)) / len(desks) for desks in peaks.values()]

    assert 3 <= len(peaks) <= 30
    assert min(shares) > 0.5
    calm = [len(desks) for hour, desks in hours.items() if hour not in peaks]
    assert sum(map(len, peaks.values())) / len(peaks) > 1.5 * sum(calm) / len(calm)


@given(seeds, st.integers(0, 2**50))
def test_a_told_case_can_be_carried_out(seed: int, number: int) -> None:
    """SESS-2, AGENT-1: the rules of core accept every step, in order, to an end."""
    company = plan(seed % 97)
    way = traffic.case(seed, company, Arrival(number, START))
    ended = carried_out(seed, way)
    assert ended.stage in {Stage.FINISHED, Stage.ERROR, Stage.WAITING}

    if way.fate is Event.TRANSFERRED:
        gone, successor = session.transfer(ended_at(seed, way), 2, way.belongs, START + DAY)
        second = traffic.handed_on(seed, company, way)
        assert (successor.portal, successor.sub_portal) in second.place.rep.sub_portals
        assert gone.transferred_to == 2
        assert carried_out(seed, second).stage is Stage.FINISHED


def carried_out(seed: int, way: Course) -> Session:
    """Do all steps of a leg; one that is transferred is still going on, and is ended here."""
    was = ended_at(seed, way)
    return session.end(was, START + DAY) if was.stage is Stage.IN_SESSION else was


def ended_at(seed: int, way: Course) -> Session:
    place, times = way.place, way.times
    assert (place.portal.name, place.sub_portal) in place.rep.sub_portals
    was = session.post(1, place.portal.name, place.sub_portal, "", START)
    if times.responded is None:
        return was
    rep = place.rep
    who = Representative(rep.email, rep.name, rep.screen_name, rep.team, rep.ip)
    was = session.accept(was, who, START + times.responded * MS)
    told = story.tell(seed, course.LIVE, way)
    if times.started is not None:
        was = session.start(was, START + times.started * MS)
    offsets = [offset for offset, _ in doings.beats(told)]
    assert offsets == sorted(offsets)
    assert all((times.started or 0) <= offset <= times.ended for offset in offsets)
    for offset, step in doings.beats(told):
        was = step(was, START + offset * MS)
    last = doings.closing(told)
    return was if last is None else last(was, START + times.ended * MS)


def test_all_kinds_of_cases_occur() -> None:
    """AGENT-1: a day's traffic has transfers, restarts, refusals, phone calls, late surveys."""
    company = plan(3)
    cases = [
        traffic.case(3, company, who)
        for who in traffic.arrivals(3, company, START, START + DAY, 60)
    ]
    kinds = {
        beat.kind
        for way in cases
        if way.times.responded is not None
        for _, beat in story.tell(3, course.LIVE, way).beats
    }
    late = [way.times.survey - way.times.ended for way in cases if way.times.survey is not None]

    assert {way.fate for way in cases} == {
        Event.ENDED, Event.TRANSFERRED, Event.DECLINED, Event.UNANSWERED, Event.ABANDONED,
        Event.FAILED,
    }  # fmt: skip
    assert kinds >= {
        Event.CHAT, Event.FILE_SENT, Event.URL_PUSHED, Event.DIAGNOSTICS_TAKEN, Event.SCREEN_ON,
        Event.SCREEN_OFF, Event.REBOOTED,
    }  # fmt: skip
    assert {way.place.mode for way in cases} == {"Web", "Phone"}
    assert max(late) > 600_000
    assert len(late) < len(cases)


def test_what_an_arrival_does_depends_on_its_number_only() -> None:
    """Random access: the same case at another hour."""
    company = plan(1)
    cases = [traffic.case(1, company, Arrival(77, START + n * DAY)) for n in range(3)]

    assert cases[0] == cases[1] == cases[2]


@given(seeds, st.integers(1, 3), st.integers(1, 16), offsets)
@settings(max_examples=25)
def test_shifts_cut_in_two_are_the_same_shifts(
    seed: int, portals: int, reps: int, offset: timedelta
) -> None:
    """In order; nobody comes twice without having gone, nobody pauses who is not there."""
    company = plan(seed % 97, portals=portals, reps=reps)
    begin, cut, end = START, START + offset % DAY, START + 3 * DAY
    whole = list(shifts.turns(seed, company, begin, end))
    parts = [*shifts.turns(seed, company, begin, cut), *shifts.turns(seed, company, cut, end)]

    assert whole == parts
    assert whole == sorted(whole, key=lambda one: (one.at, one.rep))
    there = dict.fromkeys(shifts.at_desk(seed, company, begin), Turn.RETURN)
    for one in whole:
        before = there.get(one.rep, Turn.GO)
        allowed = {
            Turn.COME: {Turn.GO},
            Turn.PAUSE: {Turn.COME, Turn.RETURN},
            Turn.RETURN: {Turn.PAUSE, Turn.GO},
            Turn.GO: {Turn.COME, Turn.RETURN},
        }[one.turn]
        first = one.rep not in there
        assert before in allowed or first
        there[one.rep] = one.turn


@given(seeds, offsets)
@settings(max_examples=30)
def test_of_every_team_some_one_works_at_all_hours(seed: int, offset: timedelta) -> None:
    """PORTAL-3: pauses aside, every desk is served, by night too."""
    company = plan(seed % 97)
    at = START + offset
    working: set[int] = set()
    for one in shifts.turns(seed, company, at - 2 * DAY, at):
        if one.turn is Turn.GO:
            working.discard(one.rep)
        else:
            working.add(one.rep)

    assert {company.reps[rep].team for rep in working} == {team.name for team in company.teams}


@given(seeds, offsets)
@settings(max_examples=30)
def test_who_is_at_the_desk_is_who_came_and_did_not_go(seed: int, offset: timedelta) -> None:
    """A world that begins in the middle of a shift begins with those who work it."""
    company = plan(seed % 97)
    at = START + offset
    last = {one.rep: one.turn for one in shifts.turns(seed, company, at - 5 * DAY, at)}

    expected = [rep for rep in sorted(last) if last[rep] in (Turn.COME, Turn.RETURN)]
    assert list(shifts.at_desk(seed, company, at)) == expected
