"""What a client says of itself: the end of it, and none of its secrets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import pytest

from conformance.__main__ import main
from conformance.client.adapter import Start
from conformance.client.pacing import Pace
from conformance.client.program import Program
from conformance.verdict import Exit

_TALKS: Final = """
import os, sys
for number in range(60):
    print(f"{number:09} " + "x" * 100_000)
sys.stderr.write("cannot log on as client with " + os.environ["BROKER_PASSWORD"] + chr(10))
"""


def test_of_a_client_that_never_stops_talking_the_end_is_kept(tmp_path: Path) -> None:
    """It would fill the memory of this computer."""
    talks = Start((sys.executable, "-c", _TALKS.partition("sys.stderr")[0]), {}, {})
    program = Program(talks, tmp_path, 0, Pace())
    assert program.wait(20) == 0

    assert 2**19 < len(program.said) <= 2**20
    assert "000000059 " in program.said


def test_a_password_that_a_client_says_is_struck_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who sends the output to somebody sends no password; and is told what to do next."""
    client = tmp_path / "client.py"
    client.write_text(_TALKS, encoding="utf-8")

    assert main(["client", "--quiet", "--", sys.executable, str(client)]) == Exit.UNREACHABLE
    said = capsys.readouterr().err
    assert "cannot log on as client with ***" in said
    assert "docs/client-suite.md, or needs an --adapter FILE" in said
