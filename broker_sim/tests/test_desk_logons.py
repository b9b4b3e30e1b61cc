"""LOGON-2 to LOGON-6, CONN-1 to CONN-3: representatives log on by the same rules, apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from broker_sim.service import manager_staff, managers
from broker_sim.tests.desks import OPERATIONS, Desk, desks
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.side_by_side import side_by_side
from broker_sim.tests.test_store_races import at_once
from broker_sim.tests.worlds import Hands, value_of, world

FIVE: Final = timedelta(minutes=5)
TWENTY: Final = timedelta(minutes=20)
TICK: Final = timedelta(milliseconds=1)


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


@pytest.fixture
def amy(hands: Hands) -> Desk:
    return desks(hands)[0]


def tried(desk: Desk, count: int, password: str | None = "wrong") -> list[str | None]:
    """Log on that often; give the code of every end, None for a connection."""
    return [code_of(partial(desk.logon, password)) for _ in range(count)]


def test_a_rep_logs_on_by_any_spelling_of_the_address(hands: Hands, amy: Desk) -> None:
    """LOGON-1, AGENT-1: with the password that the environment shows."""
    spelled = Desk(hands, f" {amy.email.upper()}")

    assert len(spelled.logon()) > 40
    assert spelled.call("getEvents", since=0) == []


def test_an_unknown_name_is_treated_like_a_known_one(hands: Hands, amy: Desk) -> None:
    """LOGON-2, LOGON-3: the same faults in the same order, over several locks."""
    nobody = Desk(hands, "nobody@example.invalid")
    said: dict[str, list[str | None]] = {"known": [], "unknown": []}
    for _ in range(3):
        said["known"] += tried(amy, 4)
        said["unknown"] += tried(nobody, 4)
        hands.pass_time(FIVE)

    assert said["known"] == said["unknown"] == (["InvalidCredentials"] * 3 + ["LockedOut"]) * 3


@pytest.mark.parametrize(("after", "left"), [(0 * TICK, 300), (FIVE - TICK, 1), (FIVE, None)])
def test_a_lock_opens_at_its_end(
    hands: Hands, amy: Desk, after: timedelta, left: int | None
) -> None:
    """LOGON-3: at 300 s, not before; the right password does not help."""
    tried(amy, 3)
    hands.pass_time(after)

    refused = refusal_of(amy.logon)

    assert (None if refused is None else refused.extra["seconds_left"]) == left


def test_the_tenth_failure_locks_for_good_where_a_portal_of_the_rep_has_that_on(
    hands: Hands, amy: Desk
) -> None:
    """LOGON-4: until an administrator unlocks it."""
    with hands.broker.store.reading() as tx:
        portals = {portal for portal, _ in tx.desks(amy.email)}
    for portal in portals:
        managers.set_hard_lockouts(hands.broker.world, portal, on=False)
    for _ in range(4):
        assert tried(amy, 3) == ["InvalidCredentials"] * 3
        hands.pass_time(FIVE)
    managers.set_hard_lockouts(hands.broker.world, min(portals), on=True)

    assert tried(amy, 2, None) == [None, "AlreadyLoggedOn"]
    amy.call("logoff")
    for _ in range(3):
        tried(amy, 3)
        hands.pass_time(FIVE)
    assert tried(amy, 2) == ["InvalidCredentials", "LockedOutPermanently"]
    managers.unlock_representative(hands.broker.world, amy.email.upper())
    assert tried(amy, 1, None) == [None]


def test_a_login_of_the_same_name_is_another_s(hands: Hands, amy: Desk) -> None:
    """LOGON-5, CONN-1: neither failures nor connections of the one touch the other."""
    managers.add_login(hands.broker.world, hands.portal, amy.email, "secret")
    tried(amy, 3)

    connection = hands.logon("secret", amy.email)

    assert tried(amy, 1) == ["LockedOut"]
    hands.pass_time(FIVE)
    amy.logon()
    assert hands.call("getLastUpdateId") == 0
    own = partial(amy.begin, "getEvents", connection_id=connection, since=0)
    assert code_of(own) == "InvalidConnection"
    other = partial(hands.begin, "getPortal", connection_id=amy.connection)
    assert code_of(other) == "InvalidConnection"


def test_the_lock_of_a_rep_is_not_pushed_out_by_unknown_names(
    hands: Hands, amy: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LOGON-2, LOGON-5: the table of unknown names is bounded, and no rep stands in it."""
    monkeypatch.setattr("broker_sim.contract.limits.UNKNOWN_NAMES_KEPT", 3)
    tried(amy, 3)
    for nth in range(10):
        tried(Desk(hands, f"nobody{nth}@example.invalid"), 1)

    assert tried(amy, 1, None) == ["LockedOut"]


