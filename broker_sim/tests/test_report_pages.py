"""The pages and files of reports: what they say of sessions that were just lived."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

import pytest
import requests

from broker_sim.service import reporting
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browser import Browser
from broker_sim.tests.managers_in import logged_in
from broker_sim.tests.test_review_pages import posted
from broker_sim.web.manager.reports import NAMES

FIRST: Final = "2030-01-14"
LAST: Final = "2030-01-15"


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture(scope="module")
def lived(broker: RunningBroker) -> Iterator[BrokerWorld]:
    """A world in which three asked today: one was helped and rated it, one was not, one left."""
    with broker.world() as made:
        helped(made, 60, 10, resolution="Resolved", stars="5")
        helped(made, 120, 20, resolution="Unresolved", stars="2")
        made.tester.perform("abandon", {"sessionId": posted(made)})
        yield made


def helped(world: BrokerWorld, waited: int, minutes: int, resolution: str, stars: str) -> None:
    """Live a session that waits so many seconds and lasts so many minutes, and is rated."""
    number = {"sessionId": posted(world)}
    world.clock.advance(seconds=waited)
    world.tester.perform("accept", {**number, "representative": world.rep_logins[0][0]})
    world.tester.perform("start", number)
    world.clock.advance(minutes=minutes)
    world.tester.perform("end", {**number, "resolution": resolution})
    ratings = [{"label": "Stars", "value": stars}, {"label": "=1+1", "value": "=2+3"}]
    world.tester.perform("survey", {**number, "customerRatings": ratings})


def asked(there: Browser, world: BrokerWorld, name: str, **more: str) -> requests.Response:
    """Ask for the file of a report on two days."""
    return there.session.get(
        f"{world.url}/manager/reports/{name}.csv",
        params={"from": FIRST, "to": LAST, **more},
        timeout=10,
    )


def rows(answer: requests.Response) -> list[dict[str, str]]:
    """Read a file as a spreadsheet does."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def told(row: dict[str, str], *names: str) -> list[str]:
    """Give what a row has under these heads."""
    return [row[name] for name in names]


def test_the_summary_counts_how_requests_ended(lived: BrokerWorld) -> None:
    """SESS-2: the counters of the Summary, each by its name."""
    answer = asked(logged_in(lived), lived, "summary")
    counts = {row["what"]: row["count"] for row in rows(answer)}

    assert {name: int(count) for name, count in counts.items() if count != "0"} == {
        "Questions submitted": 3,
        "Posted": 3,
        "Answered": 2,
        "Abandoned": 1,
        "Sessions started": 2,
        "Sessions finished": 2,
    }
    assert f"summary-{FIRST}-{LAST}.csv" in answer.headers["Content-Disposition"]


def test_the_details_have_a_row_for_each_day(lived: BrokerWorld) -> None:
    """SESS-1: averages of wait and length in seconds; nothing where nothing was."""
    before, today = rows(asked(logged_in(lived), lived, "details"))

    assert told(before, "day", "posted", "averageWaitSeconds") == [FIRST, "0", ""]
    assert told(today, "day", "posted", "abandoned", "finished") == [LAST, "3", "1", "2"]
    assert told(today, "resolved", "unresolved", "unknown") == ["1", "1", "0"]
    assert told(today, "averageWaitSeconds", "averageLengthSeconds") == ["90.0", "900.0"]
    assert told(today, "surveys", "averageRating") == ["2", "3.5"]


def test_representatives_are_told_with_their_ratings(lived: BrokerWorld) -> None:
    """SESS-1: by team and by representative; only who did something has a row."""
    (row,) = rows(asked(logged_in(lived), lived, "representatives"))

    assert row["representative"] == lived.rep_logins[0][0]
    assert row["team"]
    assert told(row, "answered", "finished", "resolved", "unresolved") == ["2", "2", "1", "1"]
    assert told(row, "averageWaitSeconds", "ratings", "averageRating") == ["90.0", "2", "3.5"]


def test_the_survey_has_each_answer_and_no_formula(lived: BrokerWorld) -> None:
    """PORTAL-5, SEC-2: what a customer answered, and how often; nothing is worked out."""
    found = rows(asked(logged_in(lived), lived, "survey"))

    stars = {row["answer"]: row["times"] for row in found if row["question"] == "Stars"}
    assert stars == {"5": "1", "2": "1"}
    assert ["'=1+1", "'=2+3", "2"] in [list(row.values()) for row in found]
    assert not any(
        value.startswith(("=", "+", "-", "@")) for row in found for value in row.values()
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_page_offers_the_file_of_what_it_shows(lived: BrokerWorld, name: str) -> None:
    """SEC-2: the same range and choice; every report, with sessions and without."""
    there = logged_in(lived)
    portal = lived.logins[0][0]
    there.get(f"{lived.url}/manager/reports/{name}", **{"from": LAST, "to": LAST}, portal=portal)
    (link,) = there.page.xpath("//a[@download]/@href")
    answer = there.session.get(lived.url.split("/w/")[0] + link, timeout=10)

    assert there.title == "Reports"
    assert "Nothing to report" not in there.text
    assert rows(answer) == rows(asked(there, lived, name, portal=portal, **{"from": LAST}))
    empty = there.get(f"{lived.url}/manager/reports/{name}", **{"from": FIRST, "to": FIRST})
    assert "Nothing to report" in empty.text


def test_a_file_is_whole_or_says_when_to_ask_again(
    broker: RunningBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RET-1: no half report is sent for a whole one; who asks as told has it in the end."""
    real = reporting.report
    monkeypatch.setattr(reporting, "report", lambda at, scope, on: real(at, scope, on, 10))
    with broker.world(sessions=150) as world:
        there = logged_in(world)
        page = there.get(f"{world.url}/manager/reports/summary")
        assert page.answer.headers["Refresh"] == "1"
        assert not page.page.xpath("//a[@download]")
        answers = [there.session.get(f"{world.url}/manager/reports/summary.csv", timeout=10)]
        while answers[-1].status_code == 503:
            assert answers[-1].headers["Retry-After"] == "1"
            assert len(answers) < 90
            answers.append(there.session.get(answers[-1].url, timeout=10))

        assert len(answers) > 1
        assert int(rows(answers[-1])[0]["count"]) > 10


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("nothing", 404, "There is no such report"),
        ("nothing.csv", 404, "There is no such report"),
        ("summary?from=yesterday", 400, "must be a day like"),
        ("summary.csv?to=2030-02-30", 400, "must be a day like"),
        ("details?from=2030-01-15&to=2030-01-14", 400, "first day is behind the last"),
    ],
)
def test_what_is_no_report_is_said(lived: BrokerWorld, path: str, status: int, says: str) -> None:
    """FAULT-1: as a page with a sentence."""
    there = logged_in(lived).get(f"{lived.url}/manager/reports/{path}")

    assert there.answer.status_code == status
    assert says in there.text
