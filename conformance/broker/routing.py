"""PORTAL-3: who hears of a request, and who has it."""

import functools
from typing import Any, Final

from hypothesis import strategies as st

from conformance.bench import Bench
from conformance.caller import Outcome
from conformance.desktop import ask, hears, hears_not
from conformance.floor import Floor
from conformance.guest import LAUNCHED, Guest
from conformance.hands import Hands, verb
from conformance.patterns import OneOf, fault, gives, http
from conformance.properties import judges

_WHO: Final = (
    "available",
    "in a session",
    "unavailable",
    "logged off",
    "elsewhere",
    "unavailable by now",
    "at another portal",
)
# To whom a request is neither here nor theirs.
_STRANGERS: Final = (fault("NotAvailable"), fault("NoSuchSession"))
_HANDED_ON: Final = "who gets what is handed on"


@judges({"PORTAL-3": (*(f"who is {who}" for who in _WHO), _HANDED_ON)}, exactly=1)
def requests_go_to_who_takes_them(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-3: only who serves the sub-portal and takes requests is alerted and may accept."""
    del data
    floor, other = Floor(bench), Floor(bench)
    free, busy, away, gone = (floor.there("Billing") for _ in range(4))
    stranger = other.there("Billing")
    elsewhere = floor.there("General", "Printers")
    floor.in_session(busy)
    floor.set_available(away, available=False)
    floor.log_off(gone)
    guest = Guest(floor, SubPortal="Billing")
    event = {"kind": "RequestWaiting", "session_id": guest.case.id}
    hears(floor, free, event, rule="PORTAL-3")
    bench.passed("PORTAL-3", "who is available")
    hears(floor, busy, event, rule="PORTAL-3")
    for rep, who in ((away, "unavailable"), (elsewhere, "elsewhere")):
        hears_not(floor, rep, event, rule="PORTAL-3")
        ask(bench, rep, "acceptRequest", session_id=guest.case.id)
        bench.expect("PORTAL-3", fault("NotAvailable"), case=f"who is {who}")
    floor.log_on(gone)
    hears_not(floor, gone, event, rule="PORTAL-3")
    bench.passed("PORTAL-3", "who is logged off")
    hears_not(other, stranger, event, rule="PORTAL-3")
    ask(bench, stranger, "acceptRequest", session_id=guest.case.id)
    bench.expect("PORTAL-3", *_STRANGERS, case="who is at another portal")
    floor.set_available(free, available=False)
    ask(bench, free, "acceptRequest", session_id=guest.case.id)
    bench.expect("PORTAL-3", fault("NotAvailable"), case="who is unavailable by now")
    floor.accept(busy, guest.case)
    floor.read(guest.case)
    has = gives({"representative": busy.email, "sub_portal": "Billing"})
    bench.expect("PORTAL-3", has, case="who is in a session")
    floor.start(guest.case)
    floor.set_available(free, available=True)
    handed_on = {**event, "session_id": floor.transfer(guest.case, "Printers").id}
    hears(floor, elsewhere, handed_on, rule="PORTAL-3")
    hears_not(floor, free, handed_on, rule="PORTAL-3")
    bench.passed("PORTAL-3", _HANDED_ON)


_NAMED: Final = {"none": None, "one": "Printers", "one that there is not": "Attic"}


@judges({"PORTAL-3": tuple(f"a sub-portal: {name}" for name in _NAMED)}, exactly=len(_NAMED))
def a_request_names_its_sub_portal(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-3: a request goes to the sub-portal it names; one that there is not has no queue."""
    name = data.draw(st.sampled_from(tuple(_NAMED)), label="sub-portal")
    floor = Floor(bench)
    rep = floor.there("Printers")
    wanted = _NAMED[name]
    fields = {"Portal": floor.place.portal, "Name": "Eva", "Question": "It hums."}
    bench.do("launch", fields={**fields, **({"SubPortal": wanted} if wanted else {})})
    if wanted == "Attic":
        bench.expect("PORTAL-3", http(400, 499))
        hears_not(floor, rep, {"kind": "RequestWaiting"}, rule="PORTAL-3")
    else:
        outcome = bench.expect("PORTAL-3", LAUNCHED)
        number = outcome["sessionId"]
        bench.call("getSession", connection_id=floor.connection, session_id=number)
        bench.expect("PORTAL-3", gives({"sub_portal": wanted or OneOf(floor.place.sub_portals)}))
    bench.passed("PORTAL-3", f"a sub-portal: {name}")


_GONE: Final = ("accepted", "left", "given up")


@judges({"PORTAL-3": tuple(f"gone: {how}" for how in _GONE)}, exactly=len(_GONE))
def the_others_hear_that_it_is_gone(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-3: the first to accept has it; the others hear RequestGone and come too late."""
    how = data.draw(st.sampled_from(_GONE), label="how")
    floor = Floor(bench)
    first, second = floor.there("General"), floor.there("General")
    guest = Guest(floor)
    if how == "accepted":
        floor.accept(first, guest.case)
    elif how == "left":
        guest.does("leave", "PORTAL-3")
        guest.case.did("abandon", bench.now)
    else:
        deadline = guest.case.unanswered_at()
        assert deadline is not None
        floor.advance(deadline)
    event = {"kind": "RequestGone", "session_id": guest.case.id, "time": bench.now}
    came = {**event, "kind": "RequestWaiting", "time": guest.case.posted}
    hears(floor, second, came, event, rule="PORTAL-3")
    ask(bench, second, "acceptRequest", session_id=guest.case.id)
    bench.expect("PORTAL-3", fault("OutOfTurn"))
    floor.read(guest.case)
    has = first.email if how == "accepted" else None
    bench.expect("PORTAL-3", gives({"representative": has}), case=f"gone: {how}")


@verb
def race_for_requests(
    hands: Hands, /, *, connection_id: str, desks: dict[str, str], session_ids: list[int]
) -> Outcome:
    """Let several desks, by address, accept the same requests at the same time; tell who has."""

    def accept_all(connection: str) -> list[Outcome]:
        given: dict[str, Any] = {"service": "Agents", "connection_id": connection}
        calls = [{**given, "session_id": number} for number in session_ids]
        return [hands.quiet_call("acceptRequest", **call).outcome for call in calls]

    jobs = [functools.partial(accept_all, connection) for connection in desks.values()]
    told = dict(zip(desks, hands.at_once(jobs), strict=True))
    outcomes = [outcome for row in told.values() for outcome in row]
    wrong = 0
    for place, number in enumerate(session_ids):
        got = [email for email, row in told.items() if "gives" in row[place]]
        read = hands.quiet_call("getSession", connection_id=connection_id, session_id=number)
        session = read.outcome.get("gives")
        wrong += not isinstance(session, dict) or [session["representative"]] != got
    return {
        "gives": {
            "accepted": sum("gives" in outcome for outcome in outcomes),
            "too_late": sum(outcome.get("fault") == "OutOfTurn" for outcome in outcomes),
            "another_on_record": wrong,
        }
    }


@judges({"PORTAL-3": ("several accept at once",)}, share=0.2)
def one_of_several_has_it(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-3: of several who accept at the same moment exactly one has the request."""
    count = data.draw(st.integers(2, 5), label="representatives")
    floor = Floor(bench)
    reps = [floor.there() for _ in range(count)]
    cases = [floor.post() for _ in range(4)]
    bench.do(
        "race_for_requests",
        connection_id=floor.connection,
        desks={rep.email: rep.wire.id for rep in reps if rep.wire is not None},
        session_ids=[case.id for case in cases],
    )
    late = len(cases) * (count - 1)
    wanted = {"accepted": len(cases), "too_late": late, "another_on_record": 0}
    bench.expect("PORTAL-3", gives(wanted), case="several accept at once")
