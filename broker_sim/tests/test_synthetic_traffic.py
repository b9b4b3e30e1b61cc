"""Live traffic is a plan: the same however it is asked for, and it can be carried out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.core import chat, session
from broker_sim.core.record import Event, Labelled, Representative, Session, Stage
from broker_sim.synthetic import traffic
from broker_sim.synthetic.company import CompanyPlan, plan
from broker_sim.synthetic.traffic import Act, Arrival
from broker_sim.tests.synthetic_sessions import START, seeds

WEEK = timedelta(days=7)
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
    """The rate is the mean over a week; a working hour has more than a night's."""
    who = list(traffic.arrivals(5, plan(5), START, START + WEEK, 60))
    day = [one for one in who if one.at.weekday() < 5 and 9 <= one.at.hour < 17]
    night = [one for one in who if one.at.hour < 4]

    assert 0.9 < len(who) / (60 * 24 * 7) < 1.1
    assert len(day) / 40 > 2 * len(night) / 28 > 0
    assert list(traffic.arrivals(5, plan(5), START, START + WEEK, 0)) == []


@given(seeds, st.integers(0, 2**50))
def test_a_script_can_be_carried_out(seed: int, number: int) -> None:
    """SESS-2, AGENT-1: the rules of core accept every act, in order, to an end."""
    company = plan(seed % 97)
    acts = traffic.script(seed, company, Arrival(number, START))

    assert acts[0].kind == "post"
    assert acts[0].at == START
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    assert [act.leg for act in acts] == sorted(act.leg for act in acts)
    legs: list[Session] = []
    for act in acts:
        _perform(legs, company, act)
    stages = {one.stage for one in legs}
    assert stages <= {Stage.FINISHED, Stage.ERROR} or (len(acts) == 1 and stages == {Stage.WAITING})
    assert len(legs) == 1 + any(act.kind == "transfer" for act in acts)


def _perform(legs: list[Session], company: CompanyPlan, act: Act) -> None:
    given: dict[str, Any] = dict(act.arguments)
    if act.kind == "post":
        assert _served(company, given["portal"], given["sub_portal"])
        legs.append(session.post(1, given.pop("portal"), given.pop("sub_portal"),
                                 given.pop("question"), act.at, **given))  # fmt: skip
    elif act.kind == "transfer":
        assert _served(company, legs[0].portal, given["sub_portal"])
        legs[:] = session.transfer(legs[0], 2, given["sub_portal"], act.at)
    else:
        legs[act.leg] = _step(legs[act.leg], company, act, given)


def _served(company: CompanyPlan, portal: str, sub_portal: str) -> bool:
    return (portal, sub_portal) in company.desk_of


def _step(was: Session, company: CompanyPlan, act: Act, given: dict[str, Any]) -> Session:
    match act.kind:
        case "accept":
            rep = next(rep for rep in company.reps if rep.email == given["representative"])
            assert (was.portal, was.sub_portal) in rep.sub_portals
            who = Representative(rep.email, rep.name, rep.screen_name, rep.team, rep.ip)
            return session.accept(was, who, act.at)
        case "chat":
            name = chat.rep_name if given["speaker"] == "representative" else chat.customer_name
            return chat.say(was, name(was), given["text"], act.at)
        case "reboot":
            down = session.move(was, Event.REBOOTED, act.at)
            return session.move(down, Event.RECONNECTED, act.at) if given["reconnected"] else down
        case "survey":
            assert all(isinstance(one, Labelled) for one in given["customer_ratings"])
            return session.rate(was, given["customer_ratings"], act.at)
    return _plain_step(was, act, given)


def _plain_step(was: Session, act: Act, given: dict[str, Any]) -> Session:
    if act.kind == "start":
        return session.start(was, act.at)
    if act.kind == "end":
        return session.end(was, act.at, **given)
    return session.move(was, _event(act), act.at)


def _event(act: Act) -> Event:
    if act.kind == "screen":
        return Event.SCREEN_ON if act.arguments["on"] else Event.SCREEN_OFF
    return {
        "decline": Event.DECLINED,
        "abandon": Event.ABANDONED,
        "fail": Event.FAILED,
        "file": Event.FILE_SENT,
        "url": Event.URL_PUSHED,
        "diagnostics": Event.DIAGNOSTICS_TAKEN,
    }[act.kind]


def test_all_kinds_of_acts_occur() -> None:
    """AGENT-1: a day's traffic has transfers, restarts, refusals, late and missing surveys."""
    company = plan(3)
    day = traffic.arrivals(3, company, START, START + timedelta(days=1), 60)
    scripts = [traffic.script(3, company, who) for who in day]
    kinds = {act.kind for acts in scripts for act in acts}

    assert kinds == {
        "post", "accept", "decline", "abandon", "start", "chat", "file", "url", "diagnostics",
        "screen", "reboot", "transfer", "end", "survey", "fail",
    }  # fmt: skip
    assert any(len(acts) == 1 for acts in scripts), "left unanswered"
    waits = [acts[-1].at - acts[-2].at for acts in scripts if acts[-1].kind == "survey"]
    assert max(waits) > timedelta(minutes=10)
    assert len(waits) < len(scripts)


def test_what_an_arrival_does_depends_on_its_number_only() -> None:
    """Random access: the same acts at another hour, moved by as much."""
    company = plan(1)
    later = START + timedelta(hours=5)
    now, then = (traffic.script(1, company, Arrival(77, at)) for at in (START, later))

    assert [(act.at - START, act.kind, act.arguments) for act in now] == [
        (act.at - later, act.kind, act.arguments) for act in then
    ]
    assert isinstance(now[0].at, datetime)
