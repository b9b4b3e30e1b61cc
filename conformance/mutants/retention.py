"""Brokers that keep too long or too short: RET-1 to RET-4."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from broker_sim.contract import faults, limits
from broker_sim.core import retention
from broker_sim.core.refusal import Refused
from broker_sim.testing import Overlay
from conformance.mutants.registry import Original, mutant

_CORE: Final = "broker_sim.core.retention"
_ROWS: Final = "broker_sim.adapters.sql_log.LogRows"
_DOOMED: Final = "broker_sim.adapters.sql_due.DueRows.doomed"
_SESSIONS: Final = "broker_sim.service.sessions"
_LOCATE: Final = "broker_sim.service.recording.locate"
_DAY: Final = timedelta(days=1)
_MILLISECOND: Final = timedelta(milliseconds=1)

# Taken before anything is laid over it.
_edge = retention.edge


def _ends(by: timedelta) -> Callable[[Original], Original]:
    """Move the end of everything."""
    return lambda purge_at: lambda *given: purge_at(*given) + by


def _edges(by: timedelta) -> Callable[[Original], Original]:
    """Move the edge of lists, log and sweep."""
    return lambda edge: lambda *given: edge(*given) - by


@mutant("RET-1", at=f"{_CORE}.purge_at", with_=(Overlay(f"{_CORE}.edge", _edges(_DAY)),))
def kept_for_91_days(purge_at: Original) -> Original:
    """Everything is kept a day too long."""
    return _ends(_DAY)(purge_at)


@mutant("RET-1", at=f"{_CORE}.purge_at", with_=(Overlay(f"{_CORE}.edge", _edges(-_DAY)),))
def gone_after_89_days(purge_at: Original) -> Original:
    """Everything goes a day too early."""
    return _ends(-_DAY)(purge_at)


@mutant("RET-1", at=f"{_CORE}.purge_at", with_=(Overlay(f"{_CORE}.edge", _edges(_MILLISECOND)),))
def readable_at_the_end(purge_at: Original) -> Original:
    """The end of the 90 days belongs to them: `<=` where `<` is meant."""
    return _ends(_MILLISECOND)(purge_at)


# By the store, that is: by what one running broker has for itself.
_SHELVES: Final[WeakKeyDictionary[Any, dict[tuple[int, str], Any]]] = WeakKeyDictionary()


@mutant("RET-1", at=_LOCATE)
def purged_files_are_served_from_a_cache(locate: Original) -> Original:
    """A file that was fetched once is served again while its URL lasts, purged or not."""

    def cached(world: Any, session_id: int, name: str) -> Any:
        shelf = _SHELVES.setdefault(world.store, {})
        found = locate(world, session_id, name)
        if found is None:
            return shelf.get((session_id, name))
        body = b"".join(found.read(0, found.file.size))

        def read(start: int, length: int) -> Iterator[bytes]:
            return iter((body[start : start + length],))

        kept = shelf[session_id, name] = replace(found, read=read)
        return kept

    return cached


@mutant("RET-2", at=f"{_SESSIONS}.get_session")
def purged_looks_absent(get_session: Original) -> Original:
    """A purged session is refused like one that never was."""

    def vague(call: Any, session_id: int) -> Any:
        try:
            return get_session(call, session_id)
        except Refused as refused:
            if refused.fault is not faults.SESSION_PURGED:
                raise
            raise Refused(faults.NO_SUCH_SESSION) from None

    return vague


@mutant("RET-2", "CONN-4", at=f"{_SESSIONS}._refuse_absent")
def other_portals_learn_of_purges(refuse_absent: Original) -> Original:
    """Another portal's connections are told, too, that a session was purged."""

    def telling(call: Any, session_id: int) -> None:
        gone = call.tx.purged_at(session_id)
        if gone is not None:
            raise Refused(faults.SESSION_PURGED, purged_at=gone[1])
        refuse_absent(call, session_id)

    return telling


@mutant("RET-2", at=f"{_ROWS}.purge")
def the_purge_is_told_by_the_sweepers_clock(purge: Original) -> Original:
    """A purged session tells when the sweeper came, not when its time was over."""

    def late(tx: Any, doomed: Any, now: datetime) -> None:
        purge(tx, replace(doomed, ended=_edge(now)), now)

    return late


@mutant("RET-2", at=f"{_ROWS}.forget")
def purge_updates_are_forgotten_early(forget: Original) -> Original:
    """A purge update is dropped after 30 days."""
    return lambda tx, log_by, limit: forget(tx, log_by + 60 * _DAY, limit)


def _all_of_them(doomed: Original) -> Original:
    return lambda tx, ended_by, _limit: doomed(tx, ended_by, 1_000_000)


@mutant("RET-3", at=f"{_ROWS}.purge", with_=(Overlay(_DOOMED, _all_of_them),))
def a_purge_holds_everybody_up(purge: Original) -> Original:
    """All that is due is purged in one transaction, on a disk that takes its time."""

    def slow(*given: Any) -> None:
        purge(*given)
        threading.Event().wait(0.01)

    return slow


@mutant("RET-3", at="broker_sim.service.sweeper.purge_batch")
def a_purge_is_two_transactions(purge_batch: Original) -> Original:
    """Records go in one transaction and all else in a second: a crash in between loses purges."""

    def in_two(world: Any) -> int:
        now = world.clock.now()
        with world.store.writing() as tx:
            doomed = tx.doomed(_edge(now), limits.PURGE_BATCH)
            for one in doomed:
                tx.cursor.execute("DELETE FROM session WHERE id = ?", (one.session_id,))
        threading.Event().wait(0.05)
        with world.store.writing() as tx:
            for one in doomed:
                tx.purge(one, now)
        return len(doomed) or int(purge_batch(world))

    return in_two


@mutant("RET-4", at=_DOOMED)
def old_open_sessions_are_purged(doomed: Original) -> Original:
    """Retention counts from the post: a session open for 90 days is purged."""
    kind = doomed.__globals__["Doomed"]

    def all_old(tx: Any, ended_by: datetime, limit: int) -> Any:
        epoch = datetime(1970, 1, 1, tzinfo=ended_by.tzinfo)
        milliseconds = (ended_by - epoch) // _MILLISECOND
        rows = tx.cursor.execute(
            "SELECT session.id, portal.name FROM session JOIN portal ON portal.id = portal_id"
            " WHERE ended IS NULL AND posted <= ? LIMIT ?",
            (milliseconds, limit),
        ).fetchall()
        return [*doomed(tx, ended_by, limit), *(kind(i, name, ended_by) for i, name in rows)]

    return all_old


@mutant("RET-4", at=f"{_SESSIONS}.get_session")
def old_open_sessions_cannot_be_read(get_session: Original) -> Original:
    """Retention counts from the post: a session open for 90 days is refused as purged."""

    def strict(call: Any, session_id: int) -> Any:
        held = call.tx.held(session_id)
        if held is not None and held.session.portal == call.portal:
            gone = held.session.posted + limits.RETENTION
            if call.now >= gone:
                raise Refused(faults.SESSION_PURGED, purged_at=gone)
        return get_session(call, session_id)

    return strict


@mutant("RET-4", at=f"{_SESSIONS}.get_session_ids")
def old_open_sessions_are_in_no_list(get_session_ids: Original) -> Original:
    """Whatever its latest time, a session that was posted 90 days ago is in no list."""

    def young(call: Any, *given: Any) -> Any:
        listed = ((each, call.tx.held(each)) for each in get_session_ids(call, *given))
        return [each for each, held in listed if held.session.posted > _edge(call.now)]

    return young
