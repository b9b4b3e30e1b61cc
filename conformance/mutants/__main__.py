"""The command line: the suite against every mutant, or one mutant as a broker of its own."""

import argparse
import json
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from broker_sim.testing import replaced
from conformance.mutants import MUTANTS, client_table, references
from conformance.mutants.matrix import EXAMPLES, RELEASE_SEEDS, RULES, Matrix, run
from conformance.mutants.table import data, write

_EXAMPLES_OF_USE: Final = """examples:
  python -m conformance.mutants                       every mutant under one seed
  python -m conformance.mutants --release --write     five seeds, and the table in docs/ anew
  python -m conformance.mutants --release --write --only locks-only-once
                                                      one row of it anew
  python -m conformance.mutants --only locks-only-once --seed 3
  python -m conformance.mutants --rule LOGON-3        the mutants of one rule
  python -m conformance.mutants --list                what there is
  python -m conformance.mutants as locks-only-once serve --home /tmp/wrong
                                                      one of them, to be tried by hand
  python -m conformance.mutants clients               the clients that are wrong on purpose
  python -m conformance.mutants references --runs 200
                                                      the reference, odd but right: no alarm

exit code: 0 every mutant was caught, 1 not so, 3 wrong usage
"""
_CAUGHT, _SURVIVED, _USAGE = 0, 1, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["as"] and len(words) > 1:
        return _be(words[1], words[2:])
    if words[:1] == ["clients"]:
        return client_table.main(words[1:])
    if words[:1] == ["references"]:
        return references.main(words[1:])
    given = _parser().parse_args(words)
    if given.list:
        for each in MUTANTS.values():
            print(f"{', '.join(each.breaks):<16} {each.name}: {each.doc}")
        return _CAUGHT
    names = _chosen(given.only, given.rule)
    if not names:
        print("no such mutant; --list tells what there is", file=sys.stderr)
        return _USAGE
    seeds = tuple(given.seed) or (RELEASE_SEEDS if given.release else (7,))
    return _run(given, names, seeds, whole=len(names) == len(MUTANTS))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conformance.mutants",
        description="Judge the suite: is every broker that is wrong on purpose caught?",
        epilog=_EXAMPLES_OF_USE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--only", action="append", default=[], metavar="NAME", help="this mutant (repeat)")
    add("--rule", action="append", default=[], metavar="ID", help="this rule's mutants (repeat)")
    add("--seed", action="append", default=[], type=int, help="of all chance (repeat; default: 7)")
    add("--release", action="store_true", help="under five seeds, as a release needs it")
    add("--examples", type=int, default=EXAMPLES, help="that a property draws (default: 20)")
    add("--workers", type=int, default=2, help="processes at the same time (default: 2)")
    add("--json", type=Path, metavar="FILE", help="write the outcome as JSON")
    add("--write", action="store_true", help="write docs/kill-matrix.md and its data anew")
    add("--root", type=Path, default=Path(), help="the checkout to write to (default: here)")
    add("--list", action="store_true", help="list the mutants")
    return parser


def _chosen(only: Sequence[str], rules: Sequence[str]) -> tuple[str, ...]:
    if not only and not rules:
        return tuple(MUTANTS)
    return tuple(
        name
        for name, mutant in MUTANTS.items()
        if name in only or any(rule in mutant.breaks for rule in rules)
    )


def _run(
    given: argparse.Namespace, names: Sequence[str], seeds: Sequence[int], *, whole: bool
) -> int:
    matrix = run(names, seeds, examples=given.examples, workers=given.workers, progress=_progress)
    if given.json is not None:
        given.json.write_text(json.dumps(data(matrix), indent=1) + "\n", encoding="utf-8")
    faults = [*matrix.faults()]
    if whole:
        faults += [f"no mutant of {rule} is caught" for rule in matrix.rules_without_a_kill()]
    if given.write:
        print(*write(matrix, given.root), sep="\n")
    for fault in faults:
        print(fault)
    print(_told(matrix, whole=whole))
    return _SURVIVED if faults else _CAUGHT


def _told(matrix: Matrix, *, whole: bool) -> str:
    caught = sum(len(matrix.kills(name)) == len(matrix.seeds) for name in matrix.names)
    of = f"{caught} of {len(matrix.names)} mutants caught under every seed"
    return f"{of}, {len(RULES)} rules" if whole else of


def _progress(done: int, of: int, said: str) -> None:
    print(f"[{done}/{of}] {said}", flush=True)


def _be(name: str, words: list[str]) -> int:
    """Be the mutant: the command line of `broker-sim` with the mistake laid over it."""
    if name not in MUTANTS:
        print(f"no mutant {name!r}; --list tells what there is", file=sys.stderr)
        return _USAGE
    sys.argv = ["broker-sim", *words]
    with replaced(*MUTANTS[name].overlays):
        runpy.run_module("broker_sim", run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
