"""A run as JSON, for programs; the schema has a version, and grows without breaking it."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any, Final

from conformance.history import as_json
from conformance.report.whole import struck
from conformance.run import Run
from conformance.verdict import Verdict

SCHEMA: Final = "broker-conformance-report/1"


def written(run: Run) -> str:
    """Write a run.

    What it holds is said in `schema.json`, beside this file.
    """
    return json.dumps(
        {
            "schema": SCHEMA,
            "kind": run.kind,
            "exit": run.exit.value,
            "verdict": run.exit.name,
            "target": run.target,
            "profile": run.profile,
            "contract": run.contract,
            "contractVersion": run.version,
            "seed": run.seed,
            "examples": run.examples,
            "virtualClock": run.clock,
            "seconds": round(run.seconds, 3),
            "counts": dict(Counter(verdict.result.value for verdict in run.verdicts)),
            "rules": [_rule(verdict) for verdict in run.verdicts],
        },
        indent=1,
    )


def _rule(verdict: Verdict) -> dict[str, Any]:
    return {
        "id": verdict.rule.id,
        "level": verdict.rule.level,
        "sentence": verdict.rule.sentence,
        "source": verdict.rule.source,
        "result": verdict.result.value,
        "why": list(verdict.why),
        "cases": dict(verdict.cases or {}),
        "seconds": round(verdict.seconds, 3),
        "broken": None if verdict.broken is None else json.loads(record(verdict)),
    }


def record(verdict: Verdict) -> str:
    """Write the history of a broken rule, for `replay`."""
    assert verdict.broken is not None
    about = {
        "sentence": verdict.rule.sentence,
        "level": verdict.rule.level,
        "property": verdict.place,
        "longest": verdict.longest,
        "reproduced": list(verdict.reproduced or ()),
    }
    broken = verdict.broken
    plain = replace(broken, received=struck(broken.received, broken))
    return as_json(plain, about)
