"""The curl scripts of a report, run: the same break, without us; and nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from broker_sim.testing import replaced, running_broker
from conformance.bench import RIGHT
from conformance.hands import Hands
from conformance.history import Break
from conformance.mutants import MUTANTS
from conformance.report import shell
from conformance.runner import Plan, judge
from conformance.target import Description, Target, reached
from conformance.tests.small_broker import TOKEN, small_broker
from conformance.tests.test_as_lent import left
from conformance.tests.test_as_lived import LENT, REP, lent
from conformance.tests.test_command_line import LocksLate

pytestmark = pytest.mark.foreign


def written(target: Target, rule: str, place: Path) -> tuple[Path, Break]:
    """Judge one rule, which must be broken; write the script of it."""
    (verdict,) = judge(target, Plan((rule,), 7, 5))
    assert verdict.broken is not None, verdict
    path = place / f"{rule}.sh"
    path.write_text(shell.script(verdict.broken, target, "s"), encoding="utf-8")
    return path, verdict.broken


def logins(hands: Hands) -> set[str]:
    """Give the names of all portals' logins, as the control API tells them."""
    portals: list[dict[str, Any]] = hands.control("GET", ["world"])["portals"]
    return {each["username"] for portal in portals for each in portal["logins"]}


def ran(path: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script with a folder for what it keeps meanwhile; none of that may stay."""
    keeps = path.parent / "tmp"
    keeps.mkdir(exist_ok=True)
    curl, sh = shutil.which("curl"), shutil.which("sh")
    assert curl, "this test needs curl"
    assert sh, "this test needs sh"
    known = {"PATH": f"{Path(curl).parent}:{os.defpath}", "TMPDIR": str(keeps), **environment}
    done = subprocess.run(
        [sh, str(path), *words], env=known, capture_output=True, text=True, check=False
    )
    assert list(keeps.iterdir()) == []
    return done


def test_a_lent_login_comes_from_the_environment(tmp_path: Path) -> None:
    """SESS-2: it logs on as who was lent, not as somebody made up; a password is never in it."""
    users = {"USER_1": LENT.username, "PASSWORD_1": LENT.password}
    users |= {"USER_4": REP.username, "PASSWORD_4": REP.password}
    wrong = MUTANTS["starts-when-it-is-accepted"]
    with replaced(*wrong.overlays), lent() as (description, _), reached(description) as target:
        path, broken = written(target, "SESS-2", tmp_path)
        assert RIGHT not in path.read_text("utf-8")
        nobody = ran(path)
        done = ran(path, **users)
        assert left(description) == (0, set())

    assert nobody.returncode != 0
    assert "is not set: it is the" in nobody.stderr
    last = done.stdout.partition(f"--- {broken.history.steps[-1].number} ")[2]
    assert "<startTime>" in last, done  # which an accepted request has not


def test_nobody_is_left_waiting_or_logged_on_by_a_control_api(tmp_path: Path) -> None:
    """MON-2: requests that the script posted are over, and the login is free again."""
    wrong = MUTANTS["the-longest-wait-is-the-shortest"]
    with replaced(*wrong.overlays), running_broker() as broker:
        door = Description(broker.url, control=broker.control_url, token=broker.control_token)
        with reached(door) as target:
            path, _ = written(target, "MON-2", tmp_path)
            hands = Hands(target)
            before = logins(hands)
            done = ran(path, TOKEN=broker.control_token)
            (user,) = logins(hands) - before
            connection = hands.call("logon", username=user, password=RIGHT)["gives"]
            queues = hands.call("getQueues", service="Monitors", connection_id=connection)["gives"]

    assert done.returncode == 0, done
    assert "'longest_wait" in str(queues[0])
    assert [each["waiting"] for each in queues] == [0] * len(queues)


def test_a_refused_token_ends_the_script(tmp_path: Path) -> None:
    """Its steps would otherwise be told as if the broker had done them."""
    with small_broker(LocksLate()) as url:
        with reached(Description(url, control=url, token=TOKEN)) as target:
            path, _ = written(target, "LOGON-3", tmp_path)
        refused = ran(path, TOKEN="wrong")  # it is to be refused
        nobody = ran(path, url, "http://127.0.0.1:9", TOKEN=TOKEN)

    assert (refused.returncode, nobody.returncode) == (1, 1)
    assert "answers 401: is it there, is TOKEN right?" in refused.stderr
    assert "is it there" in nobody.stderr
    assert "--- 1" not in refused.stdout + nobody.stdout
