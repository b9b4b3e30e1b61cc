"""RET-1, RET-2, RET-4, UPD-3: what is readable until when, and what remains."""

from datetime import datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import MILLISECOND, Bench
from conformance.broker.recordings import file_of, recorded
from conformance.broker.sessions import WORDS, brought_to
from conformance.cases import ACCEPTED, FINISHED, RUNNING, Case
from conformance.desk import Desk
from conformance.desktop import talking
from conformance.floor import Floor
from conformance.patterns import Between, Holding, Not, Pattern, fault, gives, http
from conformance.properties import judges
from conformance.strategies import EDGES

_SIDES: Final = {-1: "1 ms before 90 days are over", 0: "at 90 days", 1: "1 ms later"}
_DAY: Final = timedelta(days=1)
# A file is fetched by a URL younger than it may grow.
LAST_LOOK: Final = limits.URL_VALID_FOR / 2


def edge(case: Case) -> datetime:
    """Give the instant from which nothing of it may be read: its end and 90 days."""
    assert case.ended is not None
    return case.ended + limits.RETENTION


def purged(case: Case) -> Pattern:
    """The fault of a session whose time is over."""
    return fault("SessionPurged", purged_at=edge(case))


@judges({"RET-1": tuple(f"the record, {side}" for side in _SIDES.values())}, exactly=3 * 3)
def records_are_kept_for_ninety_days(bench: Bench, data: st.DataObject) -> None:
    """RET-1, RET-2: the record is whole until 90 days after the end; then SessionPurged."""
    fates = {"ended": ("accept", "start", "end"), "declined": ("decline",), "failed": ("fail",)}
    side, fate = data.draw(st.sampled_from([(side, fate) for fate in fates for side in EDGES]))
    desk = Desk(bench, bench.place())
    case = desk.post()
    for act in fates[fate]:
        desk.advance(bench.now + 1234 * MILLISECOND)
        desk.act(case, act, **WORDS.get(act, {}))
    desk.advance(edge(case) + side * MILLISECOND)
    desk.read(case)
    whole = gives({**case.times(), **case.status(), **case.captured()})
    bench.expect("RET-1", whole if side < 0 else purged(case), case=f"the record, {_SIDES[side]}")


@judges({"RET-1": tuple(f"a file, {side}" for side in _SIDES.values())}, exactly=6)
def files_are_kept_for_ninety_days(bench: Bench, data: st.DataObject) -> None:
    """RET-1: a URL that is still good serves the file until then, and not a ms longer."""
    names = ("chatTranscript{}.txt", "localScreen{}.g2a")
    side, name = data.draw(st.sampled_from([(s, n) for s in EDGES for n in names]))
    desk = Desk(bench, bench.place())
    case = recorded(desk)
    desk.advance(edge(case) - LAST_LOOK)
    file = file_of(desk, case, name)
    bench.do("download", url=file["url"])
    bench.expect("RET-1", http(200))
    desk.advance(edge(case) + side * MILLISECOND)
    bench.do("download", url=file["url"])
    wanted = http(200, size=file["size"], sha256=file["sha256"]) if side < 0 else http(400, 499)
    bench.expect("RET-1", wanted, case=f"a file, {_SIDES[side]}")


_LISTED: Final = {-1: "listed and logged before", 0: "in no list and log then", 1: "nor later"}


@judges({"RET-1": tuple(_LISTED.values())}, exactly=3)
def lists_and_log_forget_what_is_purged(bench: Bench, data: st.DataObject) -> None:
    """RET-1: a late survey keeps a session in young ranges, but not beyond its 90 days."""
    side = data.draw(st.sampled_from(EDGES), label="side")
    desk = Desk(bench, bench.place())
    case = brought_to(desk, FINISHED)
    desk.record(case)
    desk.advance(bench.now + _DAY)
    brought_to(desk, RUNNING)
    desk.settle()
    desk.advance(bench.now + _DAY)
    desk.act(case, "survey", **WORDS["survey"])
    before = desk.cursor
    desk.advance(edge(case) + side * MILLISECOND)
    start = edge(case) - limits.RETENTION + 1.5 * _DAY
    range_ = {"start": start, "end": bench.now, "by": "Updated"}
    bench.call("getSessionIds", connection_id=desk.connection, **range_)
    bench.expect("RET-1", gives([case.id] if side < 0 else []))
    bench.call("getUpdates", connection_id=desk.connection, since=before)
    kind = "SurveyReceived" if side < 0 else "Purged"
    bench.expect("RET-1", gives([{"session_id": case.id, "kind": kind}]), case=_LISTED[side])


