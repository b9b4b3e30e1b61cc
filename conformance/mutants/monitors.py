"""Brokers whose monitors are wrong: MON-1 to MON-3."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from broker_sim.core.staff import Status, Work
from conformance.mutants.registry import Original, mutant

_STAFF: Final = "broker_sim.core.staff"
_MONITORS: Final = "broker_sim.service.monitors"
_REPS: Final = f"{_MONITORS}.get_representatives"
_QUEUES: Final = f"{_MONITORS}.get_queues"


@mutant("MON-1", "MON-2", "MON-3", at=f"{_STAFF}.status")
def who_is_in_session_looks_available(status: Original) -> Original:
    """A representative in a session is told as if it were in none."""
    return lambda presence, _work, now: status(presence, Work(), now)


@mutant("MON-1", "MON-2", "MON-3", at=f"{_STAFF}.status")
def who_logs_off_in_session_is_gone(status: Original) -> Original:
    """A session whose representative has logged off does not count."""

    def hasty(presence: Any, work: Any, now: datetime) -> Status:
        there: Status = status(presence, Work(), now)
        return there if there is Status.LOGGED_OUT else status(presence, work, now)

    return hasty


@mutant("MON-1", at=f"{_STAFF}.since")
def since_is_the_last_word(_since: Original) -> Original:
    """A session's beginning and end do not move `since`."""
    return lambda presence, _work, _now: presence.since


@mutant("MON-1", at=f"{_STAFF}.since")
def since_is_now(_since: Original) -> Original:
    """`since` is when the question was asked."""
    return lambda _presence, _work, now: now


@mutant("MON-1", at=f"{_STAFF}.today")
def today_is_the_last_day(_today: Original) -> Original:
    """Today is the last twenty-four hours."""
    return lambda now: (now - timedelta(days=1), now + timedelta(milliseconds=1))


@mutant("MON-1", at=f"{_STAFF}.today")
def today_begins_a_moment_late(today: Original) -> Original:
    """What ended at midnight sharp is not of the new day."""

    def late(now: datetime) -> tuple[datetime, datetime]:
        start, end = today(now)
        return start + timedelta(milliseconds=1), end

    return late


@mutant("MON-1", "MON-2", at=f"{_STAFF}.is_logged_on")
def idle_representatives_stay(_is_logged_on: Original) -> Original:
    """A representative is there until it logs off, however long it does nothing."""
    return lambda presence, _now: presence.connection is not None


# By the store, that is: by what one running broker has for itself.
_SEEN: Final[WeakKeyDictionary[Any, dict[str, Any]]] = WeakKeyDictionary()


@mutant("MON-3", at=_REPS)
def ended_sessions_stay_with_their_representative(get: Original) -> Original:
    """The ids that a representative is in only ever grow."""

    def sticky(call: Any) -> Sequence[Any]:
        seen = _SEEN.setdefault(call.world.store, {})
        told = []
        for rep in get(call):
            seen.setdefault(rep.login, set()).update(rep.session_ids)
            told.append(replace(rep, session_ids=sorted(seen[rep.login])))
        return told

    return sticky


@mutant("MON-1", at=_REPS)
def only_who_is_logged_on_is_told(get: Original) -> Original:
    """Representatives who are logged out are left out."""
    return lambda call: [rep for rep in get(call) if rep.status is not Status.LOGGED_OUT]


_OLD: Final[WeakKeyDictionary[Any, dict[str, tuple[datetime, Any]]]] = WeakKeyDictionary()


@mutant("MON-3", at=_QUEUES)
def queues_are_a_minute_old(get: Original) -> Original:
    """The queues are worked out once a minute."""

    def cached(call: Any) -> Any:
        kept = _OLD.setdefault(call.world.store, {})
        at, _ = kept.get(call.portal, (None, None))
        if at is None or call.now - at >= timedelta(minutes=1):
            kept[call.portal] = (call.now, get(call))
        return kept[call.portal][1]

    return cached


def _each(change: Callable[[Any, Any], Any]) -> Callable[[Original], Original]:
    """Tell every queue otherwise."""

    def wrap(get: Original) -> Original:
        return lambda call: [change(call, queue) for queue in get(call)]

    return wrap


@mutant("MON-2", at=_QUEUES)
def the_longest_wait_is_the_shortest(get: Original) -> Original:
    """The wait of who came last is told."""

    def newest(call: Any, queue: Any) -> Any:
        waits = [(call.now - each.posted) // timedelta(seconds=1) for each in queue.requests]
        return replace(queue, longest_wait_seconds=min(waits, default=0))

    return _each(newest)(get)


@mutant("MON-2", "MON-3", at=_QUEUES)
def only_the_first_waits(get: Original) -> Original:
    """The number is right, but only one request is told."""
    return _each(lambda _call, queue: replace(queue, requests=queue.requests[:1]))(get)


@mutant("MON-2", at=_QUEUES)
def empty_queues_are_left_out(get: Original) -> Original:
    """A sub-portal in which nobody waits is not told."""
    return lambda call: [queue for queue in get(call) if queue.waiting]


@mutant("MON-2", at=_QUEUES)
def who_is_in_session_counts_as_available(get: Original) -> Original:
    """Representatives in a session are counted twice."""

    def doubled(_call: Any, queue: Any) -> Any:
        both = queue.representatives_available + queue.representatives_in_session
        return replace(queue, representatives_available=both)

    return _each(doubled)(get)


@mutant("MON-2", at=f"{_MONITORS}.settle")
def given_up_requests_wait_on(_settle: Original) -> Original:
    """A request that nobody answers waits for ever."""
    return lambda *_given: None
