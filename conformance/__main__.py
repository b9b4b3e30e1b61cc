"""The command line: `broker URL`, `client -- COMMAND`, `replay FILE`, `explain RULE`, `rules`."""

import argparse
import secrets
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

from conformance.contracts import versions
from conformance.exchange import Unreachable
from conformance.replay import BadRecord
from conformance.rulebook import PROFILE_NAMES
from conformance.target import BadTarget
from conformance.verdict import BadBaseline, Exit

_EXITS: Final = """exit codes:
  0  conformant (replay: holds now)        3  wrong usage
  1  a MUST failed, or a stale baseline    4  the target cannot be reached
  2  incomplete: something not testable    5  the suite itself failed
"""
_BROKER: Final = f"""examples:
  broker-conformance broker --self
      try it out: starts the simulator and judges it
  broker-conformance broker https://127.0.0.1:8443 --ca ca.pem \\
      --control http://127.0.0.1:8444 --token TOKEN --report report
      judge a broker that runs; write report.json, junit.xml, histories and curl scripts
  broker-conformance broker --target target.toml --rule LOGON-3 --rule LOGON-5
      judge two rules of a broker that a file describes

The suite stops the target's clock, makes portals of its own and moves time on by years: use a
world that nobody needs. Without a control API most rules are not testable.

{_EXITS}"""
_CLIENT: Final = f"""examples:
  broker-conformance client -- node my-client.mjs
      the client speaks the plain protocol of docs/client-suite.md
  broker-conformance client --adapter my-client.toml --report report -- my-client
      a file tells how it is started; write report.json, junit.xml and what replays each failure
  broker-conformance client --adapter broker-client --rule C-POLL-1
      one rule, of the reference client

The suite starts brokers of its own, starts the client against them, kills and restarts it.

{_EXITS}"""
_REPLAY: Final = f"""example:
  broker-conformance replay report/LOGON-5.json https://127.0.0.1:8443 --ca ca.pem \\
      --control http://127.0.0.1:8444 --token TOKEN

{_EXITS}"""


class _Parser(argparse.ArgumentParser):
    """A parser whose mistakes have the exit code of the suites."""

    def error(self, message: str) -> NoReturn:
        """Say what was wrong with the command, and how to learn more."""
        print(f"{self.prog}: {message}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(Exit.USAGE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; give its exit code."""
    given = _parser().parse_args(arguments)
    # The suites load only when a command needs them: help comes at once.
    from conformance import commands  # noqa: PLC0415  help must not wait for it

    try:
        return int(getattr(commands, given.command)(given))
    except (BadBaseline, BadRecord, BadTarget, ValueError) as error:
        print(f"broker-conformance: {error}", file=sys.stderr)
        return Exit.USAGE
    except Unreachable as error:
        print(f"broker-conformance: {error}", file=sys.stderr)
        return Exit.UNREACHABLE
    except KeyboardInterrupt:
        print("broker-conformance: stopped; no verdict", file=sys.stderr)
        return Exit.INCOMPLETE
    except Exception:  # noqa: BLE001  # our own fault has an exit code of its own
        traceback.print_exc()
        print("broker-conformance: the suite itself failed; no verdict", file=sys.stderr)
        return Exit.OWN_FAULT


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="broker-conformance",
        description="Judge a remote-support broker by the rules of its contract, from outside.",
        epilog="example: broker-conformance broker --self",
    )
    verbs = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_broker(verbs)
    _add_client(verbs)
    again = _add(verbs, "replay", "do a recorded history again; does it still break?", _REPLAY)
    again.add_argument("file", type=Path, metavar="FILE", help="a history, as --report writes it")
    _add_target(again)
    told = _add(
        verbs,
        "explain",
        "what a rule says, what proves it, what breaks it",
        "example: broker-conformance explain LOGON-3",
    )
    told.add_argument("id", metavar="RULE", help="its id, as in LOGON-3")
    _add_rules(verbs)
    return parser


