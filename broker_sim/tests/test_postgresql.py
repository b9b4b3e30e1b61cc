"""LOGON-6: what is PostgreSQL's own: its URL, who waits for whom, a server that goes and comes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import psycopg
import pytest
import requests

from broker_sim.adapters.database import Database
from broker_sim.adapters.own_postgresql import OwnServer
from broker_sim.adapters.postgresql import Unreachable
from broker_sim.adapters.sql import SqlStore
from broker_sim.service.storage import MustWrite
from broker_sim.testing.running import running_broker
from broker_sim.tests.stores import START, add_portals, no_past, opened, post
from broker_sim.tests.worlds import world

LOGON = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<logon xmlns="urn:broker-sim:v1"><username>{}</username><password>{}</password></logon>'
    "</e:Body></e:Envelope>"
)


@pytest.fixture
def store() -> Iterator[SqlStore]:
    with opened("postgresql") as made:
        yield made


@pytest.fixture(scope="module")
def frail() -> OwnServer:
    """A server that may be stopped, for nobody else has it."""
    return OwnServer()


def ended_by_server(store: SqlStore) -> None:
    """Have the server end every other connection, as a restart would."""
    with store.database.engine.connect() as other:
        other.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_connection_that_the_server_ended_is_replaced(store: SqlStore) -> None:
    """LOGON-6: a restart between two calls is not noticed."""
    post(store, START)
    ended_by_server(store)

    post(store, START)

    ended_by_server(store)
    with store.reading() as tx:
        assert tx.count_sessions() == 2
    assert store.database.open_connections == 1


def test_a_transaction_that_the_server_ended_changes_nothing(store: SqlStore) -> None:
    """UPD-1: it fails as a whole, and the next one works."""

    def change() -> None:
        with store.writing() as tx:
            tx.set_note("a", "b")
            ended_by_server(store)
            tx.set_note("c", "d")

    with pytest.raises(psycopg.OperationalError):
        change()
    with store.reading() as tx:
        assert (tx.note("a"), tx.note("c")) == (None, None)


def test_a_server_that_is_gone_is_told_and_missed_no_longer_than_it_is(
    frail: OwnServer, tmp_path: Path
) -> None:
    """FAULT-1: ServerError meanwhile; then everything goes on, the connection too."""
    with running_broker(store=frail.create("gone"), home=tmp_path) as broker:
        _, username, password = broker.logins[0]
        url = f"{broker.url}/services/Sessions"
        said = []
        for step in (None, frail.stop, frail.start):
            if step is not None:
                step()
            body = LOGON.format(username, password)
            answer = requests.post(url, body, headers={"Content-Type": "text/xml"}, timeout=20)
            said.append((answer.status_code, "ServerError" in answer.text))

        assert said == [(200, False), (500, True), (500, False)]
        assert "AlreadyLoggedOn" in answer.text


def test_a_server_that_was_never_there_is_told(tmp_path: Path) -> None:
    """A sentence with the place, and never the password."""
    with pytest.raises(RuntimeError, match="cannot be opened: connection") as problem:
        Database(f"postgresql://amy:hush@/broker?host={tmp_path}")
    assert "hush" not in str(problem.value)


def test_a_server_that_goes_while_a_broker_runs_is_told(frail: OwnServer) -> None:
    """The error names the store."""
    store = SqlStore(no_past, frail.create("told"))
    add_portals(store)
    frail.stop()
    try:
        with pytest.raises(Unreachable, match=r"told.* does not answer"), store.reading():
            pass
    finally:
        frail.start()
        store.close()


def test_the_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL is an extra of the package."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(ValueError, match=r"pip install 'broker-sim\[postgresql\]'"):
        Database("postgresql://nobody@db.example/broker")


def test_a_reader_waits_for_no_writer(store: SqlStore) -> None:
    """UPD-1: it sees what was there before."""
    post(store, START)
    with store.writing() as tx:
        tx.set_note("a", "b")
        seen: list[str | None] = []

        def read() -> None:
            with store.reading() as beside:
                seen.append(beside.note("a"))

        reader = threading.Thread(target=read)
        reader.start()
        reader.join(10)
        assert seen == [None]


def test_writers_wait_for_each_other(store: SqlStore) -> None:
    """UPD-1, LOGON-3, CONN-1: nobody changes what another has read for a change."""
    entered = threading.Event()

    def write() -> None:
        with store.writing():
            entered.set()

    with store.writing():
        writer = threading.Thread(target=write)
        writer.start()
        assert not entered.wait(0.2)
    writer.join(10)
    assert entered.is_set()


def test_a_reading_transaction_writes_nothing(store: SqlStore) -> None:
    """It says that it must write, before the database would."""
    with pytest.raises(MustWrite), store.reading() as tx:
        tx.set_note("a", "b")


def test_a_call_that_only_reads_waits_for_nobody() -> None:
    """CONN-2: not even where another broker on the same store is in the middle of a change."""
    with ExitStack() as stack:
        hands = stack.enter_context(world(store="postgresql"))
        number = hands.post()
        assert hands.call("getSession", session_id=number).question == "Why?"
        stack.enter_context(hands.broker.store.writing())
        reader = threading.Thread(target=hands.call, args=("getLastUpdateId",))
        reader.start()
        reader.join(5)

        assert not reader.is_alive()


KILLED: Final = """
import os, signal
from broker_sim.adapters.own_postgresql import OwnServer
print(OwnServer().url, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_of_one_s_own_is_gone_with_its_process() -> None:
    """Tests that are killed leave no server and no folder behind."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED], check=False, capture_output=True, text=True, timeout=60
    )
    folder = Path(done.stdout.partition("host=")[2].strip()).parent

    assert done.returncode == -signal.SIGKILL
    end = time.monotonic() + 20
    while folder.exists() and time.monotonic() < end:
        threading.Event().wait(0.05)
    assert not folder.exists()
