"""Does a recorded history once more, on any target, and tells whether it still breaks."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from conformance import patterns
from conformance.caller import Outcome
from conformance.hands import VERBS, Hands, Missing
from conformance.history import FORMAT, MARKS, Astray, Break, Reader, as_json, made_up, veiled
from conformance.target_file import lent_names


class BadRecord(ValueError):  # noqa: N818  # told in words, not our error
    """The file holds no history of ours; the message says why."""


class End(StrEnum):
    """How a replay ended."""

    BREAKS = "still breaks"
    HOLDS = "holds now"
    ASTRAY = "went another way"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to; `told` has one line per step done."""

    end: End
    rule: str
    expected: str
    received: str
    note: str = ""


def read_record(path: Path) -> Mapping[str, Any]:
    """Read a history from its file.

    Raises:
        BadRecord: unreadable, not in our format, or not all of it can be read.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no JSON"
        msg = f"{path} cannot be read: {reason}"
        raise BadRecord(msg) from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        msg = f"{path} is no recorded history of the format {FORMAT}"
        raise BadRecord(msg)
    if not _is_whole(record):
        msg = f"{path} was changed, or is of another version: not all of its history can be read"
        raise BadRecord(msg)
    return record


def _is_whole(record: Mapping[str, Any]) -> bool:
    """Tell whether a record has all that a replay reads, in words that this suite knows."""
    names, steps, broken = (record.get(key) for key in ("names", "steps", "broken"))
    if not (isinstance(names, list) and isinstance(steps, list) and isinstance(broken, dict)):
        return False
    known = all(
        isinstance(step, dict)
        and {"number", "verb", "arguments"} <= step.keys()
        and step["verb"] in VERBS
        and isinstance(step["arguments"], dict)
        for step in steps
    )
    ends = isinstance(broken.get("allowed"), list) and {"expected"} <= broken.keys()
    if not (known and ends and "rule" in record):
        return False
    return _known_marks([[step["arguments"] for step in steps], broken["allowed"]])


def _known_marks(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_known_marks, value))
    if not isinstance(value, dict):
        return True
    marks = {key[1:] for key in value if key.startswith("$")}
    return marks <= MARKS and all(map(_known_marks, value.values()))


def again(hands: Hands, broken: Break) -> bool:
    """Tell whether a break happens once more on the target that showed it."""
    return rerun(hands, json.loads(as_json(broken, {}))).end is End.BREAKS


def rerun(
    hands: Hands,
    record: Mapping[str, Any],
    told: Callable[[Mapping[str, Any], Outcome], None] | None = None,
) -> Replayed:
    """Do the steps of a record; `told` hears of each step and what came of it now.

    Raises:
        Missing: the target lacks what a step needs.
    """
    if hands.target.control is not None:
        hands.now = hands.target.control.freeze()
    reader = Reader(hands.now, _names(hands, record))
    try:
        return _done_again(hands, record, reader, told)
    finally:
        if hands.target.control is None:
            _give_back(hands, record, reader)


def _done_again(
    hands: Hands,
    record: Mapping[str, Any],
    reader: Reader,
    told: Callable[[Mapping[str, Any], Outcome], None] | None,
) -> Replayed:
    broken = record["broken"]
    outcome: Outcome = {}
    for step in record["steps"]:
        try:
            outcome = hands.do(step["verb"], reader.value(step["arguments"]))
        except Astray as error:
            return Replayed(End.ASTRAY, record["rule"], broken["expected"], "", str(error))
        reader.outcomes[step["number"]] = outcome
        if told is not None:
            told(step, outcome)
    return _judged(hands, record, reader, outcome)


def _give_back(hands: Hands, record: Mapping[str, Any], reader: Reader) -> None:
    """Leave nobody waiting and nobody logged on, which would last for twenty minutes otherwise."""
    for step in reversed(record["steps"]):
        came = reader.outcomes.get(step["number"], {})
        told, opened = step["arguments"], came.get("gives")
        if step["verb"] == "launch" and "leave" in came.get("links", {}):
            hands.do("follow_link", {"url": came["links"]["leave"]})
        elif step["verb"] == "call" and told["name"] == "logon" and opened:
            service = told.get("service", "Sessions")
            hands.call("logoff", service=service, connection_id=opened)


def _judged(hands: Hands, record: Mapping[str, Any], reader: Reader, outcome: Outcome) -> Replayed:
    broken, rule = record["broken"], str(record["rule"])
    if not broken["allowed"]:
        found = [each for each in hands.findings if each.rule == rule]
        received = found[0].received if found else "nothing of the kind"
        end = End.BREAKS if found else End.HOLDS
        return Replayed(end, rule, broken["expected"], received)
    received = patterns.told(veiled(outcome))
    try:
        allowed = [reader.value(each) for each in broken["allowed"]]
    except Astray as error:
        return Replayed(End.ASTRAY, rule, broken["expected"], received, str(error))
    held = any(patterns.allows(each, outcome) for each in allowed)
    end = End.HOLDS if held else End.BREAKS
    return Replayed(end, rule, broken["expected"], received)


def _names(hands: Hands, record: Mapping[str, Any]) -> dict[str, str]:
    """Give every made-up name of the record a new value; lent logins keep theirs."""
    lent = lent_names(hands.target.description)
    if any(name.startswith("password") for name in record["names"]):
        if not lent:
            msg = "this history needs lent logins: name them in target.toml"
            raise Missing(msg)
        return lent
    tag = f"{time.monotonic_ns():x}"
    return {
        name: made_up(name.rpartition("-")[0], f"again-{tag}-{number}")
        for number, name in enumerate(record["names"])
    }
