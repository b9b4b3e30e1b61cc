"""Reads what mutmut did to core, and holds it against `survivors.toml`: has a test become blind?

    mutmut run && python -m broker_sim.tests.survivors

A mutant is a rule with one thing changed. It is killed if a test fails then. One that lives is
either explained in `survivors.toml` (nothing that can be seen changes), or it counts against its
module, whose share of killed mutants must not fall below the one that stands there.
"""

import ast
import difflib
import json
import math
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

COMMITTED: Final = Path(__file__).with_name("survivors.toml")
# mutmut's exit codes of a mutant: the tests passed; no test runs its function.
_LIVES: Final = frozenset({0, 33})
# Shares are told and kept in whole percent, rounded down.
_WHOLE: Final = 100


class Unreadable(ValueError):  # noqa: N818  # told in words, not our error
    """There is no whole run of mutmut to read; the message says what lacks."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change that mutmut made.

    Attributes:
        of: module and function below core, as `lockout.after_failure`.
        was: the lines that it took out, on one line.
        now: the lines that it put in.
        code: how the tests ended with it.
    """

    of: str
    was: str
    now: str
    code: int

    @property
    def lives(self) -> bool:
        """Whether no test saw it."""
        return self.code in _LIVES

    @property
    def module(self) -> str:
        """The module that it is in."""
        return self.of.partition(".")[0]

    @property
    def told(self) -> Mapping[str, str]:
        """How `survivors.toml` names it."""
        return {"of": self.of, "was": self.was, "now": self.now}


def read(folder: Path) -> list[Mutant]:
    """Read every mutant of core from the folder that mutmut leaves.

    Raises:
        Unreadable: there are none, or some were not tried.
    """
    found = list[Mutant]()
    for path in sorted((folder / "broker_sim" / "core").glob("*.py.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        if None in codes.values():
            msg = f"{path.name}: not all of its mutants were tried; run mutmut to its end"
            raise Unreadable(msg)
        functions = _functions(path.with_suffix("")) if codes else {}
        found.extend(_mutant(name, code, functions) for name, code in codes.items())
    if not found:
        msg = f"no mutants in {folder}; run mutmut first"
        raise Unreadable(msg)
    return found


def _functions(path: Path) -> dict[str, list[str]]:
    """Give the lines of each function of a module as mutmut wrote it, by its mangled name."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    return {
        node.name: [line.strip() for line in lines[node.lineno : node.end_lineno]]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and "__mutmut_" in node.name
    }


def _mutant(name: str, code: int, functions: Mapping[str, Sequence[str]]) -> Mutant:
    module, _, mangled = name.rpartition(".")
    function = mangled.rpartition("__mutmut_")[0]
    changed = difflib.ndiff(functions[f"{function}__mutmut_orig"], functions[mangled])
    told = list(changed)
    was, now = (" ".join(line[2:] for line in told if line[0] == side) for side in "-+")
    plain = function.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    return Mutant(f"{module.rpartition('.')[2]}.{plain}", was, now, code)


@dataclass(frozen=True, slots=True)
class Kept:
    """What `survivors.toml` says: the least share of each module, and why some mutants live."""

    shares: Mapping[str, int]
    explained: Sequence[Mapping[str, str]]


def kept(path: Path = COMMITTED) -> Kept:
    """Read the committed shares and explanations."""
    told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return Kept(told["killed_percent"], told.get("survivor", []))


def shares(mutants: Sequence[Mutant], explained: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """Give how many of a hundred mutants were killed, by module; explained ones do not count."""
    whys = [{key: row[key] for key in ("of", "was", "now")} for row in explained]
    counted = [each for each in mutants if not each.lives or each.told not in whys]
    by_module: dict[str, list[bool]] = {each.module: [] for each in mutants}
    for each in counted:
        by_module[each.module].append(not each.lives)
    return {
        module: math.floor(_WHOLE * sum(killed) / len(killed)) if killed else _WHOLE
        for module, killed in by_module.items()
    }


def complaints(mutants: Sequence[Mutant], committed: Kept) -> Iterator[str]:
    """Say what is worse than what is committed, or stands there without need."""
    now = shares(mutants, committed.explained)
    for module, share in now.items():
        least = committed.shares.get(module, _WHOLE)
        if share < least:
            yield f"{module}: {share} of 100 mutants are killed, {least} were"
            yield from _unexplained(module, mutants, committed)
    for module in sorted(committed.shares.keys() - now.keys()):
        yield f"{module}: no module of core; take it out of survivors.toml"
    alive = [each.told for each in mutants if each.lives]
    for row in committed.explained:
        if {key: row[key] for key in ("of", "was", "now")} not in alive:
            yield f"{row['of']}: an explained mutant does not live (any more): {row['now']}"


def _unexplained(module: str, mutants: Sequence[Mutant], committed: Kept) -> Iterator[str]:
    whys = [{key: row[key] for key in ("of", "was", "now")} for row in committed.explained]
    for each in mutants:
        if each.module == module and each.lives and each.told not in whys:
            yield f"  {each.of}\n    - {each.was}\n    + {each.now}"


def main(folder: Path = Path("mutants")) -> int:
    """Print the shares and what is wrong with them; give the exit code."""
    try:
        mutants, committed = read(folder), kept()
    except Unreadable as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    for module, share in shares(mutants, committed.explained).items():
        least = committed.shares.get(module, _WHOLE)
        sys.stdout.write(f"{module:<12} {share:3} %{'' if share == least else f', {least} kept'}\n")
    wrong = list(complaints(mutants, committed))
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
