"""LOGON-3 to LOGON-5: when a login is locked, for how long, and what does not matter to it."""

from datetime import timedelta
from typing import Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import MILLISECOND, RIGHT, WRONG, Bench, Place
from conformance.broker.logon import WRONG_PASSWORD, attempt, leave
from conformance.model import OPENED, Account
from conformance.patterns import fault
from conformance.properties import judges
from conformance.strategies import EDGES

SIDES: Final = {-1: "1 ms before the end of a lock", 0: "at its end", 1: "1 ms after its end"}
# The count goes on: where there are no hard lockouts, behind the tenth as well.
NTH: Final = {1: "third", 2: "sixth", 3: "ninth", 4: "twelfth"}


def fail_up_to(bench: Bench, place: Place, account: Account, failures: int) -> None:
    """Fail until so many failures stand, waiting for every lock to open, trying none of them."""
    while account.failures < failures:
        if account.locked_until is not None:
            bench.advance(account.locked_until)
        attempt(bench, place, WRONG)
        bench.expect("LOGON-3", *account.fail(bench.now))


_LOCKS: Final = [(nth, side, right) for nth in NTH for side in EDGES for right in (True, False)]


@judges(
    {
        "LOGON-3": (
            *SIDES.values(),
            *(f"locked by the {name} failure" for name in NTH.values()),
            "the right password while locked",
        )
    },
    exactly=len(_LOCKS),
)
def third_failures_lock_for_five_minutes(bench: Bench, data: st.DataObject) -> None:
    """LOGON-3: third, sixth, ninth, twelfth failure lock; [start, start + 300 s), not a ms more."""
    nth, side, right = data.draw(st.sampled_from(_LOCKS), label="lock, side, right password")
    place, account = bench.place(), Account()
    fail_up_to(bench, place, account, nth * limits.SOFT_LOCK_AFTER)
    assert account.locked_until is not None
    bench.advance(account.locked_until + side * MILLISECOND)
    _probe(bench, place, account, right=right)
    bench.passed("LOGON-3", SIDES[side])
    bench.passed("LOGON-3", f"locked by the {NTH[nth]} failure")
    if right and side < 0:
        bench.passed("LOGON-3", "the right password while locked")


_FEWER: Final = (1, 2, 4, 5, 7, 8)


@judges({"LOGON-3": ("fewer failures do not lock",)}, exactly=len(_FEWER))
def fewer_failures_do_not_lock(bench: Bench, data: st.DataObject) -> None:
    """LOGON-3: after one or two failures, since the last lock too, the right password opens."""
    place, account = bench.place(), Account()
    fail_up_to(bench, place, account, data.draw(st.sampled_from(_FEWER), label="failures"))
    outcome = attempt(bench, place, RIGHT)
    bench.expect("LOGON-3", OPENED, case="fewer failures do not lock")
    leave(bench, outcome)


@judges({"LOGON-3": ("at once after the third failure",)}, share=0.4)
def a_lock_begins_at_once(bench: Bench, data: st.DataObject) -> None:
    """LOGON-3: the very next logon is refused, and told how many seconds are left."""
    place, account = bench.place(), Account()
    fail_up_to(bench, place, account, limits.SOFT_LOCK_AFTER)
    waited = data.draw(st.sampled_from((0, 1, 999, 1000, 1001, 120_500, 299_000)), label="ms")
    bench.advance(bench.now + waited * MILLISECOND)
    _probe(bench, place, account, right=data.draw(st.booleans(), label="right password"))
    bench.passed("LOGON-3", "at once after the third failure")


def _probe(bench: Bench, place: Place, account: Account, *, right: bool) -> None:
    """Try once, and hold the answer against the account; the account is not used again."""
    outcome = attempt(bench, place, RIGHT if right else WRONG)
    refused = account.refusal(bench.now)
    if refused is not None:
        bench.expect("LOGON-3", refused)
    elif right:
        bench.expect("LOGON-3", OPENED)
        leave(bench, outcome)
    else:
        bench.expect("LOGON-3", *account.fail(bench.now))


