"""The command line: its words, their help, an example for each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn

from integration.core import window
from integration.errors import Exit

_TIMES: Final = "Times are ISO 8601; without a zone they are UTC."
# Each command: what it does, and the words of its example
_COMMANDS: Final = {
    "fetch": (
        "fetch the sessions that ended in a range, or single ones",
        f"--config FILE --from 2026-01-01 --to 2026-02-01\n\n{_TIMES}",
    ),
    "watch": ("follow what happens from now on, until Ctrl-C", "--config FILE"),
    "run": (
        "fetch what ended since start_at, then follow, until Ctrl-C",
        "--config FILE --summary",
    ),
    "schedule": (
        "fetch what has changed, at the times of `schedule`, until Ctrl-C",
        "--config FILE",
    ),
    "status": ("tell how it goes, without asking the broker", "--config FILE --json"),
    "verify": (
        "read everything that is stored and compare it with the broker",
        f"--config FILE --from 2026-01-01\n\n{_TIMES}",
    ),
    "forget-refusal": ("let a refused login be tried again", "--config FILE"),
    "config": ("print a settings file to begin with", "--example > broker-client.toml"),
}


class _Parser(argparse.ArgumentParser):
    """A parser whose help keeps its examples' lines, and whose mistakes end with our code."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            **settings, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
        )

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Build the parser; `command` names the command of what it reads."""
    whole = _Parser(
        prog="broker-client",
        description="Brings the sessions of a remote-support broker home: a row and an archive"
        " for each, exactly once.",
        epilog="example:\n  broker-client config --example > broker-client.toml\n"
        "  broker-client run --config broker-client.toml",
    )
    words = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {
        name: words.add_parser(
            name,
            help=does,
            description=f"{does[0].upper()}{does[1:]}.",
            epilog=f"example:\n  broker-client {name} {example}",
        )
        for name, (does, example) in _COMMANDS.items()
    }
    _options(made)
    return whole


def _options(made: Mapping[str, argparse.ArgumentParser]) -> None:
    """Give each command its options."""
    for name in ("fetch", "watch", "run", "schedule", "status", "verify", "forget-refusal"):
        _which(made[name])
    for name in ("fetch", "watch", "run", "schedule", "verify"):
        _logging(made[name])
    for name in ("fetch", "verify"):
        _range(made[name])
    for name in ("watch", "run"):
        made[name].add_argument("--summary", action="store_true", help="show how it goes")
        made[name].set_defaults(json=False)
    made["schedule"].set_defaults(json=False, summary=False)
    for name in ("fetch", "status", "verify", "forget-refusal"):
        made[name].add_argument("--json", action="store_true", help="a JSON line for each portal")
    _fetching(made["fetch"])
    made["verify"].add_argument("--offline", action="store_true", help="do not ask the broker")
    made["config"].add_argument("--example", action="store_true", required=True, help="print it")


def _which(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config", type=Path, metavar="FILE", help="settings; default: $BROKER_CLIENT_CONFIG"
    )
    command.add_argument("--portal", metavar="NICKNAME", help="this one only; default: all")


def _logging(command: argparse.ArgumentParser) -> None:
    command.add_argument("--verbose", action="store_true", help="log more")
    command.add_argument("--log-json", action="store_true", help="log as JSON lines")


def _range(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--from",
        type=_instant,
        dest="start",
        metavar="TIME",
        help="the first instant; default: start_at",
    )
    command.add_argument(
        "--to",
        type=_instant,
        dest="end",
        metavar="TIME",
        help="the first instant behind it; default: now",
    )


def _fetching(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--session", type=int, action="append", metavar="ID", help="a single session; repeatable"
    )
    command.add_argument(
        "--clamp", action="store_true", help="begin where the broker's retention begins"
    )
    command.add_argument("--anew", action="store_true", help="fetch files again that are stored")


def _instant(text: str) -> datetime:
    try:
        return window.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
