"""Brokers that list wrongly: SESS-5, SESS-6."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core import retention
from broker_sim.core.record import Change
from broker_sim.core.refusal import Refused
from broker_sim.testing import Overlay
from conformance.mutants.registry import Original, mutant

_ROWS: Final = "broker_sim.adapters.sql_sessions.SessionRows.session_ids"
_RANGE: Final = "broker_sim.core.listing.check_range"
_MILLISECOND: Final = timedelta(milliseconds=1)
# The time that counts, by order.
_TIME: Final = {
    "Posted": "SELECT posted FROM session WHERE id = ?",
    "Started": "SELECT started FROM session WHERE id = ?",
    "Ended": "SELECT ended FROM session WHERE id = ?",
    "Updated": "SELECT updated FROM session WHERE id = ?",
}
_OFFSET: Final = re.compile(r"(?<=\d)[+-]\d\d:\d\d$")
# Readers and writers are made when a broker starts, and kept: this makes them anew.
FRESHLY_COMPILED: Final = Overlay(
    "broker_sim.soap.compiled.compiled",
    lambda compiled: compiled.__wrapped__,
)

# Taken before anything is laid over it.
_edge = retention.edge


def _time(tx: Any, by: str, number: int) -> Any:
    return tx.cursor.execute(_TIME[by], (number,)).fetchone()[0]


@mutant("SESS-5", at=_ROWS)
def pages_lose_an_item(rows: Original) -> Original:
    """The next page begins behind the time of the last id, so others of that instant are lost."""

    def lossy(tx: Any, portal: str, by: str, *range_: Any, **more: Any) -> Sequence[int]:
        found: Sequence[int] = rows(tx, portal, by, *range_, **more)
        if more["after"] is None:
            return found
        border = _time(tx, by, more["after"])
        return [number for number in found if _time(tx, by, number) != border]

    return lossy


@mutant("SESS-5", at=_ROWS)
def pages_repeat_an_item(rows: Original) -> Original:
    """The next page begins with the last id of the page before."""

    def double(tx: Any, *range_: Any, **more: Any) -> Sequence[int]:
        found: Sequence[int] = rows(tx, *range_, **more)
        # A whole page of one would be the same page for ever.
        if more["after"] is None or more["limit"] == 1:
            return found
        return [more["after"], *found][: more["limit"]]

    return double


@mutant("SESS-5", at=_ROWS)
def ties_come_in_any_order(rows: Original) -> Original:
    """Sessions of one instant come in no order of their own, as without an `ORDER BY id`."""

    def loose(tx: Any, portal: str, by: str, *range_: Any, **more: Any) -> Sequence[int]:
        found: Sequence[int] = rows(tx, portal, by, *range_, **more)
        return sorted(found, key=lambda number: (_time(tx, by, number), -number))

    return loose


@mutant("SESS-5", at=_ROWS)
def pages_are_ordered_by_id(rows: Original) -> Original:
    """A page is ordered by id alone."""
    return lambda *given, **more: sorted(rows(*given, **more))


def _moved(first: timedelta, last: timedelta) -> Callable[[Original], Original]:
    """Move the ends of a range."""

    def wrap(rows: Original) -> Original:
        def moved(tx: Any, portal: str, by: str, start: Any, end: Any, **more: Any) -> Any:
            return rows(tx, portal, by, start + first, end + last, **more)

        return moved

    return wrap


@mutant("SESS-5", at=_ROWS)
def the_end_of_a_range_is_in_it(rows: Original) -> Original:
    """A range holds its end, too."""
    return _moved(timedelta(0), _MILLISECOND)(rows)


@mutant("SESS-5", at=_ROWS)
def the_start_of_a_range_is_not_in_it(rows: Original) -> Original:
    """A range does not hold its start."""
    return _moved(_MILLISECOND, timedelta(0))(rows)


@mutant("SESS-5", at=_ROWS)
def the_order_asked_for_is_ignored(rows: Original) -> Original:
    """Lists go by the end, whatever was asked for."""
    return lambda tx, portal, _by, *more, **named: rows(tx, portal, "Ended", *more, **named)


@mutant("SESS-5", at=_ROWS)
def only_the_first_sub_portal_counts(rows: Original) -> Original:
    """Of the sub-portals asked for, only the first is looked at."""

    def first(*given: Any, **more: Any) -> Any:
        return rows(*given, **{**more, "sub_portals": more["sub_portals"][:1]})

    return first


@mutant("SESS-5", at="broker_sim.core.listing.page")
def pages_have_no_bound(_page: Original) -> Original:
    """A page holds as many as there are, or as were asked for."""
    return lambda limit, _page_max: limit or 10_000


@mutant("SESS-5", at="broker_sim.core.listing.page")
def small_pages_are_not_told(page: Original) -> Original:
    """A page holds a hundred at most, and getPortal says a thousand."""
    return lambda limit, page_max: min(page(limit, page_max), 100)


@mutant("SESS-5", at="broker_sim.service.sessions.PortalAnswer")
def page_max_is_not_kept(answer: Original) -> Original:
    """A pageMax of five is told by getPortal, and pages hold more."""
    return lambda *facts: answer(*facts[:-2], 5, facts[-1])


def _in_the_office(read: Original) -> Original:
    def local(text: str) -> datetime:
        zoned = text.strip()[-1:] == "Z" or text.strip()[-6:-5] in ("+", "-")
        told: datetime = read(text)
        return told if zoned else told - timedelta(hours=1)

    return local


@mutant("SESS-5", at="broker_sim.soap.lexical.READERS", with_=(FRESHLY_COMPILED,))
def zone_less_times_are_local(readers: Any) -> Any:
    """A time without a zone is read by the office's wall clock, not as UTC."""
    return {
        kind: _in_the_office(reader) if kind.name == "INSTANT" else reader
        for kind, reader in readers.items()
    }


