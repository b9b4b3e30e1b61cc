"""A command that asks something of a running broker: its options, what it does, what it shows."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from broker_sim.remote import Control
from broker_sim.settings import UsageError, default_home, is_control_url, is_token

# A call may move ninety days on, or make a million sessions.
_SECONDS: Final = 600.0
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  its only name
Does: TypeAlias = Callable[[Control, argparse.Namespace], Any]


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: as it is typed.
        said: what it does, for the list of commands.
        examples: whole command lines.
        options: adds what it takes.
        does: asks the broker; gives what `--json` prints.
        shows: gives the same for people to read.
    """

    name: str
    said: str
    examples: Sequence[str]
    options: Callable[[argparse.ArgumentParser], None]
    does: Does
    shows: Callable[[Any], str]

    def add_to(self, commands: Commands) -> None:
        """Add it to the command line."""
        parser = commands.add_parser(
            self.name,
            help=self.said,
            description=f"{self.said[0].upper()}{self.said[1:]}.",
            epilog="\n".join(("examples:", *(f"  {line}" for line in self.examples))),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.options(parser)
        add_door(parser)
        parser.set_defaults(run=self.run)

    def run(self, given: argparse.Namespace) -> int:
        """Ask the broker and print what it tells; give the exit code.

        Raises:
            ControlError: nobody answers, or the broker refuses; it says what to do.
        """
        told = self.does(control_of(given), given)
        said = json.dumps(told, indent=2, ensure_ascii=False) if given.json else self.shows(told)
        print(said)  # noqa: T201  the command's answer
        return 0


def add_door(parser: argparse.ArgumentParser) -> None:
    """Add what says which broker is meant."""
    group = parser.add_argument_group("which broker")
    home = default_home()
    group.add_argument(
        "--home",
        type=folder,
        default=home,
        help="the one that runs with this home (default: %(default)s)",
    )
    group.add_argument("--url", help="its control API, http://host:port, instead of a home")
    group.add_argument("--token", default="", help="what opens the control API at --url")
    parser.add_argument(
        "--json", action="store_true", help="print JSON, as the control API gives it"
    )


def folder(text: str) -> Path:
    """Read the path of a folder.

    Raises:
        ArgumentTypeError: there is nothing, as of a variable that is not set.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("the name of a folder must not be empty")
    return Path(text)


def control_of(given: argparse.Namespace) -> Control:
    """Give the control API of the broker that is meant.

    Raises:
        ControlError: none runs there, or it runs without one.
        UsageError: this is no address of one, or no token.
    """
    if given.url is not None:
        url = given.url.rstrip("/")
        if not is_control_url(url):
            msg = f"--url must be like http://127.0.0.1:8444, not {given.url!r}"
            raise UsageError(msg)
        if given.token and not is_token(given.token):
            raise UsageError("--token must be what `broker-sim env` shows at the broker")
        return Control(url, given.token, seconds=_SECONDS)
    return replace(Control.from_home(given.home), seconds=_SECONDS)
