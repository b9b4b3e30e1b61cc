"""A past that is loaded in bulk: its log has no gap, and no seam where a piece ends."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker_sim.adapters import sql_bulk
from broker_sim.adapters.database import MEMORY
from broker_sim.adapters.sql import SqlStore
from broker_sim.core.access import PortalKey
from broker_sim.service.storage import Portal
from broker_sim.synthetic.batch import Batch
from broker_sim.synthetic.company import plan
from broker_sim.tests.stores import url_of

SEED = 7
END = datetime(2030, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# So many in so short a time overlap: entries of many sessions stand between those of one.
BATCH = Batch(SEED, 300, END - timedelta(days=1), END)


def _filled(url: str = MEMORY) -> SqlStore:
    store, company = SqlStore(Batch.revive, url), plan(SEED)
    with store.writing() as tx:
        for portal in company.portals:
            known = Portal(portal.name, "", "", "SmartBox", portal.sub_portals, hard_lockouts=False)
            tx.add_portal(known, PortalKey(1, secured=False, kek=bytes(16)))
    assert sql_bulk.fill(store, BATCH.parameters(), BATCH.rows(company)) == BATCH.sessions
    return store


def _stored(store: SqlStore) -> Sequence[Sequence[Any]]:
    with store.reading() as tx:
        found = [
            sorted(tx.cursor.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
            for table in ("session", "update_log")
        ]
    store.close()
    return found


@pytest.mark.parametrize("at_once", [1, 7, 299, 300])
def test_the_size_of_the_pieces_changes_nothing(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UPD-1: entries are numbered in order of time, over every border between pieces."""
    whole = _stored(_filled())

    monkeypatch.setattr(sql_bulk, "_AT_ONCE", at_once)

    assert whole == _stored(_filled())


def test_postgresql_is_filled_with_the_same() -> None:
    """UPD-1: by its own quick way."""
    with url_of("postgresql") as url:
        assert _as_kept(_stored(_filled(url))) == _as_kept(_stored(_filled()))


def _as_kept(tables: Sequence[Sequence[Any]]) -> list[list[tuple[Any, ...]]]:
    """Give rows with truth values as SQLite has them."""
    return [
        sorted(tuple(int(v) if isinstance(v, bool) else v for v in row) for row in rows)
        for rows in [[[-1 if v is None else v for v in row] for row in rows] for rows in tables]
    ]


def test_the_log_of_a_past_has_every_change_once_in_order_of_time() -> None:
    """UPD-1, UPD-2: per portal, ids without a gap; per session, its changes and no others."""
    store, company = _filled(), plan(SEED)
    left: dict[int, list[tuple[Any, datetime]]] = {}
    with store.reading() as tx:
        for portal in company.portals:
            log = tx.updates(portal.name, 0, 10_000, ended_after=LONG_AGO)
            assert [entry.update_id for entry in log] == list(range(1, len(log) + 1))
            assert [entry.time for entry in log] == sorted(entry.time for entry in log)
            for entry in log:
                left.setdefault(entry.session_id, []).append((entry.kind, entry.time))
                held = tx.held(entry.session_id)
                assert held is not None
                assert held.session.last_update_id >= entry.update_id
    store.close()

    assert [list(row.changes) for row in BATCH.rows(company)] == [left[key] for key in sorted(left)]
