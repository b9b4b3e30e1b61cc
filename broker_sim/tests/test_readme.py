"""What README tells a newcomer to do is done here, or by bin/test and CI."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

_CHECKOUT: Final = Path(__file__).parents[2]
_README: Final = (_CHECKOUT / "README.md").read_text(encoding="utf-8")
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMANDS: Final = tuple(
    line.partition("  #")[0].strip()
    for kind, text in _BLOCK.findall(_README)
    if kind == "sh"
    for line in text.splitlines()
)
_IN_CI: Final = ("bin/demo --once", "bin/test")
_LONG: Final = (
    "broker-conformance broker",
    "broker-conformance client",
    "python -m conformance.mutants",
)
_UNTIL_STOPPED: Final = (
    "bin/demo",
    "broker-sim serve",
    "broker-sim serve --control",
    "broker-sim journal --follow",
)
_HERE: Final = [each for each in _COMMANDS if each not in (*_IN_CI, *_UNTIL_STOPPED)]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Serve a broker as README says, from a home of its own; give the environment it runs in."""
    home = tmp_path_factory.mktemp("home")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # noqa: TID251  a shell's
    given = {"PATH": path, "HOME": str(home), "BROKER_SIM_HOME": str(home / "broker")}
    with subprocess.Popen(
        ["broker-sim", "serve", "--control", "--sessions", "5"],
        env=given,
        stdout=subprocess.PIPE,
        text=True,
        executable=Path(sys.executable).with_name("broker-sim"),
    ) as process:
        assert process.stdout is not None
        assert "broker-sim answers at https://" in process.stdout.readline()
        yield given
        process.terminate()


def _run(command: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=_CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("command", [each for each in _HERE if not each.startswith(_LONG)])
def test_a_command_runs_as_it_stands(command: str, environment: Mapping[str, str]) -> None:
    """Each says something and ends well."""
    assert _run(command, environment)


@pytest.mark.slow
@pytest.mark.parametrize("command", [each for each in _HERE if each.startswith(_LONG)])
def test_a_long_command_runs_as_it_stands(command: str, environment: Mapping[str, str]) -> None:
    """Each says something and ends well."""
    assert _run(command, environment)


def test_ci_does_what_a_newcomer_is_told_to_do() -> None:
    """The two commands stand in .ci/run as they stand here."""
    done = re.findall(r'^step ".*?" (.*)$', (_CHECKOUT / ".ci/run").read_text(), re.MULTILINE)

    for command in _IN_CI:
        assert command in _COMMANDS
        assert command in done


def test_the_example_runs_as_it_stands(tmp_path: Path) -> None:
    """The first call: a session, and the names of its files."""
    (example,) = (text for kind, text in _BLOCK.findall(_README) if kind == "python")
    file = tmp_path / "example.py"
    file.write_text(example, encoding="utf-8")
    said = subprocess.run(
        [sys.executable, file], cwd=_CHECKOUT, capture_output=True, text=True, check=True
    ).stdout

    assert re.search(r"^\d{8} (Finished|Error) \S", said)
    assert re.search(r"'session\d{8}\.properties'", said)


def test_the_way_from_a_rule_to_its_proof_is_there() -> None:
    """LOGON-3: each file of the table names the rule, and the mutant is among them."""
    table = _README.partition("## From a rule to its proof")[2].partition("\n## ")[0]
    files = re.findall(r"\]\((\S+)\)", table)

    assert "broker_sim/core/lockout.py" in files
    for file in files:
        named = (_CHECKOUT / file).read_text(encoding="utf-8")
        # a docstring may name the first and the last of a row of rules
        assert "LOGON-3" in named, file
    assert "def locks_only_once(" in (_CHECKOUT / "conformance/mutants/locks.py").read_text()
