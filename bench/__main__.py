"""Measure, print, and fail where a bound is missed: `python -m bench`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench import memory, pages, recording, relay, report, scale, stack, start, suites, tenants
from bench.finding import Bench, Finding, Missing
from bench.peers import versus
from broker_sim.adapters.clocks import machine_time

_BENCHES: Final = (
    stack.BENCH,
    versus.BENCH,
    scale.BENCH,
    recording.BENCH,
    start.BENCH,
    tenants.BENCH,
    pages.BENCH,
    relay.BENCH,
    suites.BENCH,
    memory.BENCH,
)
_PAGE: Final = Path("docs") / "performance.md"
_EXAMPLES: Final = """examples:
  python -m bench                     all of them, the short way; exit 1 if a bound is missed
  python -m bench --only stack        one of them
  python -m bench --full --write      the long way, and write docs/performance.md anew
"""


def main(arguments: Sequence[str] | None = None, known: Sequence[Bench] = _BENCHES) -> int:
    """Give the exit code: 0 if all bounds hold, 1 if one is missed, 2 for wrong usage."""
    parser = _parser(known)
    given = parser.parse_args(arguments)
    if given.write and given.only is not None:
        parser.error("the page has all benches: --write does not go with --only")
    benches = [bench for bench in known if given.only in (None, bench.name)]
    found: dict[str, Sequence[Finding]] = {}
    for bench in benches:
        print(f"{bench.title} ({bench.name})", flush=True)
        try:
            found[bench.name] = findings = bench.run(given.full)
        except Missing as missing:
            sys.exit(f"cannot run {bench.name}: {missing}")
        for finding in findings:
            print(report.line(finding), flush=True)
    now = machine_time()
    if given.json is not None:
        given.json.write_text(report.as_json(found, now) + "\n", encoding="utf-8")
    if given.write:
        command = "python -m bench --full --write" if given.full else "python -m bench --write"
        _PAGE.write_text(report.page(benches, found, command, now), encoding="utf-8")
    missed = [finding for findings in found.values() for finding in findings if not finding.holds]
    print(f"{len(missed)} missed" if missed else "all bounds hold")
    return 1 if missed else 0


def _parser(known: Sequence[Bench]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure speed and memory, as ratios within one run.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--only", choices=[bench.name for bench in known], help="one of the benches")
    add("--full", action="store_true", help="more turns, a world of a million sessions, all suites")
    add("--json", type=Path, metavar="FILE", help="write all figures to FILE")
    add("--write", action="store_true", help=f"write {_PAGE}; run it in the checkout")
    return parser


if __name__ == "__main__":
    sys.exit(main())
