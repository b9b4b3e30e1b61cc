"""The command line: exit codes, files written, and help that shows an example."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

import conformance.commands
from conformance.__main__ import main
from conformance.tests.small_broker import TOKEN, Login, World, small_broker
from conformance.verdict import Exit


class LocksLate(World):
    """Locks at the fourth failure."""

    def _fail(self, login: Login) -> None:
        login.failures += 1
        if login.failures % 4 == 0:
            login.until = self.now + timedelta(minutes=5)


def _judge(url: str, *more: str) -> int:
    return main(["broker", url, "--control", url, "--token", TOKEN, "--quiet", *more])


def test_a_conformant_broker_is_exit_0(capsys: pytest.CaptureFixture[str]) -> None:
    with small_broker() as url:
        assert _judge(url, "--rule", "upd-4", "--seed", "5") == Exit.CONFORMANT

    out = capsys.readouterr().out
    assert "seed 5" in out
    assert out.rstrip().endswith("CONFORMANT: 1 passed        exit 0")


def test_a_broken_rule_is_exit_1_and_leaves_what_reproduces_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report folder holds JSON, JUnit, the history and the script; replay agrees."""
    folder = tmp_path / "report"
    with small_broker(LocksLate()) as url:
        code = _judge(url, "--rule", "LOGON-3", "--report", str(folder))
        again = ["replay", str(folder / "LOGON-3.json"), url, "--control", url, "--token", TOKEN]
        assert code == Exit.NOT_CONFORMANT
        assert main(again) == Exit.NOT_CONFORMANT
    assert {path.name for path in folder.iterdir()} == {
        "report.html",
        "report.json",
        "junit.xml",
        "LOGON-3.json",
        "LOGON-3.sh",
    }
    assert "still breaks" in capsys.readouterr().out
    with small_broker() as url:
        again = ["replay", str(folder / "LOGON-3.json"), url, "--control", url, "--token", TOKEN]
        assert main(again) == Exit.CONFORMANT
    assert "holds now" in capsys.readouterr().out


@pytest.mark.foreign
def test_the_script_shows_the_break_with_curl_alone(tmp_path: Path) -> None:
    """`sh LOGON-3.sh` ends with the answer that should have been another."""
    curl, shell = shutil.which("curl"), shutil.which("sh")
    assert curl, "this test needs curl"
    assert shell, "this test needs sh"
    with small_broker(LocksLate()) as url:
        _judge(url, "--rule", "LOGON-3", "--report", str(tmp_path))
        environment = {"TOKEN": TOKEN, "PATH": f"{Path(curl).parent}:/usr/bin:/bin"}
        command = [shell, str(tmp_path / "LOGON-3.sh"), url, url]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    record = json.loads((tmp_path / "LOGON-3.json").read_text())

    assert record["broken"]["received"].startswith("gives")
    assert "<connectionId>" in done.stdout.splitlines()[-1]


