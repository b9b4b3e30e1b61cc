"""PORTAL-3: who hears of a request, who may have it, when nobody is left."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from broker_sim.core import routing, session
from broker_sim.core.connection import Connection
from broker_sim.core.routing import Alert
from broker_sim.core.staff import Presence
from broker_sim.tests.refusals import code_of
from broker_sim.tests.stores import START

NAMES = ("amy", "ben", "cat", "dan")
HERE = Presence(available=True, since=START, connection=Connection("x", "", START))
AWAY = Presence(available=True, since=START)
BUSY = Presence(available=False, since=START, connection=Connection("x", "", START))
KINDS = st.sampled_from([HERE, AWAY, BUSY])
DESKS = st.dictionaries(st.sampled_from(NAMES), KINDS)
ALERTS = st.dictionaries(st.sampled_from(NAMES), st.booleans()).map(
    lambda told: [Alert(name, declined) for name, declined in told.items()]
)


@given(DESKS, ALERTS)
def test_who_serves_and_takes_requests_is_alerted_once(
    serving: dict[str, Presence], alerts: list[Alert]
) -> None:
    """PORTAL-3: nobody else, nobody twice."""
    told = {alert.representative for alert in alerts}

    found = routing.to_be_alerted(serving, alerts, START)

    assert list(found) == sorted(set(found))
    assert set(found) == {n for n, p in serving.items() if p is HERE and n not in told}


@given(st.sampled_from(NAMES), DESKS, ALERTS)
def test_who_may_accept(name: str, serving: dict[str, Presence], alerts: list[Alert]) -> None:
    """PORTAL-3: a rep of the sub-portal who takes requests and has not declined this one."""
    refused = code_of(partial(routing.may_accept, name, serving, alerts, START))

    if serving.get(name) is not HERE:
        assert refused == "NotAvailable"
    else:
        assert refused == ("OutOfTurn" if Alert(name, declined=True) in alerts else None)


@given(DESKS, ALERTS)
def test_a_request_is_declined_when_nobody_is_left_who_may_accept(
    serving: dict[str, Presence], alerts: list[Alert]
) -> None:
    """PORTAL-3, SESS-2: the two questions agree."""
    left = [
        name
        for name in NAMES
        if code_of(partial(routing.may_accept, name, serving, alerts, START)) is None
    ]

    assert routing.declined_by_all(serving, alerts, START) == (left == [])


def test_a_request_is_the_picked_rep_s_alone_for_a_minute() -> None:
    """PORTAL-6: [posted, posted + 60 s), unless that rep declined; else everybody's."""
    serving = {"amy": HERE, "ben": HERE}
    anyone = session.post(1, "p", "s", "Q", START)
    amys = session.post(1, "p", "s", "Q", START, picked="amy")
    minute, tick = timedelta(minutes=1), timedelta(milliseconds=1)

    assert routing.alone_until(anyone) is None
    assert routing.alone_until(amys) == START + minute
    assert routing.open_to(anyone, serving, [], START) == serving
    assert routing.open_to(amys, serving, [Alert("ben", declined=True)], START) == {"amy": HERE}
    assert routing.open_to(amys, serving, [], START + minute - tick) == {"amy": HERE}
    assert routing.open_to(amys, serving, [], START + minute) == serving
    assert routing.open_to(amys, serving, [Alert("amy", declined=True)], START) == serving
