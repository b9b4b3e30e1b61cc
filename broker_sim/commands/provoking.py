"""`broker-sim world fault` and `hostile`: what goes wrong, or looks odd, on purpose."""

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


def _profile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="[world] [on|off]",
        help="the world (default: default), and what to switch; without it, the state is shown",
    )
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="this provocation and no other; repeatable"
    )
    parser.add_argument("--seed", type=int, help="decides what is drawn (default: 0)")


def _switch(control: Control, given: argparse.Namespace) -> Any:
    """Switch the hostile profile, or tell how it stands.

    Raises:
        ValueError: more is said than a world and a switch.
    """
    *worlds, last = given.words or [_DEFAULT]
    if last not in ("on", "off"):
        worlds, last = [*worlds, last], ""
    if len(worlds) > 1:
        msg = f"say on or off, not {worlds[1]!r}"
        raise ValueError(msg)
    world = control.of_world((worlds or [_DEFAULT])[0])
    said = {"only": given.only, "seed": given.seed}
    switches = {
        "": lambda: world.get("/hostile"),
        "off": lambda: world.delete("/hostile"),
        "on": lambda: world.put("/hostile", {k: v for k, v in said.items() if v is not None}),
    }
    return switches[last]()


def _standing(told: Mapping[str, Any]) -> str:
    if not told["on"]:
        return "the hostile profile is off"
    return f"hostile, seed {told['seed']}: {', '.join(told['provocations'])}"


HOSTILE: Final = Command(
    "hostile",
    "make the answers of a world odd but right, as the contract allows",
    [
        "broker-sim world hostile blue on",
        "broker-sim world hostile blue on --only shuffled --only cdata --seed 3",
        "broker-sim world hostile blue off",
    ],
    _profile,
    _switch,
    _standing,
)
