"""MON-1 to MON-3: representatives and queues, as the Sessions service would have them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest

from broker_sim.service import managers
from broker_sim.service.storage import Portal
from broker_sim.tests.desks import Desk, desks, elsewhere
from broker_sim.tests.stores import START
from broker_sim.tests.worlds import Hands, world

MINUTE: Final = timedelta(minutes=1)


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


def told(hands: Hands, desk: Desk) -> Any:
    """Give what getRepresentatives says of one."""
    return {one.login: one for one in hands.call("getRepresentatives")}[desk.email]


def queue(hands: Hands, nth: int = 0) -> Any:
    return hands.call("getQueues")[nth]


def test_everybody_who_serves_the_portal_is_told_with_all_there_is(hands: Hands) -> None:
    """MON-1: by address; with the sub-portals they serve, in the portal's own words."""
    with hands.broker.store.reading() as tx:
        expected: dict[str, list[str]] = {}
        for sub_portal, member in tx.serving(hands.portal):
            expected.setdefault(member.rep.email, []).append(sub_portal)
        reps = {member.rep.email: member.rep for member in tx.members()}

    answer = hands.call("getRepresentatives")

    assert [(one.login, one.sub_portals) for one in answer] == sorted(expected.items())
    for one in answer:
        rep = reps[one.login]
        assert (one.name, one.screen_name, one.team_name) == (rep.name, rep.screen_name, rep.team)
        assert (one.status, one.since, one.takes_requests) == ("LoggedOut", START, False)
        assert (list(one.session_ids), one.handled_today) == ([], 0)


def test_a_day_of_a_representative(hands: Hands) -> None:
    """MON-1, MON-3: each status, since when, in which session, and what was handled."""
    amy = desks(hands)[0]
    seen: list[tuple[str, int, list[int], int]] = []

    def look() -> None:
        one = told(hands, amy)
        since = (one.since - START) // MINUTE
        seen.append((one.status, since, list(one.session_ids), one.handled_today))
        hands.pass_time(MINUTE)

    look()
    amy.logon()
    look()
    amy.call("setAvailability", available=True)
    look()
    number = hands.post()
    amy.call("acceptRequest", session_id=number)
    look()
    hands.act("start", sessionId=number)
    look()
    amy.call("endSession", session_id=number, resolution="Resolved")
    look()
    amy.call("setAvailability", available=False)
    look()
    amy.call("logoff")
    look()

    assert seen == [
        ("LoggedOut", 0, [], 0),
        ("Unavailable", 1, [], 0),
        ("Available", 2, [], 0),
        ("Available", 2, [], 0),
        ("InSession", 4, [number], 0),
        ("Available", 5, [], 1),
        ("Unavailable", 6, [], 1),
        ("LoggedOut", 7, [], 1),
    ]


def test_a_rep_may_be_in_several_sessions_and_still_take_requests(hands: Hands) -> None:
    """MON-1, PORTAL-3: InSession since the oldest that goes on."""
    amy = desks(hands)[0].sit_down()
    numbers = [amy.in_session()]
    hands.pass_time(MINUTE)
    numbers.append(amy.in_session())

    one = told(hands, amy)
    assert (list(one.session_ids), one.since, one.takes_requests) == (numbers, START, True)
    amy.call("endSession", session_id=numbers[0], resolution="Unknown")
    one = told(hands, amy)
    assert (list(one.session_ids), one.since) == (numbers[1:], START + MINUTE)


def test_a_rep_who_is_gone_is_in_session_until_the_session_ends(hands: Hands) -> None:
    """MON-3: logged off or idle, exactly while a session of its own goes on."""
    amy = desks(hands)[0].sit_down()
    number = amy.in_session()
    hands.pass_time(timedelta(hours=2))
    hands.log_on_anew()

    assert told(hands, amy).status == "InSession"
    hands.act("end", sessionId=number)
    one = told(hands, amy)
    assert (one.status, one.since) == ("LoggedOut", START + timedelta(hours=2))


def test_handled_today_ends_at_midnight(hands: Hands) -> None:
    """MON-1: of UTC; what failed or goes on is not handled, a transfer's first part is."""
    amy = desks(hands)[0].sit_down()
    for act in ("end", "fail", "transfer"):
        number = amy.in_session()
        with hands.broker.store.reading() as tx:
            portal = tx.portal(hands.portal)
        assert portal is not None
        hands.act(act, sessionId=number, reason="broke", subPortal=portal.sub_portals[-1])
    amy.in_session()

    assert told(hands, amy).handled_today == 2
    hands.pass_time(timedelta(hours=15) - timedelta(milliseconds=1))
    hands.log_on_anew()
    assert told(hands, amy).handled_today == 2
    hands.pass_time(timedelta(milliseconds=1))
    assert told(hands, amy).handled_today == 0


