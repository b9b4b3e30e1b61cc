"""C-SCHED-1: when a schedule wants a run, and what is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.core import schedule
from integration.errors import Stop
from integration.ledger import runs
from integration.ledger.runs import Runs
from integration.tests.broker_process import BrokerProcess, until
from integration.tests.client_process import ClientProcess, stop

NINE = datetime(2030, 1, 15, 9, 0, tzinfo=UTC)
QUARTERS = "*/15 * * * *"
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (NINE - SECOND, None),
        (NINE, NINE),
        (NINE + SECOND, NINE),
        (NINE + timedelta(minutes=44), NINE + timedelta(minutes=30)),
    ],
)
def test_a_time_is_due_from_its_first_instant_on(now: datetime, due: datetime | None) -> None:
    """C-SCHED-1: and of several that were missed, the last one stands for all."""
    assert schedule.due(QUARTERS, NINE - timedelta(minutes=15), now) == due


def test_a_time_that_was_served_is_not_due_again() -> None:
    """C-SCHED-1: once each."""
    assert schedule.due(QUARTERS, NINE, NINE + timedelta(minutes=14)) is None


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=30))
def test_however_often_one_looks_each_time_is_served_once(pauses: list[int]) -> None:
    """C-SCHED-1: the served times grow, and every time of the schedule lies behind one of them."""
    done, now, served = NINE, NINE, []
    for seconds in pauses:
        now += timedelta(seconds=seconds)
        due = schedule.due(QUARTERS, done, now)
        if due is not None:
            served.append(due)
            done = due
    assert served == sorted(set(served))
    assert all(at.minute % 15 == 0 for at in served)
    assert now - done < timedelta(minutes=15)


def test_the_following_time_lies_behind_now() -> None:
    """C-SCHED-1: also on a time itself."""
    assert schedule.following(QUARTERS, NINE) == NINE + timedelta(minutes=15)


@pytest.mark.parametrize("text", ["", "every day", "61 * * * *", "0 0 31 2 *"])
def test_what_is_no_schedule_is_told(text: str) -> None:
    """A time that never comes is none, either."""
    with pytest.raises(ValueError, match="cron expression"):
        schedule.checked(text)


def test_runs_are_kept_over_restarts(tmp_path: Path) -> None:
    """C-SCHED-1: both clocks' instants; nothing before the first start."""
    kept = Runs(NINE, NINE - SECOND)
    assert runs.read(tmp_path) is None

    runs.keep(tmp_path / "state", kept)
    assert runs.read(tmp_path / "state") == kept
    runs.keep(tmp_path / "state", Runs(NINE))
    assert runs.read(tmp_path / "state") == Runs(NINE)


def test_a_damaged_file_stops_the_start(tmp_path: Path) -> None:
    """Times are not served twice because a file could not be read."""
    (tmp_path / "schedule.json").write_text("{")
    with pytest.raises(Stop, match="damaged"):
        runs.read(tmp_path)


def test_a_time_that_was_missed_is_served_at_once(
    tmp_path: Path, real_broker: BrokerProcess
) -> None:
    """C-SCHED-1: as a process: what changed is stored, the time is noted, and a stop logs off."""
    login = real_broker.portal()
    number = real_broker.whole(login)
    client = ClientProcess(tmp_path, real_broker, login, schedule="0 0 * * *")
    state = client.portal.state
    state.mkdir(parents=True)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    runs.keep(state, Runs(long_ago))
    mark = real_broker.mark()

    process = client.begin("schedule")
    until(lambda: (kept := runs.read(state)) and kept.done > long_ago)
    assert (client.portal.storage / f"Session_{number}.zip").is_file()
    assert stop(process)[0] == 0
    assert len(real_broker.calls("logoff", mark)) == 1


def test_without_a_schedule_there_is_nothing_to_do(
    tmp_path: Path, real_broker: BrokerProcess
) -> None:
    """Wrong settings, exit 2."""
    client = ClientProcess(tmp_path, real_broker, real_broker.portal())

    assert "no schedule" in client.run("schedule", code=2)
