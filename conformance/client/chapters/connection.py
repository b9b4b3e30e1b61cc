"""One connection per login: shared, ended, taken up again, renewed once (C-CONN-1)."""

from __future__ import annotations

import re
import stat
from datetime import timedelta
from pathlib import Path
from typing import Final

from conformance.client.cases import judges
from conformance.client.chapters.once import done
from conformance.client.program import Program
from conformance.client.scene import Scene
from conformance.hands import Missing

_TOKEN: Final = re.compile(rb"[A-Za-z0-9._~+/=-]{30,200}")
_MOST_TOKENS: Final = 400
# Longer than the clock takes to be moved, shorter than a client waits for an answer.
_HELD_SECONDS: Final = 3


@judges({"C-CONN-1": ("logs off when it stops",)}, "watch")
def it_logs_off_when_it_stops(scene: Scene) -> None:
    """C-CONN-1: asked to stop, it logs off and ends."""
    program = scene.watch()
    program.terminate()
    scene.did("terminate")
    code = program.wait(15.0)
    offs = scene.place.calls("logoff")
    held = bool(offs) and code is not None
    received = f"{len(offs)} logoffs, " + ("it ran on" if code is None else f"exit {code}")
    scene.expect("C-CONN-1", held, "a logoff, and its end", received, "logs off when it stops")


@judges({"C-CONN-1": ("logs off after a range",)}, "fetch")
def it_logs_off_after_a_range(scene: Scene) -> None:
    """C-CONN-1: on demand, too, it logs off when it stops."""
    scene.whole()
    now = scene.place.now()
    done(scene, scene.fetch(now - timedelta(hours=1), now))
    offs = scene.place.calls("logoff")
    received = f"{len(offs)} logoffs"
    scene.expect("C-CONN-1", bool(offs), "a logoff", received, "logs off after a range")


@judges({"C-CONN-1": ("two processes that start at once",)}, "watch")
def two_starts_make_one_connection(scene: Scene) -> None:
    """C-CONN-1: started at the same time, two processes come to one connection."""
    _needs_fetch(scene)
    old = scene.whole()
    now = scene.place.now()
    # so long that both have come to where they would log on
    rule = scene.fault("logon", "delay", seconds=3.0, times=1)
    program = scene.start("watch")
    other = scene.fetch(now - timedelta(hours=1), now)
    scene.until(lambda: not other.running, 40.0)
    scene.supported(other)
    scene.need(scene.struck(rule), "a logon", program)
    polls = scene.until(lambda: scene.place.calls("getUpdates"))
    opened = [call for call in scene.place.calls("logon") if call.status == 200]
    stored = scene.store.ids()[old]
    received = f"{len(opened)} connections opened, session stored {stored} times, "
    received += f"{len(polls)} polls, on demand it " + ("runs on" if other.running else "has ended")
    held = len(opened) == 1 and stored == 1 and bool(polls) and not other.running
    case = "two processes that start at once"
    scene.expect("C-CONN-1", held, "one connection, the session, polls", received, case)


@judges(
    {"C-CONN-1": ("two processes share one connection", "one ends and the other goes on")}, "watch"
)
def modes_share_the_connection(scene: Scene) -> None:
    """C-CONN-1: real time and on demand, two processes, work on one connection."""
    _needs_fetch(scene)
    old = scene.whole()
    program = scene.watch()
    begun = scene.place.now()
    other = scene.fetch(begun - timedelta(hours=1), begun)
    ended = scene.until(lambda: not other.running, 40.0)
    scene.supported(other)
    used = {call.connection for call in scene.place.calls("getUpdates", "getSession")}
    logons = scene.place.calls("logon")
    stored = scene.store.ids()[old]
    held = ended and len(logons) == 1 and len(used) == 1 and stored == 1
    received = f"{len(logons)} logons, {len(used)} connections, session stored {stored} times"
    case = "two processes share one connection"
    scene.expect("C-CONN-1", held, "one logon, one connection, the session", received, case)
    mark = scene.place.mark()
    number = scene.whole()
    scene.until(lambda: scene.store.ids()[number], 20.0)
    stored = scene.store.ids()[number]
    logons = scene.place.calls("logon", after=mark)
    received = f"stored {stored} times, {len(logons)} logons"
    held = stored == 1 and not logons and program.running
    case = "one ends and the other goes on"
    scene.expect("C-CONN-1", held, "the next session, by no new logon", received, case)


