"""LOGON-6, CONN-1: several processes behind one port are one broker."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from broker_sim.remote import Control
from broker_sim.tests.served import served, until
from broker_sim.tests.stores import url_of

pytestmark = pytest.mark.slow
WORKERS: Final = 4
ENVELOPE: Final = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<{0} xmlns="urn:broker-sim:v1">{1}</{0}></e:Body></e:Envelope>'
)


class Many:
    """A broker served by several processes, and a caller that uses a new connection each time.

    Attributes:
        told: what it said of itself.
        control: its control API.
    """

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.control = Control(told["controlUrl"], told["controlToken"])
        login = next(iter(told["logins"].values()))[0]
        self.username, self.password = login["username"], login["password"]

    def call(self, operation: str, **fields: object) -> str:
        """Call an operation of Sessions, whoever answers; give the answer's text."""
        inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        url = self.told["services"]["Sessions"]["endpoint"]
        headers = {"Content-Type": "text/xml", "Connection": "close"}
        return requests.post(
            url, ENVELOPE.format(operation, inside), headers=headers, timeout=20
        ).text

    def logon(self, password: str | None = None) -> str:
        """Log on; give the connection id, or the fault's code."""
        answer = self.call("logon", username=self.username, password=password or self.password)
        tag = "connectionId" if "<connectionId>" in answer else "code"
        return answer.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]

    def time_of(self, connection: str) -> str:
        """Give the broker's time as one of the processes tells it."""
        answer = self.call("getPortal", connectionId=connection)
        return answer.partition("<brokerTime>")[2].partition("</brokerTime>")[0]

    @property
    def pids(self) -> list[int]:
        """The processes that answer; the first one leads. Behind them comes the relay."""
        pid = self.told["process"].pid
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sorted(map(int, found))[:WORKERS]


@contextmanager
def many(home: Path, kind: str, *options: str) -> Iterator[Many]:
    with url_of("memory" if kind == "file" else kind) as url:
        store = ("--store", "file" if kind == "file" else url)
        always = ("--http", "--port", "0", "--control", "--control-port", "0", "--no-rate")
        with served(home, *store, *always, "--workers", str(WORKERS), *options) as told:
            yield Many(told)


@pytest.fixture(scope="module", params=["file", "postgresql"])
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Many]:
    with many(tmp_path_factory.mktemp("home"), request.param) as made:
        yield made


def test_all_of_them_answer(broker: Many) -> None:
    """LOGON-6: one line says where, one file; the processes have all of it in common."""
    with ThreadPoolExecutor(16) as threads:
        answers = list(
            threads.map(lambda _: broker.call("getPortal", connectionId="x"), range(200))
        )

    assert len(broker.pids) == WORKERS
    assert {"InvalidConnection" in answer for answer in answers} == {True}
    assert all(used_cpu(pid) for pid in broker.pids)


def used_cpu(pid: int) -> bool:
    """Tell whether a process has answered anything: it has taken CPU time beside its start."""
    return int(Path(f"/proc/{pid}/stat").read_text().split()[13]) > 0


def test_a_login_has_one_connection_and_all_know_it(broker: Many) -> None:
    """CONN-1, CONN-2: whoever opened it."""
    connection = broker.logon()

    assert {broker.logon() for _ in range(10)} == {"AlreadyLoggedOn"}
    assert all("<name>" in broker.call("getPortal", connectionId=connection) for _ in range(20))
    broker.call("logoff", connectionId=connection)
    for _ in range(20):
        assert "ConnectionExpired" in broker.call("getPortal", connectionId=connection)


def test_a_clock_that_is_set_is_set_in_all_of_them(broker: Many) -> None:
    """LOGON-6: from the next call on, whoever answers it."""
    connection = broker.logon()
    for day in range(1, 6):
        broker.control.put("/clock", {"mode": "frozen", "now": f"2031-01-0{day}T00:00:00Z"})
        connection = broker.logon()
        told = {broker.time_of(connection)[:19] for _ in range(12)}
        assert told == {f"2031-01-0{day}T00:00:00"}
    broker.call("logoff", connectionId=connection)
    broker.control.put("/clock", {"mode": "real"})


def test_the_journal_has_what_was_answered(broker: Many) -> None:
    """REC-7: by any of them, before the caller can have asked for it."""
    for _ in range(5):
        broker.control.delete("/journal")
        for _ in range(8):
            broker.call("getSession", connectionId="nobody's", sessionId=1)
        seen = broker.control.get("/journal")["entries"]
        assert [entry["operation"] for entry in seen] == ["getSession"] * 8


