"""Ctrl-C: the report of what ran, and no rule that was not done with is called good."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from conformance import commands
from conformance.__main__ import main
from conformance.report.terminal import Reporter
from conformance.rulebook import chosen
from conformance.runner import Plan, judge
from conformance.stopping import interruptible
from conformance.target import own
from conformance.tests.small_broker import TOKEN, small_broker
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


def test_a_target_that_goes_away_leaves_a_report_of_what_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 4; what was found stands, and what nobody answered is no failure."""
    gone = ExitStack()

    class Leaves(Reporter):
        def ends(self, name: str, seconds: float, broken: str | None) -> None:
            """Let the broker go after a property that was whole."""
            super().ends(name, seconds, broken)
            if name == "a_login_has_one_connection":
                gone.close()

    monkeypatch.setattr(commands, "Reporter", Leaves)
    with gone:
        url = gone.enter_context(small_broker())
        rules = [word for rule in ("LOGON-4", "CONN-1", "UPD-4") for word in ("--rule", rule)]
        door = ["broker", url, "--control", url, "--token", TOKEN, "--quiet", "--examples", "2"]
        code = main([*door, *rules, "--report", str(tmp_path), "--certify", str(tmp_path / "c")])
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    results = {rule["id"]: (rule["result"], str(rule["why"])) for rule in told["rules"]}

    assert (code, told["exit"]) == (Exit.UNREACHABLE, Exit.UNREACHABLE)
    assert "INCOMPLETE, the target went away" in capsys.readouterr().out
    assert {result for result, _ in results.values()} == {"PASS", "NOT-TESTABLE"}
    assert any("the target went away while" in why for _, why in results.values())
    assert "incomplete" in (tmp_path / "c" / "badge.svg").read_text(encoding="utf-8")
