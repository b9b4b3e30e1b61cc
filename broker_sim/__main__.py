"""The command line: `broker-sim serve`, `env`, `world`, `journal`, `contract`."""

from __future__ import annotations

import argparse
import gc
import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from broker_sim.commands import journal, worlds
from broker_sim.commands.command import folder
from broker_sim.remote import ControlError, environment
from broker_sim.settings import FILE, Settings, UsageError, default_home, sentence_of

_SERVE_EXAMPLE: Final = """examples:
  broker-sim serve                              https on port 8443, data kept in the home folder
  broker-sim serve --store memory --port 0 --json --home "$(mktemp -d)"
                                                any free port, no data kept, beside any other
                                                broker; JSON says where
  broker-sim serve --live 60 --control          60 requests in an average hour; the control API
"""
_ENV_EXAMPLE: Final = """examples:
  broker-sim env                                what a client needs: URLs, logins, CA file
  broker-sim env --json | jq -r .services.Sessions.wsdl
"""
_CONTRACT_EXAMPLE: Final = """examples:
  broker-sim contract                           write the generated files of a checkout anew
  broker-sim contract --check                   say whether they are up to date; exit 1 if not
"""
_EXIT_WRONG: Final = 1
_EXIT_USAGE: Final = 2
_EXIT_NOBODY: Final = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give the exit code: 0 done, 1 failed, 2 wrong usage, 3 nobody answers."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if given.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    try:
        return int(given.run(given))
    except ControlError as problem:
        print(f"broker-sim: {problem}", file=sys.stderr)
        return _EXIT_NOBODY if problem.status is None else _EXIT_WRONG
    except (OSError, ValueError) as problem:
        print(f"broker-sim: {sentence_of(problem)}", file=sys.stderr)
        return _EXIT_USAGE
    except RuntimeError as problem:
        print(f"broker-sim: {problem}", file=sys.stderr)
        return _EXIT_WRONG


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="broker-sim",
        description="A hosted remote-support broker, simulated on this machine. All data is"
        " invented; the operation names are this simulator's own.",
        epilog="example: broker-sim serve",
    )
    parser.add_argument("--verbose", action="store_true", help="log more, on standard error")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands)
    env = _command(commands, "env", "show what a client of the running broker needs", _ENV_EXAMPLE)
    _add_home(env)
    env.add_argument("--json", action="store_true", help="one JSON object")
    env.set_defaults(run=_env)
    worlds.add_to(commands)
    journal.add_to(commands)
    contract = _command(
        commands, "contract", "write the generated files of the contract", _CONTRACT_EXAMPLE
    )
    contract.add_argument("--check", action="store_true", help="write nothing; compare")
    contract.add_argument("--root", type=Path, default=Path(), help="the checkout (default: here)")
    contract.set_defaults(run=_contract)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    said: str,
    example: str,
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=said,
        description=said[0].upper() + said[1:] + ".",
        epilog=example,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_home(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--home",
        type=folder,
        default=default_home(),
        help="folder of data, certificate authority and env.json (default: %(default)s)",
    )


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = _command(commands, "serve", "run the broker until Ctrl-C", _SERVE_EXAMPLE)
    _add_home(serve)
    add = serve.add_argument
    add("--store", default=FILE, help="file (in the home folder), memory, or a database URL")
    add(
        "--recordings",
        metavar="URL",
        help="where large recordings lie: s3://bucket/prefix?endpoint=URL; credentials in the"
        " AWS_ variables (default: beside the data)",
    )
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=8443, help="first port to try; 0 for any (default: 8443)")
    add(
        "--name",
        action="append",
        default=[],
        help="further host name for the certificate; repeatable",
    )
    add("--base-url", help="how callers reach the broker, if not by host and port")
    add("--http", action="store_true", help="plain HTTP instead of TLS")
    add(
        "--seed",
        type=int,
        default=7,
        help="decides company, past and traffic of a new world (default: 7)",
    )
    add(
        "--sessions",
        type=int,
        default=400,
        help="sessions in the past of a new world (default: 400)",
    )
    add("--days", type=int, default=90, help="days that they lie in (default: 90)")
    add("--live", type=float, default=0.0, help="requests in an average hour (default: none)")
    add(
        "--rate",
        type=float,
        help="calls a second that a connection may make (default: 10, but any number while the"
        " clock stands still)",
    )
    add("--burst", type=int, default=20, help="calls at once after a rest (default: 20)")
    add("--no-rate", action="store_const", const=0.0, dest="rate", help="any number of calls")
    add(
        "--demo",
        action="store_true",
        help="login pages with a button for each of the seeded people: for showing, never for"
        " data of your own",
    )
    add("--magic", action="store_true", help="heed magic values; see docs/faults.md")
    add(
        "--workers",
        type=int,
        default=1,
        help="processes that answer behind the port (default: 1); see docs/processes.md",
    )
    add(
        "--relay",
        type=int,
        default=0,
        metavar="N",
        help="processes of their own that carry the channels of sessions (default: none, the"
        " broker carries them; one with --workers); see docs/channel.md",
    )
    add(
        "--relay-port",
        type=int,
        default=8450,
        help="first port to try for them; 0 for any, as with --port 0 (default: 8450)",
    )
    add("--control", action="store_true", help="open the control API, on a port of its own")
    add(
        "--control-port",
        type=int,
        default=8444,
        help="first port to try for it; 0 for any (default: 8444)",
    )
    add("--token", default="", help="bearer token of the control API (default: a new one)")
    add(
        "--frozen-at",
        type=_instant,
        help="begin with a clock that stands still; ISO 8601, UTC without a zone",
    )
    add("--json", action="store_true", help="say where in one JSON line")
    serve.set_defaults(run=_serve)


