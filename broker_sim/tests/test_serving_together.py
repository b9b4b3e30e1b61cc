"""LOGON-6, SEC-1: several served brokers, and what they leave behind."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from broker_sim.bootstrap.home import alone_in
from broker_sim.settings import Settings, UsageError
from broker_sim.tests.served import served
from broker_sim.tests.stores import url_of
from broker_sim.tests.worlds import world


@pytest.mark.parametrize("kind", ["file", "postgresql"])
def test_brokers_with_one_store_share_its_world(kind: str, tmp_path: Path) -> None:
    """LOGON-6: each with a home of its own; who goes takes nothing of the other's along."""
    homes = [tmp_path / "one", tmp_path / "other"]
    options = ("--http", "--seed", "4", "--control", "--store")
    with url_of(kind) as url, ExitStack() as stack:
        one, other = (stack.enter_context(served(home, *options, url)) for home in homes)
        assert one["baseUrl"] != other["baseUrl"]
        worlds = [told_by(broker) for broker in (one, other)]
        assert worlds[0] == worlds[1]

        one["process"].send_signal(signal.SIGTERM)
        assert one["process"].wait(15) == 0

        assert not (homes[0] / "env.json").exists()
        assert env_of(homes[1])["baseUrl"] == other["baseUrl"]
        assert told_by(other) == worlds[1]


@pytest.mark.parametrize("more", [(), ("--store", "memory"), ("--workers", "2")])
def test_a_home_is_one_broker_s(tmp_path: Path, more: tuple[str, ...]) -> None:
    """SEC-1: a second one is told what to do, and touches nothing of the first one's."""
    with served(tmp_path, "--http", "--port", "0") as told:
        before = env_of(tmp_path)
        refused = second(tmp_path, *more)

        assert refused.returncode == 2
        assert refused.stdout == ""
        assert refused.stderr.count("\n") == 1
        assert told["baseUrl"] in refused.stderr
        assert "--home" in refused.stderr
        assert env_of(tmp_path) == before


def test_a_thrown_away_broker_runs_beside_another(tmp_path: Path) -> None:
    """SEC-1, LOGON-6: as the manual says it, the default home being taken."""
    manual = (Path(__file__).parents[2] / "docs" / "control.md").read_text(encoding="utf-8")
    said = re.search(r"thrown away \| `broker-sim (serve [^`]+)`", manual)
    assert said is not None
    command, beside = said[1], tmp_path / "beside"
    beside.mkdir()
    given = {"PATH": "/usr/bin:/bin", "BROKER_SIM_HOME": str(tmp_path), "TMPDIR": str(beside)}

    with served(tmp_path, "--http", "--port", "0") as there:
        with subprocess.Popen(
            ["sh", "-c", f'exec "{sys.executable}" -m broker_sim {command} --sessions 0'],
            env={**given, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            try:
                told = json.loads(process.stdout.readline())
                (home,) = beside.iterdir()
                assert env_of(home) == told
            finally:
                process.terminate()
        assert process.returncode == 0
        assert told["baseUrl"] != there["baseUrl"]
        assert env_of(tmp_path)["baseUrl"] == there["baseUrl"]


def test_a_home_that_is_just_let_go_is_waited_for(tmp_path: Path) -> None:
    """LOGON-6: the workers of a killed broker may outlive it by a moment."""
    settings = Settings(home=tmp_path)
    held = ExitStack()
    held.enter_context(alone_in(settings))
    letting_go = threading.Timer(0.2, held.close)
    letting_go.start()

    with alone_in(settings) as told:
        assert told == tmp_path / "env.json"
        with pytest.raises(UsageError, match="already"):
            held.enter_context(alone_in(settings))
    letting_go.join()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_home_that_cannot_be_locked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """SEC-1: file systems of a network may have no locks; the sentence says what to do."""

    def without_locks(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", without_locks)
    with pytest.raises(UsageError, match="--home") as refused, alone_in(Settings(home=tmp_path)):
        pass
    assert str(tmp_path) in str(refused.value)
    assert os.strerror(number) in str(refused.value)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_broker_leaves_its_home_free(tmp_path: Path, workers: str) -> None:
    """LOGON-6: the system frees the lock of who is gone; nobody has to delete a file."""
    with served(tmp_path, "--http", "--port", "0", "--workers", workers, "--store", "file") as told:
        told["process"].kill()
        told["process"].wait(10)
        told["process"].stdout.read()  # until the last of its processes is gone
    with served(tmp_path, "--http", "--port", "0", "--store", "file") as again:
        assert env_of(tmp_path)["baseUrl"] == again["baseUrl"]


def second(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Try to serve, to the end."""
    command = ("serve", "--home", str(home), "--http", "--port", "0", *options)
    return subprocess.run(
        [sys.executable, "-m", "broker_sim", *command],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def told_by(broker: dict[str, Any]) -> tuple[int, list[str], int]:
    """Give what a broker says of its world: seed, portals, sessions."""
    headers = {"Authorization": f"Bearer {broker['controlToken']}"}
    told = requests.get(f"{broker['controlUrl']}/_sim/world", headers=headers, timeout=10).json()
    return told["seed"], [portal["name"] for portal in told["portals"]], told["sessions"]


def env_of(home: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((home / "env.json").read_text(encoding="utf-8"))
    return told


def test_all_that_is_secret_is_its_owner_s_alone(tmp_path: Path) -> None:
    """SEC-1: in a home that others may look into."""
    tmp_path.chmod(0o755)
    with served(tmp_path, "--port", "0", "--store", "file") as told:
        assert told["caFile"]
        private = [*tmp_path.glob("broker.db*"), tmp_path / "env.json", *tmp_path.rglob("*key*")]

        assert len(private) >= 5
        assert {path.name: path.stat().st_mode & 0o077 for path in private} == {
            path.name: 0 for path in private
        }


def test_a_world_keeps_its_files_and_its_secret(tmp_path: Path) -> None:
    """REC-5, REC-8: a second start signs and seals with what the first one kept."""
    secrets = []
    for _ in range(2):
        with world(tmp_path, for_tests=False, sessions=12) as hands:
            secrets.append(hands.broker.world.vault.sign("x"))

    assert secrets[0] == secrets[1]
