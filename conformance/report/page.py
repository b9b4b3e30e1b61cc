"""A run as one HTML file that needs no network: to look at, to print, to send to somebody."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from lxml import etree

from conformance.bench import RIGHT, WRONG
from conformance.history import Step
from conformance.known_bad import causes
from conformance.report.again import replayed, scripted
from conformance.report.story import Line, lines
from conformance.report.whole import bounded, struck, whole
from conformance.rulebook import sources
from conformance.run import Run
from conformance.verdict import Exit, Result, Verdict

_VERDICTS: Final = {
    Exit.CONFORMANT: "CONFORMANT",
    Exit.NOT_CONFORMANT: "NOT CONFORMANT",
    Exit.INCOMPLETE: "INCOMPLETE",
    Exit.UNREACHABLE: "INCOMPLETE, the target went away",
    Exit.OWN_FAULT: "NO VERDICT",
}
# The tiles, each with the results that it counts.
_TILES: Final = (
    ("MUST failed", "bad", (Result.FAIL, Result.XPASS)),
    ("SHOULD failed", "warn", (Result.WARN,)),
    ("passed", "good", (Result.PASS,)),
    ("not testable", "", (Result.NOT_TESTABLE, Result.HARNESS_ERROR)),
    ("expected failure", "", (Result.XFAIL,)),
)
_SECRET: Final = re.compile(
    rb"(<(?:[\w.-]+:)?(?:password|connectionId|key|wrappedKey|kdfSalt|passphrase)\b[^>]*>)[^<]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Power:
    """How many known-bad brokers or clients this release catches, and which by which rule."""

    caught: int
    known: int
    seeds: int
    by_rule: Mapping[str, Sequence[str]]


def written(run: Run) -> str:
    """Write a run as a page.

    It holds what the terminal tells and more: the wire of the step at which a rule broke, and
    a row for every rule of the profile. No password, key or connection id stands in it.
    """
    environment = Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    results = Counter(verdict.result for verdict in run.verdicts)
    return environment.get_template("report.html").render(
        run=run,
        verdict=_VERDICTS.get(run.exit, run.exit.name),
        tiles=[
            (sum(results[result] for result in counted), word, mood)
            for word, mood, counted in _TILES
        ],
        power=_power(run.kind),
        failures=[_failure(run, verdict) for verdict in run.verdicts if verdict.broken is not None],
        faults=[v for v in run.verdicts if v.result is Result.HARNESS_ERROR],
        rows=[_row(verdict) for verdict in run.verdicts],
        moods=_MOODS,
        sources=sources(),
    )


_MOODS: Final = {
    Result.PASS: "good",
    Result.FAIL: "bad",
    Result.XPASS: "bad",
    Result.HARNESS_ERROR: "bad",
    Result.WARN: "warn",
    Result.XFAIL: "warn",
    Result.NOT_TESTABLE: "dim",
    Result.NOT_APPLICABLE: "dim",
}


# By kind: the kill matrix, and what stands in it.
_KILLS: Final = {"broker": ("kills.json", "mutants"), "client": ("client-kills.json", "clients")}


def _power(kind: str) -> _Power | None:
    """Read the kill matrix of this release; None where it does not come with it."""
    name, wrong = _KILLS[kind]
    place = resources.files("conformance").joinpath("mutants", name)
    if not place.is_file():
        return None
    kills: Mapping[str, Any] = json.loads(place.read_text("utf-8"))
    seeds, by_rule = len(kills["seeds"]), dict[str, list[str]]()
    caught = [each for each in kills[wrong] if len(each["killed"]) == seeds]
    for each in caught:
        # a broker may break several rules, a client breaks one
        breaks = each["breaks"] if kind == "broker" else [each["breaks"]]
        for rule in breaks:
            by_rule.setdefault(rule, []).append(each["name"])
    return _Power(len(caught), len(kills[wrong]), seeds, by_rule)


def _failure(run: Run, verdict: Verdict) -> Mapping[str, Any]:
    broken = verdict.broken
    assert broken is not None
    told = lines(broken)
    last = broken.history.steps[-1] if broken.history.steps else None
    return {
        "verdict": verdict,
        "expected": struck(broken.expected, broken),
        "received": struck(broken.received, broken),
        "whole": whole(broken),
        "lanes": [_lane(line, here=line is told[-1]) for line in told],
        "wire": {} if last is None else {"sent": _wire(last.sent), "got": _wire(last.received)},
        "step": last,
        "shrunk": _shrunk(verdict, broken.history.steps),
        "like": causes(verdict.rule.id),
        "again": replayed(run, Path(), verdict.rule.id),
        "script": scripted(run, Path(), verdict),
    }


def _lane(line: Line, *, here: bool) -> Mapping[str, Any]:
    return {"line": line, "here": here, "clock": line.what.startswith("clock ")}


def _shrunk(verdict: Verdict, steps: Sequence[Step]) -> str:
    count = len(steps)
    said = f"shrunk from {verdict.longest} steps to {count}" if verdict.longest > count else ""
    again = verdict.reproduced
    broke = "" if again is None else f"broke {again[0]} of {again[1]} times when done again"
    return ", ".join(part for part in (said or f"{count} steps", broke) if part)


def _wire(message: bytes) -> str:
    """Give a message for people: secrets struck out, and bounded."""
    plain = _SECRET.sub(rb"\1***", message)
    for secret in (RIGHT, WRONG):
        plain = plain.replace(secret.encode(), b"***")
    return bounded(_indented(plain))


def _indented(message: bytes) -> str:
    """Indent what is XML; give what is none as it is."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
    try:
        root = etree.fromstring(message, parser)
    except (etree.XMLSyntaxError, ValueError):
        return message.decode(errors="replace")
    etree.indent(root)
    return etree.tostring(root, encoding="unicode")


def _row(verdict: Verdict) -> Mapping[str, Any]:
    cases = sorted((verdict.cases or {}).items())
    # What the suite's own error was is told at length elsewhere.
    why = () if verdict.result is Result.HARNESS_ERROR else verdict.why
    return {"verdict": verdict, "cases": cases, "why": "; ".join(why)}
