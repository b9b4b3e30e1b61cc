"""LOGON-6, RET-3: the first start with a home, side by side with others or killed on the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sim.tests.side_by_side import side_by_side
from broker_sim.tests.worlds import Hands, world

SESSIONS: Final = 40


def told(hands: Hands) -> dict[str, Any]:
    """Give what a world is, its first update ids included."""
    known = dict(hands.broker.tester.describe())
    return {**known, "first": [update.session_id for update in hands.call("getUpdates", since=0)]}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with world(tmp_path_factory.mktemp("home"), sessions=SESSIONS) as hands:
        return told(hands)


STARTER: Final = f"""
import sys
from pathlib import Path
from broker_sim.tests.worlds import world
# begin
with world(Path(sys.argv[1]), sessions={SESSIONS}) as hands:
    print(hands.broker.tester.describe()["sessions"])
"""


def test_several_may_be_the_first(tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    """LOGON-6: one of them makes the world, all of them have it."""
    said = side_by_side(*[STARTER] * 3, arguments=[str(tmp_path)])

    assert [line.strip() for line in said] == [str(SESSIONS)] * 3
    with world(tmp_path) as hands:
        assert told(hands) == undisturbed


DYING: Final = f"""
import os, sys
from pathlib import Path
from broker_sim.adapters.sql import SqlTransaction
from broker_sim.tests.worlds import world

name, count = sys.argv[2], int(sys.argv[3])
real, calls = getattr(SqlTransaction, name), []

def dies(*arguments, **more):
    calls.append(1)
    if len(calls) == count:
        os._exit(9)
    return real(*arguments, **more)

setattr(SqlTransaction, name, dies)
with world(Path(sys.argv[1]), sessions={SESSIONS}) as hands:
    pass
"""
DEATHS: Final = [
    ("add_portal", 1),
    ("add_portal", 2),
    ("add_login", 1),
    ("add_login", 2),
    ("reserve_session_ids", 1),
]


@pytest.mark.parametrize(("where", "count"), DEATHS)
def test_one_that_was_killed_is_begun_anew(
    tmp_path: Path, undisturbed: dict[str, Any], where: str, count: int
) -> None:
    """RET-3: the world is there as a whole or not at all."""
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(tmp_path), where, str(count)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (9, "")

    with world(tmp_path, sessions=SESSIONS) as hands:
        assert told(hands) == undisturbed


def test_one_that_came_second_with_another_seed_is_told(tmp_path: Path) -> None:
    """A sentence, and the first one's world is untouched."""
    with world(tmp_path, seed=4) as hands:
        store = hands.broker.store
        with store.writing() as tx:
            tx.set_note("seed", "5")
        with pytest.raises(RuntimeError, match="start again"):
            hands.broker._make_world(0)
        with store.reading() as tx:
            assert len(tx.portals()) == 2