def _as_if_utc(read: Original) -> Original:
    def careless(text: str) -> datetime:
        told: datetime = read(_OFFSET.sub("Z", text.strip()))
        return told

    return careless


@mutant("SESS-5", at="broker_sim.soap.lexical.READERS", with_=(FRESHLY_COMPILED,))
def offsets_are_cut_off(readers: Any) -> Any:
    """A time with an offset is read as if it ended in Z."""
    return {
        kind: _as_if_utc(reader) if kind.name == "INSTANT" else reader
        for kind, reader in readers.items()
    }


@mutant("SESS-5", at=_ROWS)
def long_ranges_are_cut_short(rows: Original) -> Original:
    """Of a range, only the first sixty days are looked through."""

    def short(tx: Any, portal: str, by: str, start: Any, end: Any, **more: Any) -> Any:
        return rows(tx, portal, by, start, min(end, start + timedelta(days=60)), **more)

    return short


@mutant("SESS-5", at="broker_sim.service.sessions.get_session_ids")
def sub_portals_named_twice_come_twice(get_session_ids: Original) -> Original:
    """For each name of a sub-portal its sessions are listed, also where it is named again."""

    def doubled(call: Any, *range_: Any, **more: Any) -> Sequence[int]:
        found: Sequence[int] = get_session_ids(call, *range_, **more)
        names = more.get("sub_portals") or ()
        return [number for number in found for _ in range(1 + len(names) - len(set(names)))]

    return doubled


@mutant("SESS-5", at="broker_sim.adapters.sql_sessions.SessionRows.put")
def ended_sessions_are_not_updated(put: Original) -> Original:
    """By Updated, a session stands where it ended: what comes later does not move it."""

    def unmoved(tx: Any, held: Any, changes: Any, now: datetime) -> Any:
        number = held.session.session_id
        before = tx.cursor.execute(_TIME["Updated"], (number,)).fetchone()
        stored = put(tx, held, changes, now)
        if {Change.SURVEY_RECEIVED, Change.RECORDING_READY} & {*changes} and before:
            tx.cursor.execute("UPDATE session SET updated = ? WHERE id = ?", (before[0], number))
        return stored

    return unmoved


@mutant("SESS-6", at=_RANGE)
def ranges_may_begin_anywhere(check_range: Original) -> Original:
    """A range that begins before the retention edge is answered with what is left of it."""
    return lambda start, end, now: check_range(max(start, _edge(now)), max(end, _edge(now)), now)


@mutant("SESS-6", at=_RANGE)
def edges_are_whole_seconds(check_range: Original) -> Original:
    """The retention edge is that of the second that has begun."""
    return lambda start, end, now: check_range(start, end, now.replace(microsecond=0))


@mutant("SESS-6", at=_RANGE)
def backward_ranges_are_empty(check_range: Original) -> Original:
    """A range that ends before it starts is answered with nothing."""
    return lambda start, end, now: check_range(start, max(start, end), now)


@mutant("SESS-6", at=_RANGE)
def ranges_begin_behind_the_edge(check_range: Original) -> Original:
    """A range that begins at the retention edge itself is refused."""
    return lambda start, end, now: check_range(start - _MILLISECOND, end, now)


@mutant("SESS-6", at=_RANGE)
def the_edge_is_told_wrongly(check_range: Original) -> Original:
    """The fault names the beginning of the edge's day."""

    def rounded(start: datetime, end: datetime, now: datetime) -> None:
        try:
            check_range(start, end, now)
        except Refused as refused:
            day = refused.extra["edge"].replace(hour=0, minute=0, second=0, microsecond=0)
            raise Refused(faults.INVALID_RANGE, edge=day) from None

    return rounded
