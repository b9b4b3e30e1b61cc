"""Brokers whose monitors are wrong: MON-1 to MON-3."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from broker_sim.core.record import Event
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
    """Tell every queue, or representative, otherwise."""

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


@mutant("MON-1", at=_REPS)
def screen_names_are_names(get: Original) -> Original:
    """The name is told as the screen name, too."""
    return _each(lambda _call, rep: replace(rep, screen_name=rep.name))(get)


@mutant("MON-1", at=_REPS)
def all_are_in_the_first_ones_team(get: Original) -> Original:
    """One team is told for all who serve the portal."""

    def alike(call: Any) -> Sequence[Any]:
        reps = get(call)
        return [replace(rep, team_name=reps[0].team_name) for rep in reps]

    return alike


@mutant("MON-1", at=_REPS)
def one_sub_portal_is_told_of_each(get: Original) -> Original:
    """Of the sub-portals that a representative serves only the first is told."""
    return _each(lambda _call, rep: replace(rep, sub_portals=rep.sub_portals[:1]))(get)


@mutant("MON-1", at=_REPS)
def who_is_in_session_takes_no_requests(get: Original) -> Original:
    """Only who is Available is told to take requests."""

    def idle(_call: Any, rep: Any) -> Any:
        return replace(rep, takes_requests=rep.status is Status.AVAILABLE)

    return _each(idle)(get)


@mutant("MON-2", at=_QUEUES)
def questions_are_cut_for_the_screen(get: Original) -> Original:
    """The queue tells the first eighty letters of a question."""

    def short(_call: Any, queue: Any) -> Any:
        cut = [replace(each, question=each.question[:80]) for each in queue.requests]
        return replace(queue, requests=cut)

    return _each(short)(get)


@mutant("MON-2", "MON-3", at=_QUEUES)
def twenty_five_requests_are_told(get: Original) -> Original:
    """The queue tells its first page of requests, and how many there are."""
    return _each(lambda _call, queue: replace(queue, requests=queue.requests[:25]))(get)


@mutant("MON-2", at=_QUEUES)
def the_newest_request_comes_first(get: Original) -> Original:
    """Requests are told in the order of a screen, not by their time."""
    return _each(lambda _call, queue: replace(queue, requests=queue.requests[::-1]))(get)


@mutant("MON-2", at=_QUEUES)
def waits_are_rounded_up(get: Original) -> Original:
    """A wait that has begun a second is told as that second."""

    def up(call: Any, queue: Any) -> Any:
        waits = [-((each.posted - call.now) // timedelta(seconds=1)) for each in queue.requests]
        return replace(queue, longest_wait_seconds=max(waits, default=0))

    return _each(up)(get)


def _before(call: Any, session: Any) -> Any:
    """Give the session that a request was handed on from; itself where it was not."""
    number = session.transferred_from
    return session if number is None else call.tx.held(number).session


@mutant("MON-2", at=_QUEUES)
def who_is_handed_on_has_waited_all_along(get: Original) -> Original:
    """The wait of a transferred request counts from the first one's post."""

    def long(call: Any, queue: Any) -> Any:
        posts = [_before(call, each).posted for each in queue.requests]
        wait = (call.now - min(posts, default=call.now)) // timedelta(seconds=1)
        return replace(queue, longest_wait_seconds=wait)

    return _each(long)(get)


@mutant("MON-3", at=_QUEUES)
def who_is_handed_on_waits_where_it_was(get: Original) -> Original:
    """A transferred request is told in the queue that it came from."""

    def misplaced(call: Any) -> Sequence[Any]:
        queues = get(call)
        found: dict[str, list[Any]] = {queue.sub_portal: [] for queue in queues}
        for each in (each for queue in queues for each in queue.requests):
            found[_before(call, each).sub_portal].append(each)
        return [replace(one, requests=found[one.sub_portal]) for one in queues]

    return misplaced


@mutant("MON-3", at=_REPS)
def who_hands_on_stays_in_session(get: Original) -> Original:
    """A session that was transferred goes on with who has transferred it."""

    def sticky(call: Any) -> Sequence[Any]:
        seen, told = _SEEN.setdefault(call.world.store, {}), []
        for rep in get(call):
            known = seen.setdefault(rep.login, set())
            known.update(rep.session_ids)
            handed = {n for n in known if call.tx.held(n).session.transferred_to is not None}
            told.append(replace(rep, session_ids=sorted({*rep.session_ids, *handed})))
        return told

    return sticky


@mutant("MON-3", at=_QUEUES)
def what_all_have_declined_waits_on(get: Original) -> Original:
    """A request that ended as declined is still told as waiting."""

    def sticky(call: Any) -> Sequence[Any]:
        seen, told = _SEEN.setdefault(call.world.store, {}), []
        for queue in get(call):
            known = seen.setdefault(queue.sub_portal, {})
            known.update({each.session_id: each for each in queue.requests})
            over = [
                each
                for number, each in known.items()
                if call.tx.held(number).session.events[-1].kind is Event.DECLINED
            ]
            told.append(replace(queue, requests=[*queue.requests, *over]))
        return told

    return sticky
