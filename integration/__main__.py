"""The client's command line.

Exit codes: 0 done, 1 something is not stored or not well, 2 wrong settings or usage, 3 the login
was refused or is locked, 4 the broker cannot be reached, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn

from integration import crashpoint
from integration.clock import SystemClock
from integration.config import EXAMPLE, Portal, load
from integration.core import window
from integration.errors import BehindEdge, Exit, Park, Retry, Stop

_TIMES: Final = "Times are ISO 8601; without a zone they are UTC."
_NO_LOGON: Final = ("status", "forget-refusal")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    asked = _parser().parse_args(argv)
    try:
        return _run(asked)
    except Stop as stop:
        _complain(str(stop))
        return stop.exit_code
    except (Retry, Park, BehindEdge) as why:
        _complain(str(why))
        return Exit.UNREACHABLE if isinstance(why, Retry) else Exit.NOT_ALL_STORED
    except BrokenPipeError:  # the reader of our output went away
        return Exit.NOT_ALL_STORED


def _run(asked: argparse.Namespace) -> int:
    if asked.command == "config":
        print(EXAMPLE, end="")
        return Exit.OK
    settings = load(asked.config, need_password=asked.command not in _NO_LOGON)
    portals = [p for p in settings.portals if asked.portal in (None, p.nickname)]
    if not portals:
        raise Stop(f"there is no portal {asked.portal!r} in the settings")
    try:
        crashpoint.arm(settings.crash_at)
    except ValueError as error:
        raise Stop(f"BROKER_CLIENT_CRASH_AT: {error}") from None
    if asked.command not in _NO_LOGON:
        _log(asked)
    codes = [_one(asked, portal, len(portals)) for portal in portals]
    return max(codes)


def _one(asked: argparse.Namespace, portal: Portal, portals: int) -> int:
    """Run a command for one portal."""
    if asked.command in ("watch", "run") and portals > 1:
        raise Stop(f"{asked.command} follows one portal: name it with --portal")
    clock = SystemClock()
    if asked.command in _NO_LOGON:
        code, told = _COMMANDS[asked.command](asked, portal, clock)
    else:
        from integration.commands.opening import stoppable  # noqa: PLC0415  `status` must be quick

        with stoppable(clock):
            code, told = _COMMANDS[asked.command](asked, portal, clock)
    if asked.json and told is not None:
        print(json.dumps(told, ensure_ascii=False))
    elif told is not None:
        print(*told, sep="\n")
    return int(code)


def _fetch(asked: argparse.Namespace, portal: Portal, clock: SystemClock) -> tuple[Exit, Any]:
    from integration.commands import fetching  # noqa: PLC0415  `status` must be quick

    wanted = fetching.Asked(
        asked.session or (), asked.start, asked.end, clamp=asked.clamp, anew=asked.anew
    )
    return fetching.fetch(portal, clock, wanted, as_json=asked.json)


def _follow(asked: argparse.Namespace, portal: Portal, clock: SystemClock) -> tuple[Exit, Any]:
    from integration.commands import fetching  # noqa: PLC0415  `status` must be quick

    return fetching.watch(portal, clock, catch_up=asked.command == "run", summary=asked.summary)


def _verify(asked: argparse.Namespace, portal: Portal, clock: SystemClock) -> tuple[Exit, Any]:
    from integration.commands import verifying  # noqa: PLC0415  `status` must be quick

    wanted = verifying.Asked(asked.start, asked.end, offline=asked.offline)
    return verifying.verify(portal, clock, wanted, as_json=asked.json)


def _status(asked: argparse.Namespace, portal: Portal, clock: SystemClock) -> tuple[Exit, Any]:
    from integration.commands import looking  # noqa: PLC0415  the help must be quick

    return looking.status(portal, clock, as_json=asked.json)


def _forget(asked: argparse.Namespace, portal: Portal, _: SystemClock) -> tuple[Exit, Any]:
    from integration.commands import looking  # noqa: PLC0415  the help must be quick

    return looking.forget(portal, as_json=asked.json)


_COMMANDS: Final[dict[str, Callable[..., tuple[Exit, Any]]]] = {
    "fetch": _fetch,
    "watch": _follow,
    "run": _follow,
    "verify": _verify,
    "status": _status,
    "forget-refusal": _forget,
}


def _log(asked: argparse.Namespace) -> None:
    from integration.status.logs import set_up  # noqa: PLC0415  `status` must be quick

    set_up(verbose=asked.verbose, as_json=asked.log_json)


def _complain(text: str) -> None:
    for line in text.splitlines():
        print(f"broker-client: {line}", file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    """A parser whose help keeps its examples' lines, and whose mistakes end with our code."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            **settings, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
        )

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="broker-client",
        description="Brings the sessions of a remote-support broker home: a row and an archive"
        " for each, exactly once.",
        epilog="example:\n  broker-client config --example > broker-client.toml\n"
        "  broker-client run --config broker-client.toml",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, does: str, example: str) -> argparse.ArgumentParser:
        told = f"example:\n  broker-client {name} {example}".rstrip()
        described = f"{does[0].upper()}{does[1:]}."
        return commands.add_parser(name, help=does, description=described, epilog=told)

    _fetch_options(
        add(
            "fetch",
            "fetch the sessions that ended in a range, or single ones",
            f"--config FILE --from 2026-01-01 --to 2026-02-01\n\n{_TIMES}",
        )
    )
    for name, does in (
        ("watch", "follow what happens from now on, until Ctrl-C"),
        ("run", "fetch what ended since start_at, then follow, until Ctrl-C"),
    ):
        command = add(name, does, "--config FILE --summary")
        _common(command, json=False)
        _logging(command)
        command.add_argument("--summary", action="store_true", help="show how it goes")
        command.set_defaults(json=False)
    _common(add("status", "tell how it goes, without asking the broker", "--config FILE --json"))
    _verify_options(
        add(
            "verify",
            "read everything that is stored and compare it with the broker",
            f"--config FILE --from 2026-01-01\n\n{_TIMES}",
        )
    )
    _common(add("forget-refusal", "let a refused login be tried again", "--config FILE"))
    config = add("config", "print a settings file to begin with", "--example > broker-client.toml")
    config.add_argument("--example", action="store_true", required=True, help="print it")
    return parser