def test_the_past_was_handled_too() -> None:
    """MON-1: a generated session counts like one that was lived."""
    evening = START.replace(hour=19)
    with world(sessions=400, days=2, frozen_at=evening) as hands:
        answer = hands.call("getRepresentatives")
        midnight = START.replace(hour=0)
        ids = hands.call("getSessionIds", start=midnight, end=evening, by="Ended")
        found = [hands.call("getSession", session_id=number) for number in ids]
        handled: dict[str, int] = {}
        for one in found:
            if one.status == "Finished":
                handled[one.representative] = handled.get(one.representative, 0) + 1

        assert sum(handled.values()) > 10
        assert {one.login: one.handled_today for one in answer if one.handled_today} == handled


def test_a_queue_has_what_waits(hands: Hands) -> None:
    """MON-2: in order of their coming, with the longest wait in whole seconds."""
    first = hands.post(question="slow?")
    hands.pass_time(timedelta(seconds=1.5))
    second = hands.post()

    one = queue(hands)

    asked = [(r.session_id, r.posted, r.question) for r in one.requests]
    assert asked == [
        (first, START, "slow?"),
        (second, START + timedelta(seconds=1.5), "Why?"),
    ]
    assert (one.waiting, one.longest_wait_seconds) == (2, 1)
    assert [(q.waiting, q.longest_wait_seconds) for q in hands.call("getQueues")[1:]] == [
        (0, 0)
    ] * 3


@pytest.mark.parametrize("act", ["accept", "abandon", "decline", "fail"])
def test_a_request_waits_until_it_is_accepted_or_ends(hands: Hands, act: str) -> None:
    """MON-3: accepted and not yet started, its status is New, and it waits no more."""
    number = hands.post()
    assert queue(hands).waiting == 1

    hands.act(act, sessionId=number, reason="broke")

    assert queue(hands).waiting == 0
    if act == "accept":
        assert hands.call("getSession", session_id=number).status == "New"


def test_who_is_not_answered_leaves_the_queue_at_its_instant(hands: Hands) -> None:
    """MON-3, SESS-2: at ten minutes, though nobody came by meanwhile."""
    hands.post()
    hands.pass_time(10 * MINUTE - timedelta(milliseconds=1))
    assert queue(hands).longest_wait_seconds == 599
    hands.pass_time(timedelta(milliseconds=1))
    assert queue(hands).waiting == 0


def test_a_queue_counts_who_could_come(hands: Hands) -> None:
    """MON-2: of those who serve it, by their status; who serves another does not count."""
    amy, ben = desks(hands)[:2]
    amy.sit_down()
    amy.in_session()
    ben.sit_down()
    elsewhere(hands).sit_down()

    one = queue(hands)

    assert (one.representatives_available, one.representatives_in_session) == (1, 1)
    ben.call("setAvailability", available=False)
    assert queue(hands).representatives_available == 0


def test_the_monitors_see_their_own_portal_only(hands: Hands) -> None:
    """CONN-4: a rep of two portals is InSession for both, the session's number is for one."""
    both = [desk for desk in desks(hands) if _portals(hands, desk) > 1]
    amy = both[0].sit_down()
    number = amy.in_session()
    assert list(told(hands, amy).session_ids) == [number]

    other = list(hands.broker.logins().items())[1]
    hands.logon(other[1][0]["password"], other[1][0]["username"])

    one = told(hands, amy)
    assert (one.status, list(one.session_ids)) == ("InSession", [])
    assert [q.waiting for q in hands.call("getQueues")] == [0] * 3
    amy.call("endSession", session_id=number, resolution="Resolved")
    assert told(hands, amy).handled_today == 0


def _portals(hands: Hands, desk: Desk) -> int:
    with hands.broker.store.reading() as tx:
        return len({portal for portal, _ in tx.desks(desk.email)})


def test_a_portal_without_staff_has_queues(hands: Hands) -> None:
    """MON-2: nobody is there, and a request waits."""
    portal = Portal("gamma", "G", "Example", "SmartBox", ("a", "b"), hard_lockouts=False)
    managers.add_portal(hands.broker.world, portal, "gamma", "secret")
    hands.act("post", portal="gamma", subPortal="b", question="Anybody?")
    hands.logon("secret", "gamma")

    assert hands.call("getRepresentatives") == []
    assert [(q.sub_portal, q.waiting) for q in hands.call("getQueues")] == [("a", 0), ("b", 1)]


def test_an_act_needs_no_preparation_and_is_seen(hands: Hands) -> None:
    """MON-3: who accepted by a tester's hand was at the desk, and is in the session."""
    number = hands.post()
    accepted = hands.act("accept", sessionId=number)
    hands.act("start", sessionId=number)

    busy = [one for one in hands.call("getRepresentatives") if one.status == "InSession"]

    assert [one.login for one in busy] == [accepted.representative]
    assert list(busy[0].session_ids) == [number]
    assert Desk(hands, busy[0].login).logon()  # a real logon takes the place
