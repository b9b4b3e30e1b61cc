"""Writes down which rules are judged today, under the version that the rules' file names.

    python -m conformance.contracts              after a change of a rule or of a profile
    python -m conformance.contracts --release    with a release: from now on nothing changes

exit code: 0 written, 1 that version is released: give the rules another one, 3 wrong usage
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from conformance.client.cases import PROFILES as OF_CLIENTS
from conformance.contracts import FOLDER, read, said, versions
from conformance.rulebook import PROFILES as OF_BROKERS
from conformance.rulebook import rules, version

_HEAD: Final = """\
# The rules that a verdict under contract {version} is about; `said` has the first hex digits of
# the SHA-256 of each one's level and sentence. Written by `python -m conformance.contracts`.
# Once it is released nobody changes it.
released = {released}
"""


def written(*, released: bool = False) -> str:
    """Give the text of today's rules, as the file of their version has it."""
    lines = [_HEAD.format(version=version(), released=str(released).lower())]
    for kind, sets in (("broker", OF_BROKERS), ("client", OF_CLIENTS)):
        lines += [f"[{kind}]", *(f"{name} = {_listed(ids)}" for name, ids in sets.items()), ""]
    judged = {rule for sets in (OF_BROKERS, OF_CLIENTS) for ids in sets.values() for rule in ids}
    lines += [
        "[said]",
        *(f'{id_} = "{said(rule)}"' for id_, rule in rules().items() if id_ in judged),
    ]
    return "\n".join(lines) + "\n"


def _listed(ids: Sequence[str]) -> str:
    return "[\n" + "".join(f'    "{rule}",\n' for rule in ids) + "]"


def main(words: Sequence[str] | None = None, folder: Path = FOLDER) -> int:
    """Write it; give the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m conformance.contracts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--release", action="store_true", help="nothing changes from now on")
    given = parser.parse_args(words)
    if version() in versions(folder) and read(version(), folder).released:
        print(f"{version()} is released: a change needs another `version` in requirements.toml")
        return 1
    path = folder / f"{version()}.toml"
    path.write_text(written(released=given.release), encoding="utf-8")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
