"""A failure of a client as a file, and that one case again: `replay FILE`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from conformance.client.adapter import Adapter, parsed
from conformance.client.cases import CASES, Case
from conformance.client.pacing import Pace
from conformance.client.runner import Plan, Tried, doors, try_one
from conformance.history import as_json
from conformance.replay import BadRecord
from conformance.verdict import Verdict

FORMAT: Final = "broker-conformance-client/1"


def written(verdict: Verdict, adapter: Adapter, plan: Plan) -> str:
    """Write what `replay` needs of a broken rule, and the steps for people."""
    assert verdict.broken is not None
    told = json.loads(as_json(verdict.broken, {"sentence": verdict.rule.sentence}))
    about = {
        "format": FORMAT,
        "case": verdict.place.rpartition(" ")[2],
        "seed": plan.seed,
        "size": verdict.size,
        "command": list(adapter.command),
        "adapter": adapter.text,
    }
    return json.dumps({**told, **about}, indent=1)


def is_ours(path: Path) -> bool:
    """Tell whether a file holds a failure of a client."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("format") == FORMAT


def again(path: Path) -> tuple[str, Tried]:
    """Try the case of a record once more, with its seed and its command; give rule and outcome.

    Raises:
        BadRecord: it lacks something, or names a case that there is not.
        BadAdapter: the adapter in it is wrong.
    """
    told: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    kinds = {"case": str, "rule": str, "adapter": str, "command": list, "seed": int}
    if not all(isinstance(told.get(key), kind) for key, kind in kinds.items()):
        msg = f"{path} was changed, or is of another version: it does not say what was tried"
        raise BadRecord(msg)
    case = _case(str(told["case"]))
    adapter = parsed(told["adapter"], told["command"], str(path))
    with doors(told["seed"], tuple(case.cases)) as opened:
        size = told.get("size")
        return told["rule"], try_one(adapter, opened, told["seed"], Pace(), case, size)


def _case(name: str) -> Case:
    for case in CASES:
        if case.name == name:
            return case
    msg = f"there is no case {name!r}; the record is of another version"
    raise BadRecord(msg)
