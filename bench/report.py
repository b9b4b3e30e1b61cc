"""What was found: as a table for the terminal, as JSON, as the page in the manual."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bench.finding import Bench, Finding

_DIGITS: Final = {"times": 2, "s": 2, "ms": 1, "us": 0, "MB": 1, "kB": 1, "calls": 0}
_INTRODUCTION: Final = """\
# Performance

This page is written by `{command}`; do not edit it. What counts are ratios between two things
measured in the same run, and the few absolute bounds that the project has set itself: a row with a
bound makes the command fail when the bound is missed. All other figures are for information and
mean little on another machine.

Measured on {day} on {machine}.
"""


def line(finding: Finding) -> str:
    """Give one finding as a line for the terminal."""
    bound = "" if finding.at_most is None else f"at most {finding.at_most:g}"
    verdict = "" if finding.at_most is None else ("ok" if finding.holds else "MISSED")
    return f"  {finding.what:<66} {_value(finding):>10} {finding.unit:<5} {bound:<12} {verdict}"


def as_json(found: Mapping[str, Sequence[Finding]], now: datetime) -> str:
    """Give everything as JSON."""
    told: dict[str, Any] = {"measured": now.isoformat(timespec="seconds"), "machine": machine()}
    told["benches"] = {
        name: [
            {
                "what": finding.what,
                "value": finding.value,
                "unit": finding.unit,
                "atMost": finding.at_most,
                "holds": finding.holds,
            }
            for finding in findings
        ]
        for name, findings in found.items()
    }
    return json.dumps(told, indent=2)


def page(
    benches: Sequence[Bench], found: Mapping[str, Sequence[Finding]], command: str, now: datetime
) -> str:
    """Give the page of the manual."""
    lines = [_INTRODUCTION.format(command=command, day=f"{now:%Y-%m-%d}", machine=machine())]
    for bench in benches:
        lines += [f"## {bench.title}", "", f"`python -m bench --only {bench.name}`", "", bench.how]
        lines += ["| | measured | at most |", "|---|---:|---:|"]
        lines += [_row(finding) for finding in found[bench.name]]
        lines.append("")
    return "\n".join(lines)


def _row(finding: Finding) -> str:
    bound = "" if finding.at_most is None else f"{finding.at_most:g} {finding.unit}"
    verdict = "" if finding.holds else " (missed)"
    return f"| {finding.what} | {_value(finding)} {finding.unit}{verdict} | {bound} |"


def _value(finding: Finding) -> str:
    return f"{finding.value:,.{_DIGITS[finding.unit]}f}"


def machine() -> str:
    """Tell what this runs on, in one line, without a name."""
    said = (
        f"{os.cpu_count()} CPUs ({_cpu()})",
        f"{platform.system()} {platform.release().split('-')[0]}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        ssl.OPENSSL_VERSION.rsplit(" ", 3)[0],
    )
    return ", ".join(said)


def _cpu() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for said in described.read_text().splitlines():
            if said.startswith("model name"):
                return said.partition(":")[2].strip()
    return platform.machine()
