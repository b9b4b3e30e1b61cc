"""docs/worlds.md and docs/time.md: what stands there is run as it stands there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from broker_sim.__main__ import main
from broker_sim.testing import RunningBroker, running_broker

_DOCS: Final = Path(__file__).parents[2] / "docs"
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, kind: str) -> list[str]:
    text = (_DOCS / page).read_text(encoding="utf-8")
    return [block for found, block in _BLOCK.findall(text) if found == kind]


@pytest.fixture
def server() -> Iterator[RunningBroker]:
    with running_broker(seed=5, sessions=4) as running:
        yield running


@pytest.mark.parametrize("page", ["worlds.md", "time.md"])
def test_the_commands_run_one_after_another(
    page: str,
    server: RunningBroker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each ends with 0 and says something; what is made is gone at the end."""
    monkeypatch.chdir(tmp_path)
    (script,) = blocks(page, "sh")
    lines = [shlex.split(line, comments=True) for line in script.splitlines()]
    door = ["--url", server.control_url, "--token", server.control_token]
    for program, *words in lines:
        assert program == "broker-sim"
        assert main([*words, *door]) == 0, (words, capsys.readouterr().err)
        assert capsys.readouterr().out, words

    assert len(lines) >= 6
    assert server.worlds.names() == ["default"]


def test_what_a_comment_says_is_so(
    server: RunningBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    """RET-2: ninety days purge a past; a snapshot brings it back."""
    door = ["--url", server.control_url, "--token", server.control_token]

    def sessions(*words: str) -> str:
        main(["world", *words, *door])
        main(["world", "show", "blue", *door])
        return str(re.findall(r"(\d+) sessions", capsys.readouterr().out)[-1])

    assert sessions("new", "blue", "--seed", "3", "--sessions", "20") == "20"
    assert sessions("snapshot", "blue", "--name", "before") == "20"
    assert sessions("advance", "blue", "90d") == "0"
    assert sessions("restore", "blue", "before") == "20"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("worlds.md", "0 20"),
        ("time.md", r"frozen 2030-01-15 09:00:00\+00:00\n\d+ sessions.* yet\n0 are left after 90"),
    ],
)
def test_the_example_runs(page: str, said: str, tmp_path: Path) -> None:
    """As a program of its own."""
    (example,) = blocks(page, "python")
    file = tmp_path / "example.py"
    file.write_text(example, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, file], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert re.match(said, done.stdout)
