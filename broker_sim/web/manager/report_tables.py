"""What each report says: the table of its CSV, and what its page shows on top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from broker_sim.core import reporting as rules
from broker_sim.core.reporting import Counts
from broker_sim.service.reporting import Report
from broker_sim.web.manager import charts

# The lines of the summary: what is counted, how it is called, what it means.
LINES: Final = (
    (rules.POSTED, "Questions submitted", "every request that reached the broker"),
    (rules.POSTED, "Posted", "stood in a queue, or were begun by a phone code"),
    (rules.ACCEPTED, "Answered", "a representative accepted"),
    (rules.DECLINED, "Declined", "every representative who was alerted declined"),
    (rules.NO_RESPONSE, "No response", "nobody answered in time"),
    (rules.ABANDONED, "Abandoned", "the customer left before the session started"),
    (rules.FAILED_AFTER_POSTING, "Errors after posting", "the download or the connection failed"),
    (rules.STARTED, "Sessions started", "the customer agreed, and the session began"),
    (rules.FAILED_IN_SESSION, "Broken off", "the connection failed in the session"),
    (rules.FINISHED, "Sessions finished", "transfers included"),
    (rules.TRANSFERRED, "Transferred", "went on as another session"),
    (rules.OPEN, "Still open", "waiting or in session"),
    (rules.PHONE, "By phone code", "of all that were posted"),
)
_BEFORE: Final = ("Errors before posting", 0, "a request that never arrives leaves no record here")
_DETAIL_HEADS: Final = (
    "day", "posted", "answered", "declined", "noResponse", "abandoned", "errorsAfterPosting",
    "started", "brokenOff", "finished", "resolved", "unresolved", "unknown",
    "averageWaitSeconds", "averageLengthSeconds", "surveys", "averageRating",
)  # fmt: skip
_REP_HEADS: Final = (
    "team", "representative", "name", "answered", "started", "finished", "transferred", "brokenOff",
    "resolved", "unresolved", "unknown", "averageWaitSeconds", "averageLengthSeconds", "surveys",
    "ratings", "averageRating",
)  # fmt: skip
_TONES: Final = {"Resolved": "good", "Unresolved": "bad", "Unknown": "", "5": "good", "1": "bad"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table as CSV has it."""

    heads: Sequence[str]
    rows: Sequence[Sequence[object]]


def summary(report: Report) -> Table:
    """Give the counters."""
    lines = [(name, value, said) for name, value, said in _lines(report.total)]
    return Table(("what", "count", "meaning"), lines)


def _lines(counts: Counts) -> Iterator[tuple[str, int, str]]:
    for place, (what, name, said) in enumerate(LINES):
        yield name, counts.get(what, 0), said
        if place == 0:
            yield _BEFORE


def details(report: Report) -> Table:
    """Give a row for each day."""
    return Table(_DETAIL_HEADS, [(f"{day}", *_day(c)) for day, c in report.by_day.items()])


def _day(counts: Counts) -> Sequence[object]:
    numbers = (
        rules.POSTED, rules.ACCEPTED, rules.DECLINED, rules.NO_RESPONSE, rules.ABANDONED,
        rules.FAILED_AFTER_POSTING, rules.STARTED, rules.FAILED_IN_SESSION, rules.FINISHED,
        *map(rules.resolved, rules.RESOLUTIONS),
    )  # fmt: skip
    return (
        *(counts.get(name, 0) for name in numbers),
        seconds(counts, rules.WAITED, rules.WAITS),
        seconds(counts, rules.LASTED, rules.LENGTHS),
        counts.get(rules.SURVEYS, 0),
        _rating(counts),
    )


def seconds(counts: Counts, whole: str, cases: str) -> float | None:
    """Give an average span in seconds, to a tenth."""
    found = rules.average(counts, whole, cases)
    return None if found is None else round(found / 1000, 1)


def _rating(counts: Counts) -> float | None:
    found = rules.average(counts, rules.RATED, rules.RATINGS)
    return None if found is None else round(found, 2)


