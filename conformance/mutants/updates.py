"""Brokers whose change log is wrong: UPD-1 to UPD-4."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from broker_sim.contract import faults
from broker_sim.core.record import Change, Event, Session
from broker_sim.core.refusal import Refused
from conformance.mutants.registry import Original, mutant

_ROWS: Final = "broker_sim.adapters.sql_log.LogRows"
_CHANGES: Final = "broker_sim.core.session.CHANGES"
_CURSOR: Final = "broker_sim.core.listing.check_cursor"
_SESSIONS: Final = "broker_sim.service.sessions"


def _since(change: Callable[[int], int]) -> Callable[[Original], Original]:
    """Read the log from another place than was asked for."""

    def wrap(updates: Original) -> Original:
        def moved(tx: Any, portal: str, since: int, *more: Any, **named: Any) -> Any:
            return updates(tx, portal, change(since), *more, **named)

        return moved

    return wrap


@mutant("UPD-1", at=f"{_ROWS}.updates")
def updates_at_a_border_are_lost(updates: Original) -> Original:
    """The first update behind a cursor is left out."""
    return _since(lambda since: since + 1 if since else 0)(updates)


@mutant("UPD-1", at=f"{_ROWS}.updates")
def updates_at_a_border_come_twice(updates: Original) -> Original:
    """The update at a cursor comes again: `>=` where `>` is meant."""
    return _since(lambda since: max(0, since - 1))(updates)


@mutant("UPD-1", at=f"{_ROWS}.updates")
def newest_updates_come_first(updates: Original) -> Original:
    """A page begins with its newest update."""
    return lambda *given, **named: list(reversed(updates(*given, **named)))


@mutant("UPD-1", at=f"{_SESSIONS}.get_last_update_id")
def the_next_id_is_told_as_the_last(get_last: Original) -> Original:
    """The id that the next update will have is told as the last one."""
    return lambda call: get_last(call) + 1


def _without(*kinds: Event) -> Callable[[Any], Any]:
    """Let some events make no update."""

    def wrap(changes: Mapping[Event, Change]) -> Mapping[Event, Change]:
        return {event: change for event, change in changes.items() if event not in kinds}

    return wrap


@mutant("UPD-2", at=_CHANGES)
def surveys_make_no_update(changes: Any) -> Any:
    """The survey comes without an update."""
    return _without(Event.SURVEY_RECEIVED)(changes)


@mutant("UPD-2", at=_CHANGES)
def acceptances_make_no_update(changes: Any) -> Any:
    """An acceptance comes without an update."""
    return _without(Event.ACCEPTED)(changes)


@mutant("UPD-2", at=_CHANGES)
def lost_requests_make_no_update(changes: Any) -> Any:
    """A request that is declined, unanswered or abandoned comes without an update."""
    return _without(Event.DECLINED, Event.UNANSWERED, Event.ABANDONED)(changes)


@mutant("UPD-2", at="broker_sim.service.settling.make_ready")
def recordings_make_no_update(_make_ready: Original) -> Original:
    """A recording becomes ready without an update."""
    return lambda tx, held, now: tx.put(replace(held, recorded=True, due=None), (), now)


@mutant("UPD-2", "RET-2", at=f"{_ROWS}._log")
def purges_make_no_update(log: Original) -> Original:
    """A purge comes without an update."""

    def silent(tx: Any, portal: int, number: int, changes: Sequence[Change], now: datetime) -> int:
        return 0 if Change.PURGED in changes else int(log(tx, portal, number, changes, now))

    return silent


@mutant("UPD-2", at="broker_sim.adapters.sql_sessions.SessionRows.put")
def sessions_keep_their_first_update_id(put: Original) -> Original:
    """A session's lastUpdateId stays that of the entry with which it was posted."""

    def kept(tx: Any, held: Any, changes: Sequence[Change], now: datetime) -> Any:
        stored = put(tx, held, changes, now)
        first = held.session.last_update_id
        if first:
            row = (first, stored.session_id)
            tx.cursor.execute("UPDATE session SET last_update_id = ? WHERE id = ?", row)
        return stored

    return kept


# By the store, that is: by what one running broker has for itself.
_CACHES: Final[WeakKeyDictionary[Any, dict[int, Any]]] = WeakKeyDictionary()


@mutant("UPD-2", at=f"{_SESSIONS}.get_session")
def sessions_are_read_from_a_cache(get_session: Original) -> Original:
    """A session that was read once is answered from a cache that later changes do not reach."""

    def cached(call: Any, session_id: int) -> Any:
        kept = _CACHES.setdefault(call.world.store, {})
        if session_id not in kept:
            read = get_session(call, session_id)
            if not isinstance(read, Session):
                return read
            kept[session_id] = read
        return kept[session_id]

    return cached


@mutant("UPD-3", at=_CURSOR)
def expired_cursors_are_answered(check: Original) -> Original:
    """A cursor from more than 90 days ago is answered with what is left of the log."""
    return lambda since, _floor, last: check(since, 0, last)


@mutant("UPD-3", at=_CURSOR)
def the_oldest_update_is_told_wrongly(check: Original) -> Original:
    """The fault names the newest update that is gone, not the oldest one kept."""

    def one_less(since: int, floor: int, last: int) -> None:
        try:
            check(since, floor, last)
        except Refused as refused:
            if refused.fault is not faults.UPDATE_EXPIRED:
                raise
            raise Refused(faults.UPDATE_EXPIRED, oldest_update_id=floor) from None

    return one_less


@mutant("UPD-3", at=_CURSOR)
def cursors_may_be_one_behind(check: Original) -> Original:
    """A cursor that misses just one of the entries that are gone is answered."""
    return lambda since, floor, last: check(since + (since == floor - 1), floor, last)


@mutant("UPD-3", "RET-1", at=f"{_ROWS}.purge")
def entries_outlive_their_session(purge: Original) -> Original:
    """A purged session's entries stay in the log."""

    def forgetful(tx: Any, doomed: Any, now: datetime) -> None:
        run = tx.cursor.execute
        kept = run("SELECT * FROM update_log WHERE session_id = ?", (doomed.session_id,)).fetchall()
        names = [column[0] for column in tx.cursor.description]
        purge(tx, doomed, now)
        marks = ", ".join(f":{name}" for name in names)
        insert = f"INSERT INTO update_log ({', '.join(names)}) VALUES ({marks})"  # noqa: S608  names of columns
        for row in kept:
            run(insert, dict(zip(names, row, strict=True)))

    return forgetful


@mutant("UPD-4", at=_CURSOR)
def future_cursors_are_answered(check: Original) -> Original:
    """A cursor from the future is answered with nothing."""
    return lambda since, floor, last: check(min(since, last), floor, last)


@mutant("UPD-4", at=_CURSOR)
def cursors_may_be_one_ahead(check: Original) -> Original:
    """The next id is taken for a good cursor."""
    return lambda since, floor, last: check(since - (since == last + 1), floor, last)
