"""SESS-5: which sessions lie in a range, in which order, on which page."""

import operator
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.contract.sessions import ORDER
from conformance.bench import MILLISECOND, SUB_PORTALS, Bench
from conformance.caller import Outcome
from conformance.desk import Desk
from conformance.hands import Hands, Missing, verb
from conformance.patterns import AtMost, Between, fault, gives
from conformance.properties import judges
from conformance.strategies import EDGES, edges

_FATES: Final[dict[str, tuple[str, ...]]] = {
    "waits": (),
    "accepted": ("accept",),
    "runs": ("accept", "start"),
    "ended": ("accept", "start", "end"),
    "declined": ("decline",),
}
_EDGES: Final = {-1: "1 ms before a session's time", 0: "at a session's time", 1: "1 ms after it"}


@verb
def list_pages(hands: Hands, /, *, limit: int | None, most: int = 10_000, **range_: Any) -> Outcome:
    """List a range page by page, each asked for with the last id of the page before."""
    ids: list[int] = []
    sizes: list[int] = []
    while True:
        after = ids[-1] if ids else None
        page = hands.call("getSessionIds", limit=limit, after=after, **range_)
        if not isinstance(page.get("gives"), list):
            return page
        ids.extend(page["gives"])
        sizes.append(len(page["gives"]))
        full = hands.full_page(limit, range_["connection_id"])
        if sizes[-1] < full or len(ids) > most:
            over = max(sizes) - full
            return {"gives": {"ids": ids, "largest": max(sizes), "over_full": max(over, 0)}}


_Plan: TypeAlias = tuple[str, int, int]  # a fate, a sub-portal by number, pauses in ms


def _desk(bench: Bench, plans: Sequence[_Plan]) -> Desk:
    """Make a portal with sessions of such fates; the last to be posted is taken up first."""
    desk = Desk(bench, bench.place())
    cases = []
    for number, (_, sub_portal, _) in enumerate(plans):
        desk.advance(bench.now + (5 * MILLISECOND if number == 2 else timedelta(0)))
        cases.append(desk.post(subPortal=desk.place.sub_portals[sub_portal]))
    for case, (fate, _, pause) in reversed(list(zip(cases, plans, strict=True))):
        for act in _FATES[fate]:
            desk.advance(bench.now + pause * MILLISECOND)
            desk.act(case, act)
    desk.settle()
    return desk


def _expected(
    desk: Desk, by: str, start: datetime, end: datetime, subs: Sequence[str]
) -> list[int]:
    rows = [
        (time, case.id)
        for case in desk.cases.values()
        if (time := case.time(by)) is not None and (not subs or case.facts["sub_portal"] in subs)
    ]
    return [id_ for time, id_ in sorted(rows) if start <= time < end]


# Three end at one instant, one a millisecond later; others never start, or never end.
_FEW: Final[list[_Plan]] = [
    ("ended", 1, 0),
    ("ended", 0, 0),
    ("ended", 1, 0),
    ("ended", 0, 1),
    ("declined", 1, 1000),
    ("runs", 2, 1),
    ("accepted", 0, 1),
    ("waits", 1, 0),
]
# The last names all there are, one of them twice.
_SUBS: Final = (
    (),
    ("General", "Billing"),
    ("Billing",),
    (*reversed(SUB_PORTALS), SUB_PORTALS[0]),
)
# For each order and choice of sub-portals: both ends of a range, at an edge or beside it.
_RANGES: Final = [(by, subs) for subs in _SUBS for by in ORDER.words]


@judges(
    {
        "SESS-5": (
            *(f"{side}, as an end of the range" for side in _EDGES.values()),
            *(f"by {by}" for by in ORDER.words),
            "a page that is exactly full",
            "only some sub-portals",
            "all sub-portals, one named twice",
            "two sessions at the same instant",
        )
    },
    exactly=len(_RANGES),
)
def ranges_are_whole_and_in_order(bench: Bench, data: st.DataObject) -> None:
    """SESS-5: half-open, by (time, id), complete and without doubles over all pages."""
    by, subs = data.draw(st.sampled_from(_RANGES), label="by, sub-portals")
    desk = _desk(bench, _FEW)
    times = sorted({time for each in desk.cases.values() if (time := each.time(by))})
    for number, (low, high) in enumerate(product(EDGES, EDGES)):
        ends = times[0] + low * MILLISECOND, times[-1] + high * MILLISECOND
        limit = 1 + number % 4
        wanted = _listed(desk, by, ends, limit, subs)
        for side in (low, high):
            bench.passed("SESS-5", f"{_EDGES[side]}, as an end of the range")
        found = [desk.cases[id_].time(by) for id_ in wanted]
        if len(set(found)) < len(found):
            bench.passed("SESS-5", "two sessions at the same instant")
        if len(wanted) % limit == 0:
            bench.passed("SESS-5", "a page that is exactly full")
    bench.passed("SESS-5", f"by {by}")
    if subs:
        some = "only some sub-portals"
        every = "all sub-portals, one named twice"
        bench.passed("SESS-5", every if len(subs) > len(SUB_PORTALS) else some)


def _listed(
    desk: Desk, by: str, ends: tuple[datetime, datetime], limit: int, subs: Sequence[str]
) -> list[int]:
    """List a range page by page and hold it against the model; give what it must hold."""
    wanted = _expected(desk, by, ends[0], ends[1], subs)
    desk.bench.do(
        "list_pages",
        connection_id=desk.connection,
        start=ends[0],
        end=ends[1],
        by=by,
        sub_portals=list(subs) or None,
        limit=limit,
    )
    desk.bench.expect("SESS-5", gives({"ids": wanted, "over_full": 0}))
    return wanted


