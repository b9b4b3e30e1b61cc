"""Ctrl-C: the report of what ran, and no rule that was not done with is called good."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from conformance.rulebook import chosen
from conformance.runner import Plan, judge
from conformance.stopping import interruptible
from conformance.target import own
from conformance.verdict import Exit, Result

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
        while line := process.stderr.readline():
            if line.startswith(" 12/"):
                break
        process.send_signal(how)
        out, err = process.communicate(timeout=60)
    assert process.returncode == Exit.INCOMPLETE, err
    assert "INCOMPLETE" in out
    told = json.loads(report.read_text(encoding="utf-8"))
    results = {rule["id"]: (rule["result"], rule["why"]) for rule in told["rules"]}
    stopped = [name for name, (_, why) in results.items() if "stopped" in str(why)]
    assert {results[name][0] for name in stopped} == {"NOT-TESTABLE"}
    assert {"PASS", "NOT-TESTABLE"} == {result for result, _ in results.values()}


class _Swallowing:
    """Progress in whose midst the signal comes, where something makes another error of it."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def begins(self, name: str, judged: Sequence[str]) -> None:  # noqa: ARG002  the port's arguments
        """Stop the run as the third property begins."""
        if len(self.ended) == 2:
            with suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)

    def ends(self, name: str, seconds: float, broken: str | None) -> None:  # noqa: ARG002  the same
        """Count."""
        self.ended.append(name)

    def waits(self, seconds: float) -> None:
        """Not here."""


def test_who_is_stopped_stops_whoever_swallows_the_signal() -> None:
    """The exception comes wherever the program is, which may be where it is lost."""
    with interruptible() as wish, own(3) as target:
        progress = _Swallowing()
        verdicts = judge(target, Plan(chosen("core"), 3, 1), progress, wish)

    assert len(progress.ended) == 3
    assert any("stopped" in str(verdict.why) for verdict in verdicts)
    assert {verdict.result for verdict in verdicts} <= {Result.PASS, Result.NOT_TESTABLE}
