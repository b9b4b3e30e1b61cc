"""The versions of the contract: which rules are judged under each, and what they said.

Suites grow. A verdict under a version is about the rules of that version alone, so that two of
them can be compared, whatever rules have come since. Beside this file each version is a file of its
own, which nobody changes once that version is released.
"""

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from conformance.rulebook import Rule, rules
from conformance.verdict import Result, Verdict

FOLDER: Final = Path(str(resources.files("conformance.contracts")))
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of the contract, as a verdict is about it.

    Attributes:
        version: the release of the simulator that brought it, as `0.1`.
        released: nothing of it changes any more.
        profiles: by "broker" and "client", and by name, the rules of each set.
        said: by rule, the digest of its level and sentence.
        digest: the first hex digits of the SHA-256 of all of it.
    """

    version: str
    released: bool
    profiles: Mapping[str, Mapping[str, tuple[str, ...]]]
    said: Mapping[str, str]
    digest: str

    def chosen(self, kind: str, profile: str, wanted: Collection[str] = ()) -> tuple[str, ...]:
        """Give the rules to judge by, in the order of the rules' file: of a profile, or `wanted`.

        Raises:
            ValueError: a wanted rule is none of this version's.
        """
        sets = self.profiles[kind]
        every = {rule for ids in sets.values() for rule in ids}
        strange = sorted(set(wanted) - every)
        if strange:
            msg = f"{', '.join(strange)}: not judged under contract {self.version}"
            raise ValueError(msg)
        picked = set(wanted) or set(sets.get(profile, every))
        return tuple(rule for rule in rules() if rule in picked)

    def unchanged(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Give those rules that say today what they said then."""
        return tuple(rule for rule in ids if self.said[rule] == said(rules()[rule]))

    def whole(self, ids: Iterable[str], verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """Add the rules that say something else today: this suite cannot judge by the old text."""
        found = {verdict.rule.id: verdict for verdict in verdicts}
        return tuple(found.get(rule) or self._changed(rules()[rule]) for rule in ids)

    def _changed(self, rule: Rule) -> Verdict:
        why = f"it says something else since contract {self.version}: judge by the suite of then"
        return Verdict(rule, Result.NOT_TESTABLE, (why,))


def said(rule: Rule) -> str:
    """Give the digest of what a rule asks for."""
    return _digest(f"{rule.level} {rule.sentence}")


def versions(folder: Path = FOLDER) -> tuple[str, ...]:
    """Give all versions that there are, the newest last."""
    names = (path.stem for path in folder.glob("*.toml"))
    return tuple(sorted(names, key=lambda name: [int(part) for part in name.split(".")]))


def read(version: str, folder: Path = FOLDER) -> Contract:
    """Read a version.

    Raises:
        ValueError: there is none of that name.
    """
    if version not in versions(folder):
        msg = f"no contract {version!r}; there are {', '.join(versions(folder))}"
        raise ValueError(msg)
    text = (folder / f"{version}.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    sets = {
        kind: {name: tuple(ids) for name, ids in told[kind].items()}
        for kind in ("broker", "client")
    }
    digest = _digest(repr((version, sets, told["said"])))
    return Contract(version, told["released"], sets, told["said"], digest)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
