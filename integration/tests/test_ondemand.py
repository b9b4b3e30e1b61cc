"""C-TIME-1, C-STORE-2, C-STORE-3, C-KEY-1, C-NET-2: on demand, with a broker in memory."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from integration.core.journey import DISTRUST_LIMIT
from integration.core.record import Session
from integration.errors import Distrust, Exit, Retry, Stop
from integration.pipeline.sources import PATIENCE
from integration.tests.fakes import FIRST_ID, RETENTION, START, FakeBroker, ManualClock
from integration.tests.home import Client, archives, members, portal_in, rows, stored

IDS = range(FIRST_ID, FIRST_ID + 7)
MILLI = timedelta(milliseconds=1)


def test_a_range_is_stored_all_and_only(client: Client) -> None:
    """C-TIME-1: over page borders; the first instant counts, the last does not."""
    minute = timedelta(minutes=1)
    outcome = client.on_demand().range(START + minute, START + 5 * minute, clamp=False)

    assert (outcome.found, outcome.stored, outcome.complete) == (4, 4, True)
    assert stored(client) == list(IDS[1:5])
    assert client.told.counts["stored"] == 4


def test_a_range_behind_the_edge_is_told_with_the_edge(client: Client, clock: ManualClock) -> None:
    """C-TIME-1: it is cut only when told to."""
    clock.advance(RETENTION.total_seconds() - 200)
    with pytest.raises(Stop, match=r"2030-01-01T00:03:40.000Z.*--clamp") as stop:
        client.on_demand().range(START, None, clamp=False)
    assert stop.value.exit_code is Exit.USAGE

    outcome = client.on_demand().range(START, None, clamp=True)
    assert stored(client) == list(IDS[4:])
    assert outcome.listed is not None
    assert outcome.listed.start == START + timedelta(seconds=220)


def test_an_edge_that_moves_while_pages_are_read(
    client: Client, broker: FakeBroker, clock: ManualClock
) -> None:
    """C-TIME-1: the list is taken up again, and ends."""
    clock.advance(RETENTION.total_seconds() - 420)

    def later(operation: str) -> None:
        clock.advance(0.3 if operation == "getSessionIds" else 0)

    broker.trouble = later
    outcome = client.on_demand().range(None, None, clamp=False)

    assert outcome.complete
    assert set(stored(client)) >= set(IDS[1:])


@pytest.mark.parametrize("end", [START, START - MILLI])
def test_an_empty_range_is_a_mistake(client: Client, end: object) -> None:
    """C-TIME-1: said before the broker is asked."""
    with pytest.raises(Stop, match="ends before it starts"):
        client.on_demand().range(START, end, clamp=False)  # type: ignore[arg-type]  # instants both


def test_fetching_again_downloads_nothing(client: Client, broker: FakeBroker) -> None:
    """C-ONCE-1: what is here and has not changed is left alone; `anew` says otherwise."""
    client.on_demand().range(START, None, clamp=False)
    before, downloads = archives(client.portal), len(broker.downloads)
    client.on_demand().range(START, None, clamp=False)
    assert (before, downloads) == (archives(client.portal), len(broker.downloads))

    client.on_demand(anew=True).sessions([IDS[0]])
    assert len(broker.downloads) == downloads + 5
    assert before == archives(client.portal)


def test_what_is_not_chosen_is_not_downloaded(
    tmp_path: Path, broker: FakeBroker, clock: ManualClock
) -> None:
    """C-STORE-3: the properties come always, and no key without a file for it."""
    chosen = portal_in(tmp_path, channels=frozenset({"Chat"}))
    client = Client(chosen, broker, clock)
    client.on_demand().sessions([IDS[0]])
    client.close()

    names = [f"chatTranscript{IDS[0]}.txt", f"session{IDS[0]}.properties"]
    assert broker.downloads == names
    assert set(members(chosen, IDS[0])) == {*names, "session.json", "keys.json"}
    assert broker.calls["getDefaultKey"] == 0
    assert [row[-1] for row in rows(chosen)["support_session_file"]] == [0, 0, 1, 0, 1]


def test_default_keys_are_fetched_once(client: Client, broker: FakeBroker) -> None:
    """C-KEY-1: and kept beside the archives."""
    client.on_demand().range(START, None, clamp=False)
    asked = broker.calls["getDefaultKey"]
    client.on_demand(anew=True).range(START, None, clamp=False)

    assert 1 <= asked <= client.portal.workers
    assert broker.calls["getDefaultKey"] == asked
    assert client.store.keychain.read("acme", 1) == b"\1" * 16


def test_an_expired_link_is_replaced(client: Client, broker: FakeBroker) -> None:
    """C-NET-2: the session is read again, once, for new links to all of its files."""
    broker.link = "second"
    seen = broker.session

    def stale(session_id: int) -> Session:
        found = seen(session_id)
        if broker.calls["getSession"] > 1:
            return found
        links = tuple(replace(f, url=f.url.replace("second", "first")) for f in found.files)
        return replace(found, files=links)

    broker.session = stale  # type: ignore[method-assign]  # a broker whose first links are old
    assert client.on_demand().sessions([IDS[0]]).complete
    assert client.told.problems == []
    assert broker.calls["getSession"] == 2


@pytest.mark.parametrize("operation", ["getSession", "download", "getDefaultKey", "getSessionIds"])
def test_failures_that_pass_are_outlived(
    client: Client, broker: FakeBroker, clock: ManualClock, operation: str
) -> None:
    """C-NET-2: each call fails twice, then answers."""
    broker.trouble = failing(operation, 2, lambda: Retry("503", after=3.0))
    outcome = client.on_demand().range(START, None, clamp=False)

    assert outcome.complete
    assert stored(client) == list(IDS)


def failing(
    operation: str, times: int, error: Callable[[], Exception]
) -> Callable[[str], Exception | None]:
    left = [times]

    def trouble(called: str) -> Exception | None:
        if called == operation and left[0]:
            left[0] -= 1
            return error()
        return None

    return trouble


def test_patience_on_demand_has_an_end(client: Client, broker: FakeBroker) -> None:
    """C-NET-2: what does not come is told; a later start finds it in the queue."""
    broker.trouble = lambda called: Retry("503") if called == "download" else None
    outcome = client.on_demand().sessions([IDS[0]])
    assert [(w.session_id, w.attempts) for w in outcome.waiting] == [(IDS[0], PATIENCE)]
    assert stored(client) == []
    assert archives(client.portal).keys() <= {"keys/.lock", "keys/default-acme-1.key"}

    broker.trouble = lambda _: None
    assert client.on_demand().sessions([IDS[0]]).complete


def test_data_that_never_verifies_is_given_up_and_told(client: Client, broker: FakeBroker) -> None:
    """C-STORE-2: it is not stored, and it does not hold up the others."""
    broker.contents[IDS[3], f"localScreen{IDS[3]}.g2a"] = b"something else"
    outcome = client.on_demand().range(START, None, clamp=False)

    assert [(w.session_id, w.attempts) for w in outcome.lost] == [(IDS[3], DISTRUST_LIMIT)]
    assert stored(client) == [i for i in IDS if i != IDS[3]]
    assert f"Session_{IDS[3]}.zip" not in archives(client.portal)


def test_an_odd_session_does_not_stop_the_others(client: Client, broker: FakeBroker) -> None:
    """C-NET-2: one that cannot be read is told, the others are stored."""
    seen = broker.session

    def odd(session_id: int) -> object:
        if session_id == IDS[3]:
            raise Distrust("the broker's answer is not a session")
        if session_id == IDS[4]:
            raise ZeroDivisionError
        return seen(session_id)

    broker.session = odd  # type: ignore[method-assign,assignment]  # a broker with two odd sessions
    outcome = client.on_demand().range(START, None, clamp=False)

    assert [w.session_id for w in outcome.lost] == [IDS[3], IDS[4]]
    assert len(stored(client)) == 5


def test_an_unknown_session_is_told_and_leaves_no_trace(client: Client) -> None:
    """C-TIME-1: a number mistyped is no session lost."""
    outcome = client.on_demand().sessions([5, IDS[0]])

    assert [(w.session_id, w.problem) for w in outcome.lost] == [(5, "no such session")]
    assert client.store.ledger.lost(9) == []


def test_stopping_leaves_everything_whole(client: Client, broker: FakeBroker) -> None:
    """C-STORE-2: what is home is committed; the rest is for the next start."""

    def stop_at_the_third(called: str) -> None:
        if called == "getSession" and broker.calls[called] == 3:
            client.clock.stop()

    broker.trouble = stop_at_the_third
    outcome = client.on_demand().range(START, None, clamp=False)
    assert 0 < len(outcome.waiting) < 7

    client.clock.stopping = False
    broker.trouble = lambda _: None
    assert client.on_demand().range(START, None, clamp=False).complete
    assert stored(client) == list(IDS)


@pytest.mark.parametrize("refusals", [3, 99])
def test_a_database_that_refuses(client: Client, refusals: int) -> None:
    """C-ONCE-1: sessions wait for it; on demand a person is told in the end."""
    database, left = client.store.database, [refusals]
    begin = database.begin

    def refusing() -> AbstractContextManager[Connection]:
        if left[0]:
            left[0] -= 1
            raise Retry("the database: OperationalError")
        return begin()

    database.begin = refusing  # type: ignore[method-assign,assignment]  # down for a while
    if refusals > PATIENCE:
        with pytest.raises(Retry, match="database"):
            client.on_demand().sessions([IDS[0]])
        left[0] = 0
        client.clock.stopping = False
    assert client.on_demand().sessions([IDS[0]]).complete
    assert stored(client) == [IDS[0]]


def test_progress_counts_against_failures(client: Client, broker: FakeBroker) -> None:
    """C-NET-2: a session whose every attempt brings one file comes home in the end."""
    broker.trouble = lambda called: (
        Retry("cut") if called == "download" and broker.calls[called] % 2 else None
    )
    assert client.on_demand().sessions([IDS[0]]).complete
    assert max(client.clock.waits) <= 1.0
