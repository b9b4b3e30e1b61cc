"""The kill matrix of clients: its command line, its table to read, and its data."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from conformance.client.wrong.switches import WRONG
from conformance.mutants.clients import RULES, WORKERS, Kills, run
from conformance.stopping import interruptible

FORMAT: Final = "broker-conformance-client-kills/1"
TABLE: Final = "docs/kill-matrix-clients.md"
DATA: Final = "conformance/mutants/client-kills.json"
RELEASE_SEEDS: Final = (1, 2, 3, 4, 5)
_CAUGHT, _SURVIVED, _USAGE = 0, 1, 3

_HEAD: Final = """\
<!-- Written by `python -m conformance.mutants clients --write`. Do not edit. -->

# The kill matrix of clients

Each row is the naive client with one switch on: it does one thing wrong. The suite must catch it
by a case of the rule that the mistake breaks and that the client without a switch passes.

One of them by hand: `python -m conformance.client.wrong --wrong NAME watch ...`, as
[client-suite.md](client-suite.md) tells.
"""
_NULLS: Final = """\

## Programs that do nothing

`true`, `false`, a program that hangs and one that prints rubbish pass no rule: the suite says that
the client never called the broker, exit code 4. `conformance/tests/test_client_nulls.py` holds it
to that, and asks the cases, too.
"""


def main(words: Sequence[str]) -> int:
    """Run the command; give the exit code."""
    given = _parser().parse_args(words)
    names = tuple(given.only) or tuple(WRONG)
    unknown = [name for name in names if name not in WRONG]
    if unknown:
        print(f"no switch {', '.join(unknown)}; there are {', '.join(WRONG)}")
        return _USAGE
    seeds = tuple(given.seed) or (RELEASE_SEEDS if given.release else (7,))
    with interruptible():
        kills = run(names, seeds, workers=given.workers, progress=_progress)
    faults = [*kills.faults()]
    if given.write:
        print(*write(kills, given.root), sep="\n")
    for fault in faults:
        print(fault)
    caught = sum(len(kills.kills(name)) == len(seeds) for name in kills.names)
    print(f"{caught} of {len(kills.names)} wrong clients caught under every seed")
    return _SURVIVED if faults else _CAUGHT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conformance.mutants clients",
        description="Judge the suite: is every client that is wrong on purpose caught?",
        epilog="example: python -m conformance.mutants clients --only polls-early --seed 3",
    )
    add = parser.add_argument
    add("--only", action="append", default=[], metavar="NAME", help="this switch (repeat)")
    add("--seed", action="append", default=[], type=int, help="of all chance (repeat; default: 7)")
    add("--release", action="store_true", help="under five seeds, as a release needs it")
    add("--workers", type=int, default=WORKERS, help=f"at the same time (default: {WORKERS})")
    add("--write", action="store_true", help="write docs/kill-matrix-clients.md and its data anew")
    add("--root", type=Path, default=Path(), help="the checkout to write to (default: here)")
    return parser


def _progress(done: int, of: int, said: str) -> None:
    print(f"[{done}/{of}] {said}", flush=True)


def data(kills: Kills) -> dict[str, Any]:
    """Give a matrix as JSON can hold it: nothing in it depends on the time or the machine."""
    return {
        "format": FORMAT,
        "seeds": list(kills.seeds),
        "rules": list(RULES),
        "clients": [_row(kills, name) for name in kills.names],
    }


def _row(kills: Kills, name: str) -> dict[str, Any]:
    wrong, found = WRONG[name], kills.kills(name)
    return {
        "name": name,
        "breaks": wrong.breaks,
        "doc": wrong.doc,
        "killed": [kill.seed for kill in found],
        "by": sorted({str(kill.case) for kill in found}),
    }


def table(told: Mapping[str, Any]) -> str:
    """Write the table of a matrix as Markdown."""
    seeds, rows = told["seeds"], told["clients"]
    dead = sum(row["killed"] == seeds for row in rows)
    lines = [
        _HEAD,
        f"{dead} of {len(rows)} are caught under every seed of {', '.join(map(str, seeds))};",
        f"they break {len(told['rules'])} rules.",
        "",
        "| switch | breaks | what it does wrong | caught by | seeds |",
        "|---|---|---|---|---|",
        *(_line(row, len(seeds)) for row in rows),
    ]
    return "\n".join(lines) + "\n" + _NULLS


def _line(row: Mapping[str, Any], seeds: int) -> str:
    by = "<br>".join(f"`{case}`" for case in row["by"]) or "-"
    caught = f"{len(row['killed'])} of {seeds}"
    return f"| {row['name']} | {row['breaks']} | {row['doc']} | {by} | {caught} |"


def write(kills: Kills, root: Path) -> tuple[Path, Path]:
    """Write table and data below `root`, a checkout; rows that were not tried stay as they are.

    Raises:
        ValueError: the others were tried under other seeds.
    """
    told, paths = data(kills), (root / TABLE, root / DATA)
    if len(kills.names) < len(WRONG) and paths[1].is_file():
        before = json.loads(paths[1].read_text(encoding="utf-8"))
        if before["seeds"] != told["seeds"]:
            msg = "the other clients were tried under other seeds; try all of them"
            raise ValueError(msg)
        rows = {row["name"]: row for row in (*before["clients"], *told["clients"])}
        told = {**told, "clients": [rows[name] for name in WRONG if name in rows]}
    paths[0].write_text(table(told), encoding="utf-8")
    paths[1].write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return paths
