"""Every session is stored, and once, whatever happens in between (C-ONCE-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from conformance.client.cases import judges
from conformance.client.program import Program
from conformance.client.scene import Scene
from conformance.client.wholeness import stored_whole

_START: Final = datetime(2030, 1, 15, 9, 0, tzinfo=UTC)
_FAULTS: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("getUpdates", "cut", {"when": "after"}),
    ("getUpdates", "cut", {}),
    ("getSession", "cut", {"when": "after"}),
    ("getSession", "status", {"status": 503}),
    ("getUpdates", "status", {"status": 500}),
    ("download", "cut", {}),
    ("download", "truncate", {}),
    ("download", "status", {"status": 502}),
)


@judges({"C-ONCE-1": ("faults before and after the commit",)}, "watch")
def faults_lose_and_double_nothing(scene: Scene) -> None:
    """C-ONCE-1: calls that fail before or after they were carried out change nothing stored."""
    program = scene.watch()
    rules, ids = [], []
    for operation, effect, more in scene.chance.sample(_FAULTS, scene.count(len(_FAULTS))):
        skip = scene.chance.randrange(2)
        rules.append(scene.fault(operation, effect, times=1, skip=skip, **more))
        ids.append(scene.whole())
        scene.pace.pause(scene.chance.uniform(0.05, 0.5))
    scene.until(scene.struck(*rules), 12.0)
    scene.need(
        lambda: sum(scene.place.struck(rule) for rule in rules) >= len(rules) // 2,
        "calls for half of the faults",
        program,
    )
    scene.place.mend()
    ids.append(scene.whole())
    stored_whole(scene, "C-ONCE-1", ids, "faults before and after the commit", 60.0)


# Moments that a kill is aimed at: what the client waits for, by the rule that makes it wait.
_MOMENTS: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("getUpdates", "delay", {"seconds": 1.5, "when": "after"}),
    ("getSession", "delay", {"seconds": 1.5}),
    ("getSession", "delay", {"seconds": 1.5, "skip": 1, "when": "after"}),
    ("download", "drip", {"seconds": 2.0, "skip": 1}),
    ("download", "drip", {"seconds": 2.0, "skip": 7}),
)


@judges({"C-ONCE-1": ("killed while it waits for an answer", "killed at any time")}, "watch")
def kills_lose_and_double_nothing(scene: Scene) -> None:
    """C-ONCE-1: killed at a seeded moment and started again, it loses and doubles nothing."""
    program = scene.watch()
    ids: list[int] = []
    for operation, effect, more in scene.chance.sample(_MOMENTS, scene.count(len(_MOMENTS))):
        rule = scene.fault(operation, effect, times=1, **more)
        ids += [scene.whole(), scene.whole()]
        scene.until(scene.struck(rule), 12.0)
        scene.pace.pause(scene.chance.uniform(0.0, 0.3))
        program = _again(scene, program)
    stored_whole(scene, "C-ONCE-1", ids, "killed while it waits for an answer", 60.0)
    for _ in range(scene.count(3)):
        stored = len(scene.store.ids())
        ids += [scene.whole(), scene.whole(), scene.whole()]
        scene.until(_more_than(scene, stored), 6.0)
        scene.pace.pause(scene.chance.uniform(0.0, 0.12))
        program = _again(scene, program)
    stored_whole(scene, "C-ONCE-1", ids, "killed at any time", 60.0)


def _more_than(scene: Scene, count: int) -> Callable[[], bool]:
    return lambda: len(scene.store.ids()) > count


def _again(scene: Scene, program: Program) -> Program:
    scene.kill(program)
    scene.place.mend()
    return scene.start("watch")


@judges({"C-ONCE-1": ("sessions that end while pages are read",)}, "watch")
def what_ends_between_two_calls_is_not_lost(scene: Scene) -> None:
    """C-ONCE-1: a session that ends between two calls of the client is stored all the same."""
    program = scene.watch()
    scene.fault("getUpdates", "delay", when="after", seconds=0.25)
    scene.fault("getLastUpdateId", "delay", seconds=0.25)
    ids = []
    for _ in range(scene.count(14)):
        ids.append(scene.whole())
        scene.pace.pause(scene.chance.uniform(0.1, 0.4))
    scene.place.mend()
    scene.need(scene.store.ids, "anything stored", program)
    scene.stored_once("C-ONCE-1", ids, "sessions that end while pages are read", 40.0)


@judges({"C-ONCE-1": ("a range asked for twice", "sessions of one instant")}, "fetch")
def a_range_is_stored_once(scene: Scene) -> None:
    """C-ONCE-1: a range is stored once though asked for twice, equal times or not."""
    place = scene.open(_START)
    ids = [scene.whole() for _ in range(scene.count(3))]
    place.advance(seconds=1)
    start, end = _START - timedelta(hours=1), _START + timedelta(seconds=1)
    for _ in range(2):
        program = scene.fetch(start, end)
        done(scene, program)
    equal = {place.session(number)["started"] for number in ids}
    scene.stored_once("C-ONCE-1", ids, "a range asked for twice", 1.0)
    scene.expect(
        "C-ONCE-1", len(equal) == 1, "one instant", f"{len(equal)}", "sessions of one instant"
    )


def done(scene: Scene, program: Program, seconds: float = 60.0) -> int | None:
    """Wait until a program that ends by itself has ended; give its exit code."""
    code = program.wait(seconds)
    scene.supported(program)
    scene.need(
        lambda: scene.place.calls("getSessionIds", "getSession"),
        "calls for the range",
        program,
        1.0,
    )
    return code


@judges({"C-ONCE-1": ("killed in a range",)}, "fetch")
def a_killed_range_is_finished_by_the_next(scene: Scene) -> None:
    """C-ONCE-1: an on-demand run that was killed leaves nothing that the next one doubles."""
    place = scene.open(_START)
    ids = [scene.whole() for _ in range(scene.count(5))]
    place.advance(seconds=1)
    span = (_START - timedelta(hours=1), _START + timedelta(seconds=1))
    skip = scene.chance.randrange(3, 14)
    rule = scene.fault("download", "drip", seconds=2.0, skip=skip, times=1)
    program = scene.fetch(*span)
    scene.until(lambda: place.struck(rule) > 0 or not program.running, 30.0)
    scene.kill(program)
    place.mend()
    program = scene.fetch(*span)
    done(scene, program)
    stored_whole(scene, "C-ONCE-1", ids, "killed in a range", 1.0)
