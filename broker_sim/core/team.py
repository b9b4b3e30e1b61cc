"""Teams that are parts of teams: a forest, never a ring.

Source: SEC-2.
"""

from __future__ import annotations

from collections.abc import Mapping

from broker_sim.contract import faults
from broker_sim.core.refusal import Refused

# What each team is a part of, by name; None for none.
Parents = Mapping[str, str | None]


def below(name: str, parents: Parents) -> frozenset[str]:
    """Give a team and all that are a part of it, or of a part of it."""
    return frozenset(one for one in {name, *parents} if name in above(one, parents))


def above(name: str, parents: Parents) -> tuple[str, ...]:
    """Give a team, then what it is a part of, up to the top; it ends whatever the rows say."""
    found = [name]
    while (parent := parents.get(found[-1])) is not None and parent not in found:
        found.append(parent)
    return tuple(found)


def refuse_ring(name: str, parent: str | None, parents: Parents) -> None:
    """Refuse to put a team below one that is below it, or below one that is not there.

    Raises:
        Refused: InvalidArgument, for `parent`.
    """
    if parent is None:
        return
    if parent not in parents:
        reason = "there is no such team"
    elif name in above(parent, parents):
        reason = "a team cannot be a part of itself, nor of one of its parts"
    else:
        return
    raise Refused(faults.INVALID_ARGUMENT, field="parent", reason=reason)


def in_order(parents: Parents) -> tuple[tuple[str, int], ...]:
    """Give (team, depth) as a list shows them: each below what it is a part of, by name."""
    paths = sorted(tuple(reversed(above(name, parents))) for name in parents)
    return tuple((path[-1], len(path) - 1) for path in paths)
