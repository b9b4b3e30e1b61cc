"""UPD-1, UPD-2 and UPD-4: the change log of a portal."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

from hypothesis import strategies as st

from conformance.bench import Bench
from conformance.broker.sessions import WORDS, brought_to
from conformance.caller import Outcome
from conformance.cases import FINISHED, RUNNING, WAITING, Case
from conformance.desk import Desk
from conformance.hands import Hands, verb
from conformance.patterns import Anything, Between, Holding, Not, fault, gives
from conformance.properties import judges

_LIFE: Final = ("accept", "start", "end")
_KINDS: Final = {"post": "Posted", "accept": "Accepted", "start": "Started", "end": "Ended"}
_SMALL: Final = "pages of any size give the same log"
_FULL: Final = "a page that is exactly full"
_NOTHING: Final = "nothing behind the newest"


_PAGES: Final = [(acts, limit) for limit in (1, 2, 3, 4, 6) for acts in (0, 1, 3)]


@judges({"UPD-1": (_SMALL, _FULL, _NOTHING)}, exactly=len(_PAGES))
def the_log_is_whole_on_any_pages(bench: Bench, data: st.DataObject) -> None:
    """UPD-1: every change once, in growing order, whatever the page size; nothing behind it."""
    desk = Desk(bench, bench.place())
    acts, limit = data.draw(st.sampled_from(_PAGES), label="acts, max")
    for number in range(3):
        case = desk.post()
        for act in _LIFE[: acts - number if number else acts]:
            desk.act(case, act)
    due = len(desk.due)
    desk.settle(limit=limit)
    bench.passed("UPD-1", _SMALL)
    if due % limit == 0:
        bench.passed("UPD-1", _FULL)
    bench.call("getUpdates", connection_id=desk.connection, since=desk.cursor, limit=limit)
    bench.expect("UPD-1", gives([]), case=_NOTHING)
    desk.act(brought_to(desk, WAITING), "decline")
    desk.settle(limit=limit)


@verb
def race_updates(
    hands: Hands,
    /,
    *,
    connection_id: str,
    portal: str,
    writers: int,
    rounds: int,
    limit: int,
) -> Outcome:
    """Let several write at the same time while the log is followed; tell what was missed."""
    written: list[tuple[int, str]] = []
    busy = threading.Semaphore(0)

    def write() -> None:
        try:
            for _ in range(rounds):
                written.extend(_one_life(hands, portal))
        finally:
            busy.release()

    entries: list[dict[str, Any]] = []

    def poll() -> None:
        done = 0
        while done < writers:
            done += busy.acquire(blocking=False)
            _read_on(hands, connection_id, entries, limit)

    hands.at_once([*[write] * writers, poll])
    while _read_on(hands, connection_id, entries, limit) == limit:
        pass
    return {"gives": _compared(written, entries)}


def _read_on(hands: Hands, connection_id: str, entries: list[dict[str, Any]], limit: int) -> int:
    """Read a page behind the entries seen so far; tell its length."""
    since = entries[-1]["update_id"] if entries else 0
    reply = hands.quiet_call("getUpdates", connection_id=connection_id, since=since, limit=limit)
    page = reply.outcome.get("gives") or []
    entries.extend(page)
    return len(page) if not page or page[-1]["update_id"] > since else 0


def _one_life(hands: Hands, portal: str) -> list[tuple[int, str]]:
    """Post a request and end it; give the changes that this made."""
    body: dict[str, Any] = {"act": "post", "portal": portal, "subPortal": "General"}
    posted = hands.control("POST", ["acts"], {**body, "question": "Me too."})
    if not isinstance(posted.get("sessionId"), int):
        return []
    changes = [(posted["sessionId"], "Posted")]
    for act in _LIFE:
        body = {"act": act, "sessionId": posted["sessionId"]}
        if hands.control("POST", ["acts"], body)["status"] == 200:
            changes.append((posted["sessionId"], _KINDS[act]))
    return changes


def _compared(
    written: Sequence[tuple[int, str]], entries: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    read = Counter(
        (entry["session_id"], entry["kind"])
        for entry in entries
        if entry["kind"] != "RecordingReady"
    )
    ids = [entry["update_id"] for entry in entries]
    return {
        "changes": len(written),
        "missed": len(Counter(written) - read),
        "doubled": len(read - Counter(written)),
        "out_of_order": sum(a >= b for a, b in pairwise(ids)),
    }


_RACE: Final = "several write while the log is followed"


@judges({"UPD-1": (_RACE,)}, share=0.25)
def nothing_is_lost_while_others_write(bench: Bench, data: st.DataObject) -> None:
    """UPD-1: no gap and no double, whoever else writes meanwhile."""
    place = bench.place()
    writers, rounds = data.draw(st.integers(2, 4)), data.draw(st.integers(2, 4))
    bench.do(
        "race_updates",
        connection_id=bench.connect(place),
        portal=place.portal,
        writers=writers,
        rounds=rounds,
        limit=data.draw(st.integers(1, 5), label="max"),
    )
    nothing = {"missed": 0, "doubled": 0, "out_of_order": 0}
    wanted = {"changes": writers * rounds * (1 + len(_LIFE)), **nothing}
    bench.expect("UPD-1", gives(wanted), case=_RACE)


def _accepted(desk: Desk) -> Case:
    case = _seen(desk, WAITING)
    desk.act(case, "accept")
    return case


def _seen(desk: Desk, stage: str) -> Case:
    """Bring a session to a stage, and read it there: what comes later must show all the same."""
    case = brought_to(desk, stage)
    desk.settle()
    desk.read(case)
    return case


def _after(stage: str, act: str) -> Callable[[Desk], Case]:
    def make(desk: Desk) -> Case:
        case = _seen(desk, stage)
        desk.act(case, act, **WORDS.get(act, {}))
        return case

    return make


def _posted(desk: Desk) -> Case:
    return desk.post()


def _transferred(desk: Desk) -> Case:
    case = _seen(desk, RUNNING)
    desk.transfer(case, desk.place.sub_portals[1])
    return case


def _unanswered(desk: Desk) -> Case:
    case = _seen(desk, WAITING)
    deadline = case.unanswered_at()
    assert deadline is not None
    desk.advance(deadline)
    return case


def _recorded(desk: Desk) -> Case:
    case = _seen(desk, FINISHED)
    desk.record(case)
    return case


# What each change must show in the session that is read afterwards.
_CHANGES: Final[dict[str, tuple[str, Callable[[Desk], Case], Any]]] = {
    "posted": ("Posted", _posted, {"status": "New"}),
    "accepted": ("Accepted", _accepted, {"responded": Anything()}),
    "started": ("Started", _after("accepted", "start"), {"started": Anything()}),
    "transferred": ("Transferred", _transferred, {"transferred_to": Anything()}),
    "ended": ("Ended", _after(RUNNING, "end"), {"status": "Finished", "ended": Anything()}),
    "declined": ("Failed", _after(WAITING, "decline"), {"status": "Error"}),
    "abandoned": ("Failed", _after(WAITING, "abandon"), {"status": "Error"}),
    "unanswered": ("Failed", _unanswered, {"status": "Error"}),
    "failed": ("Failed", _after(RUNNING, "fail"), {"status": "Error"}),
    "survey received": (
        "SurveyReceived",
        _after(FINISHED, "survey"),
        {"customer_ratings": Holding({"label": "Speed", "value": "5"})},
    ),
    "recording ready": ("RecordingReady", _recorded, {"files": Not([])}),
}


@judges({"UPD-2": tuple(_CHANGES)}, exactly=len(_CHANGES))
def every_change_makes_an_update(bench: Bench, data: st.DataObject) -> None:
    """UPD-2: each makes an entry, and the session read afterwards shows at least that."""
    name = data.draw(st.sampled_from(tuple(_CHANGES)), label="change")
    kind, make, shown = _CHANGES[name]
    desk = Desk(bench, bench.place())
    case = make(desk)
    told = bench.do("follow", connection_id=desk.connection, since=0)
    entry = {"session_id": case.id, "kind": kind}
    bench.expect("UPD-2", gives({"entries": Holding(entry)}))
    desk.read(case)
    last = _newest(told["gives"], entry)
    bench.expect("UPD-2", gives({**shown, "last_update_id": Between(last, 2**63)}))
    desk.settle("UPD-2")
    bench.passed("UPD-2", name)


def _newest(followed: dict[str, Any], change: dict[str, Any]) -> int:
    """Give the id of the newest entry of a change."""
    told = zip(followed["ids"], followed["entries"], strict=True)
    newest: int = max(id_ for id_, entry in told if change.items() <= entry.items())
    return newest


_FUTURES: Final = {1: "one too far", 1000: "a thousand too far", 2**40: "far too far"}


@judges({"UPD-4": (*_FUTURES.values(), "the newest itself")}, exactly=2 * (len(_FUTURES) + 1))
def cursors_from_the_future_are_refused(bench: Bench, data: st.DataObject) -> None:
    """UPD-4: a cursor behind the newest entry is refused and told the newest."""
    beyond, busy = data.draw(st.sampled_from([(n, b) for n in (0, *_FUTURES) for b in (0, 1)]))
    desk = Desk(bench, bench.place())
    if busy:
        desk.finished()
        desk.settle()
    bench.call("getUpdates", connection_id=desk.connection, since=desk.cursor + beyond)
    if beyond:
        wanted = fault("InvalidUpdateId", last_update_id=desk.cursor)
        bench.expect("UPD-4", wanted, case=_FUTURES[beyond])
    else:
        bench.expect("UPD-4", gives([]), case="the newest itself")
