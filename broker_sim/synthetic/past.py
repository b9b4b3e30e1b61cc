"""Sessions that are over: any of them by its index, or bare rows of many at once.

Index 0 is the oldest. Neighbours are linked by transfers here and there; see `timeline`.
Sources: SESS-1 to SESS-3, UPD-2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from broker_sim.core.record import Change, Event, Happening, Session, Stage
from broker_sim.core.session import CHANGES
from broker_sim.synthetic import chatter, course, story, timeline, week
from broker_sim.synthetic.chatter import Beat
from broker_sim.synthetic.company import CompanyPlan
from broker_sim.synthetic.course import Course
from broker_sim.synthetic.story import Outcome, Story
from broker_sim.synthetic.timeline import partner, posted_at

__all__ = ["LONGEST", "Row", "changes", "partner", "posted_at", "recorded_at", "rows", "session"]

# A past that ends this long before now holds nothing from the future, late surveys included.
LONGEST: Final = timedelta(milliseconds=course.LONGEST_MS)

_MS: Final = timedelta(milliseconds=1)
# The events that end a session well; any other leaves it in error.
_WELL: Final = (Event.ENDED, Event.TRANSFERRED)


class Row(NamedTuple):
    """The columns by which sessions are found; equal to those of the whole session.

    Attributes:
        rep: the e-mail address; None if nobody accepted.
        changes: the entries it has left in the change log, in order of time.
    """

    session_id: int
    portal: str
    sub_portal: str
    stage: Stage
    mode: str
    posted: datetime
    started: datetime | None
    ended: datetime
    rep: str | None
    changes: tuple[tuple[Change, datetime], ...]


def session(
    seed: int,
    plan: CompanyPlan,
    index: int,
    session_id: int,
    posted: datetime,
    *,
    count: int | None = None,
) -> Session:
    """Give one session whole.

    Args:
        seed: of the world.
        plan: the company that the same seed has.
        index: its place in the past; the session with the next index has the next id.
        session_id: its id.
        posted: as `posted_at` has it.
        count: see `partner`.

    Returns:
        A session that is finished or ended in error; its files are not listed yet.
    """
    told = story.tell(seed, course.PAST, _course(seed, plan, index, count))
    return _written(told, session_id, posted)


def recorded_at(
    seed: int, plan: CompanyPlan, index: int, posted: datetime, *, count: int | None = None
) -> datetime | None:
    """Tell when the session's recording was ready; None unless it finished."""
    return _after(posted, _course(seed, plan, index, count).times.recorded)


def changes(session: Session, recorded: datetime | None) -> tuple[tuple[Change, datetime], ...]:
    """Give the entries that a session has left in the change log, in order of time.

    Args:
        session: over or not.
        recorded: when its recording was ready; None if it is not, or never was one.

    Source: UPD-2.
    """
    left = [(CHANGES[e.kind], e.time) for e in session.events if e.kind in CHANGES]
    if recorded is not None:
        left.append((Change.RECORDING_READY, recorded))
    return tuple(sorted(left, key=lambda entry: entry[1]))


def rows(
    seed: int,
    plan: CompanyPlan,
    indices: Iterable[int],
    *,
    first_id: int,
    count: int,
    start: datetime,
    end: datetime,
) -> Iterator[Row]:
    """Give bare rows: of session `first_id` + index, posted as `posted_at` tells.

    Raises:
        ValueError: as `posted_at`, when the first row is asked for.
    """
    lies = timeline.span(count, start, end)
    for index in indices:
        way = _course(seed, plan, index, count)
        yield _row(way, first_id + index, week.from_ms(timeline.posted_ms(seed, index, lies)))


def _row(way: Course, session_id: int, posted: datetime) -> Row:
    times, place = way.times, way.place
    started, ended = _after(posted, times.started), posted + times.ended * _MS
    taken = times.responded is not None
    return Row(
        session_id,
        place.portal.name,
        place.sub_portal,
        Stage.FINISHED if way.fate in _WELL else Stage.ERROR,
        place.mode,
        posted,
        started,
        ended,
        place.rep.email if taken else None,
        _left(way, posted, started, ended),
    )


