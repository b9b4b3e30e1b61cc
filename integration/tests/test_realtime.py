"""C-ONCE-2, C-ONCE-3, C-POLL-1: in real time, with a broker in memory."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace

import pytest

from integration.errors import Retry, Stop
from integration.tests.fakes import FIRST_ID, START, FakeBroker, ManualClock
from integration.tests.home import Client, index, members, stored


def test_real_time_stores_every_change(client: Client, broker: FakeBroker) -> None:
    """C-ONCE-2: open, ended, recorded, rated: one row and one archive throughout."""
    client.follower().begin()
    new = FIRST_ID + 100
    states = []
    for act in (broker.open, broker.end, broker.record, broker.survey):
        act(new)
        client.poll()
        held = client.store.database.held([new])[new]
        states.append((held.last_update_id, held.archive))

    assert [archive for _, archive in states] == [None, *[f"Session_{new}.zip"] * 3]
    assert stored(client) == [new]
    cursor = client.store.database.cursor("demo")
    assert cursor is not None
    assert cursor.update_id == broker.log[-1].update_id
    assert len(index(client.portal, new)["files"]) == 5
    assert index(client.portal, new)["customer_ratings"]
    assert len(broker.downloads) == 5


def test_a_first_start_in_real_time_fetches_no_past(client: Client, broker: FakeBroker) -> None:
    """C-ONCE-3: the place is the end of the log, and is kept at once."""
    client.follower().begin()
    client.poll()

    assert stored(client) == []
    cursor = client.store.database.cursor("demo")
    assert cursor is not None
    assert cursor.update_id == broker.log[-1].update_id


def test_after_being_down_it_goes_on_at_its_place(
    client: Client, broker: FakeBroker, clock: ManualClock
) -> None:
    """C-ONCE-3: from the ledger; without it, from the database."""
    client.follower().begin()
    broker.whole(FIRST_ID + 100)
    client.poll()
    client.close()
    broker.whole(FIRST_ID + 101)
    again = Client(client.portal, broker, clock)
    again.follower().begin()
    again.poll()
    again.close()
    broker.whole(FIRST_ID + 102)
    broker.whole(FIRST_ID + 103)
    lost = Client(replace(client.portal, state=client.portal.state / "new"), broker, clock)
    lost.follower().begin()
    lost.poll()

    assert stored(lost) == [FIRST_ID + n for n in (100, 101, 102, 103)]
    lost.close()
    client.store = Client(client.portal, broker, clock).store


def test_an_expired_place_is_made_good_on_demand(
    client: Client, broker: FakeBroker, clock: ManualClock
) -> None:
    """C-ONCE-3: what changed since is fetched by range, then the log is read on."""
    client.follower().begin()
    clock.advance(1)
    for session_id in range(FIRST_ID + 100, FIRST_ID + 105):
        broker.whole(session_id)
        clock.advance(1)
    broker.oldest = broker.log[-4].update_id
    client.poll()

    assert stored(client) == [FIRST_ID + n for n in range(100, 105)]
    assert broker.calls["getSessionIds"] >= 2
    assert client.store.ledger.polled == broker.log[-1].update_id


def test_a_log_that_was_reset_stops_the_client(client: Client, broker: FakeBroker) -> None:
    """C-ONCE-3: a person decides; nothing is overwritten."""
    client.follower().begin()
    broker.log = broker.log[:2]

    with pytest.raises(Stop, match="reset or restored"):
        client.follower().poll()


def test_a_purged_session_stays_here(client: Client, broker: FakeBroker) -> None:
    """C-ONCE-1: and one that was not stored in time is named as lost."""
    client.follower().begin()
    broker.whole(FIRST_ID + 100)
    client.poll()
    broker.purge(FIRST_ID + 100)
    broker.whole(FIRST_ID + 101)
    broker.purge(FIRST_ID + 101)
    client.poll()

    assert stored(client) == [FIRST_ID + 100]
    assert [w.session_id for w in client.store.ledger.lost(9)] == [FIRST_ID + 101]
    assert members(client.portal, FIRST_ID + 100)


def poll_times(
    client: Client, broker: FakeBroker, works: dict[int, float], until: float
) -> list[float]:
    """When polls arrive, if the n-th takes `works[n]` seconds."""

    def work(called: str) -> Exception | None:
        if called == "getUpdates":
            client.clock.advance(works.get(broker.calls[called], 0.001))
        return broker_trouble(called)

    broker_trouble, broker.trouble = broker.trouble, work
    broker.polls.clear()

    def look() -> None:
        client.clock.stopping = client.clock.ticks() >= until

    client.clock.on_wait = look
    client.follower().follow(10.0)
    return broker.polls


def test_polls_come_every_interval_and_never_faster(client: Client, broker: FakeBroker) -> None:
    """C-POLL-1: a poll that takes 4 or 14 seconds neither shifts nor bunches the others."""
    client.follower().begin()
    start = client.clock.ticks()
    times = poll_times(client, broker, {2: 4, 4: 14}, start + 100)

    assert [t - start for t in times] == [0, 10, 20, 30, 50, 60, 70, 80, 90]


def test_polls_back_off_on_faults_and_come_back(client: Client, broker: FakeBroker) -> None:
    """C-POLL-1: more slowly each time, as long as asked for, on the grid again at once."""
    client.follower().begin()
    start = client.clock.ticks()
    errors = {1: Retry("503"), 2: Retry("503"), 3: Retry("503", after=100)}
    broker.trouble = lambda called: (
        errors.get(broker.calls[called]) if called == "getUpdates" else None
    )
    times = poll_times(client, broker, {}, start + 200)

    gaps = [round(b - a) for a, b in itertools.pairwise(times)]
    assert gaps[:5] == [20, 30, 110, 10, 10]


def test_one_poll_reads_the_log_to_its_end(client: Client, broker: FakeBroker) -> None:
    """C-POLL-1: page after page until one is short; an empty log costs one call."""
    client.follower().begin()
    before = broker.calls["getUpdates"]
    client.follower().poll()
    assert broker.calls["getUpdates"] == before + 1
    for session_id in range(FIRST_ID + 100, FIRST_ID + 103):
        broker.whole(session_id)

    assert client.follower().poll() == 3
    assert broker.calls["getUpdates"] == before + 1 + 4


def test_what_changed_often_is_fetched_once(client: Client, broker: FakeBroker) -> None:
    """C-ONCE-1: nine updates of three sessions are three readings."""
    client.follower().begin()
    for session_id in range(FIRST_ID + 100, FIRST_ID + 103):
        broker.whole(session_id)
    client.poll()

    assert broker.calls["getSession"] == 3


def test_catching_up_leaves_what_is_stored_alone(client: Client, broker: FakeBroker) -> None:
    """C-ONCE-3: an interrupted catch-up goes on where it was."""
    client.on_demand().sessions([FIRST_ID, FIRST_ID + 1])
    before = broker.calls["getSession"]
    outcome = client.on_demand().catch_up(None)

    assert outcome.complete
    assert broker.calls["getSession"] == before + 5
    assert len(stored(client)) == 7


def test_two_programs_do_not_work_on_one_session_at_once(
    client: Client, broker: FakeBroker, clock: ManualClock
) -> None:
    """C-CONN-1, C-ONCE-1: the second waits, and finds the work done."""
    client.store.ledger.note([(FIRST_ID, 0)], START)
    other = Client(client.portal, broker, clock)
    found: list[object] = ["waiting"]
    second = threading.Thread(target=lambda: found.append(other.carrier().carry(FIRST_ID)))
    with client.store.hold(FIRST_ID):
        second.start()
        second.join(0.2)
        assert found == ["waiting"]
        assert broker.calls["getSession"] == 0
        client.store.ledger.stored([(FIRST_ID, 1, 0, 0)])
    second.join()
    other.close()

    assert found == ["waiting", None]
    assert broker.calls["getSession"] == 0
