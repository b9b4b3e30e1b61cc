"""What a mutant is, and all that there are.

A mutant is one plausible mistake of a programmer, laid over the reference by its seam; the
reference's source knows nothing of it.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from broker_sim.testing import Overlay

# What stands at a place of the broker, and what a mutant puts there.
Original: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broker with one mistake.

    Attributes:
        name: words with dashes.
        breaks: the rules that it breaks; it is caught when a check of one of them fails.
        doc: one line: what it does wrong.
        overlays: the mistake.
        place: where it stands in this package, as `module.py:line`.
    """

    name: str
    breaks: tuple[str, ...]
    doc: str
    overlays: tuple[Overlay, ...]
    place: str = ""


MUTANTS: Final[dict[str, Mutant]] = {}


def mutant(
    *breaks: str, at: str, with_: tuple[Overlay, ...] = ()
) -> Callable[[Original], Original]:
    """Make a function that wraps what stands at a place a mutant, named after the function.

    Args:
        breaks: the rules that it breaks.
        at: the dotted place in the broker.
        with_: further overlays without which the mistake would not show.
    """

    def join(wrap: Original) -> Original:
        name = wrap.__name__.replace("_", "-")
        doc = (wrap.__doc__ or "").partition("\n")[0]
        if not breaks or not doc or name in MUTANTS:
            msg = f"a mutant needs a rule, a line and a name of its own: {name}"
            raise ValueError(msg)
        place = f"{Path(inspect.getfile(wrap)).name}:{inspect.getsourcelines(wrap)[1]}"
        MUTANTS[name] = Mutant(name, breaks, doc, (Overlay(at, wrap), *with_), place)
        return wrap

    return join


def breaking(rule: str) -> tuple[Mutant, ...]:
    """Give the mutants that break a rule."""
    return tuple(each for each in MUTANTS.values() if rule in each.breaks)
