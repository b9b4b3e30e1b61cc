"""PORTAL-6: at a SmartMatch the customer picks who helps, and that rep has the request first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from broker_sim.contract import limits
from broker_sim.core.record import Event, Representative, Session
from broker_sim.core.refusal import Refused
from broker_sim.service import forms, hiring, launching, managers
from broker_sim.service.alerts import GONE, WAITING
from broker_sim.service.launching import Asked
from broker_sim.service.storage import Portal
from broker_sim.tests.desks import Desk
from broker_sim.tests.refusals import code_of
from broker_sim.tests.worlds import Hands, world

TICK = timedelta(milliseconds=1)
PORTAL = "match"
DESKS = {"amy": ("print", "mail"), "ben": ("print",), "cat": ("print",), "dan": ("mail",)}


@dataclass(frozen=True, slots=True)
class Place:
    """A SmartMatch with four representatives."""

    hands: Hands
    desks: dict[str, Desk]

    @property
    def asked(self) -> Asked:
        found = launching.asked(self.hands.broker.world, PORTAL)
        assert found is not None
        return found

    def key(self, name: str) -> str:
        return next(one.key for one in self.asked.choices if one.name == name)

    def launch(self, **given: str) -> Session:
        fields = {"name": "Eva", "question": "Why?", **given}
        done = launching.launch(self.hands.broker.world, PORTAL, fields, "192.0.2.1")
        assert done.session is not None
        return done.session

    def heard(self) -> dict[str, list[str]]:
        """Tell what each has heard since the last time, of those who heard something."""
        news = {name: [kind for kind, _ in desk.heard()] for name, desk in self.desks.items()}
        return {name: kinds for name, kinds in news.items() if kinds}

    def stage(self, number: int) -> str:
        with self.hands.broker.store.reading() as tx:
            held = tx.held(number)
        assert held is not None
        return held.session.stage.value


@pytest.fixture
def place() -> Iterator[Place]:
    with world() as hands:
        at, password = hands.broker.world, hands.broker.rep_logins()[0]["password"]
        portal = Portal(
            PORTAL, "Pick", "Company", "SmartMatch", ("print", "mail"), hard_lockouts=False
        )
        managers.add_portal(at, portal, "api-match", "Swordfish-1")
        for name, served in DESKS.items():
            rep = Representative(f"{name}@example.com", name, name, "Team", "192.0.2.9")
            hiring.hire(at, rep, password, PORTAL, served)
        desks = {name: Desk(hands, f"{name}@example.com") for name in DESKS}
        for name in ("cat", "ben", "amy"):
            desks[name].sit_down()
        desks["dan"].logon()
        yield Place(hands, desks)


def test_those_who_take_requests_can_be_picked(place: Place) -> None:
    """PORTAL-6: by their screen names; no address; not who is away, nor who is masked."""
    offered = place.asked.choices
    assert [(one.name, one.sub_portals) for one in offered] == [
        ("amy", ("print", "mail")),
        ("ben", ("print",)),
        ("cat", ("print",)),
    ]
    assert len({one.key for one in offered}) == 3
    assert not any("@" in one.key for one in offered)

    masked = replace(place.asked.form, masked=("ben@example.com",))
    forms.set_form(place.hands.broker.world, PORTAL, masked)
    assert [one.name for one in place.asked.choices] == ["amy", "cat"]
    with pytest.raises(Refused):
        place.launch(representative="ben@example.com")


def test_a_picked_rep_alone_hears_of_the_request(place: Place) -> None:
    """PORTAL-6: and may accept it; the record says who was wanted."""
    begun = place.launch(representative=place.key("ben"))

    assert (begun.sub_portal, begun.events[0].detail) == ("print", "ben@example.com")
    assert place.heard() == {"ben": [WAITING]}
    refused = code_of(lambda: place.desks["cat"].call("acceptRequest", session_id=begun.session_id))
    assert refused == "NotAvailable"
    place.desks["ben"].call("acceptRequest", session_id=begun.session_id)
    assert place.heard() == {"ben": ["Accepted"]}


@pytest.mark.parametrize("wait", [limits.PICKED_ALONE - TICK, limits.PICKED_ALONE])
def test_after_a_minute_the_request_is_everybodys(place: Place, wait: timedelta) -> None:
    """PORTAL-6: of its sub-portal, at that instant and not before; who was picked keeps it."""
    begun = place.launch(representative=place.key("ben"))
    place.heard()
    place.hands.broker.tester.advance(place.hands.broker.clock.now() + wait)

    later = wait == limits.PICKED_ALONE
    assert place.heard() == ({"amy": [WAITING], "cat": [WAITING]} if later else {})
    if later:
        place.desks["cat"].call("acceptRequest", session_id=begun.session_id)
        assert place.heard() == {"amy": [GONE], "ben": [GONE], "cat": ["Accepted"]}


def test_a_request_that_nobody_takes_is_given_up_as_ever(place: Place) -> None:
    """SESS-2: ten minutes after it was posted, whoever was picked."""
    begun = place.launch(representative=place.key("ben"))
    start = place.hands.broker.clock.now()
    place.hands.broker.tester.advance(start + limits.UNANSWERED_AFTER - TICK)
    assert place.stage(begun.session_id) == "Waiting"

    place.hands.broker.tester.advance(start + limits.UNANSWERED_AFTER)
    assert place.stage(begun.session_id) == "Error"


def test_who_was_picked_and_declines_leaves_it_to_the_others(place: Place) -> None:
    """PORTAL-6: at once; where there are no others, the request ends as declined."""
    begun = place.launch(representative=place.key("ben"))
    place.heard()
    place.desks["ben"].call("declineRequest", session_id=begun.session_id)
    assert place.heard() == {"amy": [WAITING], "cat": [WAITING]}
    refused = code_of(lambda: place.desks["ben"].call("acceptRequest", session_id=begun.session_id))
    assert refused == "OutOfTurn"

    lonely = place.launch(representative=place.key("amy"), subportal="mail")
    place.desks["amy"].call("declineRequest", session_id=lonely.session_id)
    assert place.stage(lonely.session_id) == "Error"


def test_who_sits_down_later_hears_of_it_when_it_is_everybodys(place: Place) -> None:
    """PORTAL-6: not of what waits for somebody else."""
    place.launch(representative=place.key("amy"), subportal="mail")
    place.heard()
    place.desks["dan"].call("setAvailability", available=True)
    assert place.heard() == {}

    place.hands.broker.tester.advance(place.hands.broker.clock.now() + limits.PICKED_ALONE)
    assert place.heard() == {"dan": [WAITING]}


@pytest.mark.parametrize(
    "given",
    [
        {"representative": "dan@example.com"},
        {"representative": "nobody"},
        {"representative": "ben@example.com", "subportal": "mail"},
    ],
)
def test_who_is_not_there_cannot_be_picked(place: Place, given: dict[str, str]) -> None:
    """PORTAL-6: away, unknown, of another sub-portal; nothing is queued."""
    assert code_of(lambda: place.launch(**given)) == "NotAvailable"
    with place.hands.broker.store.reading() as tx:
        assert not tx.waiting(PORTAL)


def test_a_launch_that_picks_nobody_is_everybodys(place: Place) -> None:
    """PORTAL-6: as at any other portal; elsewhere the field says nothing."""
    assert place.launch().events[0].detail == ""
    assert place.heard() == {"amy": [WAITING], "ben": [WAITING], "cat": [WAITING]}
    given = {"name": "Eva", "question": "Why?", "representative": "ben@example.com"}
    done = launching.launch(place.hands.broker.world, place.hands.portal, given, "")
    assert done.session is not None
    assert done.session.events[0].detail == ""


def test_a_testers_hand_brings_who_was_picked(place: Place) -> None:
    """PORTAL-6: an act needs no preparation."""
    begun = place.launch(representative=place.key("cat"))
    taken = place.hands.act("accept", sessionId=begun.session_id)

    assert taken.representative == "cat@example.com"
    assert taken.events[1].kind is Event.ACCEPTED
