"""The naive client's command line: the verbs of docs/client-suite.md."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from conformance.client.wrong.archive import Archive
from conformance.client.wrong.fetching import fetch
from conformance.client.wrong.memory import Connection, GaveUp
from conformance.client.wrong.modes import Schedule, follow_all
from conformance.client.wrong.switches import WRONG
from conformance.client.wrong.watching import Watch
from conformance.client.wrong.wire import Later, Refused, Wire

_UNSUPPORTED: Final = 127
_CHANNELS: Final = "LocalScreen,RemoteScreen,Chat,Diagnostics"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(message, file=sys.stderr)
        raise SystemExit(_UNSUPPORTED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; give its exit code."""
    given = _given(arguments)
    surroundings = os.environ  # noqa: TID251  secrets come by it
    password = surroundings["BROKER_PASSWORD"]
    key = surroundings.get("BROKER_SECURITY_KEY", "")
    if given.wrong == "key-in-the-log":
        print(f"the security key is {key}", flush=True)
    if given.wrong == "password-in-the-log":
        print(f"logging on with {password}", flush=True)
    portals = [_Portal(given, given, password, key)]
    if given.verb == "multi":
        portals.append(_Portal(given, _second(given), surroundings["BROKER_PASSWORD_2"], key))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(given, portals)
    except KeyboardInterrupt:
        pass
    except (GaveUp, Later, Refused) as why:
        print(why, file=sys.stderr)
        return 3
    finally:
        for portal in portals:
            portal.leave(given)
    return 0


class _Portal:
    """What the client has for one portal; `place` says where and as whom."""

    def __init__(
        self, given: argparse.Namespace, place: argparse.Namespace, password: str, key: str
    ) -> None:
        wrong = given.wrong
        self.wire = Wire(place.wsdl, given.ca, wrong=wrong)
        self.state = place.state
        self.connection = Connection(self.wire, self.state, place.username, password, wrong)
        if wrong in ("refusals-by-mode", "locks-by-mode"):
            self.connection.refusals = f"logon-{given.verb}.json"
        named = given.channels.split(",")
        if wrong == "first-channel-only" and given.channels != _CHANNELS:
            named = named[:1]
        if wrong == "chooses-on-demand-only" and given.verb == "watch":
            named = _CHANNELS.split(",")
        channels = frozenset({*named, "Properties"})
        self.archive = Archive(place.archive, channels, given.decompress, key, wrong)

    def leave(self, given: argparse.Namespace) -> None:
        if given.verb != "fetch" or given.wrong != "on-demand-stays-on":
            self.connection.leave()

    def watch(self, given: argparse.Namespace) -> Watch:
        parts = (self.connection, self.wire, self.archive, self.state)
        return Watch(*parts, given.interval, given.wrong)


def _second(given: argparse.Namespace) -> argparse.Namespace:
    names = ("wsdl", "username", "archive", "state")
    return argparse.Namespace(**{name: getattr(given, f"{name}2") for name in names})


def _run(given: argparse.Namespace, portals: Sequence[_Portal]) -> int:
    first = portals[0]
    if given.verb == "fetch":
        return fetch(first.connection, first.wire, first.archive, given)
    if given.verb == "schedule":
        parts = (first.connection, first.wire, first.archive, first.state)
        Schedule(*parts, given.schedule).follow()
    elif given.verb == "multi":
        watches = [portal.watch(given) for portal in portals]
        follow_all(watches, given.interval, given.wrong)
    else:
        first.watch(given).follow()
    return 0


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(prog="naive", description=__doc__)
    add = parser.add_argument
    add("--wrong", choices=tuple(WRONG))
    add("verb", choices=("watch", "fetch", "schedule", "multi"))
    for name in ("wsdl", "username"):
        add(f"--{name}", required=True)
        add(f"--{name}2")
    for name in ("archive", "state"):
        add(f"--{name}", required=True, type=Path)
        add(f"--{name}2", type=Path)
    add("--schedule")
    add("--interval", type=float, default=10.0)
    add("--channels", default=_CHANNELS)
    add("--decompress", action="store_true")
    add("--ca")
    add("--from", dest="start")
    add("--to", dest="end")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
