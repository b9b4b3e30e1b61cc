"""SESS-6: which ranges may be asked for."""

from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.contract.sessions import ORDER
from conformance.bench import MILLISECOND, Bench
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
