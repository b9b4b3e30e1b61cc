"""The properties of the suite: what each judges, what it needs, which cases it must have met."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from conformance.bench import Bench


class Machine(RuleBasedStateMachine):
    """A machine of state on a bench; the runner makes a subclass that has the bench."""

    bench: ClassVar[Bench]

    def __init__(self) -> None:
        super().__init__()
        self.bench.begin()


Check: TypeAlias = Callable[[Bench, st.DataObject], None]


@dataclass(frozen=True, slots=True)
class Property:
    """One way of trying the broker.

    Attributes:
        name: of the function or class.
        cases: for each rule that it judges, the cases without which nothing is proved.
        check: a function of a bench and drawn data, or a machine.
        share: how many of the examples asked for it takes, as a factor.
        exactly: how many examples it takes, whatever is asked for: it goes through a list.
        steps: of a machine, at most.
        served: it needs a target that is served, and can be restarted.
        place: where it stands, as `module.py:line`.
    """

    name: str
    cases: Mapping[str, tuple[str, ...]]
    check: Check | type[Machine]
    share: float
    exactly: int | None
    steps: int
    served: bool
    place: str

    @property
    def doc(self) -> str:
        """The first line of what the property says of itself."""
        return (inspect.getdoc(self.check) or "").partition("\n")[0]


PROPERTIES: Final[list[Property]] = []

_Checked = TypeVar("_Checked", bound=Callable[..., Any])


def judges(
    cases: Mapping[str, tuple[str, ...]],
    *,
    share: float = 1.0,
    exactly: int | None = None,
    steps: int = 20,
    served: bool = False,
) -> Callable[[_Checked], _Checked]:
    """Make a function or a machine a property of the suite."""

    def join(check: _Checked) -> _Checked:
        place = f"{Path(inspect.getfile(check)).name}:{_line(check)}"
        frozen = MappingProxyType(dict(cases))
        PROPERTIES.append(
            Property(check.__name__, frozen, check, share, exactly, steps, served, place)
        )
        return check

    return join


def _line(check: Callable[..., Any]) -> int:
    return inspect.getsourcelines(check)[1]


def judging(rule: str) -> tuple[Property, ...]:
    """Give the properties that judge a rule."""
    return tuple(each for each in PROPERTIES if rule in each.cases)


def needed(rule: str) -> tuple[str, ...]:
    """Give every case without which the rule is not proved."""
    return tuple(dict.fromkeys(case for each in judging(rule) for case in each.cases[rule]))
