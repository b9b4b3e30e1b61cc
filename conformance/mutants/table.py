"""The kill matrix as a table to read, and as data."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from conformance.mutants import MUTANTS
from conformance.mutants.matrix import RULES, Matrix

FORMAT: Final = "broker-conformance-kills/1"
TABLE: Final = "docs/kill-matrix.md"
DATA: Final = "conformance/mutants/kills.json"

_HEAD: Final = """\
<!-- Written by `python -m conformance.mutants --release --write`. Do not edit. -->

# The kill matrix

Each row is a broker with one mistake in it, made on purpose. The suite must catch it, by a check
of a rule that the mistake breaks and that the reference passes. A rule whose broken broker nobody
catches is not proved by its checks.

One of them on a port, to be looked at:
`python -m conformance.mutants as NAME serve --home FOLDER`.
"""
_NULLS: Final = """\

## Targets that do nothing

No MUST passes on a port where nobody listens, on one that hangs up, and on brokers that answer
everything with an empty 200, with an empty 500, or with what they were sent; nor on the same three
behind a good description. `conformance/tests/test_nulls.py` holds the suite to it.
"""


def data(matrix: Matrix) -> dict[str, Any]:
    """Give a matrix as JSON can hold it: nothing in it depends on the time or the machine."""
    return {
        "format": FORMAT,
        "seeds": list(matrix.seeds),
        "examples": matrix.examples,
        "rules": list(RULES),
        "mutants": [_row(matrix, name) for name in matrix.names],
    }


def _row(matrix: Matrix, name: str) -> dict[str, Any]:
    mutant, kills = MUTANTS[name], matrix.kills(name)
    return {
        "name": name,
        "breaks": list(mutant.breaks),
        "doc": mutant.doc,
        "killed": [kill.seed for kill in kills],
        "by": sorted({f"{kill.rule} {kill.check}" for kill in kills}),
    }


def table(told: Mapping[str, Any]) -> str:
    """Write the table of a matrix as Markdown."""
    seeds, rows = told["seeds"], told["mutants"]
    dead = sum(row["killed"] == seeds for row in rows)
    lines = [
        _HEAD,
        f"{dead} of {len(rows)} are caught under every seed of {_listed(seeds)};",
        f"{told['examples']} examples each. They break {len(told['rules'])} rules.",
        "",
        "| mutant | breaks | what it does wrong | caught by | seeds |",
        "|---|---|---|---|---|",
        *(_line(row, len(seeds)) for row in rows),
    ]
    return "\n".join(lines) + "\n" + _NULLS


def _line(row: Mapping[str, Any], seeds: int) -> str:
    checks = [by.partition(" ") for by in row["by"]]
    by = "<br>".join(f"{rule} `{check}`" for rule, _, check in checks)
    caught = f"{len(row['killed'])} of {seeds}"
    return f"| {row['name']} | {', '.join(row['breaks'])} | {row['doc']} | {by or '-'} | {caught} |"


def _listed(seeds: list[int]) -> str:
    return ", ".join(map(str, seeds))


def write(matrix: Matrix, root: Path) -> tuple[Path, Path]:
    """Write table and data below `root`, a checkout; give their paths.

    Where only some mutants were tried, the rows of the others stay as they are.

    Raises:
        ValueError: the others were tried under other seeds, or with other examples.
    """
    told, paths = data(matrix), (root / TABLE, root / DATA)
    if len(matrix.names) < len(MUTANTS):
        told = _among(json.loads(paths[1].read_text(encoding="utf-8")), told)
    paths[0].write_text(table(told), encoding="utf-8")
    paths[1].write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return paths


def _among(before: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Put the rows that are told among those that were told before.

    A mutant is judged by the rules that it breaks: rules that have come since change nothing
    for the rows that stay.
    """
    same = ("format", "seeds", "examples")
    gone = set(before["rules"]) - set(told["rules"])
    if gone or [before[name] for name in same] != [told[name] for name in same]:
        msg = "the other mutants were tried in another way; try all of them"
        raise ValueError(msg)
    rows = {row["name"]: row for row in (*before["mutants"], *told["mutants"])}
    return {**told, "mutants": [rows[name] for name in MUTANTS if name in rows]}