def _needs_fetch(scene: Scene) -> None:
    lacking = scene.adapter.lacking("fetch")
    if lacking is not None:
        raise Missing(lacking)


@judges({"C-CONN-1": ("killed and started again", "nobody else can read it")}, "watch")
def a_killed_client_takes_its_connection_up(scene: Scene) -> None:
    """C-CONN-1: after a kill it goes on with the connection that it had, or waits for its end."""
    program = scene.watch()
    scene.kill(program)
    open_to_others = _open_ids(scene)
    mark = scene.place.mark()
    fields = {"secondsLeft": 3}
    rule = scene.fault("logon", "fault", code="AlreadyLoggedOn", fields=fields, times=1)
    program = scene.start("watch")
    scene.need(
        lambda: scene.place.calls("getUpdates", after=mark) or scene.place.struck(rule),
        "calls after a restart",
        program,
    )
    held, received = _taken_up(scene, program, mark)
    expected = "its old connection, or a wait of 3 s"
    scene.expect("C-CONN-1", held, expected, received, "killed and started again")
    expected = "the id in no file, or in one for its owner alone"
    held = not open_to_others
    case = "nobody else can read it"
    scene.expect("C-CONN-1", held, expected, ", ".join(open_to_others) or "so it is", case)


def _taken_up(scene: Scene, program: Program, mark: int) -> tuple[bool, str]:
    """Tell whether a restarted client goes on as it may, and how."""
    logons = scene.place.calls("logon", after=mark)
    if not logons:
        return True, "its old connection"
    scene.place.advance(minutes=21)
    first = logons[0]
    again = scene.need(
        lambda: scene.place.calls("logon", after=first.number), "a second logon", program
    )
    waited = (again[0].begun - first.ended).total_seconds()
    return waited >= 2.9, f"logged on again after {waited:.2f} s, was told to wait 3 s"


def _open_ids(scene: Scene) -> list[str]:
    """Name files that hold the id of a live connection and that others may read."""
    found = []
    for path in sorted(scene.folder.rglob("*")):
        if not path.is_file():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        if not mode & 0o077 or _shut_away(scene.folder, path):
            continue
        tokens = sorted(set(_TOKEN.findall(path.read_bytes())))[:_MOST_TOKENS]
        if any(scene.place.knows(token.decode()) for token in tokens):
            found.append(f"{path.name} has mode {mode:o}")
    return found


def _shut_away(root: Path, path: Path) -> bool:
    """Tell whether a folder on the way keeps others out."""
    between = [each for each in path.parents if root in each.parents]
    return any(not stat.S_IMODE(each.stat().st_mode) & 0o077 for each in between)


@judges({"C-CONN-1": ("an expired connection", "an unknown connection")}, "watch")
def an_expired_connection_is_renewed_once(scene: Scene) -> None:
    """C-CONN-1: after ConnectionExpired it logs on again, once; as after InvalidConnection."""
    program = scene.watch()
    _renewed(scene, program, "an expired connection")
    # Who polls before the clock has moved logs on while its old connection lasts, and would be told
    # to wait: the logon is held back until that is over.
    scene.fault("logon", "delay", seconds=_HELD_SECONDS, times=1)
    scene.fault("getUpdates", "fault", code="InvalidConnection", times=1)
    _renewed(scene, program, "an unknown connection")


def _renewed(scene: Scene, program: Program, case: str) -> None:
    mark = scene.place.mark()
    scene.place.advance(minutes=21)
    scene.did("clock", minutes=21)
    number = scene.whole()
    scene.until(lambda: scene.store.ids()[number] or not program.running)
    scene.pace.pause(1.5)
    logons = scene.place.calls("logon", after=mark)
    stored = scene.store.ids()[number]
    received = f"{len(logons)} logons, session stored {stored} times"
    held = len(logons) == 1 and stored == 1
    scene.expect("C-CONN-1", held, "one logon, the session", received, case)
