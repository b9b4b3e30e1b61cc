"""SEC-2: the audit trail: pages by key, filters, 90 days, a file that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from broker_sim import service
from broker_sim.contract import limits
from broker_sim.core.management import Role
from broker_sim.service import manager_audit, manager_people, sweeper
from broker_sim.service.manager_storage import Entry, Wanted
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.manager_cast import Cast
from broker_sim.tests.managers_in import logged_in

TICK = timedelta(milliseconds=1)
ACTION = re.compile(r'"([a-z]+\.[a-z]+)"')  # a text that is such a word and nothing else


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def note(cast: Cast, at: datetime, **said: str) -> None:
    words = {"actor": "a@x.example", "action": "team.add", "subject": "s", "detail": ""} | said
    portal = words.pop("portal", None)
    with cast.world.store.writing() as tx:
        tx.note_deed(Entry(0, at, portal=portal, **words))


def found(cast: Cast, **wanted: object) -> list[str]:
    by = cast.managers[Role.COMPANY]
    return [e.subject for e in manager_audit.lines(cast.world, by, Wanted(**wanted))]  # type: ignore[arg-type]  # its fields


def test_pages_follow_each_other_without_gap_or_double(cast: Cast) -> None:
    """SEC-2: whoever writes meanwhile; 50 a page, limit - 1, limit, limit + 1."""
    by, now = cast.managers[Role.COMPANY], cast.world.clock.now()
    for nth in range(manager_audit.PAGE - 1):
        note(cast, now, subject=str(nth))
    assert manager_audit.trail(cast.world, by, Wanted()).older is None
    note(cast, now, subject="49")
    assert manager_audit.trail(cast.world, by, Wanted()).older is None
    note(cast, now, subject="50")
    first = manager_audit.trail(cast.world, by, Wanted())
    note(cast, now, subject="meanwhile")
    second = manager_audit.trail(cast.world, by, Wanted(before=first.older))

    subjects = [one.subject for one in (*first.entries, *second.entries)]
    assert subjects == [str(nth) for nth in range(50, -1, -1)]
    assert second.older is None


def test_lines_are_found_by_all_that_is_asked(cast: Cast) -> None:
    """SEC-2: who, what, portal, words as they stand, days from and before."""
    now = cast.world.clock.now()
    note(cast, now, subject="one", actor="b@x.example", portal="p")
    note(cast, now, subject="two", action="key.set", detail="50% _of_ Ärger\\x")
    note(cast, now - timedelta(days=3), subject="three")

    assert found(cast) == ["three", "two", "one"]
    assert found(cast, actor="b@x.example") == ["one"]
    assert found(cast, action="key.set") == ["two"]
    assert found(cast, action="key") == ["two"]
    assert found(cast, portal="p") == ["one"]
    assert found(cast, text="50% _OF_") == ["two"]
    assert found(cast, text="\\x") == ["two"]
    assert found(cast, text="50_") == []
    assert found(cast, start=now) == ["two", "one"]
    assert found(cast, end=now) == ["three"]
    assert found(cast, actor="b@x.example", action="key") == []


def test_a_line_is_kept_for_ninety_days_and_not_longer(cast: Cast) -> None:
    """SEC-2: shown until then, the end left out, swept or not; then it is not there at all."""
    begin = cast.world.clock.now()
    note(cast, begin, subject="old")
    cast.hands.clock.set("frozen", begin + limits.AUDIT_KEPT - TICK)
    sweeper.forget_batch(cast.world)
    assert found(cast) == ["old"]
    cast.hands.clock.set("frozen", begin + limits.AUDIT_KEPT)
    assert found(cast) == []
    assert len(cast.deeds()) == 1
    while sweeper.forget_batch(cast.world):
        pass
    assert cast.deeds() == []


def test_the_page_knows_every_deed() -> None:
    """SEC-2: each word that is put into the trail has its own on the page, and none is idle."""
    noted = {f"session.{how}" for how in ("read", "replayed", "exported")}  # by the pages' doings
    for path in Path(service.__path__[0]).glob("manager_*.py"):
        if path.name != "manager_audit.py":
            noted |= set(ACTION.findall(path.read_text(encoding="utf-8")))

    assert "representative.remove" in noted
    assert noted == set(manager_audit.ACTIONS)


def test_the_file_runs_in_no_spreadsheet(cast: Cast) -> None:
    """SEC-2: what begins like a formula has an apostrophe before it; all else is as it was."""
    now = cast.world.clock.now()
    evil = ['=HYPERLINK("https://evil.example")', "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"]  # noqa: RUF001  the wide one counts
    for text in evil:
        note(cast, now, subject=text, detail='a "quoted", line')
    there = logged_in(cast.made)
    answer = there.session.get(f"{cast.made.url}/manager/audit.csv", timeout=10)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert rows[0] == ["time", "who", "action", "portal", "what", "detail"]
    told = [row[4] for row in rows[1:] if row[2] == "team.add"]
    assert told == [f"'{text}" for text in reversed(evil)]
    assert rows[-1][5] == 'a "quoted", line'


def test_the_page_shows_what_was_done_and_is_searched(cast: Cast) -> None:
    """SEC-2: by a form that needs no script; a day that is none is said beside it."""
    manager_people.add_team(cast.world, cast.managers[Role.COMPANY], "Nightingales", None)
    there = logged_in(cast.made)
    there.get(f"{cast.made.url}/manager/audit")
    assert "Nightingales" in there.text
    there.send("Show", action="login.opened")
    assert "Nightingales" not in there.text
    today = cast.world.clock.now()
    there.get(f"{cast.made.url}/manager/audit", **{"from": f"{today:%Y-%m-%d}", "text": "nightING"})
    assert "Nightingales" in there.text
    there.get(f"{cast.made.url}/manager/audit", **{"from": "yesterday"})
    assert there.answer.status_code == 400
    assert "no day" in there.text