def _spellings(name: str) -> dict[str, str]:
    return {"as it is": name, "upper case": name.upper(), "title case": name.title()}


@judges({"LOGON-3": ("other spellings of a locked name do not get in",)}, share=0.5)
def other_spellings_do_not_evade_a_lock(bench: Bench, data: st.DataObject) -> None:
    """LOGON-3: if a name may be spelt otherwise, its failures count together."""
    place = bench.place()
    twin = bench.login(place)
    same = {"as it is"}
    for how, spelt in _spellings(twin.username).items():
        outcome = attempt(bench, twin, RIGHT, name=spelt)
        bench.expect("LOGON-1", OPENED, WRONG_PASSWORD)
        leave(bench, outcome)
        same |= {how} if "gives" in outcome else set()
    names, account = _spellings(place.username), Account()
    for how in data.draw(st.lists(st.sampled_from(sorted(same)), min_size=3, max_size=3)):
        attempt(bench, place, WRONG, name=names[how])
        bench.expect("LOGON-3", *account.fail(bench.now))
    for how in names:
        attempt(bench, place, RIGHT, name=names[how])
        refused = account.refusal(bench.now)
        bench.expect("LOGON-3", refused, *(() if how in same else (WRONG_PASSWORD,)))
    bench.passed("LOGON-3", "other spellings of a locked name do not get in")


_AFTER_TEN: Final = ("at once", "after 5 minutes", "after a day", "after 400 days")
_WAITS: Final = dict(zip(_AFTER_TEN, map(timedelta, (0, 0, 1, 400), (0, 300, 0, 0)), strict=True))


@judges(
    {
        "LOGON-4": (
            *(f"locked for good, {when}" for when in _AFTER_TEN),
            "opened by an administrator",
        )
    },
    exactly=2 * len(_AFTER_TEN),
)
def the_tenth_failure_locks_for_good(bench: Bench, data: st.DataObject) -> None:
    """LOGON-4: with hard lockouts on, ten in a row lock until an administrator unlocks."""
    when = data.draw(st.sampled_from(_AFTER_TEN), label="when")
    right = data.draw(st.booleans(), label="right password")
    place, account = bench.place(hard=True), Account(hard=True)
    fail_up_to(bench, place, account, limits.HARD_LOCK_AFTER - 1)
    assert account.locked_until is not None
    bench.advance(account.locked_until)
    attempt(bench, place, WRONG)
    bench.expect("LOGON-4", *account.fail(bench.now))
    bench.advance(bench.now + _WAITS[when])
    attempt(bench, place, RIGHT if right else WRONG)
    bench.expect("LOGON-4", fault("LockedOutPermanently"), case=f"locked for good, {when}")
    bench.do("control", method="POST", path=["logins", place.username, "unlock"])
    outcome = attempt(bench, place, RIGHT)
    bench.expect("LOGON-4", OPENED, case="opened by an administrator")
    leave(bench, outcome)


@judges({"LOGON-4": ("nine do not lock for good", "no permanent lock where it is off")}, exactly=4)
def nothing_less_locks_for_good(bench: Bench, data: st.DataObject) -> None:
    """LOGON-4: not the ninth failure, and not the tenth where hard lockouts are off."""
    hard, more = data.draw(st.sampled_from(((True, 0), (False, 1), (False, 2), (False, 3))))
    place, account = bench.place(hard=hard), Account(hard=hard)
    fail_up_to(bench, place, account, limits.HARD_LOCK_AFTER - 1 + more)
    if account.locked_until is not None:
        bench.advance(account.locked_until)
    outcome = attempt(bench, place, RIGHT)
    case = "nine do not lock for good" if hard else "no permanent lock where it is off"
    bench.expect("LOGON-4", OPENED, case=case)
    leave(bench, outcome)
