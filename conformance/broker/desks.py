"""AGENT-1: who may sit at a desk, what is refused there, and the long poll."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import MILLISECOND, RIGHT, WRONG, Bench
from conformance.cases import Case
from conformance.desktop import DOINGS, NOT_YOURS, ask, do_in_session, hears_not
from conformance.floor import Floor, Rep
from conformance.model import OPENED, SECOND, seconds_up
from conformance.patterns import Between, Pattern, fault, gives
from conformance.properties import judges

# What may be done in a session that goes on, and with what.
_ACTS: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    *((operation, words) for operation, words, *_ in DOINGS.values()),
    ("transferSession", {"sub_portal": "Billing"}),
    ("endSession", {"resolution": "Resolved"}),
)
_RATE: Final = ("submitRating", {"ratings": [{"label": "Hard?", "value": "No"}]})


def _logon(bench: Bench, rep: Rep, password: str = RIGHT) -> None:
    bench.call("logon", service="Agents", username=rep.email, password=password)


def _second(floor: Floor, rep: Rep) -> None:
    floor.bench.to_whole_second()
    floor.log_on(rep)
    floor.bench.advance(floor.bench.now + 7 * SECOND)
    _logon(floor.bench, rep)
    left = seconds_up(limits.CONNECTION_IDLE) - 7
    floor.bench.expect(
        "AGENT-1", fault("AlreadyLoggedOn", seconds_left=Between(left - 1, left + 1))
    )


def _idle(floor: Floor, rep: Rep) -> None:
    floor.bench.to_whole_second()
    floor.log_on(rep)
    floor.bench.advance(floor.bench.now + limits.CONNECTION_IDLE - SECOND - MILLISECOND)
    floor.set_available(rep, available=True)
    floor.bench.advance(floor.bench.now + limits.CONNECTION_IDLE + SECOND)
    assert rep.wire is not None
    given = {"connection_id": rep.wire.id, "available": True}
    floor.bench.call("setAvailability", service="Agents", **given)
    floor.bench.expect("AGENT-1", fault("ConnectionExpired"))
    floor.check_representatives("AGENT-1")


def _logged_off(floor: Floor, rep: Rep) -> None:
    floor.log_on(rep)
    floor.set_available(rep, available=True)
    case = floor.in_session(rep)
    wire = rep.wire
    floor.log_off(rep)
    for operation, more in (("getEvents", {"since": 0}), ("logoff", {})):
        assert wire is not None
        floor.bench.call(operation, service="Agents", connection_id=wire.id, **more)
        floor.bench.expect("AGENT-1", fault("ConnectionExpired"), fault("InvalidConnection"))
    floor.read(case)
    floor.bench.expect("AGENT-1", gives({"status": "InSession"}))
    floor.log_on(rep)
    floor.check_representatives("AGENT-1")
    waiting = floor.post()
    hears_not(floor, rep, {"kind": "RequestWaiting", "session_id": waiting.id})


def _doors(floor: Floor, rep: Rep) -> None:
    """A connection of one service opens no door of the other's."""
    bench, own = floor.bench, floor.log_on(rep)
    foreign = (fault("InvalidConnection"), fault("ConnectionExpired"))
    bench.call("getEvents", service="Agents", connection_id=floor.connection, since=0)
    bench.expect("AGENT-1", *foreign)
    for service, operation in (("Sessions", "getPortal"), ("Monitors", "getQueues")):
        bench.call(operation, service=service, connection_id=own)
        bench.expect("AGENT-1", *foreign)
    bench.call("logon", service="Agents", username=floor.place.username, password=RIGHT)
    bench.expect("AGENT-1", fault("InvalidCredentials"))


def _locked(floor: Floor, rep: Rep) -> None:
    """Three failures lock for five minutes, not a millisecond more."""
    bench = floor.bench
    until = bench.now + limits.SOFT_LOCK_FOR
    for _ in range(limits.SOFT_LOCK_AFTER):
        _logon(bench, rep, WRONG)
        bench.expect("AGENT-1", fault("InvalidCredentials"), fault("LockedOut"))
    for at, wanted in ((until - MILLISECOND, fault("LockedOut", seconds_left=1)), (until, OPENED)):
        bench.advance(at)
        _logon(bench, rep)
        bench.expect("AGENT-1", wanted)


def _namesake(floor: Floor, rep: Rep) -> None:
    """An API login of the same name has a lock of its own."""
    bench = floor.bench
    for _ in range(limits.SOFT_LOCK_AFTER):
        _logon(bench, rep, WRONG)
    body = {"portal": floor.place.portal, "username": rep.email, "password": RIGHT}
    bench.do("control", method="POST", path=["logins"], body=body)
    bench.call("logon", username=rep.email, password=RIGHT)
    bench.expect("AGENT-1", OPENED)
    _logon(bench, rep)
    bench.expect("AGENT-1", fault("LockedOut"))


