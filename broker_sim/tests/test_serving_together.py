"""LOGON-6, SEC-1: several served brokers with one home, and what they leave behind."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

from broker_sim.tests.served import served
from broker_sim.tests.worlds import world


def test_brokers_with_one_home_share_its_world(tmp_path: Path) -> None:
    """LOGON-6: they answer side by side; who goes takes nothing of the other's along."""
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(served(tmp_path, "--http", "--seed", "4", "--control"))
            for _ in range(2)
        )
        assert one["baseUrl"] != other["baseUrl"]
        worlds = [told_by(broker) for broker in (one, other)]
        assert worlds[0] == worlds[1]
        assert env_of(tmp_path)["baseUrl"] == other["baseUrl"]

        one["process"].send_signal(signal.SIGTERM)
        assert one["process"].wait(15) == 0

        assert env_of(tmp_path)["baseUrl"] == other["baseUrl"]
        assert told_by(other) == worlds[1]
    assert not (tmp_path / "env.json").exists()


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
