"""LOGON-5: what is counted against a login, and what is not."""

from datetime import timedelta
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from broker_sim.contract import limits
from conformance.bench import MILLISECOND, RIGHT, WRONG, Bench
from conformance.broker.locks import fail_up_to
from conformance.broker.logon import attempt, leave
from conformance.model import OPENED, Account
from conformance.patterns import Pattern
from conformance.properties import Machine, judges
from conformance.strategies import EDGES, edges

_UNMOVED: Final = "attempts while locked do not move the end"
_UNCOUNTED: Final = "attempts while locked are not counted"
_CLEARED: Final = "a success clears the count of three"
_CLEARED_TEN: Final = "a success clears the count of ten"
_OTHERS: Final = "other logins' failures lock nobody else"


def hold(bench: Bench, *allowed: Pattern) -> None:
    """Judge by LOGON-5, unless the locks themselves are known to be wrong."""
    known = bench.chase.muted & {"LOGON-3", "LOGON-4"}
    bench.expect(min(known, default="LOGON-5"), *allowed)


@judges({"LOGON-5": (_OTHERS,)}, exactly=4)
def one_login_never_locks_another(bench: Bench, data: st.DataObject) -> None:
    """LOGON-5: failures on another login, or on a made-up name, count for those only."""
    known, hard = data.draw(st.sampled_from([(k, h) for k in (True, False) for h in (False, True)]))
    place = bench.place(hard=hard)
    victim = bench.login(place).username if known else bench.name("user")
    account = Account(hard=hard and known)
    for failures in (limits.SOFT_LOCK_AFTER, limits.HARD_LOCK_AFTER):
        while account.failures < failures:
            if account.locked_until is not None:
                bench.advance(account.locked_until)
            attempt(bench, place, WRONG, name=victim)
            account.fail(bench.now)
        outcome = attempt(bench, place, RIGHT)
        hold(bench, OPENED)
        leave(bench, outcome)
    bench.passed("LOGON-5", _OTHERS)


@judges({"LOGON-5": (_UNMOVED,)}, exactly=18)
def attempts_while_locked_do_not_move_the_end(bench: Bench, data: st.DataObject) -> None:
    """LOGON-5: however often one tries, right or wrong, the lock ends when it would have."""
    times, side, right = data.draw(
        st.sampled_from([(n, s, r) for n in (1, 3, 8) for s in EDGES for r in (False, True)])
    )
    place, account = bench.place(), Account()
    fail_up_to(bench, place, account, limits.SOFT_LOCK_AFTER)
    assert account.locked_until is not None
    begun = bench.now
    for nth in range(1, times + 1):
        bench.advance(begun + nth * timedelta(seconds=30))
        attempt(bench, place, RIGHT if right else WRONG)
        hold(bench, account.refusal(bench.now))
    bench.advance(account.locked_until + side * MILLISECOND)
    outcome = attempt(bench, place, RIGHT)
    hold(bench, account.refusal(bench.now) or OPENED)
    leave(bench, outcome)
    bench.passed("LOGON-5", _UNMOVED)


@judges({"LOGON-5": (_UNCOUNTED,)}, exactly=6)
def attempts_while_locked_are_not_counted(bench: Bench, data: st.DataObject) -> None:
    """LOGON-5: after the lock it takes three more failures to lock again, ten for good."""
    hard, times = data.draw(st.sampled_from([(h, n) for h in (False, True) for n in (1, 2, 7)]))
    place, account = bench.place(hard=hard), Account(hard=hard)
    fail_up_to(bench, place, account, limits.SOFT_LOCK_AFTER)
    assert account.locked_until is not None
    for _ in range(times):
        attempt(bench, place, WRONG)
        hold(bench, account.refusal(bench.now))
    bench.advance(account.locked_until)
    for _ in range(limits.SOFT_LOCK_AFTER):
        attempt(bench, place, WRONG)
        hold(bench, *account.fail(bench.now))
    attempt(bench, place, RIGHT)
    hold(bench, account.refusal(bench.now))
    bench.passed("LOGON-5", _UNCOUNTED)


@judges({"LOGON-5": (_CLEARED, _CLEARED_TEN)}, exactly=6)
def a_success_clears_the_count(bench: Bench, data: st.DataObject) -> None:
    """LOGON-5: after a success the next lock is three, or ten, failures away again."""
    hard, before = data.draw(
        st.sampled_from([(False, 1), (False, 2), (False, 5), (True, 2), (True, 7), (True, 9)])
    )
    place, account = bench.place(hard=hard), Account(hard=hard)
    fail_up_to(bench, place, account, before)
    if account.locked_until is not None:
        bench.advance(account.locked_until)
    outcome = attempt(bench, place, RIGHT)
    hold(bench, OPENED)
    leave(bench, outcome)
    account.succeed()
    for _ in range(limits.SOFT_LOCK_AFTER - 1):
        attempt(bench, place, WRONG)
        hold(bench, *account.fail(bench.now))
    outcome = attempt(bench, place, RIGHT)
    hold(bench, OPENED)
    leave(bench, outcome)
    bench.passed("LOGON-5", _CLEARED_TEN if before >= 7 and hard else _CLEARED)


@judges({"LOGON-5": ()}, steps=12)
class AttemptsOfTwo(Machine):
    """LOGON-5: two logins, tried in every order; each agrees with an account of its own."""

    @initialize(hard=st.booleans())
    def open_accounts(self, hard: bool) -> None:
        """Make a portal with two logins."""
        place = self.bench.place(hard=hard)
        self.places = (place, self.bench.login(place))
        self.accounts = (Account(hard=hard), Account(hard=hard))

    @rule(who=st.sampled_from((0, 1)), times=st.integers(1, 4))
    def wrong(self, who: int, times: int) -> None:
        """Fail a few times, locked or not."""
        for _ in range(times):
            self._try(who, WRONG)

    @rule(who=st.sampled_from((0, 1)))
    def right(self, who: int) -> None:
        """Log on with the right password, locked or not."""
        self._try(who, RIGHT)

    @rule(who=st.sampled_from((0, 1)))
    def fill(self, who: int) -> None:
        """Fail until one more failure would lock."""
        account = self.accounts[who]
        for _ in range(3):
            if account.failures % limits.SOFT_LOCK_AFTER == limits.SOFT_LOCK_AFTER - 1:
                break
            if account.refusal(self.bench.now) is None:
                self._try(who, WRONG)

    @precondition(lambda self: any(each.locked_until for each in self.accounts))
    @rule(side=edges)
    def jump(self, side: timedelta) -> None:
        """Go to the end of the next lock, or a millisecond beside it."""
        ends = [each.locked_until for each in self.accounts if each.locked_until is not None]
        to_come = [end for end in ends if end + side > self.bench.now]
        if to_come:
            self.bench.advance(min(to_come) + side)

    @rule(seconds=st.sampled_from((1, 60, 299)))
    def wait(self, seconds: int) -> None:
        """Let a little time pass."""
        self.bench.advance(self.bench.now + timedelta(seconds=seconds))

    def _try(self, who: int, password: str) -> None:
        account = self.accounts[who]
        refused = account.refusal(self.bench.now)
        outcome = attempt(self.bench, self.places[who], password)
        if refused is not None:
            hold(self.bench, refused)
            return
        if password == RIGHT:
            hold(self.bench, OPENED)
            leave(self.bench, outcome)
            account.succeed()
        else:
            hold(self.bench, *account.fail(self.bench.now))