def test_an_expected_failure_is_exit_0_and_a_stale_one_exit_1(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.toml"
    baseline.write_text('[[expected]]\nrule = "LOGON-3"\nwhy = "ticket 7"\n', encoding="utf-8")
    chosen = ["--rule", "LOGON-3", "--baseline", str(baseline)]
    with small_broker(LocksLate()) as url:
        assert _judge(url, *chosen) == Exit.CONFORMANT
    with small_broker() as url:
        assert _judge(url, *chosen) == Exit.NOT_CONFORMANT


def test_what_cannot_be_tested_is_exit_2() -> None:
    with small_broker() as url:
        assert _judge(url, "--rule", "LOGON-6") == Exit.INCOMPLETE
        assert main(["broker", url, "--rule", "RET-1", "--quiet"]) == Exit.INCOMPLETE


def test_a_reason_that_another_one_says_too_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    with small_broker() as url:
        main(["broker", url, "--rule", "CONN-1", "--quiet"])

    assert capsys.readouterr().out.count("no control API to make a portal by") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["broker", "--profile", "none"],
        ["broker", "ftp://b.example"],
        ["broker", "http://127.0.0.1:9", "--rule", "NONE-1"],
        ["broker", "--target", "/nowhere/target.toml"],
        ["replay", "/nowhere/x.json", "http://127.0.0.1:9"],
        ["explain", "NONE-1"],
        ["frobnicate"],
    ],
)
def test_wrong_usage_is_exit_3(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _ended(arguments) == Exit.USAGE
    assert "broker-conformance" in capsys.readouterr().err


def test_who_names_no_broker_is_told_how(capsys: pytest.CaptureFixture[str]) -> None:
    """The first thing that anybody types."""
    assert _ended(["broker"]) == Exit.USAGE
    assert "name a broker by its URL or by --target, or say --self" in capsys.readouterr().err


def _ended(arguments: list[str]) -> object:
    """The exit code, whether the parser or the command gave it."""
    try:
        return main(arguments)
    except SystemExit as end:
        return end.code


def test_nobody_there_is_exit_4(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["broker", "http://127.0.0.1:9"]) == Exit.UNREACHABLE
    assert "cannot be reached" in capsys.readouterr().err


def test_a_wrong_token_is_exit_4(capsys: pytest.CaptureFixture[str]) -> None:
    with small_broker() as url:
        code = main(["broker", url, "--control", url, "--token", "wrong"])

    assert code == Exit.UNREACHABLE
    assert "control API" in capsys.readouterr().err


def test_our_own_fault_is_exit_5(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_given: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(conformance.commands, "rules", fail)

    assert main(["rules"]) == Exit.OWN_FAULT


def test_explain_leads_to_sentence_property_and_mutant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "logon-3"]) == Exit.CONFORMANT

    out = capsys.readouterr().out
    assert "three failed logons in a row lock the login for five minutes" in out
    assert "conformance/broker/locks.py:" in out
    assert "third_failures_lock_for_five_minutes" in out
    assert "reason    S0: the vendor's integration note" in out
    assert "cause     Locks at the fourth failure in a row.\n" in out
    assert re.search(r"mutant conformance/mutants/locks.py:\d+ locks-one-failure-late\n", out)


def test_explain_tells_what_commonly_breaks_a_client(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "C-LOCK-1"]) == Exit.CONFORMANT

    out = capsys.readouterr().out
    assert "cause     It repeats a password that was refused.\n" in out
    assert "client.wrong --wrong repeats-a-bad-password\n" in out


def test_rules_lists_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == Exit.CONFORMANT

    out = capsys.readouterr().out
    assert "LOGON-1" in out
    assert "excluded: " in out


@pytest.mark.parametrize("verb", ["broker", "replay", "explain", "rules"])
def test_every_help_shows_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([verb, "--help"])

    assert end.value.code == 0
    assert f"broker-conformance {verb}" in capsys.readouterr().out.partition("example")[2]


def test_a_capability_that_is_not_claimed_is_not_judged(tmp_path: Path) -> None:
    with small_broker() as url:
        path = tmp_path / "target.toml"
        told = f'url = "{url}"\ncontrol = "{url}"\ntoken = "{TOKEN}"\ncapabilities = ["sessions"]\n'
        path.write_text(told, encoding="utf-8")
        chosen = ["--rule", "REC-1", "--rule", "UPD-4", "--json", str(tmp_path / "r.json")]
        assert main(["broker", "--target", str(path), "--quiet", *chosen]) == Exit.CONFORMANT

    results = {
        row["id"]: row["result"] for row in json.loads((tmp_path / "r.json").read_text())["rules"]
    }
    assert results == {"REC-1": "NOT-APPLICABLE", "UPD-4": "PASS"}


@pytest.mark.slow
def test_the_simulator_may_be_several_processes() -> None:
    """The whole of the suite can be run on them; here, what lasts over a restart."""
    wanted = ["--workers", "2", "--rule", "LOGON-6", "--rule", "CONN-1"]

    assert main(["broker", "--self", *wanted, "--effort", "dev", "--quiet"]) == Exit.CONFORMANT


@pytest.mark.parametrize(
    "words", [["rules"], ["explain", "AGENT-1"], ["broker", "--rule", "UPD-4"]]
)
def test_who_reads_no_further_changes_no_exit_code(words: list[str]) -> None:
    """As in `broker-conformance rules | head -1`: no trace, and no verdict that was none."""
    command = [sys.executable, "-m", "conformance", *words]
    reader, writer = os.pipe()
    os.close(reader)
    with ExitStack() as stack:
        stack.callback(os.close, writer)
        if words[0] == "broker":
            url = stack.enter_context(small_broker())
            command += [url, "--control", url, "--token", TOKEN, "--examples", "1"]
        done = subprocess.run(
            command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
        )

    assert (done.returncode, "rror" in done.stderr) == (Exit.CONFORMANT, False), done.stderr
