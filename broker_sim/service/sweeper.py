"""Free what time has taken, in bounded batches. Reading never waits for it.

Source: RET-2, RET-3, UPD-3.
"""

from __future__ import annotations

from broker_sim.contract import limits
from broker_sim.core import phonecode, retention
from broker_sim.service import recording
from broker_sim.service.ports import World
from broker_sim.service.settling import settle


def sweep(world: World) -> int:
    """Settle every portal and purge until nothing is due; give how many sessions went."""
    settle_all(world)
    gone = 0
    while batch := purge_batch(world):
        gone += batch
    while forget_batch(world):
        pass
    recording.finish(world)
    return gone


def settle_all(world: World) -> None:
    """Bring every portal up to now, one transaction each; where nothing is due, none."""
    now = world.clock.now()
    with world.store.reading() as tx:
        names = tx.portals_due(now)
    for name in names:
        with world.store.writing() as tx:
            settle(tx, name, now)


def purge_batch(world: World) -> int:
    """Purge one batch; give how many sessions went.

    Rows go in one transaction, which also notes the large blobs; their bytes go after it,
    and after a crash in between with the next call. Without the wrapped keys, which lay in
    the rows, they are noise meanwhile.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        doomed = tx.doomed(retention.edge(now), limits.PURGE_BATCH)
        for one in doomed:
            settle(tx, one.portal, now)
            tx.purge(one, now)
    _delete_orphans(world)
    return len(doomed)


def _delete_orphans(world: World) -> None:
    with world.store.reading() as tx:
        keys = tx.orphans()
    for key in keys:
        world.blobs.delete(key)
        with world.store.writing() as tx:
            tx.orphan_gone(key)


def forget_batch(world: World) -> int:
    """Drop one batch each of what is past its own retention; give how many.

    Purge entries of the log, phone codes that nobody can still know, and the audit trail's old
    lines. UPD-3, PHONE-1, SEC-2.
    """
    now = world.clock.now()
    with world.store.writing() as tx:
        gone = tx.forget(now - limits.PURGE_UPDATE_KEPT, limits.PURGE_BATCH)
        gone += tx.forget_deeds(now - limits.AUDIT_KEPT, limits.PURGE_BATCH)
        return gone + tx.forget_codes(phonecode.forgotten_by(now), limits.PURGE_BATCH)
