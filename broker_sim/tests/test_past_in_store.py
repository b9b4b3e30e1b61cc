"""SESS-1 to SESS-3, UPD-1, UPD-2: a past in bulk is stored as if it had been lived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sim.adapters.instants import to_ms
from broker_sim.adapters.sql_sessions import STAGES
from broker_sim.contract import limits
from broker_sim.core.record import Change, Session, Stage
from broker_sim.core.session import CHANGES
from broker_sim.service import managers
from broker_sim.service.storage import Held, Portal, Update
from broker_sim.tests.refusals import code_of
from broker_sim.tests.stores import START
from broker_sim.tests.worlds import Hands, world

DAYS: Final = 30
BEGIN: Final = START - timedelta(days=DAYS)
MANY: Final = 2300  # more than are stored in one go


@pytest.fixture(scope="module")
def past() -> Iterator[Hands]:
    with world(sessions=MANY, days=DAYS) as hands:
        yield hands


@pytest.fixture(scope="module")
def held(past: Hands) -> list[Held]:
    return held_of(past)


def held_of(hands: Hands) -> list[Held]:
    """Give every session of the store, by id."""
    with hands.broker.store.reading() as tx:
        numbers = [row[0] for row in tx.cursor.execute("SELECT id FROM session ORDER BY id")]
        found = [tx.held(number) for number in numbers]
    return [held for held in found if held is not None]


def logs_of(hands: Hands) -> dict[str, list[Update]]:
    """Give the whole change log of every portal."""
    with hands.broker.store.reading() as tx:
        return {
            portal.name: list(tx.updates(portal.name, 0, 10**6, ended_after=BEGIN))
            for portal in tx.portals()
        }


def columns_of(hands: Hands) -> dict[int, dict[str, Any]]:
    """Give the rows of the session table as they stand."""
    with hands.broker.store.reading() as tx:
        tx.cursor.execute(
            "SELECT session.*, portal.name AS portal FROM session"
            " JOIN portal ON portal.id = session.portal_id"
        )
        names = [column[0] for column in tx.cursor.description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in tx.cursor.fetchall()}


def test_ids_follow_each_other_in_order_of_the_posts(held: list[Held]) -> None:
    """SESS-5: and none is left out, over the borders of what is stored in one go."""
    sessions = [one.session for one in held]
    first = limits.FIRST_SESSION_ID

    assert [session.session_id for session in sessions] == list(range(first, first + MANY))
    assert [session.posted for session in sessions] == sorted(s.posted for s in sessions)


def test_a_row_says_what_its_session_says(past: Hands, held: list[Held]) -> None:
    """SESS-5: what a page finds by its columns is what getSession then shows."""
    rows = columns_of(past)
    for one in held:
        record = one.session
        said = {
            "portal": record.portal,
            "sub_portal": record.sub_portal,
            "stage": STAGES.index(record.stage),
            "rep": record.representative,
            "posted": to_ms(record.posted),
            "started": to_ms(record.started),
            "ended": to_ms(record.ended),
            "last_update_id": record.last_update_id,
        }
        row = rows[record.session_id]
        assert {name: row[name] for name in said} == said


def test_nothing_happens_outside_the_days_asked_for(past: Hands, held: list[Held]) -> None:
    """SESS-6: the past ends before now, late surveys included, and begins at its beginning."""
    for log in logs_of(past).values():
        assert all(BEGIN <= update.time < START for update in log)
    for one in held:
        assert all(BEGIN <= event.time < START for event in one.session.events)


def test_a_log_is_whole_and_in_order_of_time(past: Hands) -> None:
    """UPD-1: numbered from 1 within its portal, and the portal knows the last."""
    with past.broker.store.reading() as tx:
        last = {portal.name: portal.last_update_id for portal in tx.portals()}
    logs = logs_of(past)

    assert all(logs.values())
    for name, log in logs.items():
        assert [update.update_id for update in log] == list(range(1, len(log) + 1))
        assert [update.time for update in log] == sorted(update.time for update in log)
        assert last[name] == len(log)


def entries_of(hands: Hands) -> dict[int, list[Update]]:
    """Give the entries of every session, in order."""
    updates = [update for log in logs_of(hands).values() for update in log]
    updates.sort(key=lambda update: (update.session_id, update.update_id))
    return {n: list(own) for n, own in groupby(updates, key=lambda update: update.session_id)}


def test_every_session_has_left_the_entries_of_its_events(past: Hands, held: list[Held]) -> None:
    """UPD-2: in their order, at their instants; the last is the one that the record names."""
    entries, rows = entries_of(past), columns_of(past)
    for one in held:
        record = one.session
        own = entries.pop(record.session_id)
        told = [(CHANGES[e.kind], e.time) for e in record.events if e.kind in CHANGES]
        left = [(e.kind, e.time) for e in own if e.kind is not Change.RECORDING_READY]
        assert left == told
        assert own[-1].update_id == record.last_update_id
        assert to_ms(own[-1].time) == rows[record.session_id]["updated"]
    assert entries == {}


def test_a_recording_is_there_when_the_log_says_so(past: Hands, held: list[Held]) -> None:
    """UPD-2, REC-1: of finished sessions, and of no others; some have ended in error."""
    entries = entries_of(past)
    stages = set()
    for one in held:
        ready = [e.kind for e in entries[one.session.session_id]].count(Change.RECORDING_READY)
        finished = one.session.stage is Stage.FINISHED
        assert ready == finished == one.recorded
        assert one.synthetic
        assert one.session.files == ()
        stages.add(one.session.stage)
    assert stages == {Stage.FINISHED, Stage.ERROR}


def test_transfers_are_linked_both_ways(held: list[Held]) -> None:
    """SESS-3: within the portal, the successor posted at the transfer."""
    sessions = {one.session.session_id: one.session for one in held}
    links = {n: s.transferred_to for n, s in sessions.items() if s.transferred_to is not None}
    back = {s.transferred_from: n for n, s in sessions.items() if s.transferred_from is not None}

    assert links
    assert links == back
    for number, successor in links.items():
        assert sessions[successor].portal == sessions[number].portal
        assert sessions[successor].posted == sessions[number].ended


def test_a_page_from_the_service_is_what_lies_in_the_store(past: Hands, held: list[Held]) -> None:
    """SESS-5, CONN-4: only its own portal's, ordered by (end, id), page by page."""
    own = [one.session for one in held if one.session.portal == past.portal]
    ends = sorted((session.ended or START, session.session_id) for session in own)
    got: list[int] = []
    page: list[int] = []
    while not got or page:
        page = past.call(
            "getSessionIds", start=BEGIN, end=START, limit=300, after=got[-1] if got else None
        )
        got += page

    assert got == [number for _, number in ends]