def test_a_rep_has_one_connection_and_ends_it(hands: Hands, amy: Desk) -> None:
    """CONN-1, CONN-2: a second logon is told when the idle one ends, which lives on."""
    first = amy.logon()
    refused = refusal_of(amy.logon)

    assert refused is not None
    assert (refused.fault.code, refused.extra) == ("AlreadyLoggedOn", {"seconds_left": 1200})
    assert amy.call("getEvents", since=0) == []
    amy.call("logoff")
    assert amy.logon() != first


@pytest.mark.parametrize(("after", "ends"), [(TWENTY - TICK, False), (TWENTY, True)])
def test_an_idle_connection_ends_at_its_instant(
    hands: Hands, amy: Desk, after: timedelta, *, ends: bool
) -> None:
    """CONN-2: and the rep may log on again, not before."""
    amy.sit_down()
    hands.pass_time(after)

    assert code_of(partial(amy.call, "getEvents", since=0)) == (
        "ConnectionExpired" if ends else None
    )
    assert code_of(amy.logon) == (None if ends else "AlreadyLoggedOn")


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"logon"}))
def test_no_operation_answers_without_a_live_connection(amy: Desk, name: str) -> None:
    """CONN-3: made up or ended, it tells no data, whatever else is given."""
    ended = amy.logon()
    amy.call("logoff")

    for identifier, code in (("made up", "InvalidConnection"), (ended, "ConnectionExpired")):
        assert code_of(partial(amy.begin, name, connection_id=identifier)) == code


def test_a_logon_begins_with_an_empty_desk(hands: Hands, amy: Desk) -> None:
    """AGENT-1: what the desktop before did not hear is gone; what goes on is told."""
    amy.sit_down()
    number = amy.in_session()
    amy.call("logoff")
    hands.act("chat", sessionId=number, text="are you there?")

    amy.logon()

    assert amy.heard() == [("Resumed", number)]
    assert amy.news() == []


@pytest.mark.parametrize("in_file", [False, True])
def test_of_logons_at_once_one_has_the_connection(tmp_path: Path, *, in_file: bool) -> None:
    """CONN-1: the others are told when it would end; it is alive."""
    with world(tmp_path if in_file else None) as hands:
        amy = desks(hands)[0]
        knocks = [partial(code_of, amy.logon)] * 6
        assert Counter(at_once(*knocks)) == {None: 1, "AlreadyLoggedOn": 5}
        assert amy.call("getEvents", since=0) == []


def test_attempts_begun_side_by_side_count_one_by_one(tmp_path: Path) -> None:
    """LOGON-3, LOGON-5: slow comparisons are handed out, and counted when they end."""
    with world(tmp_path, for_tests=False) as hands:
        amy = desks(hands)[0]
        given = {"username": amy.email, "password": "wrong"}
        wrong = [amy.begin("logon", **given) for _ in range(5)]

        codes = [code_of(partial(value_of, begun)) for begun in wrong]

        assert codes == ["InvalidCredentials"] * 3 + ["LockedOut"] * 2


KNOCKER: Final = """
import sys
from pathlib import Path
from broker_sim.tests.desks import desks
from broker_sim.tests.test_desk_logons import tried
from broker_sim.tests.worlds import world
with world(Path(sys.argv[1])) as hands:
    amy = desks(hands)[0]
    # begin
    print(*tried(amy, 3))
"""


def test_locks_hold_over_processes(tmp_path: Path) -> None:
    """LOGON-6: three failures are three, whichever process counted them."""
    with world(tmp_path):
        pass

    said = side_by_side(*[KNOCKER] * 2, arguments=[str(tmp_path)])

    assert Counter(" ".join(said).split()) == {"InvalidCredentials": 3, "LockedOut": 3}


def test_a_store_of_the_time_before_has_its_staff(tmp_path: Path) -> None:
    """AGENT-1: a world made when reps were in no table hires them when it is opened."""
    with world(tmp_path) as hands, hands.broker.store.writing() as tx:
        tx.cursor.execute("DELETE FROM representative")
        tx.cursor.execute("DELETE FROM desk")
        tx.cursor.execute("DELETE FROM note WHERE name = 'hired'")

    with world(tmp_path) as hands:
        assert desks(hands)[0].logon()


@pytest.mark.parametrize("noted", [True, False])
def test_who_was_removed_is_not_hired_again(tmp_path: Path, noted: bool) -> None:
    """SEC-2: though nobody is left; so it is where a broker of before made the world."""
    with world(tmp_path, sessions=0) as hands:
        by, members = hands.broker.plan.managers[0].email, staff_of(hands)
        if not noted:
            with hands.broker.store.writing() as tx:
                tx.cursor.execute("DELETE FROM note WHERE name = 'hired'")
    assert members

    with world(tmp_path, sessions=0) as hands:
        for email in members:
            manager_staff.remove(hands.broker.world, by, email)
    with world(tmp_path, sessions=0) as hands:
        assert staff_of(hands) == []
    with world(tmp_path, sessions=0) as hands:
        hands.broker.tester.reset()
        assert staff_of(hands) == members


def staff_of(hands: Hands) -> list[str]:
    with hands.broker.store.reading() as tx:
        return [member.rep.email for member in tx.members()]
