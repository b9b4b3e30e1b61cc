"""What can be judged of a target without a control API by living in it: SESS, UPD, MON, RATE.

A customer comes by the target's own form, a lent representative works at the Agents service, and
time is let pass as it is, seconds at most. As with what is found, no rule is proved whole, but
what is broken shows. Times are compared with what the target says its own time is.
"""

from datetime import datetime
from typing import Any, Final

from hypothesis import strategies as st

from conformance.bench import Bench
from conformance.broker.as_found import found
from conformance.broker.visiting import QUESTION, visit
from conformance.caller import Outcome
from conformance.customer import page
from conformance.desk import follow
from conformance.hands import Hands, Missing, verb
from conformance.patterns import Anything, Between, Holding, gives, http
from conformance.properties import judges
from conformance.waiting import MOST_SECONDS

_TALK_SECONDS: Final = 1.5
_QUEUE_SECONDS: Final = 2.0
# A limit of so many calls in one go is none that a suite could meet.
_CALLS_MOST: Final = 200


@verb
def changes_of(hands: Hands, /, *, connection_id: str, since: int, session_id: int) -> Outcome:
    """Read the change log behind `since`; give what kinds of change one session has there."""
    told = follow(hands, connection_id=connection_id, since=since)
    if "gives" not in told:
        return told
    entries = told["gives"]["entries"]
    return {"gives": [each["kind"] for each in entries if each["session_id"] == session_id]}


@verb
def talk(
    hands: Hands, /, *, reader: str, rep: str, session_id: int, agree: str, seconds: float
) -> Outcome:
    """Let the customer agree, real time pass, and the representative end the session.

    Gives how the record's times lie to what the target's time was then, and its minutes.

    Raises:
        Missing: the target's time does not go on.
    """
    instants = [_time(hands, reader)]
    agreed = page(hands, "POST", agree, {})
    instants.append(_time(hands, reader))
    hands.wait(seconds)
    instants.append(_time(hands, reader))
    over: dict[str, Any] = {"session_id": session_id, "resolution": "Resolved"}
    ended = hands.call("endSession", service="Agents", connection_id=rep, **over)
    instants.append(_time(hands, reader))
    _goes_on(*instants[1:3])
    read = hands.call("getSession", connection_id=reader, session_id=session_id)
    record = read.get("gives")
    if agreed["status"] >= 400 or "gives" not in ended or not isinstance(record, dict):
        return {**(read if "gives" in ended else ended), "agreed": agreed["status"]}
    known = [record[name] for name in ("posted", "responded", "started", "ended")]
    return {
        "gives": {
            "in order": None not in known and known == sorted(known),
            "started": _within(record["started"], instants[0], instants[1]),
            "ended": _within(record["ended"], instants[2], instants[3]),
            "minutes": record["duration_minutes"],
        }
    }


_FITS: Final = gives(
    {"in order": True, "started": "when it did", "ended": "when it did", "minutes": 1}
)


@verb
def wait(hands: Hands, /, *, reader: str, seconds: float) -> Outcome:
    """Let real time pass.

    Raises:
        Missing: the target's time does not go on.
    """
    before = _time(hands, reader)
    hands.wait(seconds)
    _goes_on(before, _time(hands, reader))
    return {}


def _time(hands: Hands, reader: str) -> datetime:
    told = hands.call("getPortal", connection_id=reader)
    given = told.get("gives")
    if not isinstance(given, dict):
        msg = f"the target does not tell its time: {told}"
        raise Missing(msg)
    now: datetime = given["broker_time"]
    return now


def _goes_on(before: datetime, after: datetime) -> None:
    if after <= before:
        msg = "the target's clock stands still: real waits show nothing"
        raise Missing(msg)


def _within(instant: datetime | None, low: datetime, high: datetime) -> str:
    if instant is None:
        return "never"
    return "when it did" if low <= instant <= high else "at another time"


