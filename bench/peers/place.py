"""Where the peers lie: a cache folder of the user, filled once from lock files."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from bench.finding import Missing

_HERE: Final = Path(__file__).parent
_CACHE: Final = Path.home() / ".cache" / "broker-sim-bench"
_NODE: Final = ("package.json", "package-lock.json", "soap_server.mjs")
_MOTO: Final = ("moto.txt",)


def program(name: str, package: str) -> str:
    """Find a program.

    Raises:
        Missing: it is not there.
    """
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is not there; install {package}, as .ci/run does")
    return found


def node() -> Path:
    """Give the folder with the server of npm's `soap` and its packages, WireMock's among them."""
    npm = program("npm", "nodejs and npm")
    return _filled(_NODE, lambda at: _run(at, npm, "ci", "--ignore-scripts", "--no-audit"))


def wiremock() -> Path:
    """Give WireMock's one jar, which its npm package ships."""
    (jar,) = (node() / "node_modules" / "wiremock" / "build").glob("*.jar")
    return jar


def moto() -> Path:
    """Give the program that starts moto's server, in an environment of its own."""

    def install(at: Path) -> None:
        _run(at, sys.executable, "-m", "venv", "env")
        # under tox, pip is held to the versions of this project
        pip = ("env", "-u", "PIP_CONSTRAINT", "env/bin/python", "-m", "pip")
        _run(at, *pip, "install", "-q", "--no-deps", "-r", "moto.txt")

    # by its Python: the script beside it names the folder that it was installed in
    return _filled(_MOTO, install) / "env" / "bin" / "python"


def _filled(names: Sequence[str], install: Callable[[Path], None]) -> Path:
    """Copy files into a folder named for their content and install there what they ask for."""
    content = b"".join((_HERE / name).read_bytes() for name in names)
    place = _CACHE / hashlib.sha256(content).hexdigest()[:16]
    if not place.is_dir():
        _CACHE.mkdir(parents=True, exist_ok=True)
        making = Path(mkdtemp(dir=_CACHE))
        for name in names:
            shutil.copy(_HERE / name, making)
        install(making)
        making.rename(place)
    return place


def _run(at: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Missing(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
