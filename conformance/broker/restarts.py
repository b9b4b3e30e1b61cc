"""LOGON-6, RET-3, SEC-1: what only a served broker, one that can be restarted, can show."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import RIGHT, WRONG, Bench
from conformance.broker.locks import fail_up_to
from conformance.broker.logon import attempt
from conformance.caller import Outcome
from conformance.control import Control
from conformance.desk import Desk
from conformance.exchange import Http, NoAnswer, Unreachable
from conformance.hands import Hands, Missing, verb
from conformance.model import OPENED, Account
from conformance.patterns import Anything, Between, allows, fault, gives, http
from conformance.properties import judges
from conformance.restarting import NotRestarted
from conformance.target import Target


def _restart(target: Target, how: str) -> None:
    if target.restart is None:
        msg = "the target cannot be restarted: name a restart command in target.toml"
        raise Missing(msg)
    try:
        target.restart(how)
    except NotRestarted as error:
        raise Missing(str(error)) from error


@verb
def restart(hands: Hands, /, *, how: str) -> Outcome:
    """Stop or kill the target and start it again; tell what its clock says then."""
    target = hands.target
    _restart(target, how)
    if target.control is not None:
        hands.now = target.control.freeze()
    return {"gives": hands.now}


_LOCKED: Final = "a lock outlives a restart"
_OPENS: Final = "and opens at its end all the same"
_COUNTED: Final = "a count outlives a restart"
_FOR_GOOD: Final = "a permanent lock outlives a restart"


@judges({"LOGON-6": (_LOCKED, _OPENS)}, exactly=1, served=True)
def locks_outlive_a_restart(bench: Bench, data: st.DataObject) -> None:
    """LOGON-6: a lock holds over a crash, and ends when it would have."""
    del data
    place, account = bench.place(), Account()
    fail_up_to(bench, place, account, limits.SOFT_LOCK_AFTER)
    bench.do("restart", how="kill")
    attempt(bench, place, RIGHT)
    bench.expect("LOGON-6", account.refusal(bench.now), case=_LOCKED)
    assert account.locked_until is not None
    bench.advance(account.locked_until)
    attempt(bench, place, RIGHT)
    bench.expect("LOGON-6", OPENED, case=_OPENS)


@judges({"LOGON-6": (_COUNTED, _FOR_GOOD)}, exactly=1, served=True)
def counts_outlive_a_restart(bench: Bench, data: st.DataObject) -> None:
    """LOGON-6: failures before a restart count on after it; the tenth is for good."""
    del data
    place, account = bench.place(hard=True), Account(hard=True)
    fail_up_to(bench, place, account, 2)
    bench.do("restart", how="kill")
    attempt(bench, place, WRONG)
    account.fail(bench.now)
    attempt(bench, place, RIGHT)
    bench.expect("LOGON-6", account.refusal(bench.now), case=_COUNTED)
    fail_up_to(bench, place, account, limits.HARD_LOCK_AFTER)
    bench.do("restart", how="stop")
    attempt(bench, place, RIGHT)
    bench.expect("LOGON-6", fault("LockedOutPermanently"), case=_FOR_GOOD)


@verb
def kill_while_sweeping(hands: Hands, /, *, to: object) -> Outcome:
    """Let time go on so that much falls due, and kill the target once some of it is gone.

    `midway` tells whether it was killed between the first purge and the last: sessions were gone,
    and who had let time go on was not answered yet.

    Raises:
        Missing: it cannot be restarted, has no clock, or does not say how many sessions it has.
    """
    target = hands.target
    if target.restart is None or target.control is None:
        msg = "the target cannot be restarted, or has no clock"
        raise Missing(msg)
    control, ended = target.control, threading.Event()
    before = _sessions(control)

    def sweep() -> bool:
        try:
            return _swept(control, to)
        finally:
            ended.set()

    def kill() -> bool:
        left = before
        while left >= before and not ended.is_set():
            left = _sessions(control)
        _restart(target, "kill")
        return left < before

    answered, begun = hands.at_once([sweep, kill])
    hands.now = control.freeze()
    return {"gives": {"midway": begun and not answered}}


def _swept(control: Control, to: object) -> bool:
    """Let time go on and sweep; tell whether both were answered."""
    try:
        going = control.ask("POST", ["clock", "advance"], {"to": to})
        return bool(going["status"] and control.ask("POST", ["sweep"])["status"])
    except Unreachable:
        return False


def _sessions(control: Control) -> int:
    count = control.world().get("sessions")
    if not isinstance(count, int):
        msg = "the control API does not say how many sessions there are"
        raise Missing(msg)
    return count


_CRASH: Final = "a crash in the middle of a purge"
# On a machine that stands still for a moment a purge is over before it is seen to have begun.
_TRIES: Final = 3


@judges({"RET-3": (_CRASH,)}, exactly=1, served=True)
def a_purge_survives_a_crash(bench: Bench, data: st.DataObject) -> None:
    """RET-3: killed in the middle and started again, the rest is purged, nothing twice."""
    del data
    for _ in range(_TRIES):
        desk = Desk(bench, bench.place())
        body = {"sessions": 5 * limits.PURGE_BATCH, "days": 1, "portal": desk.place.portal}
        bench.do("control", method="POST", path=["seed"], body=body)
        bench.expect("RET-3", http(200, 299))
        now = bench.now
        range_ = {"start": now - timedelta(days=2), "end": now + timedelta(days=1)}
        bench.do("list_pages", connection_id=desk.connection, limit=None, **range_)
        listed = bench.expect("RET-3", gives({"ids": Anything("ids")}))["gives"]["ids"]
        over = now + limits.RETENTION + timedelta(days=1)
        midway = bench.do("kill_while_sweeping", to=over).get("gives") == {"midway": True}
        bench.advance(over)
        for _ in range(3):
            bench.do("control", method="POST", path=["sweep"])
        bench.do("purges_in_log", connection_id=desk.connection)
        wanted = {"purged": len(listed), "twice": 0}
        bench.expect("RET-3", gives(wanted), case=_CRASH if midway else None)
        if midway:
            return
    msg = "every purge was over before the target could be killed"
    raise Missing(msg)


_TLS: Final = "served over TLS, its certificate trusted by the CA it names"
_WORK: Final = "an unknown user costs the same work as a wrong password"


@verb
def look_at_tls(hands: Hands, /) -> Outcome:
    """Tell whether the door speaks TLS, and that it does not speak plain HTTP as well."""
    base = hands.target.http.base
    secure = base.startswith("https:")
    plain, path = "refused", hands.target.caller.path
    bare = Http(base.replace("https:", "http:", 1))
    try:
        answer = bare.send("GET", f"{path}?wsdl")
        plain = "refused" if answer.status >= 400 else "answered"
    except (NoAnswer, Unreachable):
        pass
    finally:
        bare.close()
    return {"gives": {"tls": secure, "plain": plain}}


@judges({"SEC-1": (_TLS,)}, exactly=1, served=True)
def served_means_tls(bench: Bench, data: st.DataObject) -> None:
    """SEC-1: TLS is on in the served mode, by default."""
    del data
    if not bench.hands.target.http.base.startswith("https:"):
        msg = "the target speaks plain HTTP: on request that is allowed; judge its https URL"
        raise Missing(msg)
    bench.do("look_at_tls")
    bench.expect("SEC-1", gives({"tls": True, "plain": "refused"}), case=_TLS)


@verb
def time_refusals(hands: Hands, /, *, known: list[str], unknown: list[str]) -> Outcome:
    """Try wrong passwords on known and unknown names in turn; compare the quickest refusals.

    A busy machine makes an answer slower and never quicker, so the quickest of many is what the
    work itself costs. `work` is that of an unknown name in percent of that of a known one, both
    above the cost of a call that checks no password; None if a check costs too little to be
    measured.
    """
    took: dict[str, list[float]] = {"known": [], "unknown": [], "bare": []}
    for pair in zip(known, unknown, strict=True):
        for kind, name in zip(("known", "unknown"), pair, strict=True):
            for _ in range(limits.SOFT_LOCK_AFTER - 1):
                reply = hands.quiet_call("logon", username=name, password=WRONG)
                bare = hands.quiet_call("getPortal", connection_id="made-up")
                if reply.answer is None or bare.answer is None:
                    return reply.outcome
                took[kind].append(reply.answer.seconds)
                took["bare"].append(bare.answer.seconds)
    return {"gives": {"work": compared(took["known"], took["unknown"], took["bare"])}}


def compared(known: Sequence[float], unknown: Sequence[float], bare: Sequence[float]) -> int | None:
    """Give what an unknown name costs in percent of a known one, from seconds of each call."""
    check = min(known) - min(bare)
    if check * 1000 < _MEASURABLE_MS:
        return None
    return int(100 * (min(unknown) - min(bare)) / check)


_MEASURABLE_MS: Final = 3.0
_SAME: Final = Between(50, 200)
# What a busy machine does to one measurement it does not do to three; of the served mode, where a
# hash that costs nothing once passed for one that takes its time, two have to agree before four do
# not.
_MEASUREMENTS: Final = 3
_SERVED_MEASUREMENTS: Final = 4


def settled(works: Sequence[int | None], *, served: bool) -> bool:
    """Tell whether these measurements suffice; what the last one says is then what they say."""
    same = sum(allows(_SAME, work) for work in works)
    if served:
        return same >= 2 or len(works) - same >= _SERVED_MEASUREMENTS
    return same >= 1 or works[-1:] == [None] or len(works) >= _MEASUREMENTS


@judges({"SEC-1": (_WORK,), "LOGON-2": (_WORK,)}, exactly=1, served=True)
def unknown_users_cost_the_same(bench: Bench, data: st.DataObject) -> None:
    """LOGON-2, SEC-1: the time of a refusal does not tell whether the user exists."""
    del data
    place, target = bench.place(), bench.hands.target
    served = target.http.base.startswith("https:") and target.restart is not None
    works = list[int | None]()
    while not works or not settled(works, served=served):
        known = [bench.login(place).username for _ in range(6)]
        unknown = [bench.name("user") for _ in known]
        outcome = bench.do("time_refusals", known=known, unknown=unknown)
        works.append((outcome.get("gives") or {}).get("work"))
    if outcome.get("gives") == {"work": None}:
        if served:
            bench.expect("SEC-1", gives({"work": Anything("a hash that takes its time")}))
        msg = "checking a password costs too little here to be measured"
        raise Missing(msg)
    bench.expect("LOGON-2", gives({"work": _SAME}), case=_WORK)
    bench.passed("SEC-1", _WORK)
