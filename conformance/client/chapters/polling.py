"""Polls: on time, not over each other, patiently after faults (C-POLL-1, C-POLL-2).

Three bands: too early breaks the rule, late is a warning, too few polls prove nothing. Times
are those of the calls' arrival, which a busy machine shifts; hence the slack.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial
from statistics import median
from typing import Any, Final

from conformance.client.cases import judges
from conformance.client.place import Called
from conformance.client.program import Program
from conformance.client.scene import INTERVAL_SECONDS, PATIENCE_SECONDS, Scene

EARLY: Final = 0.8 * INTERVAL_SECONDS
LATE: Final = 1.4 * INTERVAL_SECONDS
_GAPS: Final = 6
# So many polls come after failures as often as before them.
_SOON: Final = 3
# Retry-After counts in whole seconds from an answer that took a moment to arrive.
_WAIT_SECONDS: Final = 3
_WAIT_SLACK: Final = 0.15
_FAILURES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    *(("status", {"status": 503}), ("status", {"status": 500})),
    *(("fault", {"code": "ServerError"}), ("fault", {"code": "ServerError"})),
)


def gaps(calls: Sequence[Called]) -> list[float]:
    """Give the seconds from each call's arrival to the next one's."""
    ordered = sorted(calls, key=lambda call: call.begun)
    return [
        (after.begun - before.begun).total_seconds()
        for before, after in itertools.pairwise(ordered)
    ]


def _told(found: Sequence[float]) -> str:
    return f"gaps of {', '.join(f'{gap:.2f}' for gap in found)} s"


@judges(
    {"C-POLL-1": ("six gaps between polls", "a poll that brought something")}, "watch", alone=True
)
def polls_come_every_interval(scene: Scene) -> None:
    """C-POLL-1: polls are an interval apart, never less, whether they brought something or not."""
    program = scene.watch(timed=True)
    mark = scene.place.mark()
    for count in (2, 4):
        scene.need(partial(_many, scene, mark, count), "polls in real time", program)
        scene.place.bare()
        scene.did("session_ends_without_recording")
    calls = scene.need(lambda: _many(scene, mark, _GAPS + 1), "seven polls in real time", program)
    found = gaps(calls)
    expected = f"no gap under {EARLY:g} s at an interval of {INTERVAL_SECONDS:g} s"
    for case in ("six gaps between polls", "a poll that brought something"):
        scene.expect("C-POLL-1", min(found) >= EARLY, expected, _told(found), case)
    if median(found) > LATE:
        scene.warn("C-POLL-1", f"gaps of about {INTERVAL_SECONDS:g} s", _told(found))


def _many(scene: Scene, mark: int, count: int) -> list[Called]:
    calls = scene.place.calls("getUpdates", after=mark)
    return calls if len(calls) >= count else []


@judges({"C-POLL-1": ("slow answers",)}, "watch", alone=True)
def slow_answers_do_not_slow_the_polls(scene: Scene) -> None:
    """C-POLL-1: the interval counts from poll to poll, not from an answer to the next poll."""
    program = scene.watch(timed=True)
    mark = scene.place.mark()
    scene.fault("getUpdates", "delay", seconds=0.6 * INTERVAL_SECONDS)
    calls = scene.need(
        lambda: _many(scene, mark, _GAPS + 1), "seven polls with slow answers", program
    )
    found = gaps(calls[1:])
    scene.expect(
        "C-POLL-1", min(found) >= EARLY, f"no gap under {EARLY:g} s", _told(found), "slow answers"
    )
    if median(found) > LATE:
        scene.warn("C-POLL-1", "the interval from poll to poll, whatever each takes", _told(found))


@judges(
    {"C-POLL-1": ("an answer later than the next poll is due", "polls that were missed")},
    "watch",
    alone=True,
)
def polls_do_not_overlap(scene: Scene) -> None:
    """C-POLL-1: while a poll is not answered no other begins, and none is made up for after it."""
    program = scene.watch(timed=True)
    rule = scene.fault("getUpdates", "delay", seconds=3.2 * INTERVAL_SECONDS, times=1)
    scene.need(scene.struck(rule), "a poll that waits for its answer", program)
    scene.pace.pause(5 * INTERVAL_SECONDS)
    scene.need(lambda: len(_from(scene, rule)) > 3, "three polls after a late answer", program)
    late, *following = _from(scene, rule)
    over = [call for call in following if call.begun < late.ended]
    received = f"{len(over)} more polls before the answer"
    case = "an answer later than the next poll is due"
    scene.expect("C-POLL-1", not over, "one poll at a time", received, case)
    found = gaps([late, *following])
    expected = f"no gap under {EARLY:g} s after a late answer"
    case = "polls that were missed"
    scene.expect("C-POLL-1", min(found) >= EARLY, expected, _told(found), case)


def _from(scene: Scene, rule: str) -> list[Called]:
    """Give the polls from the one on that a fault has struck; none while it has no answer."""
    calls = sorted(scene.place.calls("getUpdates"), key=lambda call: call.begun)
    return list(itertools.dropwhile(lambda call: rule not in call.struck, calls))


@judges({"C-POLL-1": ("four failures in a row", "polls after failures")}, "watch", alone=True)
def failures_slow_the_polls(scene: Scene) -> None:
    """C-POLL-1: after failed polls it asks more slowly, and comes back."""
    program = scene.watch(timed=True)
    rules = {
        scene.fault("getUpdates", effect, times=1, **more)
        for effect, more in scene.chance.sample(_FAILURES, len(_FAILURES))
    }
    scene.need(scene.struck(*rules), "four failing polls", program)
    failed = [call for call in scene.place.calls("getUpdates") if rules & {*call.struck}]
    last = max(call.number for call in failed)
    following = scene.need(
        lambda: scene.place.calls("getUpdates", after=last), "a poll after the failures", program
    )
    found = gaps([*failed, following[0]])
    scene.expect(
        "C-POLL-1", min(found) >= EARLY, f"no gap under {EARLY:g} s", _told(found),
        "four failures in a row",
    )  # fmt: skip
    slower = max(found) >= 1.5 * INTERVAL_SECONDS
    scene.expect(
        "C-POLL-1", slower, f"some gap over {1.5 * INTERVAL_SECONDS:g} s", _told(found),
        "polls after failures",
    )  # fmt: skip
    _as_often_again(scene, following[0].number)


def _as_often_again(scene: Scene, mark: int) -> None:
    """Expect the interval once polls come to something, a warning where they come too late."""
    seconds = 2 * _SOON * INTERVAL_SECONDS
    count = len(scene.until(lambda: _many(scene, mark, _SOON), seconds))
    if count < _SOON:
        scene.warn("C-POLL-1", f"{_SOON} polls within {seconds:g} s after failures", "fewer")


@judges({"C-POLL-1": ("more updates than one page holds",)}, "watch")
def one_poll_reads_all_pages(scene: Scene) -> None:
    """C-POLL-1: where pages are full, one poll is several calls, and none is left out."""
    program = scene.watch()
    scene.fault("getUpdates", "status", status=503, retryAfter=1, id="held")
    for _ in range(510):
        number = scene.place.act(
            "post", portal="support", subPortal="General", question="Nobody comes"
        )
        scene.place.act("abandon", sessionId=number)
    scene.did("1020 updates")
    last = scene.whole()
    mark = scene.place.mark()
    scene.place.mend()
    scene.need(lambda: scene.store.ids()[last], "the session behind two pages", program, 60.0)
    whole = [call for call in scene.place.calls("getUpdates", after=mark) if call.status == 200]
    found = gaps(whole[:2])
    scene.expect(
        "C-POLL-1", bool(found), "a second call for the second page", "one call",
        "more updates than one page holds",
    )  # fmt: skip
    if found[0] > EARLY:
        scene.warn("C-POLL-1", "the second page at once", _told(found))


def _waits(scene: Scene, rule: str, operation: str, case: str) -> None:
    """Expect nothing of this operation before the time that a fault named."""
    struck = next(call for call in scene.place.calls(operation) if rule in call.struck)
    after = scene.need(
        lambda: [call for call in scene.place.calls(operation) if call.begun > struck.begun],
        f"{operation} after {_WAIT_SECONDS} s",
        seconds=PATIENCE_SECONDS + 40,
    )
    waited = (min(call.begun for call in after) - struck.ended).total_seconds()
    expected = f"no {operation} for {_WAIT_SECONDS} s"
    held = waited >= _WAIT_SECONDS - _WAIT_SLACK
    scene.expect("C-POLL-2", held, expected, f"one after {waited:.2f} s", case)


@judges({"C-POLL-2": ("RateLimited is waited out", "nothing is lost by it")}, "watch")
def rate_limits_are_obeyed(scene: Scene) -> None:
    """C-POLL-2: after RateLimited it waits as long as it was told."""
    program = scene.watch()
    fields = {"retryAfterSeconds": _WAIT_SECONDS}
    rule = scene.fault("getUpdates", "fault", code="RateLimited", fields=fields, times=1)
    scene.need(scene.struck(rule), "a poll that is refused", program)
    number = scene.whole()
    _waits(scene, rule, "getUpdates", "RateLimited is waited out")
    scene.stored_once("C-POLL-2", [number], "nothing is lost by it")


@judges({"C-POLL-2": ("a session that is rate limited",)}, "watch")
def rate_limits_of_sessions_are_obeyed(scene: Scene) -> None:
    """C-POLL-2: after RateLimited for a session it asks for none as long as it was told."""
    program = scene.watch()
    fields = {"retryAfterSeconds": _WAIT_SECONDS}
    rule = scene.fault("getSession", "fault", code="RateLimited", fields=fields, times=1)
    number = scene.whole()
    scene.need(scene.struck(rule), "a session that is refused", program)
    _waits(scene, rule, "getSession", "a session that is rate limited")
    scene.stored_once("C-POLL-2", [number], "a session that is rate limited")


@judges({"C-POLL-2": ("503 with Retry-After", "429 with Retry-After")}, "watch")
def retry_after_is_obeyed(scene: Scene) -> None:
    """C-POLL-2: after an HTTP status with Retry-After it waits as long as it was told."""
    program = scene.watch()
    for status in (503, 429):
        _poll_well(scene, program)
        rule = scene.fault("getUpdates", "status", status=status, retryAfter=_WAIT_SECONDS, times=1)
        scene.need(scene.struck(rule), "a poll that is refused", program)
        _waits(scene, rule, "getUpdates", f"{status} with Retry-After")


def _poll_well(scene: Scene, program: Program) -> None:
    mark = scene.place.mark()
    scene.need(lambda: scene.place.calls("getUpdates", after=mark), "a poll", program)
