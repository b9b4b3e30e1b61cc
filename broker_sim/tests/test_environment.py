"""bin/environment.sh on machines that lack something: a newcomer is told what to do."""

import subprocess
from pathlib import Path
from typing import Final

import pytest

_CHECKOUT: Final = Path(__file__).parents[2]


def _python(folder: Path, text: str) -> Path:
    """Put a program there that passes for a Python."""
    file = folder / "python"
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def _make(python: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    script = f'set -eu; . bin/environment.sh; make_environment "{folder}" nothing; echo made'
    return subprocess.run(
        ["sh", "-c", script, "bin/demo"],
        cwd=_CHECKOUT,
        env={"PATH": "/usr/bin:/bin", "PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_refused_with_a_way_out(tmp_path: Path) -> None:
    """The message names what is needed and how to name another one."""
    done = _make(_python(tmp_path, "exit 1"), tmp_path / "made")

    assert done.returncode == 2
    assert "Python 3.11 or later is needed" in done.stderr
    assert "PYTHON=/path/to/python bin/demo" in done.stderr


def test_a_python_without_venv_is_told_its_package(tmp_path: Path) -> None:
    """Nothing half-made stays behind."""
    broken = 'case "$*" in *venv*) echo "ensurepip is not available"; exit 1;; esac'
    done = _make(_python(tmp_path, broken), tmp_path / "made")

    assert done.returncode == 2
    assert "ensurepip is not available" in done.stderr
    assert "apt-get install python3-venv" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["python"]


@pytest.mark.parametrize("fails", [False, True])
def test_an_environment_is_made_once(tmp_path: Path, *, fails: bool) -> None:
    """A second run takes what is there; one whose installing failed is made anew."""
    code = 3 if fails else 0
    inner = f'printf "#!/bin/sh\\nexit {code}\\n" > "$3/bin/python"; chmod +x "$3/bin/python"'
    python = _python(
        tmp_path,
        f'case "$*" in "-m venv "*) mkdir -p "$3/bin"; {inner};; -VV) echo Python 3.11;; esac',
    )
    folder = tmp_path / "made"
    first, second = _make(python, folder), _make(python, folder)

    assert "Setting up" in first.stderr
    assert ("made" in first.stdout) is not fails
    assert ("Setting up" in second.stderr) is fails
    assert (first.returncode, second.returncode) == (code, code)
