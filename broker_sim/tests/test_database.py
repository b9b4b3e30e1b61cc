"""SEC-1, REC-7: a database is opened by its URL, for its owner only, or a sentence says why not."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broker_sim.adapters.database import Database, sqlite_url
from broker_sim.adapters.sql import SqlStore
from broker_sim.core.refusal import Refused
from broker_sim.tests.stores import START, add_portals, no_past, post


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "no URL of a database"),
        ("", "no URL of a database"),
        ("dbase3://amy:hush@db.example/x", "is one of sqlite, postgresql"),
        ("mysql://amy:hush@db.example/x", "is one of sqlite, postgresql"),
        ("sqlite+nonsense://amy:hush@/x", "is not known"),
        ("sqlite+pysqlcipher://amy:hush@/x", "is not installed"),
    ],
)
def test_a_url_that_leads_nowhere_is_told(url: str, said: str) -> None:
    """REC-7: what to mend, and never the password in the URL."""
    with pytest.raises(ValueError, match=said) as problem:
        Database(url)

    assert "hush" not in str(problem.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_way_to_write_postgresql_is_taken(scheme: str) -> None:
    """`postgres:` is what many hosts give out; nobody answers here, but nobody refuses it."""
    with pytest.raises((ValueError, RuntimeError)) as problem:
        Database(f"{scheme}://amy:hush@127.0.0.1:1/x")

    assert "is one of" not in str(problem.value)
    assert "postgresql+psycopg" in str(problem.value)


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """The folder is not there: the message names the place."""
    with pytest.raises(RuntimeError, match=r"missing.broker.db cannot be opened: unable to open"):
        Database(sqlite_url(tmp_path / "missing" / "broker.db"))


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """Whatever it is, it is left as it was."""
    path = tmp_path / "broker.db"
    path.write_bytes(b"a letter to a friend " * 100)

    with pytest.raises(RuntimeError, match="cannot be opened: file is not a database"):
        Database(sqlite_url(path))
    assert path.read_bytes() == b"a letter to a friend " * 100


def test_a_new_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    """SEC-1: password hashes and wrapping keys lie in it, and in what lies beside it."""
    tmp_path.chmod(0o755)
    store = SqlStore(no_past, sqlite_url(tmp_path / "broker.db"))
    add_portals(store)

    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    store.close()

    assert modes == dict.fromkeys(("broker.db", "broker.db-wal", "broker.db-shm"), 0o600)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_one_for_all_threads(url: str) -> None:
    """UPD-1: however it is spelled."""
    store = SqlStore(no_past, url)
    add_portals(store)
    writer = threading.Thread(target=post, args=(store, START))
    writer.start()
    writer.join()

    with store.reading() as tx:
        assert tx.count_sessions() == 1
    store.close()


def test_a_thread_that_ended_leaves_no_connection_open(tmp_path: Path) -> None:
    """A broker that runs for months does not run out of files."""
    store = SqlStore(no_past, sqlite_url(tmp_path / "broker.db"))
    add_portals(store)
    for _ in range(10):
        writer = threading.Thread(target=post, args=(store, START))
        writer.start()
        writer.join()

    assert store.database.open_connections <= 2
    with store.reading() as tx:
        assert tx.count_sessions() == 10
    store.close()
    assert store.database.open_connections == 0


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///{}/broker.db"])
def test_a_closed_database_is_no_empty_one(tmp_path: Path, url: str) -> None:
    """CONN-3: who comes too late to a world hears that its connection is over."""
    database = Database(url.format(tmp_path))
    with database.transaction(write=False):
        pass
    database.close()

    def late() -> None:
        with database.transaction(write=False):
            pass

    with ThreadPoolExecutor(1) as pool, pytest.raises(Refused) as refused:
        pool.submit(late).result()
    assert refused.value.fault.code == "ConnectionExpired"
    assert database.open_connections == 0