_STONES: Final = {
    -1: "the purge update is read 1 ms before another 90 days are over",
    0: "it is gone then",
    1: "it is gone 1 ms later",
}
_ONLY: Final = "the purge update names only the id"
_ELSEWHERE: Final = "another portal is told nothing of it"


@judges({"RET-2": (*_STONES.values(), _ONLY, _ELSEWHERE)}, exactly=3)
def a_purged_session_leaves_its_id(bench: Bench, data: st.DataObject) -> None:
    """RET-2: SessionPurged and the purge update remain for another 90 days, nothing else."""
    side = data.draw(st.sampled_from(EDGES), label="side")
    desk, other = Desk(bench, bench.place()), Desk(bench, bench.place())
    case = desk.finished()
    desk.settle()
    desk.advance(edge(case))
    desk.read(case)
    bench.expect("RET-2", purged(case))
    other.read(case)
    bench.expect("RET-2", fault("NoSuchSession"), case=_ELSEWHERE)
    stone = {"session_id": case.id, "kind": "Purged", "time": Between(edge(case), bench.now)}
    desk.bench.call("getUpdates", connection_id=desk.connection, since=desk.cursor)
    bench.expect("RET-2", gives([stone]), case=_ONLY)
    desk.advance(edge(case) + limits.PURGE_UPDATE_KEPT + side * MILLISECOND)
    bench.do("purges_in_log", connection_id=desk.connection)
    left = {"purged": 1 if side < 0 else 0, "twice": 0}
    bench.expect("RET-2", gives(left), case=_STONES[side])
    desk.read(case)
    gone = () if side < 0 else (fault("NoSuchSession"),)
    bench.expect("RET-2", purged(case), *gone)


@judges({"RET-2": ()}, exactly=1)
def a_purged_session_has_no_page(bench: Bench, data: st.DataObject) -> None:
    """RET-2: nor does the customer's page show on what was said."""
    del data
    floor = Floor(bench)
    rep = floor.there()
    guest = talking(floor, rep)
    floor.end(rep, guest.case)
    guest.sees("RET-2")
    floor.advance(edge(guest.case))
    guest.look()
    bench.expect("RET-2", http(400, 499))


_NOTHING_TOLD: Final = "what came to nothing is told of, too"


@judges({"RET-2": (_NOTHING_TOLD,)}, exactly=2)
def what_came_to_nothing_leaves_its_id(bench: Bench, data: st.DataObject) -> None:
    """RET-2: the purge of a request that never became a session makes an update as any."""
    act = data.draw(st.sampled_from(("decline", "abandon")), label="act")
    desk = Desk(bench, bench.place())
    case = desk.post()
    desk.act(case, act)
    desk.settle()
    desk.advance(edge(case))
    desk.read(case)
    bench.expect("RET-2", purged(case))
    bench.call("getUpdates", connection_id=desk.connection, since=desk.cursor)
    stone = {"session_id": case.id, "kind": "Purged"}
    bench.expect("RET-2", gives([stone]), case=_NOTHING_TOLD)


_TOLD: Final = "the purge is told as 90 days after the end, however late it is seen"


@judges({"RET-2": (_TOLD,)}, exactly=3)
def the_purge_has_its_own_time(bench: Bench, data: st.DataObject) -> None:
    """RET-2: purgedAt is the end plus 90 days, not the time at which a sweep came by."""
    late = data.draw(st.sampled_from((MILLISECOND, _DAY, 30 * _DAY)), label="late")
    desk = Desk(bench, bench.place())
    case = desk.finished()
    desk.advance(edge(case) + late)
    desk.read(case)
    bench.expect("RET-2", purged(case), case=_TOLD)


_STAGES: Final = {"accepted": ACCEPTED, "in session": RUNNING}
_THEN: Final = "its 90 days begin with its end"


