"""docs/journal.md: its examples run as they stand, its tables name what there is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import requests

from broker_sim.adapters.journal import KEPT, KEPT_BYTES
from broker_sim.control.metrics import WORLDS_SHOWN
from broker_sim.remote import Control
from broker_sim.service.wanted import CONDITIONS
from broker_sim.testing import running_broker
from broker_sim.tests.journal_entries import exchange, journal_of

_CHECKOUT: Final = Path(__file__).parents[2]
_PAGE: Final = (_CHECKOUT / "docs/journal.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Give the examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", _PAGE, re.MULTILINE | re.DOTALL)


def told(heading: str) -> set[str]:
    """Give what stands in code in the first column of the table below a heading."""
    table = _PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def run(example: str, folder: Path) -> str:
    """Run an example in a process of its own."""
    file = folder / "example.py"
    file.write_text(example, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(file)], cwd=_CHECKOUT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_example_of_verifying_runs_and_reports_as_it_says(tmp_path: Path) -> None:
    """But for how long the call took."""
    said = run(blocks("python")[0], tmp_path)
    _, report = blocks("text")

    assert re.sub(r" +[0-9.]+ ms", " T ms", said) == re.sub(r" +[0-9.]+ ms", " T ms", report)


def test_the_example_of_a_lockout_runs(tmp_path: Path) -> None:
    """LOGON-5: three refusals, a locked login, and the wait."""
    said = run(blocks("python")[1], tmp_path).splitlines()

    assert len(said) == 4
    assert "locked" in said[3]


@pytest.mark.parametrize("asked", blocks("json"))
def test_what_is_posted_is_understood(asked: str) -> None:
    """As it stands."""
    with running_broker() as broker:
        control = Control(broker.control_url, broker.control_token)
        answer = control.post("/journal/verify", json.loads(asked))

    for name in answer:
        assert f"`{name}`" in _PAGE


def test_every_field_of_an_exchange_is_told() -> None:
    """No field is missing, none is made up."""
    (seen,) = journal_of(exchange()).seen()
    in_prose = {"requestBytes", "responseBytes"}

    assert told("What an exchange tells") | in_prose == seen.told().keys()


def test_every_condition_is_told() -> None:
    """The conditions of Python, of HTTP and of the terminal."""
    said = _PAGE.partition("Conditions: ")[2].partition("An argument is")[0]

    assert set(re.findall(r"`([a-z]+)`", said)) == CONDITIONS | {"after", "since"}


def test_every_metric_is_told() -> None:
    """No metric is missing, none is made up."""
    with running_broker() as broker:
        requests.get(broker.url, timeout=10)
        headers = {"Authorization": f"Bearer {broker.control_token}"}
        text = requests.get(f"{broker.control_url}/metrics", headers=headers, timeout=10).text

    assert told("Metrics and health") == set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))


def test_the_numbers_are_those_of_the_program() -> None:
    """How much is kept, and how many worlds are shown."""
    assert f"last {KEPT} exchanges" in _PAGE
    assert f"{KEPT_BYTES // 2**20} MiB" in _PAGE
    assert WORLDS_SHOWN == 20
