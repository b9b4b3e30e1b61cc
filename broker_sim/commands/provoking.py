"""`broker-sim world fault`: what goes wrong on purpose."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from broker_sim.commands.command import Command
from broker_sim.remote import Control

_DEFAULT: Final = "default"
_SHOWN_APART: Final = frozenset({"id", "operation", "effect", "fitted", "struck"})
# What a rule says where nothing was said.
_USUAL: Final[Mapping[str, object]] = {"skip": 0, "probability": 1.0, "fields": {}}


def _fault(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="[world] [NAME=VALUE ...]",
        help="the world (default: default), and what the rule says; without that, all are listed",
    )
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--remove", metavar="ID", help="remove this rule")
    other.add_argument("--clear", action="store_true", help="remove all rules")


def _rule(words: list[str]) -> tuple[str, dict[str, Any]]:
    """Read world and rule; a value that is JSON is read as such, `match.x=1` goes into `match`.

    Raises:
        ValueError: two worlds are named.
    """
    names = [word for word in words if "=" not in word]
    if len(names) > 1:
        msg = f"say NAME=VALUE for what the rule says, not {names[1]!r}"
        raise ValueError(msg)
    rule: dict[str, Any] = {}
    for word in words:
        name, is_said, value = word.partition("=")
        if is_said:
            place, _, inner = name.partition(".")
            holder = rule.setdefault(place, {}) if inner else rule
            holder[inner or place] = _value(value)
    return (names or [_DEFAULT])[0], rule


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _provoke(control: Control, given: argparse.Namespace) -> Any:
    name, rule = _rule(given.words)
    world = control.of_world(name)
    if given.clear:
        return world.delete("/faults")
    if given.remove:
        return world.delete(f"/faults/{quote(given.remove, safe='')}")
    return [world.post("/faults", rule)] if rule else world.get("/faults")["faults"]


def _shown(told: Any) -> str:
    if isinstance(told, Mapping):
        return f"removed {told['removed']}"
    return "\n".join(map(_line, told)) or "no fault rules"


def _line(rule: Mapping[str, Any]) -> str:
    said = [
        f"{name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in rule.items()
        if name not in _SHOWN_APART and value != _USUAL.get(name)
    ]
    counts = f"fitted {rule['fitted']}, struck {rule['struck']}"
    return "  ".join((rule["id"], rule["operation"], " ".join((rule["effect"], *said)), counts))


FAULT: Final = Command(
    "fault",
    "make calls of a world go wrong; list and remove such rules",
    [
        "broker-sim world fault blue operation=logon effect=status status=503 retryAfter=5 times=2",
        "broker-sim world fault blue operation=getSession match.sessionId=10000001 effect=cut",
        "broker-sim world fault blue",
        "broker-sim world fault blue --clear",
    ],
    _fault,
    _provoke,
    _shown,
)