def _instant(text: str) -> datetime:
    """Read an instant; without a zone it is UTC.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        msg = f"{text!r} is no instant like 2030-01-15T09:00Z"
        raise argparse.ArgumentTypeError(msg) from error


def _settings(given: argparse.Namespace) -> Settings:
    from broker_sim.adapters.entropy import SystemEntropy  # noqa: PLC0415  help must not wait for it

    return Settings(
        home=given.home.expanduser().resolve(),
        store=given.store,
        recordings=given.recordings,
        host=given.host,
        port=given.port,
        tls=not given.http,
        names=tuple(given.name),
        base_url=given.base_url,
        seed=given.seed,
        sessions=given.sessions,
        days=given.days,
        live_per_hour=given.live,
        rate=given.rate,
        burst=given.burst,
        magic=given.magic,
        demo=given.demo,
        workers=given.workers,
        relays=given.relay,
        relay_port=given.relay_port,
        control=given.control,
        control_port=given.control_port,
        token=given.token or SystemEntropy().take(16).hex(),
        frozen_at=given.frozen_at,
    )


def _serve(given: argparse.Namespace) -> int:
    gc.disable()  # what is loaded and made at the start stays; `serve` turns it on again
    from broker_sim.bootstrap.serving import serve  # noqa: PLC0415  help must not wait for it

    return serve(_settings(given), as_json=given.json)


def _env(given: argparse.Namespace) -> int:
    told = environment(given.home)
    if given.json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        from broker_sim.bootstrap.announcing import described  # noqa: PLC0415  help must not wait for it

        print(described(told))
    return 0


def _contract(given: argparse.Namespace) -> int:
    if not given.root.is_dir():
        raise UsageError(f"{given.root} is no folder: name a checkout of broker-sim by --root")
    from broker_sim.bootstrap.generated import check, write  # noqa: PLC0415  help must not wait for it

    if given.check:
        stale = check(given.root)
        for path in stale:
            print(f"{path} is not what the contract says; run `broker-sim contract`")
        return _EXIT_WRONG if stale else 0
    for path in write(given.root):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
