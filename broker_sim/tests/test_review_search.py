"""The session list: what is looked for is found, once, newest first, whatever it costs a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.core import reviewing as rules
from broker_sim.core.record import Session
from broker_sim.core.reviewing import Scope, Wanted
from broker_sim.service import reviewing
from broker_sim.service.reviewing import Effort
from broker_sim.tests.worlds import NINETY, Hands, world

TEAMS = ("Applications", "Field Team", "Night Desk", "Service Desk")


@pytest.fixture(scope="module")
def hands() -> Iterator[Hands]:
    """A world with a past, and some that are going on."""
    with world(sessions=150) as opened:
        opened.finished()
        number = opened.post(question="Where is the any key?", referenceId="HD-77")
        opened.act("accept", sessionId=number)
        opened.post()
        yield opened


def stored(hands: Hands) -> list[Session]:
    """Give every session that may still be read, newest first, as the store has it."""
    now, store = hands.broker.clock.now(), hands.broker.store
    with store.reading() as tx:
        tx.cursor.execute("SELECT id FROM session")
        ids = [row[0] for row in tx.cursor.fetchall()]
        held = [tx.held(number) for number in ids]
    found = [one.session for one in held if one is not None]
    kept = [one for one in found if one.ended is None or one.ended > now - NINETY]
    return sorted(kept, key=lambda one: (one.posted, one.session_id), reverse=True)


@pytest.fixture(scope="module")
def everything(hands: Hands) -> list[Session]:
    """All of its sessions."""
    return stored(hands)


def ids(sessions: Sequence[Session]) -> list[int]:
    """Give their ids."""
    return [one.session_id for one in sessions]


def all_found(hands: Hands, scope: Scope, wanted: Wanted, most: int, effort: Effort) -> list[int]:
    """Search on until the end; no step may give more than a page."""
    found, before = list[int](), None
    while True:
        page = reviewing.search(hands.broker.world, scope, wanted, before, most=most, effort=effort)
        assert len(page.sessions) <= most
        found += ids(page.sessions)
        if page.following is None:
            return found
        assert before is None or page.following < before
        before = page.following


SCOPES = st.sampled_from(
    [
        Scope(),
        Scope(teams=frozenset(TEAMS[:2])),
        Scope(teams=frozenset()),
        Scope(representatives=frozenset({"ashley.kemp@oakhurst.example"})),
        Scope(portals=frozenset({"oakhurst-helpdesk"})),
    ]
)
WANTED = st.builds(
    Wanted,
    portal=st.sampled_from(["", "", "oakhurst-applications", "none"]),
    sub_portal=st.sampled_from(["", "", "email", "billing"]),
    team=st.sampled_from(["", *TEAMS]),
    representative=st.sampled_from(["", "", "ashley.kemp@oakhurst.example"]),
    status=st.sampled_from(["", "New", "InSession", "Finished", "Error"]),
    mode=st.sampled_from(["", "", "Web", "Phone"]),
    resolution=st.sampled_from(["", "", "Resolved", "Unknown"]),
    waited=st.sampled_from([None, None, timedelta(seconds=20)]),
    lasted=st.sampled_from([None, None, timedelta(minutes=10)]),
    text=st.sampled_from(["", "", "DESKMATE", "example", "nonesuch"]),
)
EFFORTS = st.sampled_from([Effort(), Effort(rows=70, records=30), Effort(rows=1, records=1)])


@settings(max_examples=25)
@given(scope=SCOPES, wanted=WANTED, most=st.sampled_from([20, 50]), effort=EFFORTS)
def test_a_search_finds_what_a_walk_over_all_sessions_finds(
    hands: Hands,
    everything: list[Session],
    scope: Scope,
    wanted: Wanted,
    most: int,
    effort: Effort,
) -> None:
    """Whatever a step may cost, the steps together find all that fits, each once, in order."""
    now = hands.broker.clock.now()
    expected = [one for one in everything if scope.sees(one) and wanted.fits(one, now)]

    assert ids(expected) == all_found(hands, scope, wanted, most, effort)


def test_a_session_id_is_found_at_once_and_only_by_who_may_see_it(hands: Hands) -> None:
    """The oldest of all, which no first step would reach."""
    oldest = next(one for one in reversed(stored(hands)) if one.team_name)
    wanted, step = Wanted(text=str(oldest.session_id)), Effort(1, 1)
    others = Scope(teams=frozenset(TEAMS) - {oldest.team_name or ""})
    found = reviewing.search(hands.broker.world, Scope(), wanted, effort=step)
    hidden = reviewing.search(hands.broker.world, others, wanted, effort=step)

    assert ids(found.sessions) == [oldest.session_id]
    assert found.following is None
    assert ids(hidden.sessions) == []


def test_a_step_costs_what_it_may_and_says_how_far_it_looked(hands: Hands) -> None:
    """The cost of an answer does not grow with what is stored."""
    found = reviewing.search(
        hands.broker.world, Scope(), Wanted(text="nonesuch"), effort=Effort(100, 100)
    )
    newer = [one for one in stored(hands) if found.looked_to and one.posted > found.looked_to]

    assert found.sessions == ()
    assert 50 <= len(newer) <= 300


def test_what_has_left_retention_is_not_in_the_list() -> None:
    """RET-1: to the instant, purged or not."""
    with world() as hands:
        hands.finished()
        hands.pass_time(NINETY - timedelta(milliseconds=1))
        before = reviewing.search(hands.broker.world, Scope(), Wanted())
        hands.pass_time(timedelta(milliseconds=1))
        after = reviewing.search(hands.broker.world, Scope(), Wanted())

    assert (len(before.sessions), len(after.sessions)) == (1, 0)


def test_what_the_customer_typed_is_searched_without_regard_to_case(hands: Hands) -> None:
    """Reference, question and what is in the form."""
    for text in ("hd-77", "ANY KEY"):
        found = reviewing.search(hands.broker.world, Scope(), Wanted(text=text)).sessions
        assert [one.question for one in found] == ["Where is the any key?"]
    named = next(one for one in stored(hands) if rules.customer(one))
    by_name = Wanted(text=rules.customer(named).upper())

    assert named.session_id in all_found(hands, Scope(), by_name, 50, Effort())
