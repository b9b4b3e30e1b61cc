"""docs/stores.md, docs/processes.md: their commands serve, their example runs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import requests

from broker_sim.tests.s3_server import KEYS, S3, s3_server
from broker_sim.tests.served import served
from broker_sim.tests.stores import url_of

_DOCS: Final = Path(__file__).parents[2] / "docs"
_PAGES: Final = [
    (_DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("stores", "processes")
]
_SERVE: Final = re.compile(r"^broker-sim serve (.*)$", re.MULTILINE)
COMMANDS: Final = [command for page in _PAGES for command in _SERVE.findall(page)]


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    with s3_server() as made:
        yield made


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_serve(
    command: str, tmp_path: Path, server: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LOGON-6: with a database and a bucket in the place of the page's."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with url_of("postgresql") as url:
        places = {
            "postgresql://broker:secret@db.example/broker": url,
            "s3://recordings/broker?endpoint=https://s3.example": server.url("broker"),
        }
        options = [places.get(word, word) for word in shlex.split(command)]
        with served(tmp_path, *options, "--port", "0", "--http") as told:
            assert requests.get(told["services"]["Sessions"]["wsdl"], timeout=10).status_code == 200


def test_there_are_commands() -> None:
    """Both pages have some."""
    assert len(COMMANDS) == 4


def test_the_example_runs(tmp_path: Path) -> None:
    """LOGON-6: ten sessions in PostgreSQL."""
    example = re.findall(r"^```python\n(.*?)^```$", _PAGES[0], re.MULTILINE | re.DOTALL)[0]
    file = tmp_path / "example.py"
    file.write_text(example, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(file)], cwd=_DOCS.parent, capture_output=True, text=True, check=True
    )

    assert done.stdout == "10\n"
