"""Live traffic as a plan: who arrives when, and how their cases would go.

Nothing is performed here. Every arrival has a number that stands for it for good: its case
depends on the seed and that number only, and cutting a span of time in two gives the same
arrivals as asking for it whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import exp
from typing import Final

from broker_sim.core.record import Event
from broker_sim.synthetic import course, week
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.company import CompanyPlan
from broker_sim.synthetic.course import Course

# Arrivals are numbered by hour since 1970, so many numbers for each.
_PER_HOUR: Final = 1 << 20
# Chance of a Poisson count is drawn piece by piece, so that exp() stays above zero.
_PIECE: Final = 200.0
_MEAN: Final = sum(week.WEIGHTS) / len(week.WEIGHTS)
# One live request in so many is transferred.
_TRANSFERS: Final = 40
# One hour in so many something breaks that many depend on: so many times as many come then,
# and most of them to the same desk.
_PEAKS: Final = 60
_PEAK: Final = 2.5
# On the average as many come as were asked for.
_CALM: Final = _PEAKS / (_PEAKS - 1 + _PEAK)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One customer who comes at `at`."""

    number: int
    at: datetime


def arrivals(
    seed: int, plan: CompanyPlan, start: datetime, end: datetime, per_hour: float
) -> Iterator[Arrival]:
    """Give who comes in [`start`, `end`), in order of time.

    Args:
        seed: of the world.
        plan: the company; without sub-portals nobody comes.
        start: aware, UTC.
        end: the first instant behind the span.
        per_hour: how many come in an hour, as the mean over weeks; nights have half of it.
    """
    low, high = week.to_ms(start), week.to_ms(end)
    for hour in range(low // week.HOUR_MS, -(-high // week.HOUR_MS)) if plan.desks else ():
        begin = hour * week.HOUR_MS
        for nth, offset in enumerate(_within(seed, hour, per_hour)):
            at = week.from_ms(begin + offset)
            if start <= at < end:
                yield Arrival(hour * _PER_HOUR + nth, at)


def is_peak(seed: int, hour: int) -> bool:
    """Tell whether something breaks in an hour, counted since 1970."""
    return Draws(seed, "peaks", hour).once_in(_PEAKS)


def case(seed: int, plan: CompanyPlan, arrival: Arrival) -> Course:
    """Give how an arrival's case would go, were everybody at the desk: its first leg."""
    number = arrival.number
    if Draws(seed, "transfers", number).once_in(_TRANSFERS):
        first = course.first_leg(seed, course.LIVE, plan, number)
        if first.belongs != first.place.sub_portal:
            return first
    way = course.alone(seed, course.LIVE, plan, number)
    hour = number // _PER_HOUR
    return _crowded(seed, plan, hour, way) if is_peak(seed, hour) else way


def _crowded(seed: int, plan: CompanyPlan, hour: int, way: Course) -> Course:
    """Send most who come in a peak to the desk whose thing is broken."""
    draws = Draws(seed, "crowds", way.number)
    if draws.below(10) >= 7:
        return way
    portal, sub_portal, reps = Draws(seed, "broken", hour).pick(plan.desks)
    place = way.place._replace(portal=portal, sub_portal=sub_portal, rep=draws.pick(reps))
    return way._replace(place=place, belongs=sub_portal)


def handed_on(seed: int, plan: CompanyPlan, first: Course) -> Course:
    """Give how a case goes on after the transfer that ends its first leg."""
    second = course.second_leg(seed, course.LIVE, plan, first.number)
    assert first.fate is Event.TRANSFERRED
    return second


def _within(seed: int, hour: int, per_hour: float) -> list[int]:
    """Give the offsets of an hour's arrivals in milliseconds, growing."""
    draws = Draws(seed, "arrivals", hour)
    busy = week.WEIGHTS[week.hour_of_week(hour * week.HOUR_MS)]
    rate = per_hour * _CALM * (busy + _MEAN) / (2 * _MEAN)
    count = _poisson(draws, rate * _PEAK if is_peak(seed, hour) else rate)
    return sorted(draws.below(week.HOUR_MS) for _ in range(count))


def _poisson(draws: Draws, mean: float) -> int:
    """Draw how many of rare things happen, of which `mean` happen on the average."""
    count = 0
    while mean > 0:
        edge, product = exp(-min(mean, _PIECE)), draws.unit()
        while product > edge:
            count += 1
            product *= draws.unit()
        mean -= _PIECE
    return count
