"""What do reports count, and what do they say of it?

A report adds up counts. Every session gives counts of itself (`count`), under the team and the
representative that had it; a day's counts are the sum of its sessions', a range's the sum of its
days'. So a day can be counted once and kept, and a sum never says anything else than a walk over
the sessions themselves would.

A session belongs to the day and the hour in which it was posted, in UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from broker_sim.core.record import Event, Session, Stage
from broker_sim.core.session import surveyed

# Raised where `count` changes: what was counted otherwise is counted anew.
VERSION: Final = 2

POSTED: Final = "posted"
PHONE: Final = "phone"
ACCEPTED: Final = "accepted"
DECLINED: Final = "declined"
NO_RESPONSE: Final = "no response"
ABANDONED: Final = "abandoned"
# The customer's download or connection failed after the request was posted: before the session
# had started, or in it. What fails before leaves no record.
FAILED_AFTER_POSTING: Final = "failed after posting"
FAILED_IN_SESSION: Final = "failed in session"
STARTED: Final = "started"
FINISHED: Final = "finished"
TRANSFERRED: Final = "transferred"
OPEN: Final = "open"
WAITS: Final = "waits"
WAITED: Final = "waited ms"
LENGTHS: Final = "lengths"
LASTED: Final = "lasted ms"
SURVEYS: Final = "surveys"
RATINGS: Final = "ratings"
RATED: Final = "rated"
REMARKS: Final = "remarks"

RESOLUTIONS: Final = ("Resolved", "Unresolved", "Unknown")
# The upper ends of the bins, in seconds, each left out of its bin; the last bin has none.
WAIT_ENDS: Final = (5, 10, 30, 60, 120, 300)
LENGTH_ENDS: Final = (120, 300, 600, 900, 1800, 3600)

_ENDS: Final[Mapping[Event, str]] = {
    Event.DECLINED: DECLINED,
    Event.UNANSWERED: NO_RESPONSE,
    Event.ABANDONED: ABANDONED,
}
# Answers on a scale of five, as surveys word it.
_SCALE: Final[Mapping[str, int]] = {
    **{str(value): value for value in range(1, 6)},
    "very positive": 5,
    "positive": 4,
    "neutral": 3,
    "negative": 2,
    "very negative": 1,
    "very satisfied": 5,
    "satisfied": 4,
    "dissatisfied": 2,
    "very dissatisfied": 1,
}
_MS: Final = timedelta(milliseconds=1)
_LABEL_MOST: Final = 120
_FEW: Final = 0.1
_ANSWER_MOST: Final = 40
_MARK: Final = "\t"  # between the parts of an answer's counter; a label may hold anything else


class Group(NamedTuple):
    """Who had the sessions that are counted together; empty where nobody had."""

    team: str
    representative: str
    name: str


Counts = Mapping[str, int]
Summary = Mapping[Group, Counts]


def count(session: Session) -> tuple[Group, Counter[str]]:
    """Count one session."""
    group = Group(session.team_name or "", session.representative or "", session.rep_name or "")
    counts: Counter[str] = Counter({POSTED: 1, hour_of_week(session.posted): 1})
    counts[OPEN] += session.ended is None
    counts[PHONE] += session.mode == "Phone"
    counts[TRANSFERRED] += session.transferred_to is not None
    if session.responded is not None:
        counts[ACCEPTED] += 1
        _measure(counts, WAITS, WAITED, session.responded - session.posted, WAIT_ENDS)
    if session.started is not None:
        counts[STARTED] += 1
        if session.ended is not None:
            _measure(counts, LENGTHS, LASTED, session.ended - session.started, LENGTH_ENDS)
    _outcome(counts, session)
    _survey(counts, session)
    return group, +counts


def _measure(
    counts: Counter[str], what: str, whole: str, span: timedelta, ends: Sequence[int]
) -> None:
    counts[what] += 1
    counts[whole] += span // _MS
    place = next((n for n, end in enumerate(ends) if span < timedelta(seconds=end)), len(ends))
    counts[binned(what, place)] += 1


def _outcome(counts: Counter[str], session: Session) -> None:
    if session.stage is Stage.FINISHED:
        counts[FINISHED] += 1
        counts[resolved(session.resolution or "Unknown")] += 1
    elif session.stage is Stage.ERROR:
        failed = FAILED_AFTER_POSTING if session.started is None else FAILED_IN_SESSION
        counts[_ENDS.get(session.events[-1].kind, failed)] += 1


def _survey(counts: Counter[str], session: Session) -> None:
    counts[SURVEYS] += surveyed(session)
    for answer in session.customer_ratings:
        label, value = (answer.label or "").replace(_MARK, " "), answer.value.strip()
        if not label or not 0 < len(value) <= _ANSWER_MOST or len(label) > _LABEL_MOST:
            counts[REMARKS] += 1
            continue
        counts[_MARK.join(("answer", label, value.replace(_MARK, " ")))] += 1
        score = _SCALE.get(value.lower())
        if score is not None:
            counts[RATINGS] += 1
            counts[RATED] += score
            counts[rated(score)] += 1


def hour_of_week(instant: datetime) -> str:
    """Name the counter of what was posted in this hour of a Monday, a Tuesday and so on."""
    return hour(instant.weekday(), instant.hour)


def hour(weekday: int, of_day: int) -> str:
    """Name the counter of an hour; weekday 0 is Monday."""
    return f"hour {weekday} {of_day}"


def binned(what: str, place: int) -> str:
    """Name the counter of a bin of waits or lengths, from 0."""
    return f"{what} {place}"


def resolved(resolution: str) -> str:
    """Name the counter of finished sessions with this resolution."""
    return f"resolution {resolution}"


def rated(score: int) -> str:
    """Name the counter of ratings of this score, 1 to 5."""
    return f"rated {score}"


def summed(counted: Iterable[tuple[Group, Counts]]) -> dict[Group, Counter[str]]:
    """Add counts up, group by group."""
    whole: dict[Group, Counter[str]] = {}
    for group, counts in counted:
        whole.setdefault(group, Counter()).update(counts)
    return whole


def total(summary: Summary) -> Counter[str]:
    """Add up all groups."""
    whole: Counter[str] = Counter()
    for counts in summary.values():
        whole.update(counts)
    return whole


def by_team(summary: Summary) -> dict[str, Counter[str]]:
    """Add up the groups of each team; what nobody had is left out."""
    teams: dict[str, Counter[str]] = {}
    for group, counts in summary.items():
        if group.representative:
            teams.setdefault(group.team, Counter()).update(counts)
    return dict(sorted(teams.items()))


def average(counts: Counts, whole: str, cases: str) -> float | None:
    """Give the mean; None where there is no case."""
    return counts.get(whole, 0) / counts[cases] if counts.get(cases) else None


def share(counts: Counts, part: str, whole: str) -> float | None:
    """Give which part of the whole it is, from 0 to 1; None where there is no whole."""
    return average(counts, part, whole)


def answers(counts: Counts, questions: int = 12) -> dict[str, dict[str, int]]:
    """Give how often each answer was given, by question; most answered first.

    At most so many questions, and of each the ten answers given most often. What few were asked,
    beside the question that most answered, is a remark with a heading of its own, and left out.
    """
    asked: dict[str, Counter[str]] = {}
    for name, times in counts.items():
        if name.startswith(f"answer{_MARK}"):
            _, label, value = name.split(_MARK)
            asked.setdefault(label, Counter())[value] += times
    often = sorted(asked.items(), key=lambda one: (-one[1].total(), one[0]))[:questions]
    often = [one for one in often if one[1].total() >= _FEW * often[0][1].total()]
    return {
        label: dict(sorted(values.items(), key=lambda one: (-one[1], one[0]))[:10])
        for label, values in often
    }


def days(first: date, last: date) -> list[date]:
    """Give the days from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
