"""The cases of the client direction: what each judges, and what it must have seen."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from conformance.client.scene import Scene

Check: TypeAlias = Callable[[Scene], None]

# What is judged today; `conformance/contracts/` has what was judged under each version.
CORE: Final = (
    *("C-POLL-1", "C-POLL-2", "C-LOCK-1", "C-CONN-1", "C-ONCE-1", "C-ONCE-2", "C-ONCE-3"),
    *("C-STORE-1", "C-STORE-2", "C-STORE-3", "C-KEY-1", "C-NET-2", "C-TIME-1"),
)
PROFILES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"core": CORE, "full": (*CORE, "C-NET-1", "C-SCHED-1", "C-MULTI-1")}
)
# What a client may lack without being wrong: then its rule is not applicable.
OPTIONAL: Final = frozenset({"C-NET-1", "C-SCHED-1", "C-MULTI-1"})


@dataclass(frozen=True, slots=True)
class Case:
    """One situation that a client is put into.

    Attributes:
        cases: for each rule that it judges, what must have been seen, or nothing is proved.
        wants: the verb and the options that it starts the client with.
        alone: it measures time; nothing else may run beside it.
        long: it takes long, and begins before the others.
        place: where it stands, as `module.py:line`.
    """

    name: str
    cases: Mapping[str, tuple[str, ...]]
    check: Check
    wants: tuple[str, tuple[str, ...]]
    alone: bool
    long: bool
    place: str

    @property
    def doc(self) -> str:
        """The first line of what it says of itself."""
        return (inspect.getdoc(self.check) or "").partition("\n")[0]


CASES: Final[list[Case]] = []


def judges(
    cases: Mapping[str, tuple[str, ...]],
    verb: str,
    *options: str,
    alone: bool = False,
    long: bool = False,
) -> Callable[[Check], Check]:
    """Make a function a case of the suite."""

    def join(check: Check) -> Check:
        place = f"{Path(inspect.getfile(check)).name}:{inspect.getsourcelines(check)[1]}"
        frozen = MappingProxyType(dict(cases))
        CASES.append(Case(check.__name__, frozen, check, (verb, options), alone, long, place))
        return check

    return join


def needed(rule: str) -> tuple[str, ...]:
    """Give all that must have been seen of a rule."""
    return tuple(dict.fromkeys(each for case in CASES for each in case.cases.get(rule, ())))


def chosen(profile: str, wanted: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Give the rules of a profile, or of `wanted` those that there are.

    Raises:
        ValueError: no such profile or rule.
    """
    if profile not in PROFILES:
        msg = f"no profile {profile!r} of clients; there are {', '.join(PROFILES)}"
        raise ValueError(msg)
    unknown = [rule for rule in wanted if rule not in PROFILES["full"]]
    if unknown:
        msg = f"{', '.join(unknown)} is no rule that clients are judged by"
        raise ValueError(msg)
    return tuple(rule for rule in PROFILES["full"] if rule in (wanted or PROFILES[profile]))
