"""What a person is told: status, progress, the one screen."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from integration.core.journey import Event
from integration.ledger import Ledger, Presence
from integration.status import report
from integration.status.logs import set_up
from integration.status.progress import Bar, Lines
from integration.status.summary import Summary, line, screen
from integration.tests.fakes import START, ManualClock
from integration.tests.home import portal_in


def test_before_the_first_start(tmp_path: Path) -> None:
    """Nothing is made, nothing is wrong."""
    told = report.collect(portal_in(tmp_path), START)

    assert (told["totals"]["stored"], told["queue"]["length"], told["lag_seconds"]) == (0, 0, 0)
    assert told["updates"]["state"] == "not updating"
    assert list(tmp_path.iterdir()) == []


def test_at_work(tmp_path: Path) -> None:
    """The queue with its next attempts, the totals, the lag, the polls."""
    portal = portal_in(tmp_path, database="postgresql://me:swordfish@db.example/x")
    ledger = Ledger(portal.state)
    ledger.note_page([(1, 1), (2, 2), (3, 3)], {3}, 3, START)
    for event in (Event.FETCH, Event.DOWNLOAD, Event.ARCHIVE):
        ledger.advance(1, event)
    ledger.stored([(1, 1, 6, 1_234_567)])
    ledger.failed(2, "HTTP 503", START + timedelta(seconds=8), distrusted=False)
    presence = Presence(ledger, mode="run", interval_seconds=10.0)
    presence.tell(next_poll="2030-01-01T00:00:10.000Z", problem=None)
    told = report.collect(portal, START + timedelta(seconds=5))
    text = "\n".join(report.lines(told))

    assert told["totals"] == {
        "stored": 1,
        "gone_before_stored": 1,
        "given_up": 0,
        "waiting": 1,
        "files": 6,
        "bytes": 1_234_567,
    }
    assert told["lag_seconds"] == 5
    assert told["updates"]["polled_to"] == 3
    assert told["updates"]["stored_to"] == 1
    assert json.loads(json.dumps(told)) == told
    assert "2  noted, attempt 2 at 2030-01-01T00:00:08: HTTP 503" in text
    assert "every 10 s, next 2030-01-01T00:00:10" in text
    assert "1 sessions, 6 files, 1.2 MB" in text
    assert "swordfish" not in text
    presence.leave()
    ledger.close()


def test_the_one_screen(tmp_path: Path) -> None:
    """All that the demo promises is on it."""
    told = report.collect(portal_in(tmp_path), START)
    console = Console(record=True, width=100, file=io.StringIO())
    console.print(screen(told))
    shown = console.export_text()

    for part in ("stored", "queue", "lag", "Sessions", "https://broker.example/services", "Ctrl-C"):
        assert part in shown
    assert "0 sessions stored" in line(told)


def test_the_screen_where_there_is_no_terminal(tmp_path: Path) -> None:
    """It starts and ends with the block, and draws nothing."""
    out = io.StringIO()
    with Summary(portal_in(tmp_path), lambda: START, Console(file=out)):
        pass
    assert out.getvalue() == ""


def test_progress_in_lines() -> None:
    """Counts, bytes and what is left; not a line for each session."""
    out, clock = io.StringIO(), ManualClock()
    lines = Lines(out, clock.ticks)
    lines.found(100)
    for _ in range(100):
        clock.advance(0.1)
        lines.received(1_000_000)
        lines.stored(1)
    said = out.getvalue().splitlines()

    assert said[0] == "0/100 sessions, 0 B"
    assert said[-1] == "100/100 sessions, 100.0 MB"
    assert 5 <= len(said) <= 8
    assert any("s left" in text for text in said)


def test_progress_as_a_bar() -> None:
    """The same counts."""
    bar = Bar()
    bar.found(4)
    bar.received(5_000)
    bar.stored(3)
    (task,) = bar._progress.tasks

    assert (task.completed, task.total, task.fields["size"]) == (3, 4, "5.0 kB")


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2.5e12, "2.5 TB")]
)
def test_sizes_for_people(count: float, shown: str) -> None:
    """Powers of a thousand."""
    assert report.size(count) == shown


def test_the_log_in_both_forms(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines for a person, JSON for a program; libraries are not heard."""
    log = logging.getLogger("integration.test")
    try:
        set_up(verbose=True, as_json=True)
        log.info("hello")
        set_up(verbose=False, as_json=False)
        log.info("not this")
        log.warning("but this")
        logging.getLogger("zeep.transports").debug("password")
    finally:
        logging.getLogger("integration").handlers = []
        logging.getLogger("integration").propagate = True
    first, second = capsys.readouterr().err.splitlines()

    assert json.loads(first)["message"] == "hello"
    assert second.endswith("WARNING but this")


def test_a_portal_does_not_show_its_secrets(tmp_path: Path) -> None:
    """C-KEY-1: nor does its status."""
    portal = replace(portal_in(tmp_path), database="mysql://u:swordfish@h/d")

    assert "swordfish" not in json.dumps(report.collect(portal, START)) + repr(portal)
