"""CONN-4: a connection sees its own portal and nothing of another."""

from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import Bench
from conformance.caller import Outcome
from conformance.desk import Desk
from conformance.hands import Hands, verb
from conformance.patterns import Between, Unordered, fault, gives
from conformance.properties import judges

_ORDERS: Final = ("Posted", "Started", "Ended", "Updated")
_FAR: Final = 10_000_019


@verb
def compare_absent(hands: Hands, /, *, connection_id: str, foreign: int, operation: str) -> Outcome:
    """Ask for another portal's session and for one that never was; tell whether it shows."""
    now = hands.now
    outcomes = []
    for session_id in (foreign, foreign + _FAR):
        more: dict[str, Any] = {"session_id": session_id}
        if operation == "getSessionIds":
            more = {"start": now - timedelta(days=1), "end": now, "after": session_id}
        outcome = hands.call(operation, connection_id=connection_id, **more)
        said = str(outcome.get("message")).replace(str(session_id), "N")
        outcomes.append({**outcome, "message": said})
    return {"gives": {"alike": outcomes[0] == outcomes[1], "foreign": outcomes[0]}}


@judges(
    {
        "CONN-4": (
            "another portal's session looks absent to getSession",
            "another portal's session looks absent to getSessionIds",
            "lists hold the own portal's sessions only",
            "the log holds the own portal's changes only",
        )
    },
    share=0.5,
)
def other_portals_do_not_show(bench: Bench, data: st.DataObject) -> None:
    """CONN-4: another portal's session faults exactly as one that does not exist."""
    mine, theirs = Desk(bench, bench.place()), Desk(bench, bench.place())
    foreign = theirs.finished() if data.draw(st.booleans(), label="ended") else theirs.post()
    own = mine.finished()
    wanted = {"alike": True, "foreign": fault("NoSuchSession")}
    for operation in ("getSession", "getSessionIds"):
        bench.do(
            "compare_absent",
            connection_id=mine.connection,
            foreign=foreign.id,
            operation=operation,
        )
        case = f"another portal's session looks absent to {operation}"
        bench.expect("CONN-4", gives(wanted), case=case)
    by = data.draw(st.sampled_from(_ORDERS), label="by")
    day = timedelta(days=1)
    bench.call(
        "getSessionIds",
        connection_id=mine.connection,
        start=bench.now - day,
        end=bench.now + day,
        by=by,
    )
    bench.expect("CONN-4", gives([own.id]), case="lists hold the own portal's sessions only")
    mine.settle("CONN-4")
    bench.passed("CONN-4", "the log holds the own portal's changes only")


@judges({"CONN-4": ("getPortal tells of the own portal",)}, share=0.2)
def a_connection_knows_its_portal(bench: Bench, data: st.DataObject) -> None:
    """CONN-4: getPortal gives the portal of the login, its sub-portals and numbers."""
    hard = data.draw(st.booleans(), label="hard lockouts")
    place = bench.place(hard=hard)
    bench.place(hard=not hard)
    connection = bench.connect(place)
    bench.call("getPortal", connection_id=connection)
    wanted = {
        "name": place.portal,
        "sub_portals": Unordered(place.sub_portals),
        "hard_lockouts": hard,
        "retention_days": 90,
        "idle_seconds": 1200,
        "page_max": Between(1, limits.PAGE_MAX),
        "broker_time": bench.now,
    }
    bench.expect("CONN-4", gives(wanted), case="getPortal tells of the own portal")
