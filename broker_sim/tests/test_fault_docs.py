"""docs/faults.md and docs/hostile.md: examples run as they stand, tables name what there is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import requests

from broker_sim.core import effects, hostility, magic
from broker_sim.core.provocation import RULES_MOST
from broker_sim.front.showcase import KINDS, WRONG_NAME
from broker_sim.service import wording
from broker_sim.testing import running_broker

_CHECKOUT: Final = Path(__file__).parents[2]
FAULTS: Final = (_CHECKOUT / "docs/faults.md").read_text(encoding="utf-8")
HOSTILE: Final = (_CHECKOUT / "docs/hostile.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def rows(page: str, heading: str) -> list[list[str]]:
    """Give the cells of the tables below a heading, what stands in code first."""
    table = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def run(example: str, folder: Path) -> list[str]:
    file = folder / "example.py"
    file.write_text(example, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(file)], cwd=_CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_example_of_rules_says_what_it_shows(tmp_path: Path) -> None:
    """LOGON-3, CONN-1: locked, then no answer, then taken."""
    said = run(blocks(FAULTS, "python")[0], tmp_path)

    assert "Try again in 30 seconds" in said[0]
    assert said[1] == "no answer"
    assert "has a live connection" in said[2]
    assert said[3:] == ["fault-1 fitted 3 struck 1", "fault-2 fitted 2 struck 1"]


def test_the_example_over_http_says_what_it_shows(tmp_path: Path) -> None:
    """FAULT-1: two rules, and a mistake that is named."""
    said = run(blocks(FAULTS, "python")[1], tmp_path)

    assert said[0] == "['fault-1', 'fault-2']"
    assert said[1] == "400 'seconds' must be a number from 0 to 600; not '2'"


def test_the_example_of_magic_says_what_it_shows(tmp_path: Path) -> None:
    """LOGON-3: by a name alone."""
    assert "this login is locked" in run(blocks(FAULTS, "python")[2], tmp_path)[0]


def test_the_example_of_the_profile_says_what_it_shows(tmp_path: Path) -> None:
    """SESS-5: small pages are told."""
    said = run(blocks(HOSTILE, "python")[0], tmp_path)

    assert re.fullmatch(r"\S+ gives pages of [2-9]", said[0])
    assert len(said) == 2


@pytest.mark.parametrize("page", [FAULTS, HOSTILE], ids=["faults", "hostile"])
def test_the_calls_are_understood(page: str) -> None:
    """As they stand, one after the other."""
    calls = [line for block in blocks(page, "http") for line in block.splitlines()]
    assert len(calls) > 2
    with running_broker(tls=True) as broker:
        head = {"Authorization": f"Bearer {broker.control_token}"}
        for line in calls:
            method, path, *given = line.split(" ", 2)
            body = json.loads(given[0]) if given else None
            url = broker.control_url + path
            answer = requests.request(method, url, json=body, headers=head, timeout=10)
            assert answer.status_code == 200, line


def test_every_field_of_a_rule_is_told() -> None:
    """No field is missing, none is made up."""
    told = {row[0].strip("`") for row in rows(FAULTS, "A rule")}

    assert told == set(wording.COMMON)


def test_every_effect_is_told_with_what_it_takes() -> None:
    """A question mark behind what may be left out."""
    told = {row[0].strip("`"): row[1] for row in rows(FAULTS, "Effects")}
    known = {
        name: ", ".join(
            f"`{wire}`" if wire in word.needs else f"`{wire}`?" for wire, _, _ in word.takes
        )
        or "nothing"
        for name, word in wording.EFFECTS.items()
    }

    assert told == known


def test_the_certificates_are_told() -> None:
    """C-NET-1: each kind, and the name of the wrong one."""
    assert [row[0].strip("`") for row in rows(FAULTS, "The certificate")] == list(KINDS)
    assert WRONG_NAME in FAULTS


def test_the_magic_values_are_those_of_the_code() -> None:
    """Word for word."""
    told = [tuple(cell.strip("`") for cell in row) for row in rows(FAULTS, "Magic values")]
    outcomes = [f"#{word}" for word in magic.OUTCOMES]

    assert [row for row in told if row[0] not in outcomes] == [
        *((spell, does.strip("`")) for spell, _, does in magic.SPELLS),
        *magic.CODES,
    ]
    assert {row[0] for row in told} >= set(outcomes)
    assert f"@{magic.DOMAIN}" in FAULTS


@pytest.mark.parametrize(
    ("heading", "known"),
    [("In an answer", hostility.IN_ANSWERS), ("In the world", hostility.IN_THE_WORLD)],
)
def test_every_provocation_is_told_with_the_bug_it_finds(
    heading: str, known: tuple[hostility.Provocation, ...]
) -> None:
    """Word for word, in the order of the code."""
    assert [(row[0].strip("`"), *row[1:]) for row in rows(HOSTILE, heading)] == [
        (one.name, one.does, one.finds) for one in known
    ]


def test_the_numbers_are_those_of_the_program() -> None:
    """How many rules; which statuses carry no SOAP."""
    assert f"A world has {RULES_MOST} at most" in FAULTS
    assert 503 in effects.STATUSES
