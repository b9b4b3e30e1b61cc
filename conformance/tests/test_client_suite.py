"""The client direction from its command line: exit codes, what it writes, replay, interruption."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.__main__ import main
from conformance.client.runner import Plan
from conformance.verdict import Exit

NAIVE = (sys.executable, "-m", "conformance.client.wrong")
UNSUPPORTED = (sys.executable, "-c", "raise SystemExit(127)")


def _judge(*words: str, client: tuple[str, ...] = NAIVE) -> int:
    return main(["client", "--quiet", "--seed", "5", *words, "--", *client])


def test_a_conformant_client_is_exit_0(capsys: pytest.CaptureFixture[str]) -> None:
    """The head tells what was judged; the seed is there."""
    assert _judge("--rule", "C-STORE-1") == Exit.CONFORMANT

    out = capsys.readouterr().out
    assert out.startswith("client ")
    assert "seed 5" in out
    assert "CONFORMANT: 1 passed" in out


def test_a_wrong_client_is_exit_1_and_its_case_can_be_had_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """C-STORE-1: report, record, replay; the record of one that is right now holds."""
    folder = tmp_path / "report"
    wrong = (*NAIVE, "--wrong", "own-names")
    code = _judge("--rule", "C-STORE-1", "--report", str(folder), client=wrong)

    assert code == Exit.NOT_CONFORMANT
    written = {path.name for path in folder.iterdir()}
    assert written >= {"report.json", "junit.xml", "C-STORE-1.json"}
    record = folder / "C-STORE-1.json"
    assert f"replay {record}" in capsys.readouterr().out
    assert main(["replay", str(record)]) == Exit.NOT_CONFORMANT
    assert "still breaks" in capsys.readouterr().out

    told = json.loads(record.read_text())
    assert told["seed"] == 5
    assert any(step["verb"] == "client:getSession" for step in told["steps"])
    assert "C-STORE-1.sh" in written
    record.write_text(json.dumps({**told, "command": list(NAIVE)}))
    assert main(["replay", str(record)]) == Exit.CONFORMANT
    assert "holds now" in capsys.readouterr().out


def test_a_password_is_in_no_report(tmp_path: Path) -> None:
    """Steps tell what was started, not with which secrets."""
    folder = tmp_path / "report"
    wrong = (*NAIVE, "--wrong", "password-in-the-log")
    assert _judge("--rule", "C-KEY-1", "--report", str(folder), client=wrong) == 1

    assert "Zinnia" not in (folder / "C-KEY-1.json").read_text()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--rule", "LOGON-3"], Exit.USAGE),
        (["--adapter", "no-such-file.toml"], Exit.USAGE),
    ],
)
def test_wrong_usage_is_exit_3(words: list[str], code: int) -> None:
    """No broker is started for it."""
    assert _judge(*words) == code


def test_no_command_is_wrong_usage() -> None:
    """The plain protocol names none."""
    assert main(["client"]) == Exit.USAGE


def test_a_client_that_cannot_be_started_is_exit_4(capsys: pytest.CaptureFixture[str]) -> None:
    """It says why."""
    assert _judge(client=("/no/such/client",)) == Exit.UNREACHABLE
    assert "cannot be started" in capsys.readouterr().err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_an_interrupted_run_tells_what_ran_and_leaves_no_process(how: signal.Signals) -> None:
    """Ctrl-C, or a service's stop: a report, exit code 2, and no client still polling."""
    mark = f"mark-{os.getpid()}-{how.name}"
    command = [sys.executable, "-m", "conformance", "client", "--seed", "5"]
    command += ["--rule", "C-STORE-1", "--rule", "C-POLL-2", "--", sys.executable]
    command += ["-X", "frozen_modules=on", "-m", "conformance.client.wrong"]
    run = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CLIENT_MARK": mark},  # noqa: TID251  to know its children by
    )
    assert run.stderr is not None
    run.stderr.readline()  # a first case has ended
    run.send_signal(how)
    out, error = run.communicate(timeout=60)

    assert run.returncode == Exit.INCOMPLETE, (out, error)
    assert "C-STORE-1" in out
    assert _with(mark) == []


def _with(mark: str) -> list[str]:
    """Give the processes that have this in their environment."""
    deadline = time.monotonic() + 5
    found = ["?"]
    while found and time.monotonic() < deadline:
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark.encode() in path.read_bytes():
                    found.append(path.parent.name)
            except OSError:
                continue
    return found


def test_a_plan_has_the_seed_of_all_chance() -> None:
    """One seed, one order of faults."""
    assert Plan(("C-ONCE-1",), 5) == Plan(("C-ONCE-1",), 5)