def representatives(report: Report) -> Table:
    """Give a row for each representative, team by team."""
    rows = [
        (group.team, group.representative, group.name, *_work(counts))
        for group, counts in sorted(report.groups.items())
        if group.representative
    ]
    return Table(_REP_HEADS, rows)


def _work(counts: Counts) -> Sequence[object]:
    numbers = (
        rules.ACCEPTED, rules.STARTED, rules.FINISHED, rules.TRANSFERRED, rules.FAILED_IN_SESSION,
        *map(rules.resolved, rules.RESOLUTIONS),
    )  # fmt: skip
    return (
        *(counts.get(name, 0) for name in numbers),
        seconds(counts, rules.WAITED, rules.WAITS),
        seconds(counts, rules.LASTED, rules.LENGTHS),
        counts.get(rules.SURVEYS, 0),
        counts.get(rules.RATINGS, 0),
        _rating(counts),
    )


def survey(report: Report) -> Table:
    """Give a row for each answer of each question."""
    rows = [
        (question, answer, times)
        for question, answers in rules.answers(report.total).items()
        for answer, times in answers.items()
    ]
    return Table(("question", "answer", "times"), rows)


def shown(name: str, report: Report) -> Mapping[str, Any]:
    """Give what the page of a report shows."""
    return _SHOWN[name](report)


def _summary(report: Report) -> Mapping[str, Any]:
    counts = report.total
    return {
        "counts": counts,
        "figures": _figures(counts),
        "lines": list(_lines(counts)),
        "columns": charts.by_day(report.by_day, rules.POSTED),
        "heat": charts.heat(counts),
        "waits": charts.spans(counts, rules.WAITS),
        "lengths": charts.spans(counts, rules.LENGTHS),
        "resolutions": charts.bars(_resolutions(counts), _TONES),
    }


def _figures(counts: Counts) -> Mapping[str, Any]:
    return {
        "posted": counts.get(rules.POSTED, 0),
        "answered": rules.share(counts, rules.ACCEPTED, rules.POSTED),
        "resolved": rules.share(counts, rules.resolved("Resolved"), rules.FINISHED),
        "wait": rules.average(counts, rules.WAITED, rules.WAITS),
        "length": rules.average(counts, rules.LASTED, rules.LENGTHS),
        "surveys": counts.get(rules.SURVEYS, 0),
        "response": rules.share(counts, rules.SURVEYS, rules.FINISHED),
        "rating": rules.average(counts, rules.RATED, rules.RATINGS),
    }


def _resolutions(counts: Counts) -> dict[str, float]:
    return {one: counts.get(rules.resolved(one), 0) for one in rules.RESOLUTIONS}


def _details(report: Report) -> Mapping[str, Any]:
    newest_first = reversed(report.by_day.items())
    days = [{"day": day, "counts": counts, **_figures(counts)} for day, counts in newest_first]
    return {"days": days, "rules": rules, "columns": charts.by_day(report.by_day, rules.STARTED)}


def _representatives(report: Report) -> Mapping[str, Any]:
    teams = [
        {"name": name, "counts": counts, **_figures(counts)}
        for name, counts in rules.by_team(report.groups).items()
    ]
    reps = [
        {"group": group, "counts": counts, **_figures(counts)}
        for group, counts in sorted(report.groups.items())
        if group.representative
    ]
    handled = {one["group"].name: one["counts"].get(rules.STARTED, 0) for one in reps}
    return {"teams": teams, "reps": reps, "rules": rules, "handled": charts.bars(handled)}


def _survey(report: Report) -> Mapping[str, Any]:
    counts = report.total
    scores = {str(score): counts.get(rules.rated(score), 0) for score in range(5, 0, -1)}
    return {
        "figures": _figures(counts),
        "remarks": counts.get(rules.REMARKS, 0),
        "ratings": charts.bars(scores, _TONES),
        "questions": {
            question: charts.bars(dict(answers))
            for question, answers in rules.answers(counts).items()
        },
        "rules": rules,
        **{name: _representatives(report)[name] for name in ("teams", "reps")},
    }


_SHOWN: Final = {
    "summary": _summary,
    "details": _details,
    "representatives": _representatives,
    "survey": _survey,
}
