"""docs/embedding.md: every test on the page is run as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

_PAGE: Final = Path(__file__).parents[2] / "docs" / "embedding.md"
_BLOCK: Final = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HOLDS: Final = "a lock ends after five minutes"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lay every named block of the page into a folder of its own."""
    for name, text in _BLOCK.findall(_PAGE.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, *command: str) -> str:
    """Run a program that finds `broker-sim`; give what it prints."""
    if shutil.which(command[0]) is None:
        pytest.fail(f"{command[0]} is missing: .ci/run says which package has it")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # noqa: TID251  for a program
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, "TMPDIR": str(folder)},  # noqa: TID251  for a program
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_pytest(folder: Path) -> None:
    """The fixture, the marker, a fault and the journal."""
    said = run(folder, sys.executable, "-m", "pytest", "-q", "test_lock.py")

    assert "3 passed" in said


def test_unittest(folder: Path) -> None:
    """In five lines."""
    said = run(folder, sys.executable, "-m", "unittest", "test_lock_unittest")
    text = (folder / "test_lock_unittest.py").read_text(encoding="utf-8")
    before, _, rest = text.partition("(unittest.TestCase):\n")

    assert "Ran 1 test" in said
    assert "import running_broker" in before
    assert len([line for line in rest.partition("def test_")[0].splitlines() if line.strip()]) == 5


@pytest.mark.foreign
def test_node(folder: Path) -> None:
    """The program is started, asked and ended."""
    said = run(folder, "node", "--test", "lock.test.mjs")

    assert _HOLDS in said
    assert "pass 1" in said
    assert not list(folder.glob("broker-*"))


@pytest.mark.foreign
def test_java(folder: Path) -> None:
    """A single file, with nothing but the JDK."""
    assert _HOLDS in run(folder, "java", "LockTest.java")


@pytest.mark.foreign
def test_dotnet(folder: Path) -> None:
    """C# as Mono's compiler reads it, run by Mono."""
    run(folder, "mcs", "-r:System.Net.Http.dll", "LockTest.cs")

    assert _HOLDS in run(folder, "mono", "LockTest.exe")
