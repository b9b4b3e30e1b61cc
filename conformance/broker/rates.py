"""RATE-1: how fast a connection may call, and what is told to who calls faster."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import cycle
from typing import Any, Final

from hypothesis import strategies as st

from conformance.bench import MILLISECOND, Bench
from conformance.broker.counting import doors
from conformance.caller import Outcome
from conformance.hands import Hands, Missing, verb
from conformance.patterns import Anything, OneOf, Pattern, gives
from conformance.properties import judges
from conformance.strategies import EDGES

# In place of a wait in milliseconds: as long as the last refusal told.
AS_TOLD: Final = -1
# Calls a second, so that a call comes due after whole milliseconds; and calls at once.
_RATES: Final = st.sampled_from((1, 2, 4, 5, 10))
_BURSTS: Final = st.integers(1, 6)
_LONG_MS: Final = 30_000
# What can be called: at which service, with which arguments. One of them is refused when let in.
_TURNS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "getLastUpdateId": ("Sessions", {}),
    "getSession": ("Sessions", {"session_id": 1}),
    "getUpdates": ("Sessions", {"since": 0}),
    "getPortal": ("Sessions", {}),
    "getQueues": ("Monitors", {}),
}
_SAME: Final = ("getLastUpdateId",)


@verb
def hurry(
    hands: Hands,
    /,
    *,
    connection_id: str,
    rate: int,
    burst: int,
    waits: Sequence[int],
    beside: str,
    turns: Sequence[str] = _SAME,
) -> Outcome:
    """Set the limit, call after each of these waits, then once on the connection beside; unset it.

    A wait is in milliseconds, or `AS_TOLD`. The calls are those of `turns`, in turn.

    Raises:
        Missing: no limit can be set.
    """
    wish = {"rate": rate, "burst": burst}
    outcome = hands.control("PUT", ["rate"], wish)
    if outcome.get("status") != 200 or hands.target.control is None:
        msg = "no limit of calls can be set through the control API (PUT /rate)"
        raise Missing(msg)
    calls: list[dict[str, Any]] = []
    try:
        for wait, name in zip(waits, cycle(turns), strict=False):
            told = calls[-1]["seconds"] if calls else None
            waited = wait == AS_TOLD and told is not None
            after = 1000 * (told or 0) if waited else max(0, wait)
            if after:
                hands.now = hands.target.control.advance(hands.now + after * MILLISECOND)
            calls.append({"after": after, "as_told": waited, **_came(hands, connection_id, name)})
        return {"gives": {"calls": calls, "beside": _came(hands, beside, *_SAME)["came"]}}
    finally:
        hands.control("PUT", ["rate"], {"rate": 0})


def _came(hands: Hands, connection_id: str, name: str) -> dict[str, Any]:
    service, more = _TURNS[name]
    outcome = hands.call(name, service=service, connection_id=connection_id, **more)
    answered = "gives" in outcome or outcome.get("fault") == "NoSuchSession"
    came = "let in" if answered else str(outcome.get("fault") or outcome.get("broken"))
    return {"came": came, "seconds": outcome.get("fields", {}).get("retry_after_seconds")}


class _Bucket:
    """The naive model: so many calls may be made; they come back one by one."""

    def __init__(self, rate: int, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._left = Fraction(burst)
        self._refused_until: Fraction | None = None

    def call(self, after: int, told: Any) -> Pattern:
        """Say what may come of a call after so many ms; `told` is what its refusal told.

        Whether a refused call counts against its caller the rule leaves open: until what the
        refusal told is over, a call that has come due may be refused, too.
        """
        self._left = min(Fraction(self._burst), self._left + Fraction(after * self._rate, 1000))
        if self._refused_until is not None:
            self._refused_until -= after
        if self._left < 1:
            self._refused_until = Fraction(1000 * told) if isinstance(told, int) else None
            return "RateLimited"
        sure = self._refused_until is None or self._refused_until <= 0
        return "let in" if sure else OneOf(("let in", "RateLimited"))

    def took(self, came: str) -> None:
        """Note a call that was let in."""
        if came == "let in":
            self._left -= 1
            self._refused_until = None


def _wanted(rate: int, burst: int, calls: Sequence[Mapping[str, Any]]) -> list[Pattern]:
    bucket, wanted = _Bucket(rate, burst), list[Pattern]()
    for call in calls:
        came = bucket.call(call["after"], call["seconds"])
        bucket.took(call["came"])
        if call["as_told"]:
            came = "let in"
        told: Pattern = Anything("whole seconds") if call["came"] == "RateLimited" else None
        wanted.append({**call, "came": came, "seconds": told})
    return wanted


def _hurry(
    bench: Bench, rate: int, burst: int, waits: Sequence[int], **more: Any
) -> list[dict[str, Any]]:
    """Make the calls and hold what came of them against the model."""
    place = bench.place()
    connection, beside = bench.connect(place), bench.connect(bench.login(place))
    more = {**more, "connection_id": connection, "beside": beside}
    outcome = bench.do("hurry", rate=rate, burst=burst, waits=waits, **more)
    given = outcome.get("gives")
    calls: list[dict[str, Any]] = given["calls"] if isinstance(given, dict) else []
    wanted = {"calls": _wanted(rate, burst, calls), "beside": "let in"}
    bench.expect("RATE-1", gives(wanted), case="a connection beside it is let in")
    return calls


_DUE: Final = {
    -1: "refused 1 ms before the next call is due",
    0: "let in when it is due",
    1: "let in 1 ms later",
}


@judges({"RATE-1": ("a connection beside it is let in", *_DUE.values())}, share=0.25)
def a_call_comes_due(bench: Bench, data: st.DataObject) -> None:
    """RATE-1: after a burst a call more comes due after a rate's part of a second, no sooner."""
    rate, burst = data.draw(_RATES, label="rate"), data.draw(_BURSTS, label="burst")
    for side in EDGES:
        _hurry(bench, rate, burst, [*[0] * burst, 1000 // rate + side])
        bench.passed("RATE-1", _DUE[side])


_TOLD: Final = (
    "a burst is let in",
    "one call more is refused",
    "who waits as told is let in",
    "after a long rest a burst is let in, and no more",
)


@judges({"RATE-1": _TOLD}, share=0.5)
def who_waits_as_told_is_let_in(bench: Bench, data: st.DataObject) -> None:
    """RATE-1: a refusal tells when to come back, and what was done before is not lost."""
    rate, burst = data.draw(_RATES, label="rate"), data.draw(_BURSTS, label="burst")
    more = data.draw(st.integers(1, 3), label="more")
    rested = [_LONG_MS, *[0] * burst]
    _hurry(bench, rate, burst, [*[0] * burst, *[0] * more, AS_TOLD, *rested])
    for case in _TOLD:
        bench.passed("RATE-1", case)


_ALL: Final = "whatever is called, calls count together"


@judges({"RATE-1": (_ALL,)}, share=0.25)
def all_operations_count_together(bench: Bench, data: st.DataObject) -> None:
    """RATE-1: it is the connection that is limited, not an operation or a service of it."""
    rate, burst = data.draw(_RATES, label="rate"), data.draw(_BURSTS, label="burst")
    there = doors(bench)
    turns = [name for name, (service, _) in _TURNS.items() if service in there]
    _hurry(bench, rate, burst, [*[0] * burst, 0, AS_TOLD, 0, AS_TOLD], turns=turns)
    bench.passed("RATE-1", _ALL)


@judges({"RATE-1": ("any sequence of calls",)})
def no_span_has_more_than_the_rate(bench: Bench, data: st.DataObject) -> None:
    """RATE-1: whatever the pauses, just those calls are refused that come too fast."""
    rate, burst = data.draw(_RATES, label="rate"), data.draw(_BURSTS, label="burst")
    due = 1000 // rate
    wait = st.sampled_from((0, 0, 0, 1, due - 1, due, due + 1, 3 * due, AS_TOLD))
    _hurry(bench, rate, burst, data.draw(st.lists(wait, min_size=1, max_size=24), label="waits"))
    bench.passed("RATE-1", "any sequence of calls")