@judges({"SESS-5": ()})
def any_range_is_whole_and_in_order(bench: Bench, data: st.DataObject) -> None:
    """SESS-5: so for any sessions, any range, any page size and any sub-portals."""
    fates = st.sampled_from(sorted(_FATES))
    plan = st.tuples(fates, st.integers(0, 2), st.sampled_from((0, 0, 0, 1, 1000)))
    desk = _desk(bench, data.draw(st.lists(plan, min_size=2, max_size=7), label="sessions"))
    by = data.draw(st.sampled_from(ORDER.words), label="by")
    times = {time for each in desk.cases.values() if (time := each.time(by))} or {bench.now}
    edge = st.builds(operator.add, st.sampled_from(sorted(times)), edges)
    first, second = data.draw(edge, label="an end"), data.draw(edge, label="an end")
    subs = data.draw(st.lists(st.sampled_from(desk.place.sub_portals), unique=True, max_size=2))
    limit = data.draw(st.integers(1, 4), label="max")
    _listed(desk, by, (min(first, second), max(first, second)), limit, subs)


@judges({"SESS-5": ("a time without a zone is UTC",)}, exactly=1)
def times_without_a_zone_are_utc(bench: Bench, data: st.DataObject) -> None:
    """SESS-5: a zone-less time in a request is read as UTC."""
    del data
    desk = Desk(bench, bench.place())
    case = desk.finished()
    ends = [bench.now + side * MILLISECOND for side in (-1, 1)]
    bench.do("list_without_zone", connection_id=desk.connection, start=ends[0], end=ends[1])
    bench.expect("SESS-5", gives([case.id]), case="a time without a zone is UTC")


@verb
def list_without_zone(
    hands: Hands, /, *, connection_id: str, start: datetime, end: datetime
) -> Outcome:
    """List a range whose ends are written without a zone."""
    first, last = (each.replace(tzinfo=None).isoformat() for each in (start, end))
    return hands.call("getSessionIds", connection_id=connection_id, start=first, end=last)


@judges({"SESS-5": ("by is Ended if nothing is said",)}, share=0.2)
def ended_is_what_counts_by_itself(bench: Bench, data: st.DataObject) -> None:
    """SESS-5: without `by` the end counts: an open session is not listed."""
    desk = Desk(bench, bench.place())
    desk.post()
    ended = desk.finished()
    start = bench.now - data.draw(st.sampled_from((0, 1, 1000))) * MILLISECOND
    end = bench.now + MILLISECOND
    bench.call("getSessionIds", connection_id=desk.connection, start=start, end=end)
    bench.expect("SESS-5", gives([ended.id]), case="by is Ended if nothing is said")


_MANY: Final = 2 * limits.PAGE_MAX + 60


@judges({"SESS-5": ("more than two pages of a thousand", "no page over a thousand")}, exactly=1)
def many_sessions_over_many_pages(bench: Bench, data: st.DataObject) -> None:
    """SESS-5: a page holds at most 1000, and pages of any size give the same list."""
    del data
    place = bench.place()
    body = {"sessions": _MANY, "days": 30, "portal": place.portal}
    told = bench.do("control", method="POST", path=["seed"], body=body)
    if told.get("status") != 200:
        msg = f"the control API cannot make a past: {told}"
        raise Missing(msg)
    day = timedelta(days=1)
    range_ = {
        "connection_id": bench.connect(place),
        "start": bench.now - 31 * day,
        "end": bench.now + day,
        "by": "Posted",
    }
    bench.do("compare_pages", limits=[None, 1000, 97], **range_)
    most = Between(1, limits.PAGE_MAX)
    wanted = {"ids": _MANY, "doubles": 0, "same": True, "largest": most, "over_full": 0}
    wanted |= {"in_order": True}
    bench.expect("SESS-5", gives(wanted), case="more than two pages of a thousand")
    bench.call("getSessionIds", limit=limits.PAGE_MAX + 1, **range_)
    refused = fault("InvalidArgument", field="max")
    bench.expect("SESS-5", refused, gives(AtMost(limits.PAGE_MAX)), case="no page over a thousand")


@verb
def compare_pages(hands: Hands, /, *, limits: Sequence[int | None], **range_: Any) -> Outcome:
    """List a range with pages of several sizes; tell whether the lists agree."""
    outcomes = [list_pages(hands, limit=limit, **range_) for limit in limits]
    for outcome in outcomes:
        if "gives" not in outcome:
            return outcome
    lists = [outcome["gives"]["ids"] for outcome in outcomes]
    first = lists[0]
    return {
        "gives": {
            "ids": len(first),
            "doubles": len(first) - len(set(first)),
            "same": all(each == first for each in lists),
            "largest": max(outcome["gives"]["largest"] for outcome in outcomes),
            "over_full": max(outcome["gives"]["over_full"] for outcome in outcomes),
            "in_order": _in_order(hands, first, range_["connection_id"]),
        }
    }


def _in_order(hands: Hands, ids: Sequence[int], connection: str) -> bool:
    """Read some neighbours and tell whether they stand by (postTime, id)."""
    keys = []
    for id_ in (*ids[:8], *ids[len(ids) // 2 :][:8], *ids[-8:]):
        read = hands.call("getSession", connection_id=connection, session_id=id_).get("gives")
        if not isinstance(read, dict):
            return False
        keys.append((read["posted"], id_))
    return keys == sorted(keys)