@judges({"SESS-1": (), "SESS-2": (), "SESS-4": (), "UPD-2": ()}, exactly=1)
def sessions_are_lived_by_form_and_desktop(bench: Bench, data: st.DataObject) -> None:
    """SESS-1, SESS-2, SESS-4, UPD-2: from the form to the end, the record says what was done."""
    del data
    there = visit(bench)
    there.read()
    waits = {"status": "New", "responded": None, "started": None, "ended": None}
    bench.expect("SESS-2", gives(waits), case="as lived: waits")
    entered = {"question": QUESTION, "sub_portal": there.launch.sub_portal, "mode": "Web"}
    bench.expect("SESS-4", gives(entered), case="as lived: as entered")
    there.accept()
    there.read()
    accepted = {"status": "New", "responded": Anything("a time"), "started": None}
    bench.expect("SESS-2", gives(accepted), case="as lived: accepted")
    looked = bench.do("follow_link", url=there.links["session"], method="GET")
    bench.expect("PORTAL-4", http(200, links={"agree": Anything("a link")}))
    bench.do(
        "talk",
        reader=there.reader,
        rep=there.rep,
        session_id=there.session_id,
        agree=looked["links"]["agree"],
        seconds=_TALK_SECONDS,
    )
    bench.expect("SESS-1", _FITS, case="as lived: times")
    there.read()
    over = {"status": "Finished", "resolution": "Resolved", "question": QUESTION}
    bench.expect("SESS-2", gives(over), case="as lived: ended")
    there.changes("Posted", "Accepted", "Started", "Ended")


@judges({"SESS-2": (), "UPD-2": ()}, exactly=1)
def who_leaves_the_queue_was_in_no_session(bench: Bench, data: st.DataObject) -> None:
    """SESS-2, UPD-2: a request whose customer leaves ends as Error, and says so."""
    del data
    there = visit(bench)
    there.leave()
    there.read()
    events = Holding({"kind": "Abandoned"})
    ended = {"status": "Error", "started": None, "ended": Anything("a time"), "events": events}
    bench.expect("SESS-2", gives(ended), case="as lived: left")
    there.changes("Posted", "Failed")


@judges({"MON-2": ()}, exactly=1)
def a_queue_counts_real_seconds(bench: Bench, data: st.DataObject) -> None:
    """MON-2: who waits stands in the queue, and for at least as long as was waited."""
    del data
    there = visit(bench)
    bench.do("wait", reader=there.reader, seconds=_QUEUE_SECONDS)
    bench.call("getQueues", service="Monitors", connection_id=there.reader)
    there.alone()
    request = {"session_id": there.session_id, "question": QUESTION}
    queue = {
        "sub_portal": there.launch.sub_portal,
        "waiting": Between(1, 2**31),
        "longest_wait_seconds": Between(int(_QUEUE_SECONDS), 2**31),
        "requests": Holding(request),
        "representatives_available": Between(1, 2**31),
    }
    bench.expect("MON-2", gives(Holding(queue)), case="as lived: a queue")
    there.leave()


@verb
def call_until_refused(hands: Hands, /, *, reader: str, most: int) -> Outcome:
    """Call as quickly as can be until RateLimited comes; then wait as told, and call once more.

    Raises:
        Missing: it does not come, or a wait that is too long is told.
    """
    for _ in range(most):
        told = hands.call("getLastUpdateId", connection_id=reader)
        if told.get("fault") == "RateLimited":
            break
    else:
        msg = f"no limit was met in {most} calls"
        raise Missing(msg)
    seconds = told["fields"].get("retry_after_seconds")
    if isinstance(seconds, int) and seconds > MOST_SECONDS:
        msg = f"a refused call is told to wait {seconds} s: longer than is waited here"
        raise Missing(msg)
    hands.wait(float(seconds or 0))
    came = hands.call("getLastUpdateId", connection_id=reader)
    return {"gives": {"seconds": seconds, "then": "let in" if "gives" in came else came}}


@judges({"RATE-1": ()}, exactly=1)
def who_really_waits_as_told_is_let_in(bench: Bench, data: st.DataObject) -> None:
    """RATE-1: a call that is refused tells a wait, and after that wait it is let in."""
    del data
    place = found(bench)
    bench.do("call_until_refused", reader=place.connection, most=_CALLS_MOST)
    wanted = {"seconds": Between(1, int(MOST_SECONDS)), "then": "let in"}
    bench.expect("RATE-1", gives(wanted), case="as lived: who waits as told is let in")
