"""AGENT-1: the events of a desktop, its arguments, and the long poll."""

import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import Bench
from conformance.caller import Outcome
from conformance.desktop import ask, do_in_session
from conformance.floor import Floor, Rep
from conformance.hands import Hands, verb
from conformance.patterns import Anything, Between, Pattern, fault, gives
from conformance.properties import judges

_WRONG: Final = fault("InvalidArgument")
_FILE_MAX: Final = 65_536


def _file(file: str, size: int) -> tuple[str, dict[str, Any]]:
    return "sendFile", {"file": file, "content": b"x" * size}


_ARGUMENTS: Final[dict[str, tuple[str, dict[str, Any], Pattern]]] = {
    "a page that is a script": ("pushUrl", {"url": "javascript:alert(1)"}, _WRONG),
    "a page of another kind": ("pushUrl", {"url": "ftp://files.example/"}, _WRONG),
    "a page over http": ("pushUrl", {"url": "http://files.example/"}, gives()),
    "a file by a path": (*_file("../fix.zip", 1), _WRONG),
    "a file as large as may be": (*_file("fix.zip", _FILE_MAX), gives()),
    "a file that is too large": (*_file("fix.zip", _FILE_MAX + 1), _WRONG),
    "a resolution of no kind": ("endSession", {"resolution": "Maybe"}, _WRONG),
    "a transfer to nobody": ("transferSession", {}, _WRONG),
    "a transfer to no sub-portal": ("transferSession", {"sub_portal": "Attic"}, _WRONG),
}


