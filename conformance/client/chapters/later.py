"""What comes later: surveys and recordings, and what happened while the client was down.

C-ONCE-2, C-ONCE-3.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from conformance.client.cases import judges
from conformance.client.chapters.once import done
from conformance.client.program import Program
from conformance.client.scene import Scene
from conformance.client.store import Damaged
from conformance.client.wholeness import holds, stored_whole
from conformance.hands import Missing

_SAID: Final = "Quokka-{}-was-splendid"


def _holds(scene: Scene, number: int, text: str) -> bool:
    try:
        return any(text.encode() in data for data in scene.store.members(number).values())
    except (Damaged, FileNotFoundError):
        return False


def _needs_archives(scene: Scene) -> None:
    if not scene.store.archives:
        msg = "the adapter shows no archives"
        raise Missing(msg)


@judges(
    {
        "C-ONCE-2": (
            *("a survey after the session was stored", "still one session"),
            "its files are still there",
        )
    },
    "watch",
)
def a_late_survey_renews_the_session(scene: Scene) -> None:
    """C-ONCE-2: a survey that comes when the session is stored comes into it."""
    _needs_archives(scene)
    program = scene.watch()
    number = scene.whole()
    scene.need(lambda: scene.store.ids()[number], "a stored session", program)
    scene.pace.pause(1.0)
    said = _surveyed(scene, number)
    held = scene.until(lambda: _holds(scene, number, said))
    received = "it is there" if held else "no file of the session holds it"
    case = "a survey after the session was stored"
    scene.expect("C-ONCE-2", held, "the survey's words in the session", received, case)
    scene.stored_once("C-ONCE-2", [number], "still one session")
    stored_whole(scene, "C-ONCE-2", [number], "its files are still there")


def _surveyed(scene: Scene, number: int) -> str:
    """Let a customer answer the survey; give the words."""
    said = _SAID.format(scene.chance.randrange(10**6))
    ratings = [{"label": "Rating", "value": said}]
    scene.place.act("survey", sessionId=number, customerRatings=ratings)
    scene.did("survey", session_id=number)
    return said


@judges({"C-ONCE-2": ("a survey between two runs on demand",)}, "fetch")
def a_late_survey_comes_with_the_next_range(scene: Scene) -> None:
    """C-ONCE-2: asked for a range again, it renews what has changed in it."""
    _needs_archives(scene)
    number = scene.whole()
    now = scene.place.now()
    span = (now - timedelta(hours=1), now)
    done(scene, scene.fetch(*span))
    scene.need(lambda: scene.store.ids()[number], "a stored session")
    said = _surveyed(scene, number)
    done(scene, scene.fetch(*span))
    held, count = _holds(scene, number, said), scene.store.ids()[number]
    received = f"stored {count} times, {'with' if held else 'without'} them"
    case = "a survey between two runs on demand"
    held = held and count == 1
    scene.expect("C-ONCE-2", held, "the survey's words in the session", received, case)


@judges({"C-ONCE-2": ("a recording after the session's end",)}, "watch")
def a_late_recording_renews_the_session(scene: Scene) -> None:
    """C-ONCE-2: files that are ready after the end come into the session that is stored."""
    _needs_archives(scene)
    program = scene.watch()
    number = scene.place.begin()
    scene.place.act("end", sessionId=number)
    scene.did("session_ends_without_recording", session_id=number)
    mark = scene.place.mark()
    scene.need(lambda: scene.place.calls("getUpdates", after=mark)[1:], "two polls", program)
    scene.place.act("record", sessionId=number)
    scene.did("recording_ready", session_id=number)
    wanted = {each["name"]: each["sha256"] for each in scene.place.session(number)["files"]}
    held = scene.until(lambda: holds(scene, number, wanted))
    count = scene.store.ids()[number]
    received = f"stored {count} times, {'with' if held else 'without'} all its files"
    case = "a recording after the session's end"
    scene.expect("C-ONCE-2", held and count == 1, "all its files, once", received, case)


@judges({"C-ONCE-3": ("stopped while sessions end", "killed while sessions end")}, "watch")
def what_it_missed_is_fetched(scene: Scene) -> None:
    """C-ONCE-3: started again, it goes on where it was."""
    program = scene.watch()
    first = scene.whole()
    scene.need(lambda: scene.store.ids()[first], "a stored session", program)
    for how in ("stopped", "killed"):
        scene.pace.pause(1.2)
        if how == "stopped":
            scene.did("stop")
            program.stop(15.0)
        else:
            scene.kill(program)
        missed = [scene.whole() for _ in range(scene.count(3))]
        program = scene.start("watch")
        scene.stored_once("C-ONCE-3", [first, *missed], f"{how} while sessions end", 40.0)


@judges({"C-ONCE-3": ("a survey while it was down",)}, "watch")
def a_survey_that_it_missed_is_fetched(scene: Scene) -> None:
    """C-ONCE-3: what changed in a stored session while it was down comes into it."""
    _needs_archives(scene)
    program = scene.watch()
    number = scene.whole()
    scene.need(lambda: scene.store.ids()[number], "a stored session", program)
    scene.pace.pause(1.2)
    scene.kill(program)
    said = _surveyed(scene, number)
    program = scene.start("watch")
    held = scene.until(lambda: _holds(scene, number, said))
    received = "it is there" if held else "no file of the session holds it"
    case = "a survey while it was down"
    scene.expect("C-ONCE-3", held, "the survey's words in the session", received, case)


@judges(
    {
        "C-ONCE-3": (
            *("the change log no longer reaches back", "it leaves the old cursor"),
            "it expires while it runs",
        )
    },
    "watch",
)
def an_expired_cursor_is_made_good(scene: Scene) -> None:
    """C-ONCE-3: after UpdateExpired it fetches on demand what it missed."""
    program = scene.watch()
    first = scene.whole()
    scene.need(lambda: scene.store.ids()[first], "a stored session", program)
    scene.pace.pause(1.2)
    scene.kill(program)
    missed = [scene.whole() for _ in range(scene.count(3))]
    last = scene.place.ask("getLastUpdateId")
    rule = scene.fault(
        "getUpdates", "fault", code="UpdateExpired", fields={"oldestUpdateId": last + 1}, times=1
    )
    program = scene.start("watch")
    scene.need(scene.struck(rule), "a poll with the old cursor", program)
    case = "the change log no longer reaches back"
    scene.stored_once("C-ONCE-3", [first, *missed], case, 40.0)
    _leaves_its_cursor(scene, program, rule, last)
    fields = {"oldestUpdateId": scene.place.ask("getLastUpdateId") + 1}
    scene.fault("getUpdates", "fault", code="UpdateExpired", fields=fields, times=1)
    scene.stored_once("C-ONCE-3", [scene.whole()], "it expires while it runs", 40.0)


def _leaves_its_cursor(scene: Scene, program: Program, rule: str, last: int) -> None:
    """Expect the poll after one that expired to ask from an updateId on that is kept."""
    struck = next(call for call in scene.place.calls("getUpdates") if rule in call.struck)
    following = scene.need(
        lambda: scene.place.calls("getUpdates", after=struck.number), "a poll after it", program
    )
    since = int(following[0].arguments["since"])
    expected, received = f"updates asked for from {last} on", f"from {since} on"
    scene.expect("C-ONCE-3", since >= last, expected, received, "it leaves the old cursor")