def _common(command: argparse.ArgumentParser, *, json: bool = True) -> None:
    command.add_argument(
        "--config", type=Path, metavar="FILE", help="settings; default: $BROKER_CLIENT_CONFIG"
    )
    command.add_argument("--portal", metavar="NICKNAME", help="this one only; default: all")
    if json:
        command.add_argument("--json", action="store_true", help="a JSON line for each portal")


def _fetch_options(command: argparse.ArgumentParser) -> None:
    _common(command)
    _logging(command)
    _range(command, "default: start_at")
    command.add_argument(
        "--session", type=int, action="append", metavar="ID", help="a single session; repeatable"
    )
    command.add_argument(
        "--clamp", action="store_true", help="begin where the broker's retention begins"
    )
    command.add_argument("--anew", action="store_true", help="fetch files again that are stored")


def _verify_options(command: argparse.ArgumentParser) -> None:
    _common(command)
    _logging(command)
    _range(command, "default: start_at")
    command.add_argument("--offline", action="store_true", help="do not ask the broker")


def _logging(command: argparse.ArgumentParser) -> None:
    command.add_argument("--verbose", action="store_true", help="log more")
    command.add_argument("--log-json", action="store_true", help="log as JSON lines")


def _range(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument(
        "--from",
        type=_instant,
        dest="start",
        metavar="TIME",
        help=f"its first instant; {default}",
    )
    command.add_argument(
        "--to",
        type=_instant,
        dest="end",
        metavar="TIME",
        help="the first instant behind it; default: now",
    )


def _instant(text: str) -> datetime:
    try:
        return window.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
