"""SEC-1: what is served for suites hashes quickly, and stays apart from what people are served."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from broker_sim.adapters import passwords
from broker_sim.bootstrap.broker import Broker
from broker_sim.settings import Settings
from broker_sim.tests.served import served

QUICK: Final = ("-m", "broker_sim.testing.serving")
SERVED: Final = ("-m", "broker_sim")
OPTIONS: Final = ("--port", "0", "--sessions", "0", "--store", "file")


def hashes(home: Path) -> list[str]:
    """Give all passwords that are stored in the world of a home."""
    broker = Broker(Settings(home=home))
    try:
        with broker.store.reading() as tx:
            found = [login.password_hash for login in tx.all_logins()]
            return found + [member.password_hash for member in tx.members()]
    finally:
        broker.close()


def reset(told: dict[str, Any]) -> None:
    """Begin the world anew."""
    headers = {"Authorization": f"Bearer {told['controlToken']}"}
    url = f"{told['controlUrl']}/_sim/reset"
    requests.post(url, json={}, headers=headers, timeout=10).raise_for_status()


def refusal(program: tuple[str, ...], home: Path) -> tuple[int, str]:
    """Serve a home with this program, which ends at once; give exit code and what it says."""
    done = subprocess.run(
        [sys.executable, *program, "serve", "--home", str(home), *OPTIONS],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_world_served_for_suites_hashes_quickly_and_is_served_to_nobody_else(
    tmp_path: Path, workers: str
) -> None:
    """SEC-1: also after a reset, which empties the store; by itself it is served again."""
    more = ("--workers", workers, "--control", "--control-port", "0")
    for _ in range(2):
        with served(tmp_path, *OPTIONS, *more, program=QUICK) as told:
            reset(told)

    assert all(passwords.is_quick(stored) for stored in hashes(tmp_path))
    code, said = refusal(SERVED, tmp_path)
    assert code == 2
    assert "made for tests" in said


def test_a_served_world_gets_no_cheap_password(tmp_path: Path) -> None:
    """SEC-1: the program for suites refuses it, and leaves it as it is."""
    with served(tmp_path, *OPTIONS):
        pass
    before = hashes(tmp_path)
    code, said = refusal(QUICK, tmp_path)

    assert code == 2
    assert "not for tests" in said
    assert hashes(tmp_path) == before
    assert not any(passwords.is_quick(stored) for stored in before)
    with served(tmp_path, *OPTIONS):
        pass
