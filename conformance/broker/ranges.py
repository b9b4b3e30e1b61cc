"""SESS-5, SESS-6: which ranges may be asked for, and how their ends are read."""

from datetime import datetime, timedelta, timezone
from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.contract.sessions import ORDER
from conformance.bench import MILLISECOND, Bench
from conformance.broker.sessions import WORDS
from conformance.caller import Outcome
from conformance.desk import Desk
from conformance.hands import Hands, verb
from conformance.model import SECOND
from conformance.patterns import Anything, OneOf, fault, gives
from conformance.properties import judges
from conformance.strategies import EDGES

_STARTS: Final = {
    -1: "1 ms before the retention edge",
    0: "at the retention edge",
    1: "1 ms after it",
}


@judges({"SESS-6": tuple(f"a range from {side}" for side in _STARTS.values())}, exactly=12)
def ranges_begin_at_the_retention_edge(bench: Bench, data: st.DataObject) -> None:
    """SESS-6: a range that starts before now minus 90 days is refused and told the edge."""
    side, by = data.draw(st.sampled_from([(s, b) for b in ORDER.words for s in EDGES]))
    connection = bench.connect(bench.place())
    bench.advance(bench.now + 1_234 * MILLISECOND)  # the edge is no whole second either
    edge = bench.now - limits.RETENTION
    start = edge + side * MILLISECOND
    bench.call("getSessionIds", connection_id=connection, start=start, end=bench.now, by=by)
    wanted = fault("InvalidRange", edge=edge) if side < 0 else gives([])
    bench.expect("SESS-6", wanted, case=f"a range from {_STARTS[side]}")


@judges({"SESS-6": ("ends before it starts", "ends where it starts")}, exactly=3)
def ranges_do_not_run_backwards(bench: Bench, data: st.DataObject) -> None:
    """SESS-6: a range may be empty; it may not end before it starts."""
    side = data.draw(st.sampled_from(EDGES), label="side")
    connection = bench.connect(bench.place())
    start = bench.now - timedelta(days=1)
    end = start + side * MILLISECOND
    bench.call("getSessionIds", connection_id=connection, start=start, end=end)
    if side < 0:
        edge = bench.now - limits.RETENTION
        bench.expect("SESS-6", fault("InvalidRange", edge=edge), case="ends before it starts")
    else:
        bench.expect("SESS-6", gives([]), case="ends where it starts")


_MALFORMED: Final = ("yesterday", "", "2030-13-01T00:00:00Z", "2030-01-01", "1000000", "NaN")


@judges({"SESS-6": ("malformed",)}, exactly=2 * len(_MALFORMED))
def malformed_ranges_are_refused(bench: Bench, data: st.DataObject) -> None:
    """SESS-6: what is no instant is refused; as InvalidRange, or as the argument it is."""
    text, name = data.draw(st.sampled_from([(t, n) for t in _MALFORMED for n in ("start", "end")]))
    connection = bench.connect(bench.place(fresh=False))
    range_: dict[str, Any] = {"start": "2030-01-15T00:00:00Z", "end": "2030-01-15T00:00:00Z"}
    bench.call("getSessionIds", connection_id=connection, **{**range_, name: text})
    wire = "from" if name == "start" else "to"
    clock = bench.hands.target.control is not None
    edge = bench.now - limits.RETENTION if clock else Anything("the edge")
    named = fault("InvalidArgument", field=OneOf((wire, "range")))
    bench.expect("SESS-6", fault("InvalidRange", edge=edge), named, case="malformed")


_OFFSET: Final = "a time with an offset is the instant that it says"
_OFFSETS: Final = (timedelta(hours=-8), timedelta(hours=5, minutes=30), timedelta(hours=14))


@verb
def list_with_offset(
    hands: Hands, /, *, connection_id: str, start: datetime, end: datetime, offset: timedelta
) -> Outcome:
    """List a range whose ends are written by the wall clock of another zone."""
    zone = timezone(offset)
    first, last = (each.astimezone(zone).isoformat() for each in (start, end))
    return hands.call("getSessionIds", connection_id=connection_id, start=first, end=last)


@judges({"SESS-5": (_OFFSET,)}, exactly=len(_OFFSETS))
def offsets_are_read(bench: Bench, data: st.DataObject) -> None:
    """SESS-5: a time with an offset is that instant, not the same wall clock in UTC."""
    offset = data.draw(st.sampled_from(_OFFSETS), label="offset")
    desk = Desk(bench, bench.place())
    case = desk.finished()
    ends = {"start": bench.now - MILLISECOND, "end": bench.now + MILLISECOND}
    bench.do("list_with_offset", connection_id=desk.connection, offset=offset, **ends)
    bench.expect("SESS-5", gives([case.id]), case=_OFFSET)


_LONG: Final = "a range may be as long as the retention"


@judges({"SESS-5": (_LONG,)}, exactly=1)
def long_ranges_are_whole(bench: Bench, data: st.DataObject) -> None:
    """SESS-5: from the retention edge to now, what stands at either end is listed."""
    del data
    desk = Desk(bench, bench.place())
    first = desk.finished()
    desk.advance(bench.now + limits.RETENTION - MILLISECOND)
    last = desk.finished()
    ends = {"start": bench.now - limits.RETENTION, "end": bench.now + MILLISECOND}
    bench.call("getSessionIds", connection_id=desk.connection, **ends)
    bench.expect("SESS-5", gives([first.id, last.id]), case=_LONG)


_LATE: Final = {"survey": "by Updated, after a survey", "record": "by Updated, after a recording"}


@judges({"SESS-5": tuple(_LATE.values())}, exactly=len(_LATE))
def changes_after_the_end_are_updates(bench: Bench, data: st.DataObject) -> None:
    """SESS-5: by Updated, a session stands where its newest change is, also if that came late."""
    late = data.draw(st.sampled_from(tuple(_LATE)), label="change")
    desk = Desk(bench, bench.place())
    case, ended = desk.finished(), bench.now
    desk.advance(ended + SECOND)
    desk.settle()
    if late == "record":
        desk.record(case)
    else:
        desk.act(case, late, **WORDS[late])
    desk.settle()
    changed = case.updated or bench.now
    for start, end in ((ended, changed), (changed, changed + MILLISECOND)):
        listed = [case.id] if start == changed else []
        range_ = {"start": start, "end": end, "by": "Updated"}
        bench.call("getSessionIds", connection_id=desk.connection, **range_)
        bench.expect("SESS-5", gives(listed))
    bench.passed("SESS-5", _LATE[late])
