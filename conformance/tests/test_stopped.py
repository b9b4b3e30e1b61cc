"""Ctrl-C: the report of what ran, and no rule that was not done with is called good."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.verdict import Exit

COMMAND = (sys.executable, "-m", "conformance", "broker", "--self", "--seed", "3")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_who_is_stopped_tells_what_ran(tmp_path: Path, how: signal.Signals) -> None:
    """Exit code 2, a whole report; what was found stands, the rest was not testable."""
    report = tmp_path / "report.json"
    with subprocess.Popen(
        [*COMMAND, "--profile", "core", "--effort", "dev", "--json", str(report)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith(" 12/"):
            pass
        process.send_signal(how)
        out, err = process.communicate(timeout=60)
    assert process.returncode == Exit.INCOMPLETE, err
    assert "INCOMPLETE" in out
    told = json.loads(report.read_text(encoding="utf-8"))
    results = {rule["id"]: (rule["result"], rule["why"]) for rule in told["rules"]}
    stopped = [name for name, (_, why) in results.items() if "stopped" in str(why)]
    assert {results[name][0] for name in stopped} == {"NOT-TESTABLE"}
    assert {"PASS", "NOT-TESTABLE"} == {result for result, _ in results.values()}