@judges({"AGENT-1": tuple(_ARGUMENTS)}, exactly=len(_ARGUMENTS))
def arguments_are_looked_at(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: pages over http and https, files with names and of a size, one receiver."""
    name = data.draw(st.sampled_from(tuple(_ARGUMENTS)), label="argument")
    operation, words, wanted = _ARGUMENTS[name]
    floor = Floor(bench)
    rep = floor.there()
    case = floor.in_session(rep)
    do_in_session(floor, rep, operation, case.id, **words)
    bench.expect("AGENT-1", wanted, case=name)


def _stranger(floor: Floor) -> str:
    return Floor(floor.bench).there().email


def _nobody(floor: Floor) -> str:
    return floor.bench.name("rep")


def _off(floor: Floor) -> str:
    return floor.hire().email


def _unavailable(floor: Floor) -> str:
    rep = floor.hire()
    floor.log_on(rep)
    return rep.email


_RECEIVERS: Final[dict[str, tuple[Callable[[Floor], str], str]]] = {
    "nobody of that address": (_nobody, "NoSuchRepresentative"),
    "one of another portal": (_stranger, "NoSuchRepresentative"),
    "one who is logged off": (_off, "NotAvailable"),
    "one who takes no requests": (_unavailable, "NotAvailable"),
}


@judges({"AGENT-1": tuple(f"a transfer to {who}" for who in _RECEIVERS)}, exactly=len(_RECEIVERS))
def transfers_need_a_receiver(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: the representative must be there to take requests; else the session goes on."""
    who = data.draw(st.sampled_from(tuple(_RECEIVERS)), label="receiver")
    find, code = _RECEIVERS[who]
    floor = Floor(bench)
    rep = floor.there()
    case = floor.in_session(rep)
    ask(bench, rep, "transferSession", session_id=case.id, representative=find(floor))
    bench.expect("AGENT-1", fault(code))
    floor.read(case)
    still = {"status": "InSession", "transferred_to": None}
    bench.expect("AGENT-1", gives(still), case=f"a transfer to {who}")


@judges({"AGENT-1": ("a code for another portal", "a ninth code")}, exactly=1)
def codes_have_their_bounds(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: a code for a portal that one serves, and no more than eight at a time."""
    del data
    floor = Floor(bench)
    rep = floor.hire()
    floor.log_on(rep)
    other = bench.place().portal
    ask(bench, rep, "startByCode", portal=other, customer_name="")
    bench.expect("AGENT-1", fault("NoSuchRepresentative"), case="a code for another portal")
    for _ in range(limits.CODES_PER_REP):
        floor.does(rep, "startByCode", portal=floor.place.portal, customer_name="")
    ask(bench, rep, "startByCode", portal=floor.place.portal, customer_name="")
    too_many = fault("TooManyCodes", limit=limits.CODES_PER_REP)
    bench.expect("AGENT-1", too_many, case="a ninth code")


@verb
def read_events(hands: Hands, /, *, connection_id: str, limit: int, forget: bool) -> Outcome:
    """Read all events page by page; tell whether ids grow, and what is there afterwards."""
    found: list[dict[str, Any]] = []
    pages: list[int] = []
    while not pages or pages[-1]:
        since = found[-1]["event_id"] if found else 0
        told = _events(hands, connection_id, since, limit=limit)
        if not isinstance(told.get("gives"), list) or len(pages) > limits.EVENTS_MAX:
            return told
        pages.append(len(told["gives"]))
        found.extend(told["gives"])
    again = _events(hands, connection_id, 0 if forget else found[-1]["event_id"])
    ids = [event["event_id"] for event in found]
    return {
        "gives": {
            "kinds": [event["kind"] for event in found],
            "growing": all(a < b for a, b in pairwise(ids)),
            "longest": max(pages),
            "again": again.get("gives"),
        }
    }


def _events(hands: Hands, connection_id: str, since: int, **more: Any) -> Outcome:
    return hands.call(
        "getEvents", service="Agents", connection_id=connection_id, since=since, **more
    )


_PAGES: Final = [(limit, forget) for limit in (1, 2, 3, limits.EVENTS_MAX) for forget in (0, 1)]


@judges({"AGENT-1": ("pages of any size", "what is dealt with is forgotten")}, exactly=len(_PAGES))
def events_come_once_and_in_order(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: each event once, ids grow, pages as asked for; nothing comes again."""
    limit, forget = data.draw(st.sampled_from(_PAGES), label="max, ask from 0 again")
    floor = Floor(bench)
    rep = floor.there()
    case = floor.in_session(rep)
    floor.end(rep, case)
    assert rep.wire is not None
    bench.do("read_events", connection_id=rep.wire.id, limit=limit, forget=bool(forget))
    wanted = {
        "kinds": ["RequestWaiting", "Accepted", "Started", "Ended"],
        "growing": True,
        "longest": Between(1, limit),
        "again": [],
    }
    bench.expect("AGENT-1", gives(wanted))
    bench.passed("AGENT-1", "what is dealt with is forgotten" if forget else "pages of any size")


# How long what is waited for takes to come, and the most that its answer may take then.
_A_MOMENT_SECONDS: Final = 0.3
_SOON_SECONDS: Final = 6.0
_WAIT_SECONDS: Final = 12


@verb
def poll_while(
    hands: Hands, /, *, connection_id: str, since: int, wait: int, body: dict[str, Any]
) -> Outcome:
    """Wait for events while, a moment later, somebody does something; tell when it was told."""

    def poll() -> Any:
        given: dict[str, Any] = {
            "connection_id": connection_id,
            "since": since,
            "wait_seconds": wait,
        }
        return hands.quiet_call("getEvents", service="Agents", **given)

    def act() -> Any:
        threading.Event().wait(_A_MOMENT_SECONDS)
        return hands.control("POST", ["acts"], body)

    reply, _ = hands.at_once([poll, act])
    events = reply.outcome.get("gives")
    if reply.answer is None or not isinstance(events, list):
        return dict(reply.outcome)
    soon = reply.answer.seconds < _A_MOMENT_SECONDS + _SOON_SECONDS
    return {"gives": {"kinds": [event["kind"] for event in events], "soon": soon}}


@judges({"AGENT-1": ("a request ends the wait", "a step of a session ends it")}, exactly=2)
def who_waits_is_told_soon(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: a long poll answers as soon as something has happened."""
    comes = data.draw(st.booleans(), label="a request comes")
    floor = Floor(bench)
    rep = floor.there()
    since = 0
    body: dict[str, Any] = {"act": "post", "portal": floor.place.portal, "subPortal": "General"}
    body["question"] = "Anybody?"
    if not comes:
        case = floor.post()
        floor.accept(rep, case)
        since = floor.does(rep, "getEvents", since=0)[-1]["event_id"]
        body = {"act": "start", "sessionId": case.id}
    assert rep.wire is not None
    bench.do("poll_while", connection_id=rep.wire.id, since=since, wait=_WAIT_SECONDS, body=body)
    told = {"kinds": ["RequestWaiting" if comes else "Started"], "soon": True}
    case_met = "a request ends the wait" if comes else "a step of a session ends it"
    bench.expect("AGENT-1", gives(told), case=case_met)


@verb
def wait_in_vain(hands: Hands, /, *, connection_id: str, wait: int | None) -> Outcome:
    """Ask for events where there are none; tell whether the time that was asked for passed."""
    given: dict[str, Any] = {"connection_id": connection_id, "since": 0, "wait_seconds": wait}
    reply = hands.quiet_call("getEvents", service="Agents", **given)
    if reply.answer is None:
        return dict(reply.outcome)
    seconds, most = reply.answer.seconds, (wait or 0) + _SOON_SECONDS
    return {**reply.outcome, "in_time": 0.95 * (wait or 0) <= seconds < most}


_IN_VAIN: Final = (None, 0, 1, 31)


@judges({"AGENT-1": ("no wait", "a wait in vain", "too long a wait")}, exactly=len(_IN_VAIN))
def a_wait_ends(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: an empty answer means that the time is over; 0 to 30 seconds, 0 if absent."""
    wait = data.draw(st.sampled_from(_IN_VAIN), label="seconds")
    floor = Floor(bench)
    rep = floor.there()
    assert rep.wire is not None
    bench.do("wait_in_vain", connection_id=rep.wire.id, wait=wait)
    if wait == _IN_VAIN[-1]:
        bench.expect("AGENT-1", _WRONG, case="too long a wait")
        return
    case = "a wait in vain" if wait else "no wait"
    bench.expect("AGENT-1", {**gives([]), "in_time": True}, case=case)


_LIMITS: Final = {0: _WRONG, 1: gives(Anything()), limits.EVENTS_MAX: gives(Anything())}


@judges({"AGENT-1": ("max is 1 to 100",)}, exactly=4)
def pages_have_bounds(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: max is 1 to 100."""
    limit = data.draw(st.sampled_from((*_LIMITS, limits.EVENTS_MAX + 1)), label="max")
    rep: Rep = (floor := Floor(bench)).hire()
    floor.log_on(rep)
    ask(bench, rep, "getEvents", since=0, limit=limit)
    bench.expect("AGENT-1", _LIMITS.get(limit, _WRONG), case="max is 1 to 100")