@judges({"RET-4": (*(f"{name}, however old" for name in _STAGES), _THEN)}, exactly=2 * len(_STAGES))
def open_sessions_are_never_purged(bench: Bench, data: st.DataObject) -> None:
    """RET-4: an open session is readable however old, and kept 90 days once it ends."""
    days, name = data.draw(st.sampled_from([(d, n) for d in (91, 400) for n in _STAGES]))
    desk = Desk(bench, bench.place())
    case = brought_to(desk, _STAGES[name])
    desk.advance(bench.now + days * _DAY)
    bench.do("control", method="POST", path=["sweep"])
    desk.read(case)
    bench.expect("RET-4", gives(case.captured()), case=f"{name}, however old")
    desk.check(case, ["SESS-2"])
    desk.act(case, "end" if name == "in session" else "start")
    by = "Ended" if name == "in session" else "Started"
    desk.advance(bench.now + MILLISECOND)
    range_ = {"start": bench.now - MILLISECOND, "end": bench.now, "by": by}
    bench.call("getSessionIds", connection_id=desk.connection, **range_)
    bench.expect("RET-4", gives([case.id]))
    if name == "accepted":
        desk.act(case, "fail", **WORDS["fail"])
    desk.advance(edge(case) - MILLISECOND)
    desk.read(case)
    bench.expect("RET-4", gives({"session_id": case.id}))
    desk.advance(edge(case))
    desk.read(case)
    bench.expect("RET-4", purged(case), case=_THEN)


_FRESH: Final = {
    -1: "a cursor 1 ms younger than 90 days is served",
    0: "a cursor of 90 days sharp is served",
}
_ALL_BUT_ONE: Final = "one entry behind what is kept"
_BEHIND: Final = "a cursor behind purged entries is refused"
_GO_ON: Final = "the oldest one kept is where to go on"


@judges({"UPD-3": tuple(_FRESH.values())}, exactly=2)
def cursors_of_ninety_days_are_served(bench: Bench, data: st.DataObject) -> None:
    """UPD-3: only a cursor *more* than 90 days behind is refused."""
    side = data.draw(st.sampled_from(tuple(_FRESH)), label="side")
    desk = Desk(bench, bench.place())
    case = brought_to(desk, RUNNING)
    desk.settle()
    made = bench.now
    desk.advance(bench.now + 1000 * MILLISECOND)
    desk.act(case, "end")
    desk.advance(made + limits.RETENTION + side * MILLISECOND)
    bench.call("getUpdates", connection_id=desk.connection, since=desk.cursor)
    entry = {"session_id": case.id, "kind": "Ended"}
    bench.expect("UPD-3", gives(Holding(entry)), case=_FRESH[side])


def _misses_one(desk: Desk, ids: list[int], oldest: int) -> None:
    """Ask with the cursor of who has seen all but the last of the entries that are gone."""
    since = [number for number in ids if number < oldest][-2]
    desk.bench.call("getUpdates", connection_id=desk.connection, since=since)
    refused = fault("UpdateExpired", oldest_update_id=oldest)
    desk.bench.expect("UPD-3", refused, case=_ALL_BUT_ONE)


@judges({"UPD-3": (_BEHIND, _ALL_BUT_ONE, _GO_ON)}, share=0.4)
def cursors_behind_the_log_are_refused(bench: Bench, data: st.DataObject) -> None:
    """UPD-3: entries leave with their session; who missed some is told where to go on."""
    desk = Desk(bench, bench.place())
    gone = [desk.finished() for _ in range(data.draw(st.integers(1, 3), label="purged"))]
    lives_on = brought_to(desk, RUNNING)
    ids = desk.settle()["gives"]["ids"]
    desk.advance(max(map(edge, gone)) - data.draw(st.integers(1, 80)) * _DAY)
    young = desk.finished()
    desk.advance(max(map(edge, gone)) + MILLISECOND)
    since = data.draw(st.sampled_from((0, 1, 2)), label="since")
    outcome = bench.call("getUpdates", connection_id=desk.connection, since=since)
    refused = fault("UpdateExpired", oldest_update_id=Between(since + 2, 2**62))
    bench.expect("UPD-3", refused, case=_BEHIND)
    oldest = outcome["fields"]["oldest_update_id"]
    _misses_one(desk, ids, oldest)
    bench.do("follow", connection_id=desk.connection, since=oldest - 1)
    kept: list[Pattern] = [{"session_id": young.id, "kind": "Ended"}]
    kept.extend({"session_id": case.id, "kind": "Purged"} for case in gone)
    for entry in kept:
        bench.expect("UPD-3", gives({"entries": Holding(entry), "growing": True}))
    for case in gone:
        other = {"session_id": case.id, "kind": Not("Purged")}
        bench.expect("UPD-3", gives({"entries": Not(Holding(other))}))
    bench.passed("UPD-3", _GO_ON)
    desk.check(lives_on, ["SESS-2"])
