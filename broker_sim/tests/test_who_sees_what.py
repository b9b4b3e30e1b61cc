"""SEC-2: which sessions a manager may see, and which are among those looked for; as pure rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker_sim.core import reviewing, session
from broker_sim.core.record import Labelled, Representative, Session
from broker_sim.core.reviewing import Glimpse, Scope, Wanted

START = datetime(2030, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
AMY = Representative("amy@a.example", "Amy A", "Amy", "Desk", "192.0.2.1")
ENTRIES = (Labelled(None, "x"), Labelled(" NAME ", "Eva Ek"), Labelled("E-mail", "eva@b.example"))


def waiting() -> Session:
    """Give a session that was posted at START."""
    return session.post(
        77, "Acme", "Print", "Where is it?", START, smart_box_entries=ENTRIES, reference_id="HD-9"
    )


def ended() -> Session:
    """Give one that was answered after 10 s and lasted 30 s."""
    begun = session.start(session.accept(waiting(), AMY, START + 10 * SECOND), START + 10 * SECOND)
    return session.end(begun, START + 40 * SECOND, resolution="Resolved")


def glimpse(of: Session) -> Glimpse:
    """Give what is known of it without its record."""
    times = (of.started, of.ended)
    return Glimpse(of.session_id, of.posted, of.sub_portal, of.stage, of.representative, *times)


@pytest.mark.parametrize(
    ("scope", "seen", "unanswered"),
    [
        (Scope(), True, True),
        (Scope(portals=frozenset({"Acme"})), True, True),
        (Scope(portals=frozenset({"Other"})), False, False),
        (Scope(portals=frozenset()), False, False),
        (Scope(teams=frozenset({"Desk"})), True, False),
        (Scope(teams=frozenset({"Night"})), False, False),
        (Scope(representatives=frozenset({AMY.email})), True, False),
        (Scope(representatives=frozenset({"bob@a.example"})), False, False),
    ],
)
def test_a_scope_has_portals_teams_and_people(
    scope: Scope, *, seen: bool, unanswered: bool
) -> None:
    """SEC-2: each narrows it; what nobody accepted is of no team and nobody's."""
    assert scope.sees(ended()) is seen
    assert scope.sees(waiting()) is unanswered


def test_what_a_glimpse_rules_out_the_record_rules_out_too() -> None:
    """SEC-2: a glimpse may let more in than the record, and never less."""
    mine = Scope(representatives=frozenset({AMY.email}))
    team = Scope(teams=frozenset({"Desk"}))

    assert [mine.may_see(glimpse(one)) for one in (waiting(), ended())] == [False, True]
    assert [team.may_see(glimpse(one)) for one in (waiting(), ended())] == [False, True]
    assert Scope().may_see(glimpse(waiting()))
    assert [scope.whole for scope in (Scope(), mine, team)] == [True, False, False]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"sub_portal": "Print"}, True),
        ({"sub_portal": "Other"}, False),
        ({"portal": "Acme"}, True),
        ({"portal": "Other"}, False),
        ({"team": "Desk"}, True),
        ({"team": "Night"}, False),
        ({"representative": AMY.email}, True),
        ({"representative": "bob@a.example"}, False),
        ({"status": "Finished"}, True),
        ({"status": "New"}, False),
        ({"mode": "Web"}, True),
        ({"mode": "Phone"}, False),
        ({"resolution": "Resolved"}, True),
        ({"resolution": "Unknown"}, False),
        ({"start": START}, True),
        ({"start": START + SECOND}, False),
        ({"end": START}, False),
        ({"end": START + SECOND}, True),
        ({"waited": 9 * SECOND}, True),
        ({"waited": 10 * SECOND}, False),
        ({"lasted": 29 * SECOND}, True),
        ({"lasted": 30 * SECOND}, False),
        ({"text": "where IS"}, True),
        ({"text": "hd-9"}, True),
        ({"text": "eva ek"}, True),
        ({"text": "77"}, True),
        ({"text": "7"}, False),
        ({"text": "xx"}, False),
    ],
)
def test_each_choice_is_one(wanted: dict[str, Any], *, found: bool) -> None:
    """SEC-2: posted in [start, end); longer than, not as long as."""
    assert Wanted(**wanted).fits(ended(), START + 500 * SECOND) is found


@pytest.mark.parametrize(
    ("wanted", "found"), [({"team": "Desk"}, False), ({"lasted": SECOND}, False)]
)
def test_who_was_not_answered_has_no_team_and_no_length(
    wanted: dict[str, Any], *, found: bool
) -> None:
    """SEC-2: at a glance, too."""
    now = START + 500 * SECOND

    assert not Wanted(**wanted).fits(waiting(), now)
    assert not Wanted(**wanted).at_a_glance(glimpse(waiting()), now)
    assert Wanted(**wanted).at_a_glance(glimpse(ended()), now)


def test_spans_run_until_now_while_nothing_ends_them() -> None:
    """SEC-2: a wait ends with the answer, or with the request; a session with its end."""
    now, begun = START + 100 * SECOND, replace(ended(), ended=None)
    gone = replace(waiting(), ended=START + 7 * SECOND)

    assert [reviewing.waited(one, now) for one in (waiting(), gone, ended())] == [
        100 * SECOND,
        7 * SECOND,
        10 * SECOND,
    ]
    assert [reviewing.lasted(one, now) for one in (waiting(), begun, ended())] == [
        None,
        90 * SECOND,
        30 * SECOND,
    ]
    assert Wanted(lasted=89 * SECOND).fits(begun, now)
    assert not Wanted(lasted=90 * SECOND).fits(begun, now)


def test_name_and_address_are_those_of_the_form() -> None:
    """SEC-2: by their labels, in any case and with blanks; empty where there are none."""
    bare = replace(waiting(), smart_box_entries=ENTRIES[:1], reference_id=None)

    assert (reviewing.customer(waiting()), reviewing.mail(waiting())) == ("Eva Ek", "eva@b.example")
    assert (reviewing.customer(bare), reviewing.mail(bare)) == ("", "")
    assert not Wanted(text="eva").fits(bare, START)
    assert not Wanted(text="xxxx").fits(bare, START)
