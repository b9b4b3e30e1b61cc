"""PORTAL-6: at a SmartMatch the customer picks who helps, and that one has the request first."""

from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from conformance.bench import Bench
from conformance.desktop import ask, hears, hears_not
from conformance.floor import Floor
from conformance.guest import Guest
from conformance.patterns import fault, http
from conformance.properties import judges

_ALONE: Final = timedelta(minutes=1)
_TICK: Final = timedelta(milliseconds=1)
_WAITS: Final = {"before the minute is over": _ALONE - _TICK, "after a minute": _ALONE}


def _waiting(guest: Guest) -> dict[str, Any]:
    return {"kind": "RequestWaiting", "session_id": guest.case.id}


@judges({"PORTAL-6": ("who was picked is alerted", *_WAITS)}, exactly=len(_WAITS))
def who_was_picked_has_it_for_a_minute(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-6: nobody else hears of it or may accept it before; from then on all may."""
    name = data.draw(st.sampled_from(tuple(_WAITS)), label="when")
    floor = Floor(bench, "SmartMatch")
    picked, other = floor.there(), floor.there()
    guest = Guest(floor, Representative=picked.email)
    hears(floor, picked, _waiting(guest), rule="PORTAL-6")
    bench.passed("PORTAL-6", "who was picked is alerted")
    hears_not(floor, other, _waiting(guest), rule="PORTAL-6")
    bench.advance(bench.now + _WAITS[name])
    if name == "after a minute":
        hears(floor, other, _waiting(guest), rule="PORTAL-6")
        floor.accept(other, guest.case)
    else:
        hears_not(floor, other, _waiting(guest), rule="PORTAL-6")
        ask(bench, other, "acceptRequest", session_id=guest.case.id)
        bench.expect("PORTAL-6", fault("NotAvailable"))
        floor.accept(picked, guest.case)
    bench.passed("PORTAL-6", name)


@judges({"PORTAL-6": ("what was declined is everybody's",)}, share=0.5)
def who_was_picked_may_leave_it_to_the_others(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-6: as soon as it is declined, the others hear of it."""
    del data
    floor = Floor(bench, "SmartMatch")
    picked, other = floor.there(), floor.there()
    guest = Guest(floor, Representative=picked.email)
    floor.does(picked, "declineRequest", session_id=guest.case.id)
    hears(floor, other, _waiting(guest), rule="PORTAL-6")
    floor.accept(other, guest.case)
    bench.passed("PORTAL-6", "what was declined is everybody's")


_ABSENT: Final = ("unavailable", "logged off", "of another sub-portal", "nobody")


@judges({"PORTAL-6": tuple(f"picked: {who}" for who in _ABSENT)}, exactly=len(_ABSENT))
def who_is_not_there_cannot_be_picked(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-6: the launch is refused, and nobody hears of anything."""
    who = data.draw(st.sampled_from(_ABSENT), label="who")
    floor = Floor(bench, "SmartMatch")
    queue, elsewhere = floor.place.sub_portals[:2]
    there, absent = floor.there(), floor.there(elsewhere if "another" in who else queue)
    if who == "unavailable":
        floor.set_available(absent, available=False)
    if who == "logged off":
        floor.log_off(absent)
    email = "nobody@example.com" if who == "nobody" else absent.email
    fields = {"Portal": floor.place.portal, "Name": "Eva", "Question": "?", "SubPortal": queue}
    bench.do("launch", fields={**fields, "Representative": email})
    bench.expect("PORTAL-6", http(400, 499))
    hears_not(floor, there, {"kind": "RequestWaiting"}, rule="PORTAL-6")
    bench.passed("PORTAL-6", f"picked: {who}")