_LOGONS: Final[dict[str, Callable[[Floor, Rep], None]]] = {
    "a second logon": _second,
    "an idle connection": _idle,
    "a logoff": _logged_off,
    "doors of the other service": _doors,
    "a lock": _locked,
    "an API login of that name": _namesake,
}


@judges({"AGENT-1": tuple(_LOGONS)}, exactly=len(_LOGONS))
def desks_are_logged_on_to(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: a representative's logon has the rules of every logon, over names of its own."""
    name = data.draw(st.sampled_from(tuple(_LOGONS)), label="logon")
    floor = Floor(bench)
    _LOGONS[name](floor, floor.hire())
    bench.passed("AGENT-1", name)


def _none(floor: Floor, rep: Rep) -> Case:
    case = floor.in_session(rep)
    return Case(case.id + 10**9, case.posted, {})


def _others(floor: Floor, _rep: Rep) -> Case:
    return floor.in_session(floor.there())


def _waits(floor: Floor, _rep: Rep) -> Case:
    return floor.post()


def _accepted(floor: Floor, rep: Rep) -> Case:
    case = floor.post()
    floor.accept(rep, case)
    return case


def _ended(floor: Floor, rep: Rep) -> Case:
    case = floor.in_session(rep)
    floor.end(rep, case)
    return case


def _purged(floor: Floor, rep: Rep) -> Case:
    case = _ended(floor, rep)
    floor.advance(floor.bench.now + limits.RETENTION + SECOND)
    floor.log_on(rep)
    return case


_OUT: Final = (fault("OutOfTurn"),)
_STANDS: Final[dict[str, tuple[Callable[[Floor, Rep], Case], tuple[Pattern, ...]]]] = {
    "no such session": (_none, (fault("NoSuchSession"),)),
    "another's session": (_others, NOT_YOURS),
    "a request that waits": (_waits, NOT_YOURS),
    "before the customer agrees": (_accepted, _OUT),
    "after the end": (_ended, _OUT),
    "after the purge": (_purged, (fault("SessionPurged"),)),
}


@judges({"AGENT-1": tuple(_STANDS)}, exactly=len(_STANDS))
def nothing_is_done_out_of_turn(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: in no session but one's own that goes on; what is refused leaves no mark."""
    name = data.draw(st.sampled_from(tuple(_STANDS)), label="session")
    brought, allowed = _STANDS[name]
    floor = Floor(bench)
    rep = floor.there()
    case = brought(floor, rep)
    before = floor.read(case)
    late = () if name == "after the end" else (_RATE,)
    for operation, words in (*_ACTS, *late):
        do_in_session(floor, rep, operation, case.id, **words)
        bench.expect("AGENT-1", *allowed)
    if before is not None:
        floor.read(case)
        bench.expect("AGENT-1", gives({key: before[key] for key in ("events", "status", "ended")}))
    bench.passed("AGENT-1", name)


def _unavailable(floor: Floor) -> tuple[Rep, Case]:
    rep = floor.there()
    floor.set_available(rep, available=False)
    return rep, floor.post()


def _elsewhere(floor: Floor) -> tuple[Rep, Case]:
    return floor.there("Billing"), floor.post()


def _portal(floor: Floor) -> tuple[Rep, Case]:
    return Floor(floor.bench).there(), floor.post()


def _taken(floor: Floor) -> tuple[Rep, Case]:
    rep, case = floor.there(), floor.post()
    floor.accept(floor.there(), case)
    return rep, case


def _given_up(floor: Floor) -> tuple[Rep, Case]:
    case = floor.post()
    floor.advance(case.posted + limits.UNANSWERED_AFTER)
    return floor.there(), case


_WRONGLY: Final[dict[str, tuple[Callable[[Floor], tuple[Rep, Case]], tuple[Pattern, ...]]]] = {
    "while unavailable": (_unavailable, (fault("NotAvailable"),)),
    "of another sub-portal": (_elsewhere, (fault("NotAvailable"),)),
    "of another portal": (_portal, (fault("NotAvailable"), fault("NoSuchSession"))),
    "that another has": (_taken, _OUT),
    "that was given up": (_given_up, _OUT),
}


@judges({"AGENT-1": tuple(f"a request {how}" for how in _WRONGLY)}, exactly=2 * len(_WRONGLY))
def requests_are_not_for_everybody(bench: Bench, data: st.DataObject) -> None:
    """AGENT-1: only who takes requests of its sub-portal accepts or declines, while it waits."""
    how, operation = data.draw(
        st.sampled_from(
            [(how, op) for how in _WRONGLY for op in ("acceptRequest", "declineRequest")]
        ),
        label="request, operation",
    )
    floor = Floor(bench)
    rep, case = _WRONGLY[how][0](floor)
    before = floor.read(case)
    ask(bench, rep, operation, session_id=case.id)
    bench.expect("AGENT-1", *_WRONGLY[how][1])
    floor.read(case)
    same = {key: before[key] for key in ("events", "representative", "status")}
    bench.expect("AGENT-1", gives(same), case=f"a request {how}")