def test_what_is_of_one_process_is_refused(broker: Many) -> None:
    """LOGON-6, RATE-1: a fault rule, a world or a limit would be there for some callers only."""
    for method, path, body in (
        ("POST", "/worlds", {}),
        ("POST", "/faults", {"operation": "*", "effect": "delay", "seconds": 1}),
        ("PUT", "/rate", {"rate": 2}),
        ("PUT", "/rate", {"rate": 0}),
    ):
        url = f"{broker.told['controlUrl']}/_sim{path}"
        headers = {"Authorization": f"Bearer {broker.told['controlToken']}"}
        answer = requests.request(method, url, json=body, headers=headers, timeout=10)
        assert answer.status_code == 400, answer.text
        assert "without --workers" in answer.text


def test_a_reset_is_taken_up_by_all_of_them(broker: Many) -> None:
    """LOGON-6: another seed, other portals and logins, and nothing of the old ones is left."""
    connection = broker.logon()
    broker.control.post("/reset", {"seed": 11})
    told = broker.control.get("/world")
    login = told["portals"][0]["logins"][0]
    old, broker.username, broker.password = broker.username, login["username"], login["password"]

    assert old != broker.username
    fresh = broker.logon()
    answers = {broker.call("getPortal", connectionId=fresh) for _ in range(12)}
    assert all(told["portals"][0]["name"] in answer for answer in answers)
    assert "getPortalResponse" not in broker.call("getPortal", connectionId=connection)
    broker.call("logoff", connectionId=fresh)


def test_one_that_dies_is_started_again(broker: Many) -> None:
    """RET-3: the leader too, with heartbeat and control API; callers are answered meanwhile."""
    for place in range(WORKERS):
        before = broker.pids
        os.kill(before[place], signal.SIGKILL)

        assert until(lambda: len(broker.pids) == WORKERS and before[place] not in broker.pids)  # noqa: B023  called at once
        assert all(
            "InvalidConnection" in broker.call("getPortal", connectionId="x") for _ in range(8)
        )
    assert until(lambda: broker.control.get("/clock")["mode"] == "real")


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_them_all(tmp_path: Path, name: signal.Signals) -> None:
    """Exit 0, nothing said, no process, no env.json."""
    with many(tmp_path, "file", "--live", "3600") as broker:
        pids, process = broker.pids, broker.told["process"]
        process.send_signal(name)
        _, errors = process.communicate(timeout=15)

    assert (process.returncode, errors) == (0, "")
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert not (tmp_path / "env.json").exists()


def test_they_do_not_outlive_their_parent(tmp_path: Path) -> None:
    """A parent that is killed leaves no process behind."""
    with many(tmp_path, "file") as broker:
        pids = broker.pids
        broker.told["process"].kill()
        broker.told["process"].wait(10)

        assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_time_does_its_work_whoever_died(tmp_path: Path) -> None:
    """UPD-2, SESS-2: the heartbeat is the leader's, and its successor's."""
    with many(tmp_path, "file") as broker:
        portal = broker.control.get("/world")["portals"][0]
        asked = {"portal": portal["name"], "subPortal": portal["subPortals"][0], "question": "Why?"}
        for place in (0, WORKERS - 1):
            os.kill(broker.pids[place], signal.SIGKILL)
            assert until(lambda: len(broker.pids) == WORKERS)
            told = broker.control.post("/acts", {"act": "post", **asked})
            broker.control.put("/clock", {"mode": "shifted", "now": later(broker, 599.5)})

            assert until(lambda: last_update(broker) > told["updateId"])  # noqa: B023  called at once


def later(broker: Many, seconds: float) -> str:
    """Give the broker's time so much later."""
    now = datetime.fromisoformat(broker.control.get("/clock")["now"])
    return (now + timedelta(seconds=seconds)).isoformat()


def last_update(broker: Many) -> int:
    """Give the newest entry of the first portal's log, as the store has it."""
    return int(broker.control.get("/world")["portals"][0]["lastUpdateId"])


def test_a_world_in_memory_has_one_process(tmp_path: Path) -> None:
    """LOGON-6: nobody else could see it."""
    with (
        pytest.raises(AssertionError, match="--workers need a store"),
        served(tmp_path, "--store", "memory", "--workers", "2"),
    ):
        pass
