"""`broker-sim world ...`: worlds, their clocks and snapshots."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from broker_sim.commands import showing
from broker_sim.commands.command import Command, Commands
from broker_sim.commands.provoking import FAULT, HOSTILE
from broker_sim.remote import Control

_DEFAULT: Final = "default"
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])")
_SPAN: Final = re.compile(rf"(?:{_PART.pattern})+")
_Given = argparse.Namespace


def _world(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("world", nargs="?", default=_DEFAULT, help="its name (default: default)")


def _beginning(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--seed", type=int, help="decides everything that chance decides")
    add("--sessions", type=int, help="how many ended sessions it begins with")
    add("--now", help="where its clock stands; ISO 8601, UTC without a zone")


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("world", nargs="?", help="its name (default: a numbered one)")
    _beginning(parser)
    parser.add_argument("--days", type=int, help="days that the sessions lie in")
    parser.add_argument(
        "--live", type=int, dest="livePerHour", metavar="N", help="requests in an average hour"
    )
    parser.add_argument("--clock", choices=("frozen", "shifted", "real"), help="how its time goes")


def _anew(parser: argparse.ArgumentParser) -> None:
    _world(parser)
    _beginning(parser)


def _several(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("world", nargs="+", help="their names")


def _at(parser: argparse.ArgumentParser) -> None:
    _world(parser)
    parser.add_argument(
        "--mode", choices=("frozen", "shifted", "real"), help="how it goes from now on"
    )
    parser.add_argument("--now", help="set it to this instant; ISO 8601, UTC without a zone")


def _on(parser: argparse.ArgumentParser) -> None:
    _world(parser)
    parser.add_argument(
        "by", type=_step, help="how far: 90s, 5m, 2h, 90d, 1d12h; or an instant, 2030-02-01T09:00Z"
    )


def _step(text: str) -> Mapping[str, Any]:
    """Read how far time is to move on; give the body of the call that does it.

    Raises:
        ArgumentTypeError: it is neither a span nor an instant.
    """
    if _SPAN.fullmatch(text):
        seconds = sum(float(count) * _SECONDS[unit] for count, unit in _PART.findall(text))
        return {"seconds": seconds}
    try:
        datetime.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is neither a span like 90s, 5m, 2h, 90d nor an instant like 2030-02-01"
        raise argparse.ArgumentTypeError(msg) from None
    return {"to": text}


def _snapshot(parser: argparse.ArgumentParser) -> None:
    _world(parser)
    parser.add_argument("--name", help="what to call the snapshot (default: a numbered name)")


def _restore(parser: argparse.ArgumentParser) -> None:
    _world(parser)
    parser.add_argument("snapshot", help="the name of the snapshot")


def _export(parser: argparse.ArgumentParser) -> None:
    _world(parser)
    parser.add_argument(
        "--to", type=Path, metavar="FILE", help="write it there, not to the terminal"
    )


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="what `world export` wrote")
    parser.add_argument("--name", help="what to call the new world (default: a numbered name)")


def _said(given: _Given, *names: str) -> dict[str, Any]:
    """Give the options that were said, as the body of a call."""
    return {name: value for name in names if (value := getattr(given, name)) is not None}


def _make(control: Control, given: _Given) -> Any:
    wish = _said(given, "seed", "sessions", "days", "livePerHour", "clock", "now")
    return control.post("/worlds", {**wish, **({"name": given.world} if given.world else {})})


def _list(control: Control, _: _Given) -> Any:
    return control.get("/worlds")["worlds"]


def _show(control: Control, given: _Given) -> Any:
    return control.of_world(given.world).get("/world")


def _drop(control: Control, given: _Given) -> Any:
    return [control.of_world(name).delete("")["dropped"] for name in given.world]


def _reset(control: Control, given: _Given) -> Any:
    return control.of_world(given.world).post("/reset", _said(given, "seed", "sessions", "now"))


def _clock(control: Control, given: _Given) -> Any:
    world = control.of_world(given.world)
    if given.mode is None and given.now is None:
        return world.get("/clock")
    mode = given.mode or world.get("/clock")["mode"]
    return world.put("/clock", {"mode": mode, **_said(given, "now")})


def _advance(control: Control, given: _Given) -> Any:
    return control.of_world(given.world).post("/clock/advance", given.by)


def _keep(control: Control, given: _Given) -> Any:
    return control.of_world(given.world).post("/snapshots", _said(given, "name"))


def _kept(control: Control, given: _Given) -> Any:
    return control.of_world(given.world).get("/snapshots")["snapshots"]


def _bring_back(control: Control, given: _Given) -> Any:
    return control.of_world(given.world).post(f"/snapshots/{quote(given.snapshot, '')}/restore")


def _written(control: Control, given: _Given) -> Any:
    document = control.of_world(given.world).get("/export")
    if given.to is None:
        return document
    given.to.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return {"world": given.world, "file": str(given.to)}


def _read(control: Control, given: _Given) -> Any:
    try:
        document = json.loads(given.file.read_text(encoding="utf-8"))
    except ValueError as problem:
        why = problem if isinstance(problem, json.JSONDecodeError) else "it is not in UTF-8"
        msg = f"{given.file} is no JSON: {why}"
        raise ValueError(msg) from problem
    return control.post("/worlds", {"import": document, **_said(given, "name")})


def add_to(commands: Commands) -> None:
    """Add `world` and what it can do to the command line."""
    parser = commands.add_parser(
        "world",
        help="make, move, keep and drop worlds of the running broker",
        description="Make, move, keep and drop worlds of the running broker. It has to have been"
        " started with --control.",
        epilog="examples:\n  broker-sim world new blue --seed 3 --sessions 20\n"
        "  broker-sim world advance blue 5m\n  broker-sim world list --json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    does = parser.add_subparsers(required=True, metavar="WHAT")
    for command in COMMANDS:
        command.add_to(does)


COMMANDS: Final = (
    Command(
        "new",
        "make a world, which answers below /w/NAME",
        ["broker-sim world new blue --seed 3 --sessions 20", "broker-sim world new --json"],
        _new,
        _make,
        showing.world,
    ),
    Command(
        "list",
        "list the worlds",
        ["broker-sim world list"],
        lambda _: None,
        _list,
        showing.worlds,
    ),
    Command(
        "show",
        "show a world: URLs, logins, time",
        ["broker-sim world show blue"],
        _world,
        _show,
        showing.world,
    ),
    Command(
        "drop",
        "end worlds; their data is gone",
        ["broker-sim world drop blue green"],
        _several,
        _drop,
        lambda names: "\n".join(f"dropped {name}" for name in names),
    ),
    Command(
        "reset",
        "begin a world anew",
        ["broker-sim world reset blue --seed 4", "broker-sim world reset"],
        _anew,
        _reset,
        showing.world,
    ),
    Command(
        "clock",
        "show a world's clock, or set it",
        [
            "broker-sim world clock blue",
            "broker-sim world clock blue --mode frozen --now 2030-01-15",
        ],
        _at,
        _clock,
        showing.clock,
    ),
    Command(
        "advance",
        "move a world's time on, and do all that falls due on the way",
        ["broker-sim world advance blue 5m", "broker-sim world advance 2030-02-01T09:00Z"],
        _on,
        _advance,
        showing.clock,
    ),
    Command(
        "snapshot",
        "keep a world as it is now, to come back to",
        ["broker-sim world snapshot blue --name before"],
        _snapshot,
        _keep,
        showing.snapshot,
    ),
    Command(
        "snapshots",
        "list the snapshots of a world",
        ["broker-sim world snapshots blue"],
        _world,
        _kept,
        lambda kept: "\n".join(map(showing.snapshot, kept)) or "no snapshots",
    ),
    Command(
        "restore",
        "bring a world back to a snapshot",
        ["broker-sim world restore blue before"],
        _restore,
        _bring_back,
        showing.snapshot,
    ),
    Command(
        "export",
        "write a world as JSON; it holds its keys and password hashes",
        ["broker-sim world export blue --to blue.json"],
        _export,
        _written,
        showing.exported,
    ),
    Command(
        "import",
        "make a world of what was exported",
        ["broker-sim world import blue.json --name green"],
        _import,
        _read,
        showing.world,
    ),
    FAULT,
    HOSTILE,
)
