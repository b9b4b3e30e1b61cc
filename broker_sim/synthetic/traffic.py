"""Live traffic as a plan: who arrives when, and what customer and rep will do.

Nothing is performed here. Every arrival has a number that stands for it for good: its acts
depend on the seed and that number only, and cutting a span of time in two gives the same
arrivals as asking for it whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp
from typing import Final

from broker_sim.core.record import Event
from broker_sim.synthetic import chatter, course, story, week
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.chatter import Beat
from broker_sim.synthetic.company import CompanyPlan
from broker_sim.synthetic.course import Course
from broker_sim.synthetic.story import Story

_MS: Final = timedelta(milliseconds=1)
# Arrivals are numbered by hour since 1970, so many numbers for each.
_PER_HOUR: Final = 1 << 20
# Chance of a Poisson count is drawn piece by piece, so that exp() stays above zero.
_PIECE: Final = 200.0
_MEAN: Final = sum(week.WEIGHTS) / len(week.WEIGHTS)
# One live request in so many is transferred.
_TRANSFERS: Final = 40


@dataclass(frozen=True, slots=True)
class Arrival:
    """One customer who comes at `at`."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that is done.

    Attributes:
        at: when.
        kind: post, accept, decline, abandon, start, chat, file, url, diagnostics, screen,
            reboot, transfer, end, survey or fail.
        arguments: by the Python names of what the act is done with; see `script`.
        leg: 0 for the request that was posted, 1 for what a transfer made of it.
    """

    at: datetime
    kind: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    leg: int = 0


def arrivals(
    seed: int, plan: CompanyPlan, start: datetime, end: datetime, per_hour: float
) -> Iterator[Arrival]:
    """Give who comes in [`start`, `end`), in order of time.

    Args:
        seed: of the world.
        plan: the company; without sub-portals nobody comes.
        start: aware, UTC.
        end: the first instant behind the span.
        per_hour: how many come in an hour, as the mean over a week; nights have half of it.
    """
    low, high = week.to_ms(start), week.to_ms(end)
    for hour in range(low // week.HOUR_MS, -(-high // week.HOUR_MS)) if plan.desks else ():
        begin = hour * week.HOUR_MS
        for nth, offset in enumerate(_within(seed, hour, per_hour)):
            at = week.from_ms(begin + offset)
            if start <= at < end:
                yield Arrival(hour * _PER_HOUR + nth, at)


def script(seed: int, plan: CompanyPlan, arrival: Arrival) -> tuple[Act, ...]:
    """Give all acts of an arrival, in order of time; the first is its post.

    The arguments of each kind:
        post: portal, sub_portal, question, mode, reference_id, customer_ip, locale,
            smart_box_entries (a tuple of Labelled).
        accept, decline: representative (e-mail address).
        chat: speaker ("customer" or "representative"), text.
        file: name, size (bytes). url: url. fail: reason.
        screen: on (bool). reboot: reconnected (bool).
        transfer: sub_portal.
        end: resolution, comment, end_label, end_data, rep_ratings (a tuple of Labelled).
        survey: customer_ratings (a tuple of Labelled).
        start, abandon, diagnostics: none.
    A request that is left unanswered has its post only.
    """
    if Draws(seed, "transfers", arrival.number).once_in(_TRANSFERS):
        first = course.first_leg(seed, course.LIVE, plan, arrival.number)
        if first.belongs != first.place.sub_portal:
            second = course.second_leg(seed, course.LIVE, plan, arrival.number)
            handed_on = arrival.at + first.times.ended * _MS
            return (*_leg(seed, first, arrival.at), *_leg(seed, second, handed_on))
    return tuple(_leg(seed, course.alone(seed, course.LIVE, plan, arrival.number), arrival.at))


def _within(seed: int, hour: int, per_hour: float) -> list[int]:
    """Give the offsets of an hour's arrivals in milliseconds, growing."""
    draws = Draws(seed, "arrivals", hour)
    busy = week.WEIGHTS[week.hour_of_week(hour * week.HOUR_MS)]
    count = _poisson(draws, per_hour * (busy + _MEAN) / (2 * _MEAN))
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


def _leg(seed: int, way: Course, posted: datetime) -> Iterator[Act]:
    told = story.tell(seed, course.LIVE, way)
    for offset, kind, arguments in _steps(told):
        yield Act(posted + offset * _MS, kind, arguments, way.leg)


_Step = tuple[int, str, dict[str, object]]


def _steps(told: Story) -> Iterator[_Step]:
    way, times = told.course, told.course.times
    if way.leg == 0:
        yield 0, "post", _request(told)
    if times.responded is not None:
        yield times.responded, "accept", {"representative": way.place.rep.email}
    if times.started is not None:
        yield times.started, "start", {}
    for offset, beat in told.beats:
        yield from _beat(offset, beat, told)
    closing = _closing(told)
    if closing is not None:
        yield times.ended, *closing
    if times.survey is not None:
        yield times.survey, "survey", {"customer_ratings": told.outcome.customer_ratings}


def _request(told: Story) -> dict[str, object]:
    request, place = told.request, told.course.place
    return {
        "portal": place.portal.name,
        "sub_portal": place.sub_portal,
        "question": request.question,
        "mode": place.mode,
        "reference_id": request.reference_id,
        "customer_ip": request.customer.ip,
        "locale": request.locale,
        "smart_box_entries": request.entries,
    }


def _closing(told: Story) -> tuple[str, dict[str, object]] | None:
    """Give the act that ends a leg; None where nobody acts: it is left unanswered."""
    way = told.course
    match way.fate:
        case Event.TRANSFERRED:
            return "transfer", {"sub_portal": way.belongs}
        case Event.ENDED:
            return "end", _ending(told)
        case Event.DECLINED:
            return "decline", {"representative": way.place.rep.email}
        case Event.ABANDONED:
            return "abandon", {}
        case Event.FAILED:
            return "fail", {"reason": told.closing}
        case _:
            return None


def _ending(told: Story) -> dict[str, object]:
    outcome = told.outcome
    return {
        "resolution": outcome.resolution,
        "comment": outcome.comment,
        "end_label": outcome.end_label,
        "end_data": outcome.end_data,
        "rep_ratings": outcome.rep_ratings,
    }


def _beat(offset: int, beat: Beat, told: Story) -> Iterator[_Step]:
    match beat.kind:
        case Event.CHAT:
            yield offset, "chat", {"speaker": beat.who, "text": beat.text}
        case Event.FILE_SENT:
            yield offset, "file", {"name": beat.text, "size": chatter.file_bytes(beat.text)}
        case Event.URL_PUSHED:
            yield offset, "url", {"url": beat.text}
        case Event.DIAGNOSTICS_TAKEN:
            yield offset, "diagnostics", {}
        case Event.SCREEN_ON | Event.SCREEN_OFF:
            yield offset, "screen", {"on": beat.kind is Event.SCREEN_ON}
        case Event.REBOOTED:
            yield offset, "reboot", {"reconnected": told.outcome.reboot == "Successful"}
        case _:
            # The use case of a reboot notes the return with it.
            return
