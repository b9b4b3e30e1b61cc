"""A folder for those who publish a verdict: report, badge, exchanges, versions, digests.

Whoever gets it can check that nothing was changed, see with what it was made, and make it again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import platform
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol

from conformance.exchange import Exchanged
from conformance.report import badge, junit, page
from conformance.report import json as as_json
from conformance.report.again import judged_again
from conformance.run import Run
from conformance.target import Target
from conformance.verdict import Result

FORMAT: Final = "broker-conformance-certificate/1"
EXCHANGES: Final = "exchanges.jsonl.gz"
_PASS: Final = re.compile("/cs/[^/]+")
_SUMS: Final = "SHA256SUMS"
_KILLS: Final = {"broker": "kills.json", "client": "client-kills.json"}
_README: Final = """The verdict of broker-conformance on a {kind}: {verdict}, {about}.
{expected}
certificate.json  what was judged, by which text of the rules, with which seed and versions
report.html       the report for people; report.json and junit.xml say the same to programs
badge.svg         the verdict as a picture
{exchanges}
sha256sum -c SHA256SUMS    tells whether a file was changed since
{again}
    judges it again, by the same draws
"""


class _File(Protocol):
    def write(self, data: bytes, /) -> object:
        """Write."""


class Log:
    """Writes down every exchange with a target: when, what, and what came back; no bodies.

    Paths lose what may be a secret: what stands behind a question mark, and the pass of a page.
    """

    def __init__(self, file: _File) -> None:
        self._file = file
        self._lock = Lock()
        self._number = 0

    def __call__(self, done: Exchanged) -> None:
        """Write one exchange; from any thread."""
        with self._lock:
            self._number += 1
            told = {
                "number": self._number,
                "method": done.method,
                "path": _shown(done.path),
                "operation": done.operation,
                "status": done.status,
                "milliseconds": round(done.seconds * 1000, 1),
                "sentBytes": done.sent,
                "receivedBytes": done.received,
            }
            self._file.write(json.dumps(told).encode() + b"\n")


def _shown(path: str) -> str:
    return _PASS.sub("/cs/*", path.partition("?")[0])


@contextmanager
def exchanges(folder: Path | None, target: Target) -> Iterator[Target]:
    """Write down what goes on with a target while the block lasts; nothing without a folder."""
    if folder is None:
        yield target
        return
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / EXCHANGES, "wb") as file:
        log = Log(file)
        target.http.note = log
        served = target.served
        yield target if served is None else replace(target, served=lambda: _noted(served(), log))


def _noted(target: Target, log: Log) -> Target:
    target.http.note = log
    return target


def write(folder: Path, run: Run) -> None:
    """Write the folder of a finished run, over what another run has left there."""
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, bytes] = {
        "report.html": page.written(run).encode(),
        "report.json": as_json.written(run).encode(),
        "junit.xml": junit.written(run),
        "badge.svg": badge.written(run).encode(),
        "certificate.json": (json.dumps(_certificate(run), indent=1) + "\n").encode(),
        "README.txt": _readme(run).encode(),
    }
    for name, content in written.items():
        (folder / name).write_bytes(content)
    names = [*written, *([EXCHANGES] if run.kind == "broker" else [])]
    sums = [f"{_digest(folder / name)}  {name}\n" for name in names]
    (folder / _SUMS).write_text("".join(sums), encoding="utf-8")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _readme(run: Run) -> str:
    exchanges = f"{EXCHANGES}   every exchange with the target, without bodies\n"
    return _README.format(
        kind=run.kind,
        verdict=run.exit.name.replace("_", " "),
        exchanges=exchanges if run.kind == "broker" else "",
        about=run.scope,
        expected="".join(
            f"expected to fail: {rule}, {why}\n" for rule, why in run.expected.items()
        ),
        again=judged_again(run),
    )


def _certificate(run: Run) -> Mapping[str, Any]:
    return {
        "format": FORMAT,
        "kind": run.kind,
        "verdict": run.exit.name,
        "target": run.target,
        "profile": run.profile,
        "rules": [verdict.rule.id for verdict in run.verdicts],
        "notApplicable": [
            each.rule.id for each in run.verdicts if each.result is Result.NOT_APPLICABLE
        ],
        "expectedFailures": run.expected,
        "contract": run.contract,
        "contractVersion": run.version,
        "seed": run.seed,
        "examples": run.examples,
        "virtualClock": run.clock,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251  a certificate has a date
        "versions": {
            "broker-sim": version("broker-sim"),
            "hypothesis": version("hypothesis"),
            "python": platform.python_version(),
        },
        "power": _power(run.kind),
        "again": judged_again(run),
    }


def _power(kind: str) -> Mapping[str, Any]:
    """Tell how many wrong brokers or clients the suite catches, as was last found out."""
    place = resources.files("conformance.mutants") / _KILLS[kind]
    told = json.loads(place.read_text(encoding="utf-8"))
    rows = told["mutants" if kind == "broker" else "clients"]
    caught = sum(row["killed"] == told["seeds"] for row in rows)
    return {"wrong": len(rows), "caught": caught, "seeds": told["seeds"]}
