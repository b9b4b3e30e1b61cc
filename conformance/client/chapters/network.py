"""A bad network: whatever breaks, nothing is lost, and nothing that was lost is called done.

C-NET-2.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from conformance.client.cases import judges
from conformance.client.chapters.once import done
from conformance.client.program import Program
from conformance.client.scene import Scene
from conformance.client.wholeness import stored_whole

# An answer that has not come in this time never comes, whatever a client waits for one; the
# broker gives it a while later, that the case ends.
_LOOK_SECONDS: Final = 150.0
_NEVER_SECONDS: Final = 180.0
# So often a session cannot be had, as far as the client asks for it in that time.
_OFTEN: Final = 5
_START: Final = datetime(2030, 1, 15, 9, 0, tzinfo=UTC)
_BREAKS: Final[Mapping[str, tuple[tuple[str, dict[str, Any]], ...]]] = MappingProxyType(
    {
        "cut calls": (("cut", {}), ("cut", {"how": "fin"}), ("cut", {"when": "after"})),
        "5xx": (
            ("status", {"status": 500}),
            ("status", {"status": 502}),
            ("status", {"status": 504}),
            ("fault", {"code": "ServerError"}),
        ),
        "half answers": (
            ("empty", {}),
            ("truncate", {}),
            ("truncate", {"keep": 20, "how": "rst"}),
            ("drip", {"seconds": 1.0}),
        ),
        "garbage": (
            ("garbage", {}),
            ("garbage", {"raw": True}),
            ("contentType", {"contentType": "text/html"}),
        ),
    }
)


def _survives(scene: Scene, kind: str) -> None:
    """Let polls and sessions meet every break of one kind, one after the other."""
    program = scene.watch()
    ids = []
    for effect, more in scene.chance.sample(_BREAKS[kind], len(_BREAKS[kind])):
        ids.append(_meets(scene, program, effect, more))
    ids.append(scene.whole())
    stored_whole(scene, "C-NET-2", ids, kind, 60.0)


def _meets(scene: Scene, program: Program, effect: str, more: Mapping[str, Any]) -> int:
    """Let a poll and a session meet one break, and wait for a good poll; give the session."""
    mark = scene.place.mark()
    rules = [
        scene.fault(operation, effect, times=1, **more)
        for operation in ("getUpdates", "getSession")
    ]
    number = scene.whole()
    scene.need(scene.struck(*rules), f"calls that meet {effect}", program)
    scene.need(lambda: _well(scene, mark), f"a good poll after {effect}", program, 40.0)
    return number


def _well(scene: Scene, mark: int) -> bool:
    calls = scene.place.calls("getUpdates", after=mark)
    return any(call.status == 200 and not call.struck for call in calls)


@judges({"C-NET-2": ("cut calls",)}, "watch")
def cut_calls_are_survived(scene: Scene) -> None:
    """C-NET-2: calls that are cut, before and after they were carried out."""
    _survives(scene, "cut calls")


@judges({"C-NET-2": ("5xx",)}, "watch")
def server_errors_are_survived(scene: Scene) -> None:
    """C-NET-2: HTTP 500 to 504, and ServerError."""
    _survives(scene, "5xx")


@judges({"C-NET-2": ("half answers",)}, "watch")
def half_answers_are_survived(scene: Scene) -> None:
    """C-NET-2: answers that are cut, empty or slow."""
    _survives(scene, "half answers")


@judges({"C-NET-2": ("garbage",)}, "watch")
def garbage_is_survived(scene: Scene) -> None:
    """C-NET-2: noise in the place of an answer, of HTTP, or of its type."""
    _survives(scene, "garbage")


@judges({"C-NET-2": ("an answer that never comes",)}, "watch", long=True)
def an_answer_that_never_comes_is_given_up(scene: Scene) -> None:
    """C-NET-2: where a poll is never answered, it comes to wait no longer, and goes on."""
    program = scene.watch()
    rule = scene.fault("getUpdates", "delay", seconds=_NEVER_SECONDS, times=1)
    scene.need(scene.struck(rule), "a poll that is not answered", program)
    number = scene.whole()
    scene.stored_once("C-NET-2", [number], "an answer that never comes", _LOOK_SECONDS)


@judges({"C-NET-2": ("a broker that is away at the start",)}, "watch")
def a_broker_that_is_away_is_waited_for(scene: Scene) -> None:
    """C-NET-2: a broker that refuses for a while at the start is tried again."""
    rule = scene.fault("logon", "status", status=503, times=2)
    program = scene.start("watch")
    for _ in range(4):
        program.wait(5.0)
        if scene.place.calls("getUpdates"):
            break
        if not program.running:
            program = scene.start("watch")  # one that gave up and said so is started again
    scene.need(scene.struck(rule), "a logon", program)
    number = scene.whole()
    scene.stored_once("C-NET-2", [number], "a broker that is away at the start", 40.0)


@judges({"C-NET-2": ("one session that cannot be had",)}, "watch")
def one_bad_session_holds_up_no_other(scene: Scene) -> None:
    """C-NET-2: a session whose answer is garbage again and again holds up no other."""
    program = scene.watch()
    bad = scene.place.begin()
    rule = scene.fault("getSession", "garbage", match={"sessionId": bad})
    scene.place.act("end", sessionId=bad)
    scene.place.act("record", sessionId=bad)
    others = [scene.whole() for _ in range(scene.count(3))]
    scene.need(scene.struck(rule), "the session that is garbage", program)
    scene.until(lambda: scene.place.struck(rule) >= _OFTEN, 20.0)
    case = "one session that cannot be had"
    scene.stored_once("C-NET-2", others, case, 40.0)
    scene.place.mend()
    scene.stored_once("C-NET-2", [bad, *others], case, 90.0)


@judges({"C-NET-2": ("a run that cannot be whole",)}, "fetch")
def giving_up_is_no_success(scene: Scene) -> None:
    """C-NET-2: an on-demand run that leaves sessions behind does not end with 0."""
    ids = _three(scene)
    _gives_up(scene, ids, "a run that cannot be whole", "getSession", match={"sessionId": ids[1]})


@judges({"C-NET-2": ("a run that cannot be listed",)}, "fetch")
def an_unread_list_is_no_empty_one(scene: Scene) -> None:
    """C-NET-2: an on-demand run that cannot ask what there is does not end with 0."""
    _gives_up(scene, _three(scene), "a run that cannot be listed", "getSessionIds")


def _three(scene: Scene) -> list[int]:
    place = scene.open(_START)
    ids = [scene.whole() for _ in range(3)]
    place.advance(seconds=1)
    return ids


def _gives_up(scene: Scene, ids: list[int], case: str, operation: str, **more: Any) -> None:
    """Let an operation fail all the time; expect no success, and all of it the next time."""
    place = scene.place
    span = (_START - timedelta(hours=1), _START + timedelta(seconds=1))
    rule = scene.fault(operation, "status", status=503, **more)
    program = scene.fetch(*span)
    scene.need(scene.struck(rule), f"{operation}, which cannot be had", program)
    code = program.wait(15.0)
    lacking = [number for number in ids if not scene.store.ids()[number]]
    received = "it still tries" if code is None else f"exit {code}, {len(lacking)} are lacking"
    held = code is None or code != 0 or not lacking
    scene.expect("C-NET-2", held, "no exit 0 while a session is lacking", received, case)
    place.mend()
    # What still tried then may have been about to give up, and does that after the mend.
    if code is not None or done(scene, program, 60.0) not in (0, None):
        done(scene, scene.fetch(*span), 60.0)
    scene.stored_once("C-NET-2", ids, case, 1.0)
