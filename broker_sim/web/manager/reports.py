"""The snapshot reports: Summary, Details, Representative Performance, Customer Survey."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from flask import Flask, render_template, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core.management import Power
from broker_sim.service import reporting, review_scope
from broker_sim.service.reporting import Asked, Report
from broker_sim.web.manager import access, looking, report_tables, sheets
from broker_sim.web.manager.report_tables import Table
from broker_sim.web.manager.sessions import my_scope
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import given, with_more, world

NAMES: Final = {
    "summary": "Summary",
    "details": "Details",
    "representatives": "Representative Performance",
    "survey": "Customer Survey",
}
_TABLES: Final[Mapping[str, Callable[[Report], Table]]] = {
    "summary": report_tables.summary,
    "details": report_tables.details,
    "representatives": report_tables.representatives,
    "survey": report_tables.survey,
}
_USUAL: Final = timedelta(days=29)
_AGAIN_SECONDS: Final = 1


def add(app: Flask) -> None:
    """Register the pages."""
    app.add_url_rule(f"{ROOT}/reports", "reports", reports)
    app.add_url_rule(f"{ROOT}/reports/<name>", "report", report)
    app.add_url_rule(f"{ROOT}/reports/<name>.csv", "report_csv", report_csv)


@access.may(Power.REPORTS)
def reports() -> AnyResponse:
    """Show the first report."""
    return report("summary")


@access.may(Power.REPORTS)
def report(name: str) -> AnyResponse:
    """Show a report, as far as it is counted."""
    if name not in NAMES:
        raise NotFound("There is no such report.")
    scope = my_scope()
    made = reporting.report(world(), scope, _asked())
    fields = _fields(made.asked)
    page = render_template(
        "manager/report.html",
        name=name,
        names=NAMES,
        report=made,
        fields=fields,
        shown=report_tables.shown(name, made),
        choices=review_scope.choices(world(), scope),
        kept=reporting.range_kept(world()),
        links={one: with_more(url_for("report", name=one), fields) for one in NAMES},
        ranges=_ranges(name, made.asked),
        sessions=with_more(url_for("sessions"), fields),
        csv=with_more(url_for("report_csv", name=name), fields),
        here="reports",
    )
    answer = AnyResponse(page, mimetype="text/html")
    if not made.complete:
        answer.headers["Refresh"] = str(_AGAIN_SECONDS)
    return answer


@access.may(Power.REPORTS)
def report_csv(name: str) -> AnyResponse:
    """Give a report's table as CSV, once it is counted; until then 503 says to ask again."""
    if name not in NAMES:
        raise NotFound("There is no such report.")
    made = reporting.report(world(), my_scope(), _asked())
    if not made.complete:
        said = f"Counted {made.counted} days so far. Ask again.\n"
        return AnyResponse(said, 503, {"Retry-After": str(_AGAIN_SECONDS)}, mimetype="text/plain")
    table = _TABLES[name](made)
    return sheets.sheet(f"{name}-{made.asked.first}-{made.asked.last}.csv", table.heads, table.rows)


def _asked() -> Asked:
    """Read what the report is to be about: the last thirty days where nothing is said.

    Raises:
        ValueError: a day that is none.
    """
    fields = given()
    _, today = reporting.range_kept(world())
    last = looking.day(fields.get("to"), "To") or today
    first = looking.day(fields.get("from"), "From") or last - _USUAL
    if first > last:
        msg = "the first day is behind the last one"
        raise ValueError(msg)
    return Asked(first, last, fields.get("portal", ""), fields.get("team", ""))


def _fields(asked: Asked) -> dict[str, str]:
    named = {"portal": asked.portal, "team": asked.team}
    said = {name: text for name, text in named.items() if text}
    return {"from": f"{asked.first}", "to": f"{asked.last}", **said}


def _ranges(name: str, asked: Asked) -> Sequence[Mapping[str, Any]]:
    """Give links to the usual ranges, each up to today."""
    earliest, today = reporting.range_kept(world())
    found = []
    for said, length in (("Today", 1), ("7 days", 7), ("30 days", 30), ("90 days", 90)):
        first = max(earliest, today - timedelta(days=length - 1))
        fields = {**_fields(asked), "from": f"{first}", "to": f"{today}"}
        on = (asked.first, asked.last) == (first, today)
        found.append(
            {"name": said, "url": with_more(url_for("report", name=name), fields), "on": on}
        )
    return found
