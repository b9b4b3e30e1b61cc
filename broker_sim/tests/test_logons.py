"""LOGON-1 to LOGON-6, CONN-1 to CONN-4: logons one by one, side by side and over processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from broker_sim.core.refusal import Refused
from broker_sim.service import managers
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.side_by_side import side_by_side
from broker_sim.tests.test_store_races import at_once
from broker_sim.tests.worlds import Hands, value_of, world

FIVE: Final = timedelta(minutes=5)
TICK: Final = timedelta(milliseconds=1)
SECOND: Final = timedelta(seconds=1)


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


def tried(hands: Hands, username: str, count: int, password: str = "wrong") -> list[str | None]:
    """Log on that often; give the code of every end, None for a connection."""
    return [code_of(partial(hands.logon, password, username)) for _ in range(count)]


def seconds_left(hands: Hands, username: str) -> int | None:
    """Log on; give the seconds that the refusal names, None where it names none."""
    refused = refusal_of(partial(hands.logon, "wrong", username))
    return None if refused is None else refused.extra.get("seconds_left")


def test_an_unknown_name_is_treated_like_a_known_one(hands: Hands) -> None:
    """LOGON-2: the same faults in the same order, over several locks."""
    said: dict[str, list[str | None]] = {hands.username: [], "nobody": []}
    for _ in range(4):
        for name in said:
            said[name] += tried(hands, name, 4)
        hands.pass_time(FIVE)

    assert said["nobody"] == said[hands.username]
    assert said["nobody"] == (["InvalidCredentials"] * 3 + ["LockedOut"]) * 4


@pytest.mark.parametrize(
    ("after", "left"),
    [(0 * TICK, 300), (TICK, 300), (SECOND, 299), (FIVE - TICK, 1), (FIVE, None)],
)
def test_a_lock_tells_its_seconds_and_opens_at_its_end(
    hands: Hands, after: timedelta, left: int | None
) -> None:
    """LOGON-3: at 300 s, not before; the right password does not help."""
    tried(hands, hands.username, 3)
    hands.pass_time(after)

    assert seconds_left(hands, hands.username) == left
    right = "LockedOut" if left else None
    assert tried(hands, hands.username, 1, hands.password) == [right]


def test_the_tenth_failure_locks_for_good_where_that_is_on(hands: Hands) -> None:
    """LOGON-4: until an administrator unlocks it, which clears the count."""
    managers.set_hard_lockouts(hands.broker.world, hands.portal, on=True)
    for _ in range(3):
        tried(hands, hands.username, 3)
        hands.pass_time(FIVE)

    assert tried(hands, hands.username, 2) == ["InvalidCredentials", "LockedOutPermanently"]
    hands.pass_time(timedelta(days=400))
    assert tried(hands, hands.username, 1, hands.password) == ["LockedOutPermanently"]
    managers.unlock(hands.broker.world, f" {hands.username.upper()}")
    assert tried(hands, hands.username, 3) == ["InvalidCredentials"] * 3
    assert seconds_left(hands, hands.username) == 300


def test_a_success_clears_the_count(hands: Hands) -> None:
    """LOGON-5: two failures and a success, as often as one likes, never lock."""
    for _ in range(4):
        assert tried(hands, hands.username, 2) == ["InvalidCredentials"] * 2
        hands.logon()
        hands.call("logoff")


@pytest.fixture
def slow_hands(tmp_path: Path) -> Iterator[Hands]:
    """Give a world whose hashes are slow, so that a comparison is handed out."""
    with world(tmp_path, for_tests=False) as made:
        yield made


def test_attempts_begun_side_by_side_count_one_by_one(slow_hands: Hands) -> None:
    """LOGON-3, LOGON-5: what was begun before the lock and ends in it is refused uncounted."""
    hands = slow_hands
    given = {"username": hands.username, "password": "wrong"}
    wrong = [hands.begin("logon", **given) for _ in range(5)]
    right = hands.begin("logon", username=hands.username, password=hands.password)

    codes = [code_of(partial(value_of, begun)) for begun in (*wrong, right)]

    assert codes == ["InvalidCredentials"] * 3 + ["LockedOut"] * 3
    hands.pass_time(FIVE)
    assert tried(hands, hands.username, 4) == ["InvalidCredentials"] * 3 + ["LockedOut"]


@pytest.mark.parametrize("in_file", [False, True])
def test_failures_in_threads_lock_after_three(tmp_path: Path, *, in_file: bool) -> None:
    """LOGON-5: however many knock at once, three are counted."""
    with world(tmp_path if in_file else None) as hands:
        password = "wrong"
        knocks = [partial(code_of, partial(hands.logon, password))] * 10
        assert Counter(at_once(*knocks)) == {"InvalidCredentials": 3, "LockedOut": 7}


@pytest.mark.parametrize("in_file", [False, True])
def test_of_logons_at_once_one_has_the_connection(tmp_path: Path, *, in_file: bool) -> None:
    """CONN-1: the others are told when it would end; it is alive."""
    with world(tmp_path if in_file else None) as hands:
        knocks = [partial(code_of, hands.logon)] * 6
        assert Counter(at_once(*knocks)) == {None: 1, "AlreadyLoggedOn": 5}
        assert hands.call("getLastUpdateId") == 0


KNOCKER: Final = """
import sys
from pathlib import Path
from broker_sim.tests.test_logons import tried
from broker_sim.tests.worlds import world
with world(Path(sys.argv[1])) as hands:
    # begin
    print(*tried(hands, hands.username, 3))
"""


def test_locks_hold_over_processes(tmp_path: Path) -> None:
    """LOGON-6: three failures are three, whichever process counted them."""
    with world(tmp_path):
        pass

    said = side_by_side(*[KNOCKER] * 2, arguments=[str(tmp_path)])

    assert Counter(" ".join(said).split()) == {"InvalidCredentials": 3, "LockedOut": 3}


@pytest.mark.parametrize(
    "made_up", ["", ".", "a.b", "x" * 5000, "\U0001f600.\U0001f600", "é" * 27 + "." + "ü" * 43]
)
def test_a_made_up_connection_is_told_from_an_ended_one(hands: Hands, made_up: str) -> None:
    """CONN-3: neither tells any data; one that was never given out is invalid."""
    ended = hands.logon()
    hands.call("logoff")

    def use(identifier: str) -> str | None:
        return code_of(partial(hands.begin, "getPortal", connection_id=identifier))

    assert (use(ended), use(made_up)) == ("ConnectionExpired", "InvalidConnection")
    assert {use(_changed(ended, at)) for at in range(0, len(ended) - 1, 5)} == {"InvalidConnection"}


def _changed(identifier: str, at: int) -> str:
    other = "A" if identifier[at] != "A" else "B"
    return identifier[:at] + other + identifier[at + 1 :]


def test_a_later_connection_ends_the_one_before_for_good(hands: Hands) -> None:
    """CONN-2, CONN-3: idle for twenty minutes to the second, it is over and stays so."""
    first = hands.logon()
    hands.pass_time(timedelta(minutes=20))
    second = hands.logon()

    assert first != second
    with pytest.raises(Refused, match="ConnectionExpired"):
        hands.begin("getPortal", connection_id=first)
    assert hands.call("getPortal").name == hands.portal


def test_a_connection_s_use_keeps_it_alive_whatever_the_call_ends_in(hands: Hands) -> None:
    """CONN-2: a refused call is a use, too."""
    hands.logon()
    for _ in range(3):
        hands.pass_time(timedelta(minutes=19))
        assert code_of(partial(hands.call, "getSession", session_id=1)) == "NoSuchSession"
