"""The client's command line.

Exit codes: 0 done, 1 something is not stored or not well, 2 wrong settings or usage, 3 the login
was refused or is locked, 4 the broker cannot be reached, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from integration import crashpoint
from integration.clock import SystemClock
from integration.commands.line import parser
from integration.config import EXAMPLE, Portal, load
from integration.errors import BehindEdge, Exit, Park, Retry, Stop

_NO_LOGON: Final = ("status", "forget-refusal")
_UNTIL_STOPPED: Final = ("watch", "run", "schedule")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    asked = parser().parse_args(argv)
    try:
        return _run(asked)
    except (Stop, Retry, Park, BehindEdge) as why:
        _complain(str(why))
        return _code(why)
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
    if len(portals) == 1:
        return _one(asked, portals[0])
    if asked.command in _UNTIL_STOPPED:
        return _together(asked, portals)
    return max(_guarded(portal, partial(_one, asked, portal)) for portal in portals)


def _together(asked: argparse.Namespace, portals: Sequence[Portal]) -> int:
    """Follow several portals, each beside the others."""
    from integration.commands.together import together  # noqa: PLC0415  `status` must be quick

    if asked.summary:
        raise Stop("--summary shows one portal: name it with --portal")

    def follow(portal: Portal, clock: SystemClock) -> int:
        def one() -> int:
            try:
                return int(_COMMANDS[asked.command](asked, portal, clock)[0])
            except (Retry, Stop):
                if not clock.interrupted:
                    raise
                return Exit.OK

        return _guarded(portal, one)

    return together(portals, follow)


def _guarded(portal: Portal, one: Callable[[], int]) -> int:
    """Do something for one of several portals; what fails is said, and holds up no other."""
    try:
        return one()
    except (Stop, Retry, Park, BehindEdge) as why:
        _complain(f"{portal.nickname}: {why}")
        return _code(why)


def _code(why: Stop | Retry | Park | BehindEdge) -> int:
    if isinstance(why, Stop):
        return why.exit_code
    return Exit.UNREACHABLE if isinstance(why, Retry) else Exit.NOT_ALL_STORED


def _one(asked: argparse.Namespace, portal: Portal) -> int:
    """Run a command for one portal."""
    clock = SystemClock()
    if asked.command in _NO_LOGON:
        code, told = _COMMANDS[asked.command](asked, portal, clock)
    else:
        from integration.commands.opening import stoppable  # noqa: PLC0415  `status` must be quick

        try:
            with stoppable(clock):
                code, told = _COMMANDS[asked.command](asked, portal, clock)
        except (Retry, Stop):
            if not clock.interrupted:
                raise
            return Exit.OK if asked.command in _UNTIL_STOPPED else Exit.INTERRUPTED
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


def _schedule(asked: argparse.Namespace, portal: Portal, clock: SystemClock) -> tuple[Exit, Any]:
    from integration.commands import scheduling  # noqa: PLC0415  `status` must be quick

    del asked
    return scheduling.follow(portal, clock), None


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
    "schedule": _schedule,
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


if __name__ == "__main__":
    sys.exit(main())
