"""Scheduled mode: at its times, once each (C-SCHED-1).

Schedules have minutes for their smallest step, so the client's time is made to run: a minute
in a second, by faketime. Where that cannot be done the rule is not testable.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from cronsim import CronSim

from conformance.client.cases import judges
from conformance.client.chapters.polling import gaps
from conformance.client.pacing import ticks
from conformance.client.place import Called
from conformance.client.program import Program, faketime
from conformance.client.scene import Scene
from conformance.client.telling import ended
from conformance.hands import Missing

_SPEED: Final = 20.0
_FIRST: Final = datetime(2030, 1, 15, 9, 0, 30, tzinfo=UTC)
_EVERY: Final = "*/2 * * * *"
_STEP_SECONDS: Final = 120 / _SPEED
# By one of these a run asks what is new.
_ASKING: Final = ("getSessionIds", "getUpdates")


class _Virtual:
    """The client's time: it begins at an instant and runs on over restarts."""

    def __init__(self) -> None:
        self._begun = ticks()

    def now(self) -> datetime:
        """Tell it."""
        return _FIRST + timedelta(seconds=(ticks() - self._begun) * _SPEED)

    def coming(self) -> datetime:
        """Tell the next time of the schedule."""
        return next(CronSim(_EVERY, self.now()))

    def until(self, instant: datetime) -> float:
        """Tell how many seconds of ours an instant of the client's time is away."""
        return (instant - self.now()).total_seconds() / _SPEED


def runs(calls: list[Called]) -> list[Called]:
    """Give the first call of each run: what follows within a third of a step belongs to it."""
    found: list[Called] = []
    for call in sorted(calls, key=lambda each: each.begun):
        if not found or (call.begun - found[-1].begun).total_seconds() > _STEP_SECONDS / 3:
            found.append(call)
    return found


@judges(
    {
        "C-SCHED-1": (
            *("two runs on time", "down over none", "down over one"),
            "its sessions are stored",
        )
    },
    "schedule",
    alone=True,
)
def it_runs_at_its_times(scene: Scene) -> None:
    """C-SCHED-1: each time runs once, one that it was down over after its start."""
    if faketime() is None or not scene.adapter.faketime:
        msg = "the client's time cannot be moved: faketime is not here, or does not work on it"
        raise Missing(msg)
    ids = [scene.whole()]
    time = _Virtual()
    program = _started(scene, time)
    _two_on_time(scene, program)
    scene.pace.pause(_STEP_SECONDS / 4)
    scene.kill(program)
    _nothing_to_make_up(scene, time)
    count, missed = len(_runs(scene)), time.coming()
    ids.append(scene.whole())
    # At once after a time: a slow client has almost a step for its start, until the next time.
    scene.pace.pause(time.until(missed) + _STEP_SECONDS / 10)
    _started(scene, time)
    # To the middle between the next time and the one after it, however slow the machine is: who
    # skips the missed one has only one run then.
    left = time.until(missed) + 1.35 * _STEP_SECONDS
    scene.until(lambda: len(_runs(scene)) >= count + 2, left)
    scene.pace.pause(_STEP_SECONDS / 4)
    later = _runs(scene)[count:]
    told = ", ".join(f"{gap:.1f} s" for gap in gaps(later)) or "none"
    received = f"{len(later)} runs, gaps: {told}"
    expected = "the time that it missed, once, and the next one"
    scene.expect("C-SCHED-1", len(later) == 2, expected, received, "down over one")
    scene.stored_once("C-SCHED-1", ids, "its sessions are stored")


def _nothing_to_make_up(scene: Scene, time: _Virtual) -> None:
    """Start it between two times, and kill it before the next one; expect no run."""
    mark = scene.place.mark()
    program = _started(scene, time)
    program.wait(max(0.0, time.until(time.coming()) - _STEP_SECONDS / 10))
    scene.kill(program)
    more = scene.place.calls(*_ASKING, after=mark)
    received = f"{len(more)} calls of one"
    scene.expect("C-SCHED-1", not more, "no run before the next time", received, "down over none")


def _started(scene: Scene, time: _Virtual) -> Program:
    return scene.start("schedule", clock=(time.now(), _SPEED), values={"schedule": _EVERY})


def _two_on_time(scene: Scene, program: Program) -> None:
    """Expect two runs, a step of the schedule apart; each is waited for patiently."""
    for count in (1, 2):
        scene.until(partial(_ran, scene, program, count))
    scene.supported(program)
    found = _runs(scene)
    if len(found) < 2:
        how = ended(program) or f" (it runs, and said last: {program.last_words()})"
        msg = f"of its schedule {len(found)} runs were seen, not two{how}"
        raise Missing(msg)
    apart = gaps(found)[0]
    held = abs(apart - _STEP_SECONDS) < 0.25 * _STEP_SECONDS
    expected = f"runs {_STEP_SECONDS:g} s apart, a minute being {60 / _SPEED:g} s"
    scene.expect("C-SCHED-1", held, expected, f"{apart:.2f} s", "two runs on time")


def _ran(scene: Scene, program: Program, count: int) -> bool:
    """Tell whether there is nothing more to wait for: so many runs, or a client that ended."""
    return len(_runs(scene)) >= count or not program.running


def _runs(scene: Scene) -> list[Called]:
    return runs(scene.place.calls(*_ASKING))
