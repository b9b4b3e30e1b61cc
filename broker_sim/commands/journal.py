"""`broker-sim journal`: what a running broker was asked and what it answered, a line each."""

from __future__ import annotations

import argparse
import io
import json
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from broker_sim.commands.command import (
    Commands,
    add_door,
    control_of,
)
from broker_sim.remote import Control
from broker_sim.service.journal_lines import Line, line_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_CONDITIONS: Final = {
    "operation": "its name, or download, or page",
    "door": "a path, or the end of one: Sessions",
    "login": "whose connection it was",
    "status": "of HTTP: 200, 4xx; 0 where the connection was cut",
    "fault": "its code; '*' for any, none for none",
    "provoked": "the id of a fault rule; '*' for any",
    "since": "the world's time: 2030-01-15T09:00:00Z",
}
_EXAMPLES: Final = """examples:
  broker-sim journal                            the last exchanges
  broker-sim journal --follow --fault '*'       every fault from now on; Ctrl-C ends it
  broker-sim journal --world blue --operation getSession --json
                                                one JSON object a line, bodies and all
  broker-sim journal --har calls.har            for the tools that read HTTP archives
"""
_MOST: Final = 1000  # that one call gives
_POLL_SECONDS: Final = 0.25
_NARROW: Final = 100  # columns; below that the number is left out
_COLOURS: Final = {"2": "green", "3": "green", "4": "yellow", "5": "red", "c": "magenta"}

Entry = Mapping[str, Any]
Show = Callable[[Entry], None]


def add_to(commands: Commands) -> None:
    """Add `journal` to the command line."""
    said = "show what the running broker was asked and what it answered"
    parser = commands.add_parser(
        "journal",
        help=said,
        description=f"{said.capitalize()}. It has to have been started with --control.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--world", help="which world (default: the default one)")
    add("--follow", action="store_true", help="go on with what comes, until Ctrl-C")
    add("--last", type=_count, default=50, metavar="N", help="how many (default: %(default)s)")
    add("--har", type=Path, metavar="FILE", help="write all as an HTTP archive instead")
    group = parser.add_argument_group("which exchanges")
    for name, meaning in _CONDITIONS.items():
        group.add_argument(f"--{name}", help=meaning)
    add_door(parser)
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > _MOST:
        msg = f"{text!r} is no number of exchanges from 0 to {_MOST}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def run(given: argparse.Namespace) -> int:
    """Show the journal; give the exit code.

    Raises:
        ControlError: nobody answers, or the broker refuses; it says what to do.
    """
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a caller may have sent any sign
            sys.stdout.reconfigure(errors="replace")
        control = control_of(given).of_world(given.world)
        if given.har is not None:
            return _write_archive(control, given.har)
        show = _as_json if given.json else _on_terminal()
        _show(control, given, show)
    except BrokenPipeError:  # whoever read has enough
        sys.stdout = None
    except KeyboardInterrupt:
        pass
    return 0


def _write_archive(control: Control, path: Path) -> int:
    archive = control.get("/journal.har")
    path.write_text(json.dumps(archive, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"{len(archive['log']['entries'])} exchanges are in {path}")  # noqa: T201  the command's answer
    return 0


def _show(control: Control, given: argparse.Namespace, show: Show) -> None:
    conditions = {name: getattr(given, name) for name in _CONDITIONS}
    page = control.get("/journal", {**conditions, "last": given.last, "limit": _MOST})
    for entry in page["entries"]:
        show(entry)
    if given.follow:
        _follow(control, conditions, page["next"], show)
    elif not page["entries"] and not given.json:
        print("nothing to show")  # noqa: T201  the command's answer


def _follow(control: Control, conditions: Entry, following: int, show: Show) -> None:
    pause = threading.Event()
    while not pause.wait(_POLL_SECONDS):
        page = control.get("/journal", {**conditions, "after": following, "limit": _MOST})
        for entry in page["entries"]:
            show(entry)
        following = page["next"]


def _as_json(entry: Entry) -> None:
    print(json.dumps(entry, ensure_ascii=False), flush=True)  # noqa: T201  the command's answer


def _on_terminal() -> Show:
    """Give what prints a line: cut to the terminal and coloured, or plain where there is none."""
    from rich.console import Console  # noqa: PLC0415  help must not wait for it

    console = Console(highlight=False, emoji=False, markup=False)
    if not console.is_terminal:
        return lambda entry: print(line_of(entry), flush=True)  # noqa: T201  the command's answer
    return lambda entry: console.print(
        _coloured(line_of(entry), console), no_wrap=True, overflow="ellipsis", crop=True
    )


def _coloured(line: Line, console: Console) -> Text:
    from rich.text import Text  # noqa: PLC0415  help must not wait for it

    colour = _COLOURS.get(line.status[0], "")
    parts = [
        (line.number.rjust(5), "dim"),
        (line.time, "dim"),
        (line.status.rjust(3), f"bold {colour}".strip()),
        (line.took.rjust(8), "dim"),
        (line.what, ""),
        (line.outcome, colour),
        (line.notes, "cyan"),
        (line.who, "dim"),
    ]
    shown = [part for part in parts[console.width < _NARROW :] if part[0]]
    return Text("  ").join(Text(text, style) for text, style in shown)
