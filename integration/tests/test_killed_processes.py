"""C-ONCE-1 to C-ONCE-3, C-STORE-2, C-CONN-1: the client as a process, killed at every point.

The broker is a process, too, and keeps running. The order of the points is drawn from a seed.
"""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.crashpoint import POINTS
from integration.tests.broker_process import BrokerProcess, Login, until
from integration.tests.client_process import ClientProcess, stop
from integration.tests.home import archives, half_written, index, members, rows

SEED = 7
ORDER = random.Random(SEED).sample(POINTS, len(POINTS))
ON_DEMAND = [point for point in ORDER if point not in ("logged-on", "polled")]
REAL_TIME = [point for point in ORDER if point not in ("logged-on", "noted")]
# Passed once in a start at least; the others, once for each session
ONCE = ("logged-on", "noted", "part-begun", "key-kept", "recording", "recorded", "stored")

pytestmark = pytest.mark.slow


@pytest.fixture
def login(real_broker: BrokerProcess) -> Login:
    return real_broker.portal()


@pytest.fixture
def client(real_broker: BrokerProcess, login: Login, tmp_path: Path) -> Iterator[ClientProcess]:
    made = ClientProcess(tmp_path / "client", real_broker, login)
    yield made
    made.close()


def same(one: ClientProcess, other: ClientProcess) -> bool:
    """Whether two stores hold the same, but for what a range does not have: the cursor."""
    rows_of_both = [rows(client.portal) for client in (one, other)]
    for found in rows_of_both:
        found.pop("client_cursor")
    return rows_of_both[0] == rows_of_both[1] and archives(one.portal) == archives(other.portal)


def well(client: ClientProcess, ids: list[int]) -> bool:
    """Whether exactly these sessions are there, and `verify` finds nothing wrong."""
    there = [row[0] for row in rows(client.portal)["support_session"]]
    zips = {path.name for path in client.portal.storage.glob("Session_*")}
    assert not list(client.portal.storage.glob(".*"))
    return (
        there == ids
        and zips == {f"Session_{session_id}.zip" for session_id in ids}
        and client.run_json("verify")["good"]
    )


def test_on_demand_killed_at_every_point(
    client: ClientProcess, real_broker: BrokerProcess, login: Login, tmp_path: Path
) -> None:
    """C-ONCE-1: one kill after the other in one store; the end is that of a run without kills."""
    ids = [real_broker.whole(login) for _ in range(3)]
    mark = real_broker.mark()
    for nth, point in enumerate(["logged-on", *ON_DEMAND]):
        count = 1 if point in ONCE else 1 + nth % 3
        shutil.rmtree(client.portal.storage / "keys", ignore_errors=True)
        shutil.rmtree(client.portal.state / "parts", ignore_errors=True)
        assert client.killed_at(f"{point}:{count}", "fetch", "--anew"), f"{point} was not passed"
        assert half_written(client.portal) == []
    client.run("fetch")

    assert well(client, ids)
    assert len(real_broker.calls("logon", mark)) == 2  # the last one by `verify`
    plain = ClientProcess(tmp_path / "plain", real_broker, login)
    plain.run("fetch")
    assert same(client, plain)


@pytest.mark.parametrize("point", REAL_TIME)
def test_real_time_killed_at_a_point_and_started_again(
    client: ClientProcess, real_broker: BrokerProcess, login: Login, point: str
) -> None:
    """C-ONCE-1, C-ONCE-2: with sessions that end and change while it runs and while it is down."""
    first = real_broker.post(login)
    watching = client.begin("watch")
    until(lambda: client.run_json("status")["updates"]["state"] == "updating")
    stop(watching, signal.SIGKILL)
    dying = client.begin("watch", crash_at=f"{point}:1")
    second = real_broker.whole(login)
    real_broker.act("end", sessionId=first)
    real_broker.act("record", sessionId=first)
    dying.communicate(timeout=60)
    assert half_written(client.portal) == []
    boxes = [{"label": "How was it?", "value": "fine"}]
    real_broker.act("survey", sessionId=second, customerRatings=boxes)
    third = real_broker.whole(login)
    again = client.begin("watch")

    def settled() -> bool:
        told: dict[str, Any] = client.run_json("status")
        return (told["totals"]["stored"], told["queue"]["length"]) == (3, 0)

    until(settled)
    until(lambda: index(client.portal, second)["customer_ratings"])
    until(lambda: len(members(client.portal, first)) == 8)
    until(lambda: len(members(client.portal, third)) == 8)
    assert stop(again)[0] == 0
    assert well(client, [first, second, third])


def test_a_broker_that_is_killed_and_restarted(tmp_path: Path) -> None:
    """C-NET-2, C-ONCE-1: the client waits and goes on; nothing is lost or doubled."""
    with BrokerProcess(tmp_path / "broker", store="file") as broker:
        login = broker.portal()
        client = ClientProcess(tmp_path / "client", broker, login)
        watching = client.begin("watch")
        until(lambda: client.run_json("status")["updates"]["state"] == "updating")
        first = broker.whole(login)
        broker.end(signal.SIGKILL)
        broker.start()
        second = broker.whole(login)
        until(lambda: client.run_json("status")["totals"]["stored"] == 2, 90)
        until(lambda: client.run_json("status")["queue"]["length"] == 0, 90)
        code, said = stop(watching)

        assert code == 0, said
        assert well(client, [first, second])


def test_an_update_that_expired_while_it_was_down(tmp_path: Path) -> None:
    """C-ONCE-3: after UpdateExpired the missed range is fetched, then the log is read on."""
    with BrokerProcess(tmp_path / "broker") as broker:
        broker.tell("PUT", "clock", mode="frozen", now="2030-01-01T00:00:00Z")
        login = broker.portal()
        client = ClientProcess(tmp_path / "client", broker, login)
        broker.whole(login)
        watching = client.begin("watch")
        until(lambda: client.run_json("status")["updates"]["state"] == "updating")
        assert stop(watching)[0] == 0
        broker.whole(login)
        broker.tell("POST", "clock/advance", seconds=60 * 86_400)
        kept = broker.whole(login)
        broker.tell("POST", "clock/advance", seconds=40 * 86_400)
        mark = broker.mark()
        watching = client.begin("watch")
        until(lambda: client.run_json("status")["totals"]["stored"] == 1)
        later = broker.whole(login)
        until(lambda: client.run_json("status")["totals"]["stored"] == 2)
        until(lambda: client.run_json("status")["queue"]["length"] == 0)
        assert stop(watching)[0] == 0

        assert [c["fault"] for c in broker.calls("getUpdates", mark)].count("UpdateExpired") == 1
        assert len(broker.calls("getSessionIds", mark)) == 1
        assert well(client, [kept, later])
