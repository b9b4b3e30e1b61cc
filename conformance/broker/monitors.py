"""MON-1 and MON-2: what the monitors tell of representatives and queues."""

from datetime import timedelta
from typing import Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import MILLISECOND, Bench
from conformance.cases import WAITING, Case
from conformance.floor import Floor, Rep
from conformance.model import SECOND
from conformance.properties import judges

_WORDS: Final = ("LoggedOut", "Unavailable", "Available", "InSession")


@judges({"MON-1": tuple(f"a representative is {word}" for word in _WORDS)}, exactly=len(_WORDS))
def a_representative_is_told_whole(bench: Bench, data: st.DataObject) -> None:
    """MON-1: each status with its names, since when, its sessions, how many it handled today."""
    word = data.draw(st.sampled_from(_WORDS), label="status")
    floor = Floor(bench)
    rep = floor.hire()
    floor.hire("General")
    for step in _STEPS[: _WORDS.index(word)]:
        bench.advance(bench.now + 7 * SECOND)
        step(floor, rep)
    floor.check_representatives()
    bench.advance(bench.now + 11 * SECOND)
    floor.check_representatives()
    bench.passed("MON-1", f"a representative is {word}")


def _log_on(floor: Floor, rep: Rep) -> None:
    floor.log_on(rep)


def _be_available(floor: Floor, rep: Rep) -> None:
    floor.set_available(rep, available=True)


def _be_in_session(floor: Floor, rep: Rep) -> None:
    floor.in_session(rep)


_STEPS: Final = (_log_on, _be_available, _be_in_session)

_DAY: Final = {"a ms before midnight": -MILLISECOND, "at midnight": 0 * SECOND}


@judges({"MON-1": tuple(f"handled {when}" for when in (*_DAY, "a ms after midnight"))}, exactly=3)
def today_ends_at_midnight(bench: Bench, data: st.DataObject) -> None:
    """MON-1: what ended before midnight UTC is not of today any more at midnight."""
    edges = {**_DAY, "a ms after midnight": MILLISECOND}
    when = data.draw(st.sampled_from(tuple(edges)), label="ended")
    floor = Floor(bench)
    tomorrow = bench.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    bench.advance(tomorrow - 3 * SECOND)
    rep = floor.there()
    case = floor.in_session(rep)
    bench.advance(tomorrow + edges[when])
    floor.end(rep, case)
    floor.check_representatives()
    bench.advance(tomorrow + SECOND)
    floor.check_representatives()
    bench.passed("MON-1", f"handled {when}")


_IDLE: Final = {"surely there": -SECOND, "surely gone": SECOND}


@judges({"MON-1": tuple(f"idle, {how}" for how in _IDLE)}, exactly=len(_IDLE))
def who_does_nothing_is_gone_after_twenty_minutes(bench: Bench, data: st.DataObject) -> None:
    """MON-1, CONN-2: a representative whose connection ends by itself is LoggedOut."""
    how = data.draw(st.sampled_from(tuple(_IDLE)), label="when")
    bench.to_whole_second()
    floor = Floor(bench)
    floor.there()
    bench.advance(bench.now + limits.CONNECTION_IDLE + _IDLE[how])
    floor.check_representatives()
    floor.check_queues("MON-1")
    bench.passed("MON-1", f"idle, {how}")


# Longer than a line of a table, and no letter of it is of ASCII's alone.
_LONG: Final = "Größer als 1 µm: 😀 <b>&amp;</b> " * 12
_MANY: Final = 26
_WAITS: Final = (0, 1, 999, 1000, 1001, 59_999, 60_000, 599_999)


@judges(
    {"MON-2": ("somebody waits", "nobody waits", "accepted waits no more", "given up")},
    exactly=len(_WAITS),
)
def a_queue_is_told_whole(bench: Bench, data: st.DataObject) -> None:
    """MON-2: who waits and for how long, and who is there, sub-portal by sub-portal."""
    waited = data.draw(st.sampled_from(_WAITS), label="ms")
    floor = Floor(bench)
    rep = floor.there("General", "Billing")
    floor.hire("Printers")
    floor.check_queues()
    bench.passed("MON-2", "nobody waits")
    first = floor.post(question=_LONG)
    bench.advance(bench.now + SECOND)
    floor.post(question="The second.")
    floor.post(question="Elsewhere.", subPortal="Printers")
    floor.advance(first.posted + SECOND + waited * MILLISECOND)
    floor.check_queues()
    bench.passed("MON-2", "somebody waits")
    if first.stage == WAITING:
        floor.accept(rep, first)
        floor.check_queues()
        bench.passed("MON-2", "accepted waits no more")
    floor.advance(first.posted + limits.UNANSWERED_AFTER + SECOND)
    floor.check_queues()
    bench.passed("MON-2", "given up")


def _several(floor: Floor) -> None:
    rep = floor.there()
    first = floor.in_session(rep)
    floor.bench.advance(floor.bench.now + 5 * SECOND)
    floor.in_session(rep)
    floor.check_representatives()
    floor.end(rep, first)
    floor.check_representatives()


def _outlived(floor: Floor) -> None:
    rep = floor.there()
    case = floor.in_session(rep)
    floor.log_off(rep)
    floor.check_representatives()
    floor.bench.advance(floor.bench.now + 5 * SECOND)
    floor.act(case, "fail", reason="The line was cut.")
    floor.check_representatives()


_LIVES: Final = {
    "several sessions at once": _several,
    "a session outlives its representative's logoff": _outlived,
}


@judges({"MON-1": tuple(_LIVES)}, exactly=len(_LIVES))
def sessions_move_their_representative(bench: Bench, data: st.DataObject) -> None:
    """MON-1: InSession as long as one session goes on, whatever else the representative does."""
    name = data.draw(st.sampled_from(tuple(_LIVES)), label="life")
    _LIVES[name](Floor(bench))
    bench.passed("MON-1", name)


def _transferred(floor: Floor) -> None:
    rep = floor.there("General")
    floor.there("Billing")
    case = floor.in_session(rep, question=_LONG)
    floor.bench.advance(floor.bench.now + 61 * SECOND)
    number = floor.does(rep, "transferSession", session_id=case.id, sub_portal="Billing")
    now, facts = floor.bench.now, {**case.facts, "sub_portal": "Billing"}
    case.did("end", now)
    floor.cases[number] = Case(number, now, facts)


def _declined(floor: Floor) -> None:
    rep = floor.there("General")
    floor.post(question="This one stays.", subPortal="Billing")
    case = floor.post()
    floor.does(rep, "declineRequest", session_id=case.id)
    case.did("decline", floor.bench.now)


def _crowded(floor: Floor) -> None:
    floor.there("Billing")
    for number in range(_MANY):
        floor.bench.advance(floor.bench.now + (number % 2) * MILLISECOND)
        floor.post(question=f"The one of number {number}.")


_MOVES: Final = {
    "a transfer waits anew": _transferred,
    "a declined request waits no more": _declined,
    "many wait": _crowded,
}


@judges({"MON-2": tuple(_MOVES)}, exactly=len(_MOVES))
def queues_follow_what_is_done(bench: Bench, data: st.DataObject) -> None:
    """MON-1, MON-2: handed on, declined or one of many: each request waits where it stands."""
    name = data.draw(st.sampled_from(tuple(_MOVES)), label="move")
    floor = Floor(bench)
    _MOVES[name](floor)
    for _ in range(2):
        floor.check_queues()
        floor.check_representatives()
        floor.advance(bench.now + 5 * SECOND)
    bench.passed("MON-2", name)
