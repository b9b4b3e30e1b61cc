"""C-ONCE-1, C-ONCE-3: the ledger, also between programs and over restarts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.core.journey import Event, Step
from integration.errors import Retry
from integration.ledger import Ledger, Presence, View, present
from integration.pipeline.store import Store
from integration.tests.fakes import START
from integration.tests.home import portal_in

updates = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9)), max_size=12)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "state")
    yield opened
    opened.close()


def carry(ledger: Ledger, session_id: int, held: int) -> None:
    for event in (Event.FETCH, Event.DOWNLOAD, Event.ARCHIVE):
        ledger.advance(session_id, event)
    ledger.stored([(session_id, held, 2, 1000)])


def test_a_new_start_finds_what_was_noted(tmp_path: Path) -> None:
    """C-ONCE-1: each step is on the disk."""
    first = Ledger(tmp_path)
    first.note([(1, 0), (2, 7)], START)
    carry(first, 2, 7)
    first.advance(1, Event.FETCH)
    first.close()
    second = Ledger(tmp_path)

    assert second.under_way() == {1}
    found = second.journey(1)
    assert found is not None
    assert found.step is Step.FETCHED
    assert second.totals().steps == {"fetched": 1, "stored": 1}
    assert (second.totals().files, second.totals().bytes) == (2, 1000)
    second.close()


def test_the_queue_goes_by_when_it_is_due(ledger: Ledger) -> None:
    """C-ONCE-1: a failed attempt waits; the others do not."""
    ledger.note([(1, 0), (2, 0), (3, 0)], START)
    ledger.failed(1, "no answer", START + timedelta(seconds=9), distrusted=False)

    assert ledger.due(START, 9, {3}) == [2]
    assert ledger.due(START + timedelta(seconds=9), 9, ()) == [2, 3, 1]
    assert [w.session_id for w in ledger.queue(9)] == [2, 3, 1]
    ledger.hasten(START)
    assert ledger.due(START, 2, ()) == [1, 2]


def test_the_low_water_stands_before_the_oldest_update_that_is_not_stored(ledger: Ledger) -> None:
    """C-ONCE-3: the database's cursor never passes what is missing."""
    assert ledger.low_water() is None
    ledger.note_page([(1, 5), (2, 6), (1, 7)], [], 7, START)

    assert ledger.low_water() == 4
    assert ledger.low_water({1: 7}) == 5
    assert ledger.low_water({1: 5, 2: 6}) == 5
    assert ledger.low_water({1: 7, 2: 6}) == 7
    carry(ledger, 1, 7)
    assert ledger.low_water() == 5
    carry(ledger, 2, 6)
    assert ledger.low_water() == 7


@given(told=updates, done=st.integers(1, 4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_no_update_below_the_low_water_is_missing(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[int, int]], done: int
) -> None:
    """C-ONCE-3: whatever is noted, in pages, and whichever sessions are stored."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    newest = max((update for _, update in told), default=0)
    ledger.note_page(told, [], newest, START)
    wanted = {i: max(u for s, u in told if s == i) for i, _ in told}
    if done in ledger.under_way():
        carry(ledger, done, wanted[done])
    water = ledger.low_water()
    missing = [update for i, update in told if i in ledger.under_way() and update]
    ledger.close()

    assert water is not None
    assert all(update > water for update in missing)


def test_a_page_is_noted_whole_with_its_place(ledger: Ledger) -> None:
    """C-ONCE-3: purged sessions that were waiting are lost; those that are stored stay."""
    ledger.note_page([(1, 1), (2, 2)], [], 2, START)
    carry(ledger, 2, 2)

    assert ledger.note_page([(3, 5)], {1, 2, 9}, 5, START) == 1
    assert ledger.polled == 5
    assert [(w.session_id, w.step) for w in ledger.lost(9)] == [(1, "gone")]
    assert ledger.under_way() == {3}


def test_what_another_program_brought_home_stays_home(ledger: Ledger) -> None:
    """C-CONN-1: late words about it change nothing."""
    ledger.note([(1, 3)], START)
    carry(ledger, 1, 3)
    ledger.advance(1, Event.ARCHIVE)
    ledger.failed(1, "late", START, distrusted=True)
    assert not ledger.vanished(1, "late")

    assert ledger.under_way() == set()
    assert ledger.lost(9) == []


def test_reading_makes_nothing_and_changes_nothing(tmp_path: Path) -> None:
    """`status` works before the first start, and while another program writes."""
    with pytest.raises(FileNotFoundError):
        View(tmp_path)
    assert list(tmp_path.iterdir()) == []
    ledger = Ledger(tmp_path)
    ledger.note([(1, 0)], START)
    view = View(tmp_path)
    assert view.under_way() == {1}
    with pytest.raises(Retry, match="readonly"):
        view._rows("DELETE FROM entry")
    view.close()
    ledger.close()


def test_only_programs_that_live_are_present(ledger: Ledger) -> None:
    """A killed program leaves its word; it is not believed."""
    ledger.set_fact("process 4194305", '{"pid": 4194305, "mode": "run"}')
    presence = Presence(ledger, mode="watch")
    presence.tell(next_poll="soon")

    assert present(ledger) == [{"pid": os.getpid(), "mode": "watch", "next_poll": "soon"}]
    presence.leave()
    assert present(ledger) == []


def test_many_programs_may_start_at_once(tmp_path: Path) -> None:
    """C-CONN-1: each finds ledger and database, whoever makes them."""
    for number in range(5):
        portal = portal_in(tmp_path / str(number))
        with ThreadPoolExecutor(6) as pool:
            for store in pool.map(Store, [portal] * 6):
                store.close()