def _left(
    way: Course, posted: datetime, started: datetime | None, ended: datetime
) -> tuple[tuple[Change, datetime], ...]:
    """Give the log entries of a course; as `changes` reads them from a whole session."""
    times = way.times
    left = [(Change.POSTED, posted)]
    if times.responded is not None:
        left.append((Change.ACCEPTED, posted + times.responded * _MS))
    if started is not None:
        left.append((Change.STARTED, started))
    left.append((CHANGES[way.fate], ended))
    if way.fate is Event.TRANSFERRED:
        left.append((Change.ENDED, ended))
    last = ((times.recorded, Change.RECORDING_READY), (times.survey, Change.SURVEY_RECEIVED))
    for offset, change in sorted((at, change) for at, change in last if at is not None):
        left.append((change, posted + offset * _MS))
    return tuple(left)


def _course(seed: int, plan: CompanyPlan, index: int, count: int | None) -> Course:
    pair = partner(seed, index, count)
    if pair is None:
        return course.alone(seed, course.PAST, plan, index)
    if index == pair[0]:
        return course.first_leg(seed, course.PAST, plan, index)
    return course.second_leg(seed, course.PAST, plan, pair[0])


def _after(posted: datetime, offset: int | None) -> datetime | None:
    return None if offset is None else posted + offset * _MS


def _written(told: Story, session_id: int, posted: datetime) -> Session:
    way, request, times = told.course, told.request, told.course.times
    return Session(
        session_id=session_id,
        portal=way.place.portal.name,
        sub_portal=way.place.sub_portal,
        question=request.question,
        posted=posted,
        stage=Stage.FINISHED if way.fate in _WELL else Stage.ERROR,
        mode=way.place.mode,
        reference_id=request.reference_id,
        responded=_after(posted, times.responded),
        started=_after(posted, times.started),
        ended=_after(posted, times.ended),
        customer_ip=request.customer.ip,
        transferred_from=session_id - 1 if way.leg else None,
        transferred_to=session_id + 1 if way.fate is Event.TRANSFERRED else None,
        smart_box_entries=request.entries,
        locale=request.locale,
        **_taken_by(way),
        **_noted(told.outcome),
        events=tuple(_events(told, session_id, posted)),
    )


def _taken_by(way: Course) -> dict[str, Any]:
    """Give the fields that an acceptance fills."""
    rep = way.place.rep
    if way.times.responded is None:
        return {}
    return {
        "representative": rep.email,
        "rep_name": rep.name,
        "rep_screen_name": rep.screen_name,
        "team_name": rep.team,
        "rep_ip": rep.ip,
    }


def _noted(outcome: Outcome) -> dict[str, Any]:
    """Give the fields that the end and the survey fill."""
    return {
        "resolution": outcome.resolution,
        "reboot_reconnect": outcome.reboot,
        "end_label": outcome.end_label,
        "end_data": outcome.end_data,
        "customer_ratings": outcome.customer_ratings,
        "rep_ratings": outcome.rep_ratings,
        "rep_comment": outcome.comment,
    }


def _events(told: Story, session_id: int, posted: datetime) -> Iterator[Happening]:
    way, times = told.course, told.course.times
    yield Happening(posted, Event.POSTED)
    if times.responded is not None:
        yield _happening(posted, times.responded, Event.ACCEPTED, way.place.rep.screen_name)
    if times.started is not None:
        yield _happening(posted, times.started, Event.STARTED)
    names = {chatter.CUSTOMER: told.request.customer.name, chatter.REP: way.place.rep.screen_name}
    for offset, beat in told.beats:
        yield _happening(posted, offset, beat.kind, _detail(beat, names))
    if way.fate is Event.TRANSFERRED:
        yield _happening(posted, times.ended, way.fate, f"to session {session_id + 1}")
        yield _happening(posted, times.ended, Event.ENDED)
    else:
        yield _happening(posted, times.ended, way.fate, told.closing)
    if times.survey is not None:
        yield _happening(posted, times.survey, Event.SURVEY_RECEIVED)


def _detail(beat: Beat, names: Mapping[str, str]) -> str:
    # As `core.chat` and the use case of sending a file write them.
    if beat.kind is Event.CHAT:
        return f"{names[beat.who]}: {beat.text}"
    if beat.kind is Event.FILE_SENT:
        return f"{beat.text} ({chatter.file_bytes(beat.text)} bytes)"
    return beat.text


def _happening(posted: datetime, offset: int, kind: Event, detail: str = "") -> Happening:
    return Happening(posted + offset * _MS, kind, detail)
