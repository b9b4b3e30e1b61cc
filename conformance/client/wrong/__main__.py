"""The naive client's command line: `watch` and `fetch` of docs/client-suite.md."""

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
    wire = Wire(given.wsdl, given.ca, trusting=given.wrong == "tls-check-off")
    connection = Connection(wire, given.state, given.username, password, given.wrong)
    channels = frozenset({*given.channels.split(","), "Properties"})
    archive = Archive(given.archive, channels, given.decompress, key, given.wrong)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if given.verb == "fetch":
            return fetch(connection, wire, archive, given)
        Watch(connection, wire, archive, given.state, given.interval, given.wrong).follow()
    except KeyboardInterrupt:
        pass
    except (GaveUp, Later, Refused) as why:
        print(why, file=sys.stderr)
        return 3
    finally:
        connection.leave()
    return 0


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(prog="naive", description=__doc__)
    add = parser.add_argument
    add("--wrong", choices=tuple(WRONG))
    add("verb", choices=("watch", "fetch"))
    for name in ("wsdl", "username"):
        add(f"--{name}", required=True)
    for name in ("archive", "state"):
        add(f"--{name}", required=True, type=Path)
    add("--interval", type=float, default=10.0)
    add("--channels", default=_CHANNELS)
    add("--decompress", action="store_true")
    add("--ca")
    add("--from", dest="start")
    add("--to", dest="end")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
