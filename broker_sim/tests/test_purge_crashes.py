"""RET-3: a purge that is killed between any two steps is finished by the next."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from broker_sim.core.record import Change
from broker_sim.service import sweeper
from broker_sim.tests.refusals import code_of
from broker_sim.tests.worlds import NINETY, Hands, world

LONG: Final = "words of the customer " * 4000
SESSIONS: Final = 3

# Each tells what is replaced by a death, and at which call of it the process dies.
DEATHS: Final = {
    "inside the first batch": ("SqlTransaction.purge", 2),
    "between the commit and the first file": ("ObjectBlobs.delete", 1),
    "between two files": ("ObjectBlobs.delete", 2),
    "between a file and the note that it is gone": ("SqlTransaction.orphan_gone", 1),
    "inside the second batch": ("SqlTransaction.purge", 3),
    "before old entries are dropped": ("SqlTransaction.forget", 1),
}
PURGER: Final = """
import os, sys
from pathlib import Path
from broker_sim.adapters.blobs import ObjectBlobs
from broker_sim.adapters.sql import SqlTransaction
from broker_sim.contract import limits
from broker_sim.service import sweeper
from broker_sim.tests.worlds import NINETY, world

home, where, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
owner, name = where.split(".")
real = getattr({"ObjectBlobs": ObjectBlobs, "SqlTransaction": SqlTransaction}[owner], name)
calls = []

def dies(*arguments):
    calls.append(1)
    if len(calls) == count:
        os._exit(9)
    return real(*arguments)

limits.PURGE_BATCH = 2
with world(Path(home)) as hands:
    setattr({"ObjectBlobs": ObjectBlobs, "SqlTransaction": SqlTransaction}[owner], name, dies)
    hands.pass_time(NINETY)
    sweeper.sweep(hands.broker.world)
"""


def prepared(home: Path) -> list[int]:
    """Make a world with recorded sessions, each with a large file; give their ids."""
    with world(home) as hands:
        numbers = []
        for _ in range(SESSIONS):
            number = hands.post()
            hands.act("accept", sessionId=number)
            hands.act("start", sessionId=number)
            hands.act("chat", sessionId=number, text=LONG)
            hands.act("end", sessionId=number)
            hands.act("record", sessionId=number)
            hands.call("getSession", session_id=number)
            numbers.append(number)
        hands.call("logoff")
        return numbers


def die(home: Path, where: str, count: int) -> None:
    """Purge in another process, which dies on the way."""
    done = subprocess.run(
        [sys.executable, "-c", PURGER, str(home), where, str(count)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (9, "")


def assert_gone(hands: Hands, numbers: list[int]) -> None:
    """Fail unless the sessions are gone with all that was theirs, each told of once."""
    for number in numbers:
        assert code_of(partial(hands.call, "getSession", session_id=number)) == "SessionPurged"
    updates = hands.call("getUpdates", since=hands.call("getLastUpdateId") - len(numbers))
    assert Counter((update.session_id, update.kind) for update in updates) == {
        (number, Change.PURGED): 1 for number in numbers
    }
    assert hands.folder() == []
    with hands.broker.store.reading() as tx:
        assert (tx.count_sessions(), list(tx.orphans())) == (0, [])


@pytest.mark.parametrize(("where", "count"), DEATHS.values(), ids=DEATHS)
def test_a_killed_purge_is_finished_by_the_next(tmp_path: Path, where: str, count: int) -> None:
    """RET-3: nothing comes back, nothing is left, nothing is told twice."""
    numbers = prepared(tmp_path)
    die(tmp_path, where, count)

    with world(tmp_path) as hands:
        hands.pass_time(NINETY)
        for number in numbers:
            read = partial(hands.call, "getSession", session_id=number)
            assert code_of(read) == "SessionPurged"
        sweeper.sweep(hands.broker.world)
        assert_gone(hands, numbers)


def test_an_interrupted_batch_leaves_each_session_whole_or_gone(tmp_path: Path) -> None:
    numbers = prepared(tmp_path)
    die(tmp_path, "SqlTransaction.purge", 2)

    with world(tmp_path) as hands:
        for number in numbers:
            told = hands.call("getSession", session_id=number)
            assert told.files[0].name == f"chatTranscript{number}.txt"
        assert len(hands.folder()) >= SESSIONS