def test_a_past_is_the_same_after_a_restart(tmp_path: Path) -> None:
    """SESS-4: every field of every session, made anew from the batch."""
    with world(tmp_path, sessions=60) as hands:
        before = held_of(hands)
    with world(tmp_path) as hands:
        assert held_of(hands) == before


def add(hands: Hands, count: int, portal: str | None, begin: datetime = BEGIN) -> list[Session]:
    """Add a past; give the sessions that are new."""
    known = {held.session.session_id for held in held_of(hands)}
    hands.broker.fill(count, begin, START, portal)
    return [held.session for held in held_of(hands) if held.session.session_id not in known]


def test_a_past_may_be_of_one_portal_only() -> None:
    """CONN-4: all of it goes there, into its own sub-portals; the others' logs do not move."""
    with world(sessions=40, days=DAYS) as hands:
        own = Portal("gamma", "G", "Example", "SmartBox", ("a", "b"), hard_lockouts=False)
        managers.add_portal(hands.broker.world, own, "gamma", "secret")
        before = logs_of(hands)
        new = add(hands, 150, "gamma")
        after = logs_of(hands)

        assert len(new) == 150
        assert {(session.portal, session.sub_portal) for session in new} == {
            ("gamma", "a"),
            ("gamma", "b"),
        }
        assert {name: log for name, log in after.items() if name != "gamma"} == {
            name: log for name, log in before.items() if name != "gamma"
        }
        assert [u.update_id for u in after["gamma"]] == list(range(1, len(after["gamma"]) + 1))
        for session in new:
            for other in (session.transferred_to, session.transferred_from):
                assert other is None or other in {s.session_id for s in new}


def test_a_past_that_is_added_follows_what_is_there() -> None:
    """UPD-1, RET-2: ids and update ids go on; no session is told of twice."""
    with world(sessions=30, days=DAYS) as hands:
        live = hands.finished()
        first = logs_of(hands)[hands.portal]
        new = add(hands, 30, None)
        log = logs_of(hands)[hands.portal]

        assert min(session.session_id for session in new) == live + 1
        assert log[: len(first)] == first
        assert [update.update_id for update in log] == list(range(1, len(log) + 1))
        assert len({session.question for session in new}) > 1


def test_a_portal_that_is_not_there_gets_no_past() -> None:
    """FAULT-1: and nothing of it is stored."""
    with world() as hands:
        assert code_of(lambda: add(hands, 10, "nowhere")) == "InvalidArgument"
        assert held_of(hands) == []


@pytest.mark.parametrize("span", [timedelta(0), timedelta(hours=1), timedelta(days=-1)])
def test_a_past_that_has_no_room_is_refused(span: timedelta) -> None:
    """FAULT-1: in a sentence, and nothing of it is stored."""
    with world() as hands:
        with pytest.raises(ValueError, match="no room for 10 sessions"):
            add(hands, 10, None, START - span)
        assert held_of(hands) == []
        assert not any(logs_of(hands).values())
