"""PORTAL-3, AGENT-1, PHONE-4: live traffic acts as customers and representatives do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from broker_sim.bootstrap.snapshots import Snapshots
from broker_sim.core import staff
from broker_sim.core.record import Event, Session, Stage
from broker_sim.service import desk_login, standing_in
from broker_sim.service.staff_storage import Member
from broker_sim.tests.stores import START
from broker_sim.tests.worlds import Hands, value_of, world

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world(live_per_hour=60) as made:
        yield made


def sessions(hands: Hands) -> list[Session]:
    """Give all sessions of the world."""
    with hands.broker.store.reading() as tx:
        held = [tx.held(number) for number in range(12_012_692, 12_012_692 + tx.count_sessions())]
    return [one.session for one in held if one is not None]


def members(hands: Hands) -> list[Member]:
    with hands.broker.store.reading() as tx:
        return list(tx.members())


def test_representatives_work_shifts() -> None:
    """MON-1: some are there and some are not, at every hour; their connections do not end idle."""
    seen: set[str] = set()
    with world(live_per_hour=1) as hands:
        for hour in range(25):
            hands.broker.tester.advance(START + hour * HOUR + 7 * MINUTE)
            now = hands.broker.clock.now()
            there = {m.rep.email for m in members(hands) if staff.is_logged_on(m.presence, now)}
            assert 0 < len(there) < 12
            seen |= there

        assert seen == {member.rep.email for member in members(hands)}


def test_a_request_goes_to_who_takes_requests_of_its_sub_portal(hands: Hands) -> None:
    """PORTAL-3: step by step, with the representatives as they are just before."""
    taken = 0
    for minute in range(90):
        with hands.broker.store.reading() as tx:
            before = {m.rep.email: m for _, m in tx.serving(hands.portal)}
            desks = {email: tx.desks(email) for email in before}
        mark = hands.broker.clock.now()
        hands.broker.tester.advance(START + minute * MINUTE)
        for one in sessions(hands):
            if one.responded is None or one.responded <= mark or one.portal != hands.portal:
                continue
            assert (one.portal, one.sub_portal) in desks[one.representative or ""]
            taken += staff.takes_requests(before[one.representative or ""].presence, mark)

    assert taken > 20


def test_half_a_day_has_everything(hands: Hands) -> None:
    """AGENT-1, AGENT-2, SESS-2, PHONE-4: every kind of event, both modes, every end."""
    hands.broker.tester.advance(START + 8 * HOUR)
    lived = sessions(hands)
    kinds = {event.kind for one in lived for event in one.events}

    assert kinds == set(Event)
    assert {one.stage for one in lived} >= {Stage.FINISHED, Stage.ERROR, Stage.IN_SESSION}
    phone = [one for one in lived if one.mode == "Phone" and not one.transferred_from]
    assert any(one.reference_id for one in phone)
    assert all(one.responded == one.posted and one.question == "" for one in phone)
    assert any(one.transferred_from and one.responded == one.posted for one in lived)
    for one in lived:
        times = [event.time for event in one.events]
        assert times == sorted(times)
        assert times[-1] <= hands.broker.clock.now()
        order = [one.posted, one.responded, one.started, one.ended]
        there = [instant for instant in order if instant is not None]
        assert there == sorted(there)


def test_where_nobody_sits_nobody_answers() -> None:
    """SESS-2: requests are left unanswered, calls come to nothing."""
    with world(live_per_hour=60) as hands:
        with hands.broker.store.writing() as tx:
            for member in tx.members():
                email = member.rep.email
                tx.connect_rep(email, hands.broker.world.vault.digest(email), START)
        hands.broker.tester.advance(START + 15 * MINUTE)
        lived = sessions(hands)

    assert len(lived) > 5
    assert {one.mode for one in lived} == {"Web"}
    assert {one.representative for one in lived} == {None}


def test_who_logs_on_for_real_takes_the_place_over(hands: Hands) -> None:
    """AGENT-1: traffic neither acts for them nor logs them off; what they accept goes on."""
    hands.broker.tester.advance(START + MINUTE)
    there = next(m for m in members(hands) if m.stood_in)
    email, password = there.rep.email, hands.broker.plan.staff_password
    connection = str(value_of(desk_login.logon_rep(hands.broker.world, email, password)))
    mark = hands.broker.clock.now()
    for minute in range(2, 120):
        hands.broker.tester.advance(START + minute * MINUTE)
        with hands.broker.store.writing() as tx:
            member = desk_login.admit(hands.broker.world, tx, connection, hands.broker.clock.now())
        assert not member.stood_in
        assert not member.presence.available

    theirs = [one for one in sessions(hands) if one.representative == email]
    assert all(one.responded is not None and one.responded <= mark for one in theirs)


def test_what_somebody_else_accepts_is_agreed_to() -> None:
    """PORTAL-4: the customer of a request that a person accepts agrees like any other."""
    with world(live_per_hour=60) as hands:
        hands.broker.tester.advance(START + MINUTE)
        accepted: list[int] = []
        for second in range(60, 1200, 2):
            hands.broker.tester.advance(START + timedelta(seconds=second))
            for one in sessions(hands):
                if one.stage is Stage.WAITING:
                    hands.act("accept", sessionId=one.session_id)
                    accepted.append(one.session_id)
        started = [one for one in sessions(hands) if one.session_id in accepted and one.started]

    assert len(accepted) > 5
    assert len(started) > len(accepted) // 2


def test_what_a_person_asks_waits_for_a_person(hands: Hands) -> None:
    """PORTAL-3, SESS-2: traffic takes its own requests only, whoever sits there."""
    hands.broker.tester.advance(START + HOUR)
    number = hands.post()
    hands.broker.tester.advance(START + HOUR + 9 * MINUTE)
    own = next(one for one in sessions(hands) if one.session_id == number)
    others = [one for one in sessions(hands) if one.session_id > number and one.responded]
    assert own.stage is Stage.WAITING
    assert others

    hands.broker.tester.advance(START + HOUR + 10 * MINUTE)
    own = next(one for one in sessions(hands) if one.session_id == number)
    assert own.events[-1].kind is Event.UNANSWERED


def test_what_goes_on_when_a_process_ends_is_cut_off(tmp_path: Path) -> None:
    """MON-3, SESS-2: nobody is left in a session; what others had begun stays as it is."""
    with world(tmp_path, live_per_hour=60) as hands:
        own = hands.post()
        hands.act("accept", sessionId=own)
        hands.act("start", sessionId=own)
        hands.broker.tester.advance(START + HOUR)
        open_ones = {one.session_id for one in sessions(hands) if one.responded and not one.ended}
        done = [one for one in sessions(hands) if one.ended]
    with world(tmp_path, live_per_hour=60) as hands:
        hands.broker.tester.advance(START + HOUR + timedelta(milliseconds=1))
        after = {one.session_id: one for one in sessions(hands)}

    assert len(open_ones) > 2
    for number in open_ones - {own}:
        assert after[number].stage is Stage.ERROR
        assert after[number].events[-1].detail == "The connection was lost."
    assert after[own].stage is Stage.IN_SESSION
    assert [after[one.session_id].events for one in done] == [one.events for one in done]


def test_a_world_that_is_brought_back_has_the_same_traffic_every_time() -> None:
    """One seed and one clock: new customers come as before; who was in a session is cut off."""
    with world(live_per_hour=60) as hands:
        snapshots = Snapshots(hands.broker)
        hands.broker.tester.advance(START + HOUR)
        snapshots.take("then")
        then = sessions(hands)
        hands.broker.tester.advance(START + 2 * HOUR)
        lived = sessions(hands)
        futures = []
        for _ in range(2):
            snapshots.restore("then")
            assert sessions(hands) == then
            hands.broker.tester.advance(START + 2 * HOUR)
            futures.append(sessions(hands))

    assert futures[0] == futures[1]
    come = [[one.question for one in found if one.posted > START + HOUR] for found in futures]
    assert len(come[0]) > 20
    before = {one.question for one in lived if one.posted > START + HOUR}
    assert len(before & set(come[0])) > len(before) // 2


def test_who_goes_home_first_ends_what_goes_on() -> None:
    """MON-3: a representative in a session is not logged off; after it, on the next look."""
    with world() as hands:
        number = hands.post()
        hands.act("accept", sessionId=number)
        hands.act("start", sessionId=number)
        with hands.broker.store.reading() as tx:
            held = tx.held(number)
        assert held is not None
        email = str(held.session.representative)

        assert not standing_in.go_home(hands.broker.world, email)
        assert not any(m.presence.available for m in members(hands))
        assert any(m.presence.connection for m in members(hands))
        hands.act("end", sessionId=number)
        assert standing_in.go_home(hands.broker.world, email)
        assert not any(m.presence.connection for m in members(hands))


def test_all_who_sit_there_decline_one_by_one() -> None:
    """SESS-2: the last one's word ends the request."""
    with world() as hands:
        number = hands.post()
        with hands.broker.store.reading() as tx:
            held = tx.held(number)
            assert held is not None
            serving = tx.members_at(held.session.portal, held.session.sub_portal)
        for member in serving:
            standing_in.sit_down(hands.broker.world, member.rep.email)
        after = standing_in.turn_down(hands.broker.world, number)

    assert after.stage is Stage.ERROR
    assert all(member.rep.email in after.events[-1].detail for member in serving)
