"""When representatives are at their desks: a rota for every team, with pauses.

Each day a team has three posts: early, late, and the night to the next morning. Its members
take them in turn; who has none works a day in the office. Posts overlap, so that some one of
every team is there at all hours, pauses aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from broker_sim.synthetic import week
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.company import CompanyPlan

_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 24 * week.HOUR_MS
# Begin and end of the posts in minutes of the day, UTC; a day in the office is the last.
_POSTS: Final = ((360, 870), (840, 1350), (1320, 1830))
_OFFICE: Final = (480, 990)
_LONGEST: Final = 24 * 60 - 25
# Nobody comes or goes more than so many minutes beside the rota.
_LOOSE: Final = 10
# A long pause about the middle, a short one on either side; in minutes.
_PAUSES: Final = ((25, 8), (50, 30), (75, 8))


class Turn(StrEnum):
    """What a representative does at the desk."""

    COME = "come"
    PAUSE = "pause"
    RETURN = "return"
    GO = "go"


class ShiftTurn(NamedTuple):
    """One turn of one representative; `rep` is its place in the plan."""

    at: datetime
    rep: int
    turn: Turn


def turns(seed: int, plan: CompanyPlan, start: datetime, end: datetime) -> Iterator[ShiftTurn]:
    """Give all turns in [`start`, `end`), in order of time."""
    low, high = week.to_ms(start), week.to_ms(end)
    found = [
        ShiftTurn(week.from_ms(at), rep, turn)
        for day in range(low // _DAY_MS - 1, high // _DAY_MS + 1)
        for rep in range(len(plan.reps))
        for begin, stop in _spans(seed, plan, rep, day)
        for at, turn in _turns(seed, rep, begin, stop)
        if low <= at < high
    ]
    yield from sorted(found, key=lambda one: (one.at, one.rep))


def at_desk(seed: int, plan: CompanyPlan, at: datetime) -> Iterator[int]:
    """Give the places in the plan of all who are at their desks at an instant."""
    begun: dict[int, Turn] = {}
    for one in turns(seed, plan, at - timedelta(days=1), at):
        begun[one.rep] = one.turn
    return (rep for rep, turn in sorted(begun.items()) if turn in (Turn.COME, Turn.RETURN))


def _spans(seed: int, plan: CompanyPlan, rep: int, day: int) -> tuple[tuple[int, int], ...]:
    """Give when a representative works from a day on, as [start, end) in ms since 1970.

    Posts that follow one another are one span.
    """
    here = plan.reps[rep].team
    team = [place for place, one in enumerate(plan.reps) if one.team == here]
    place = team.index(rep)
    held = [post for nth, post in enumerate(_POSTS) if (day + nth) % len(team) == place]
    if not held and week.hour_of_week(day * _DAY_MS) < 5 * 24:
        held = [_OFFICE]
    draws = Draws(seed, f"shifts of {rep}", day)
    return tuple(
        (
            day * _DAY_MS + (begin - draws.below(_LOOSE)) * _MINUTE_MS,
            day * _DAY_MS + (stop + draws.below(_LOOSE)) * _MINUTE_MS,
        )
        for begin, stop in _joined(held)
    )


def _joined(posts: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Make one span of posts that overlap; who holds them all goes before the next day begins."""
    spans: list[tuple[int, int]] = []
    for low, high in posts:
        if spans and low <= spans[-1][1]:
            spans[-1] = (spans[-1][0], high)
        else:
            spans.append((low, high))
    return ((begin, min(stop, begin + _LONGEST)) for begin, stop in spans)


def _turns(seed: int, rep: int, begin: int, stop: int) -> Iterator[tuple[int, Turn]]:
    draws = Draws(seed, f"pauses of {rep}", begin // _MINUTE_MS)
    yield begin, Turn.COME
    for percent, minutes in _PAUSES:
        away = begin + (stop - begin) * percent // 100 + draws.below(20) * _MINUTE_MS
        yield away, Turn.PAUSE
        yield away + minutes * _MINUTE_MS, Turn.RETURN
    yield stop, Turn.GO
