"""AGENT-1: what a representative does from its desktop is done."""

import hashlib
from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st

from conformance.bench import Bench
from conformance.desktop import CONTENT, DOINGS, ask, do_in_session, hears, hears_not, talking
from conformance.floor import Floor, Rep
from conformance.model import SECOND
from conformance.patterns import Anything, Between, Holding, Not, Pattern, fault, gives, http
from conformance.properties import judges

ENTRIES: Final = [
    {"label": "Name", "value": "Eva Example"},
    {"label": "Asset", "value": "<b>7 & 8</b>"},
]


def _line(kind: str, text: Pattern = None) -> Pattern:
    told: dict[str, Pattern] = {"kind": kind}
    return {"lines": Holding(told if text is None else {**told, "text": text})}


@judges({"AGENT-1": (*DOINGS, "the customer gets the file")}, exactly=len(DOINGS))
def what_is_done_in_a_session_is_seen(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: the record, the desktop and the customer's page tell of every doing."""
    name = data.draw(st.sampled_from(tuple(DOINGS)), label="doing")
    operation, arguments, kind, said, shares = DOINGS[name]
    floor = Floor(bench)
    rep = floor.there()
    guest = talking(floor, rep)
    if name == "stop viewing":
        floor.does(rep, "setScreenSharing", session_id=guest.case.id, on=True)
    bench.advance(bench.now + SECOND)
    do_in_session(floor, rep, operation, guest.case.id, **arguments)
    bench.expect("AGENT-1", gives())
    event: dict[str, Pattern] = {"kind": kind, "time": bench.now}
    if said is not None:
        event["detail"] = Holding(said)
    hears(floor, rep, {**event, "session_id": guest.case.id})
    floor.read(guest.case)
    back = {"reboot": "Successful", "reboot for good": "ReconnectFailed"}.get(name, "No")
    record = {"status": "InSession", "reboot_reconnect": back, "events": Holding(event)}
    bench.expect("AGENT-1", gives(record))
    page = _line(kind) if said is None else _line(kind, Holding(said))
    if isinstance(shares, bool):
        page = {**page, "sharesScreen": shares}
    told = guest.sees("AGENT-1", **page)
    if name == "send a file":
        _fetch_it(bench, told["lines"])
    bench.passed("AGENT-1", name)


def _fetch_it(bench: Bench, lines: list[dict[str, Any]]) -> None:
    url = next((line["file"] for line in lines if "file" in line), "/nowhere")
    bench.do("fetch", url=url)
    right = http(200, sha256=hashlib.sha256(CONTENT).hexdigest())
    bench.expect("AGENT-1", right, case="the customer gets the file")


def _posted(floor: Floor) -> tuple[int, Pattern]:
    """Let somebody ask with all that a request may carry; give what a desktop is to hear."""
    case = floor.post(smartBoxEntries=ENTRIES, referenceId="T-7", question="It <smokes>.")
    asked = {
        "question": "It <smokes>.",
        "reference_id": "T-7",
        "smart_box_entries": ENTRIES,
        "portal": floor.place.portal,
        "sub_portal": "General",
        "session_id": case.id,
    }
    return case.id, asked


def _at_once(floor: Floor, _rep: Rep) -> Pattern:
    _, asked = _posted(floor)
    return {**asked, "kind": "RequestWaiting", "time": floor.bench.now}


def _that_waits(floor: Floor, rep: Rep) -> Pattern:
    floor.set_available(rep, available=False)
    _, asked = _posted(floor)
    hears_not(floor, rep, {"kind": "RequestWaiting"})
    floor.bench.advance(floor.bench.now + SECOND)
    floor.set_available(rep, available=True)
    return {**asked, "kind": "RequestWaiting"}


def _while_in_session(floor: Floor, rep: Rep) -> Pattern:
    floor.in_session(rep)
    return _at_once(floor, rep)


def _accepted(floor: Floor, rep: Rep) -> Pattern:
    number, asked = _posted(floor)
    floor.accept(rep, floor.cases[number])
    return {**asked, "kind": "Accepted", "time": floor.bench.now}


def _resumed(floor: Floor, rep: Rep) -> Pattern:
    number, asked = _posted(floor)
    floor.accept(rep, floor.cases[number])
    floor.start(floor.cases[number])
    floor.log_off(rep)
    floor.bench.advance(floor.bench.now + SECOND)
    floor.log_on(rep)
    hears_not(floor, rep, {"kind": "Started"})
    return {**asked, "kind": "Resumed"}


_ALERTS: Final[dict[str, Callable[[Floor, Rep], Pattern]]] = {
    "a request comes": _at_once,
    "a request waits already": _that_waits,
    "a request comes during a session": _while_in_session,
    "a request is accepted": _accepted,
    "a session goes on at logon": _resumed,
}


@judges({"AGENT-1": tuple(_ALERTS)}, exactly=len(_ALERTS))
def alerts_tell_who_asks_and_what(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: the alert has question, reference and SmartBox values, in form order."""
    name = data.draw(st.sampled_from(tuple(_ALERTS)), label="alert")
    floor = Floor(bench)
    rep = floor.there()
    wanted = _ALERTS[name](floor, rep)
    hears(floor, rep, wanted)
    bench.passed("AGENT-1", name)


_TO: Final = ("to a sub-portal", "to a representative")


@judges({"AGENT-1": _TO}, exactly=len(_TO))
def a_transfer_hands_the_customer_on(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: the one session ends, another goes on where it was sent to."""
    how = data.draw(st.sampled_from(_TO), label="to")
    floor = Floor(bench)
    rep, other = floor.there("General"), floor.there("Billing")
    guest = talking(floor, rep)
    bench.advance(bench.now + SECOND)
    named = {"representative": other.email} if how == _TO[1] else {"sub_portal": "Billing"}
    heir = floor.does(rep, "transferSession", session_id=guest.case.id, **named)
    floor.read(guest.case)
    gone = {"status": "Finished", "ended": bench.now, "transferred_to": heir}
    bench.expect("AGENT-1", gives(gone))
    bench.call("getSession", connection_id=floor.connection, session_id=heir)
    goes_on: dict[str, Pattern] = {
        "transferred_from": guest.case.id,
        "status": "New",
        "question": "It hums.",
        "representative": other.email if how == _TO[1] else None,
        "responded": bench.now if how == _TO[1] else None,
    }
    bench.expect("AGENT-1", gives({**goes_on, "sub_portal": "Billing"}))
    hears(floor, rep, {"kind": "Transferred", "session_id": guest.case.id})
    kind = "Accepted" if how == _TO[1] else "RequestWaiting"
    hears(floor, other, {"kind": kind, "session_id": heir, "question": "It hums."})
    guest.sees("AGENT-1", stage="consent" if how == _TO[1] else "waiting")
    bench.passed("AGENT-1", how)


_ENDS: Final = (
    {"resolution": "Resolved", "comment": "It was <loud>.", "end_label": "Case", "end_data": "ä"},
    {"resolution": "Unresolved", "comment": ""},
    {"resolution": "Unknown"},
)
_RATINGS: Final = [{"label": "Was it hard?", "value": "No"}, {"label": None, "value": "5"}]


@judges({"AGENT-1": ("resolution, comment and end data", "survey of the rep")}, exactly=len(_ENDS))
def an_end_is_on_record(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: resolution, comment, end data; the representative's survey once, afterwards."""
    words = data.draw(st.sampled_from(_ENDS), label="end")
    floor = Floor(bench)
    rep = floor.there()
    case = floor.in_session(rep)
    ask(bench, rep, "submitRating", session_id=case.id, ratings=_RATINGS)
    bench.expect("AGENT-1", fault("OutOfTurn"))
    bench.advance(bench.now + SECOND)
    floor.does(rep, "endSession", session_id=case.id, **words)
    names = {"comment": "rep_comment", "end_label": "end_label", "end_data": "end_data"}
    record: dict[str, Pattern] = {names[word]: words.get(word) for word in names}
    record |= {"resolution": words["resolution"], "status": "Finished", "ended": bench.now}
    floor.read(case)
    bench.expect("AGENT-1", gives(record), case="resolution, comment and end data")
    floor.does(rep, "submitRating", session_id=case.id, ratings=_RATINGS)
    ask(bench, rep, "submitRating", session_id=case.id, ratings=[])
    bench.expect("AGENT-1", fault("OutOfTurn"))
    floor.read(case)
    bench.expect("AGENT-1", gives({**record, "rep_ratings": _RATINGS}), case="survey of the rep")


@judges({"AGENT-1": ("one of two declines", "all decline")}, exactly=1)
def who_declines_is_not_asked_again(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: a declined request is off that desk for good; when all have declined, it ends."""
    del data
    floor = Floor(bench)
    reps = [floor.there("General") for _ in range(2)]
    floor.there("Billing")
    floor.hire("General")
    case = floor.post()
    floor.does(reps[0], "declineRequest", session_id=case.id)
    floor.read(case)
    still = {"status": "New", "events": Not(Holding({"kind": "Declined"}))}
    bench.expect("AGENT-1", gives(still))
    ask(bench, reps[0], "acceptRequest", session_id=case.id)
    bench.expect("AGENT-1", fault("OutOfTurn"), case="one of two declines")
    floor.does(reps[1], "declineRequest", session_id=case.id)
    floor.read(case)
    over = {"status": "Error", "ended": bench.now, "events": Holding({"kind": "Declined"})}
    bench.expect("AGENT-1", gives(over), case="all decline")


@judges({"AGENT-1": ("a code is got", "and typed")}, exactly=1)
def a_code_brings_the_caller(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: a code read to a caller; when it is typed, Accepted tells the session."""
    del data
    floor = Floor(bench)
    rep = floor.hire()
    floor.log_on(rep)
    portal = floor.place.portal
    made = floor.does(rep, "startByCode", portal=portal, customer_name="Eva", reference_id="T-9")
    told = {"code": Anything("nine digits"), "representative": rep.email, "portal": portal}
    bench.expect("AGENT-1", gives({**told, "reference_id": "T-9"}), case="a code is got")
    outcome = bench.do("redeem", portal=portal, code=made["code"])
    bench.expect("AGENT-1", http(200, 299, sessionId=Between(1, 2**63)))
    event = {"kind": "Accepted", "session_id": outcome["sessionId"], "reference_id": "T-9"}
    hears(floor, rep, event)
    bench.passed("AGENT-1", "and typed")
