"""PORTAL-3: a session goes on with another representative, or waits at another sub-portal."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from broker_sim.tests.desks import Desk, desks, elsewhere, read
from broker_sim.tests.refusals import code_of
from broker_sim.tests.worlds import Hands, world


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


def test_a_transfer_to_a_sub_portal_waits_there(hands: Hands, amy: Desk) -> None:
    """AGENT-1, SESS-3: alerted are those who serve it."""
    other = elsewhere(hands).sit_down()
    with hands.broker.store.reading() as tx:
        theirs = {sub for name, sub in tx.desks(other.email) if name == hands.portal}
    number = amy.in_session()

    successor = amy.call("transferSession", session_id=number, sub_portal=min(theirs))

    old, new = read(hands, number), read(hands, successor)
    assert (old.status, old.transferred_to) == ("Finished", successor)
    assert (new.status, new.transferred_from, new.sub_portal) == ("New", number, min(theirs))
    assert other.heard() == [("RequestWaiting", successor)]
    heard = [kind for kind, session_id in amy.heard() if session_id == number]
    assert heard[-2:] == ["Transferred", "Ended"]


def test_a_transfer_to_a_rep_is_accepted_at_once(hands: Hands, amy: Desk, ben: Desk) -> None:
    """AGENT-1, SESS-3: it goes on when the customer agrees; nobody else is alerted."""
    number = amy.in_session()
    ben.news()

    successor = amy.call("transferSession", session_id=number, representative=ben.email.upper())

    new = read(hands, successor)
    assert (new.representative, new.transferred_from) == (ben.email, number)
    assert new.sub_portal == read(hands, number).sub_portal
    assert ben.heard() == [("Accepted", successor)]
    hands.act("start", sessionId=successor)
    ben.call("sendChat", session_id=successor, text="Hello")
    assert code_of(partial(amy.call, "sendChat", session_id=successor, text="")) == "NoSuchSession"


def test_a_rep_of_another_sub_portal_has_it_in_one_of_its_own(hands: Hands, amy: Desk) -> None:
    """AGENT-1: the first of the portal's sub-portals that it serves."""
    other = elsewhere(hands).sit_down()
    number = amy.in_session()

    successor = amy.call("transferSession", session_id=number, representative=other.email)

    new = read(hands, successor)
    with hands.broker.store.reading() as tx:
        assert (hands.portal, new.sub_portal) in tx.desks(other.email)


def test_transfers_that_lead_nowhere(hands: Hands, amy: Desk) -> None:
    """AGENT-1, SESS-3: the session goes on, and there is no other."""
    number = amy.in_session()
    away = desks(hands)[1].email
    for given, code in (
        ({}, "InvalidArgument"),
        ({"sub_portal": "email", "representative": away}, "InvalidArgument"),
        ({"sub_portal": "nowhere"}, "InvalidArgument"),
        ({"representative": "nobody@example.invalid"}, "NoSuchRepresentative"),
        ({"representative": away}, "NotAvailable"),
    ):
        call = partial(amy.call, "transferSession", session_id=number, **given)
        assert code_of(call) == code
    assert read(hands, number).status == "InSession"
    assert len(hands.call("getUpdates", since=0)) == 3