def _add(
    verbs: "argparse._SubParsersAction[_Parser]", name: str, said: str, more: str
) -> argparse.ArgumentParser:
    return verbs.add_parser(
        name,
        help=said,
        description=f"{said[0].upper()}{said[1:]}.",
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _number(least: int, most: int) -> Callable[[str], int]:
    """Give what reads a whole number in [least, most]."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            msg = f"{text!r} is no number from {least} to {most}"
            raise argparse.ArgumentTypeError(msg)
        return number

    return read


def _add_rules(verbs: "argparse._SubParsersAction[_Parser]") -> None:
    listed = _add(
        verbs,
        "rules",
        "list all rules, judged or not",
        "example: broker-conformance rules --profile core",
    )
    listed.add_argument("--profile", choices=PROFILE_NAMES, default="full")


def _add_target(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("url", nargs="?", metavar="URL", help="base URL of the broker, or of its WSDL")
    add("--self", action="store_true", help="start the simulator and use that")
    add(
        "--workers",
        type=_number(0, 64),
        default=0,
        help="with --self: serve it over TLS, by so many processes (default: in this one)",
    )
    add("--target", type=Path, metavar="FILE", help="a target.toml that describes the broker")
    add("--control", metavar="URL", help="base URL of the control API (clock, acts)")
    add("--token", help="what opens the control API")
    add("--ca", type=Path, metavar="FILE", help="certificates to trust, PEM")
    add("--seed", type=int, default=secrets.randbits(32), help="of all chance (default: a new one)")


def _add_contract(parser: argparse.ArgumentParser) -> None:
    known = versions()
    said = f"by the rules of this version (default: {known[-1]})"
    parser.add_argument("--contract", choices=known, default=known[-1], help=said)


def _add_rule(parser: argparse.ArgumentParser) -> None:
    said = "only this one; may be repeated"
    add = parser.add_argument
    add("--rule", action="append", default=[], type=str.upper, metavar="ID", help=said)


def _add_broker(verbs: "argparse._SubParsersAction[_Parser]") -> None:
    parser = _add(verbs, "broker", "judge a broker", _BROKER)
    _add_target(parser)
    add = parser.add_argument
    add("--profile", choices=PROFILE_NAMES, default="full", help="which rules (default: full)")
    _add_rule(parser)
    _add_contract(parser)
    add("--effort", choices=("dev", "ci", "night"), default="ci", help="how hard (default: ci)")
    add(
        "--examples",
        type=_number(1, 1_000_000),
        metavar="N",
        help="examples per property, instead of the effort's",
    )
    add("--baseline", type=Path, metavar="FILE", help="failures that are expected, each with why")
    add("--report", type=Path, metavar="DIR", help="write everything there")
    add("--json", type=Path, metavar="FILE", help="write the report as JSON")
    add("--junit", type=Path, metavar="FILE", help="write the report as JUnit XML")
    add("--certify", type=Path, metavar="DIR", help="write a folder to publish: badge, digests")
    add("--quiet", action="store_true", help="no progress")


def _add_client(verbs: "argparse._SubParsersAction[_Parser]") -> None:
    parser = _add(verbs, "client", "judge a client by its command", _CLIENT)
    add = parser.add_argument
    add("--adapter", default="plain", metavar="FILE", help="how it is started (default: plain)")
    add("--profile", choices=("core", "full"), default="core", help="which rules (default: core)")
    _add_rule(parser)
    _add_contract(parser)
    add("--seed", type=int, default=secrets.randbits(32), help="of all chance (default: a new one)")
    said = "cases at the same time (default: 4)"
    add("--workers", type=_number(1, 64), default=4, metavar="N", help=said)
    add("--baseline", type=Path, metavar="FILE", help="failures that are expected, each with why")
    add("--report", type=Path, metavar="DIR", help="write everything there")
    add("--json", type=Path, metavar="FILE", help="write the report as JSON")
    add("--junit", type=Path, metavar="FILE", help="write the report as JUnit XML")
    add("--certify", type=Path, metavar="DIR", help="write a folder to publish: badge, digests")
    add("--quiet", action="store_true", help="no progress")
    add("words", nargs="*", metavar="COMMAND", help="the client, behind --")


if __name__ == "__main__":
    sys.exit(main())
