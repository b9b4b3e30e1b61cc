"""Logons that are refused: no third try, no try before the time, also over restarts (C-LOCK-1)."""

from __future__ import annotations

from typing import Final

from conformance.client.cases import judges
from conformance.client.chapters.storing import SPAN
from conformance.client.place import Called
from conformance.client.program import Program
from conformance.client.scene import Scene

_WRONG: Final = "Wrong-horse-8-staple"
_TRIES: Final = 2
_LOCKED_SECONDS: Final = 4
_LOOK_SECONDS: Final = 4.0
# so many that a try at each start would come to ten
_RESTARTS: Final = 9


def _logons(scene: Scene) -> list[Called]:
    return scene.place.calls("logon")


def _first_logon(scene: Scene, program: Program) -> list[Called]:
    return scene.need(lambda: _logons(scene), "a logon", program)


@judges(
    {
        "C-LOCK-1": (
            *("a wrong password", "a wrong password over restarts", "in another mode"),
            "a person corrects it",
        )
    },
    "watch",
)
def a_wrong_password_is_not_repeated(scene: Scene) -> None:
    """C-LOCK-1: after InvalidCredentials at most one more try, restarts included."""
    program = scene.start("watch", values={"password": _WRONG})
    _first_logon(scene, program)
    scene.pace.pause(_LOOK_SECONDS)
    _few(scene, "a wrong password")
    for _ in range(3):
        scene.kill(program)
        program = scene.start("watch", values={"password": _WRONG})
        program.wait(_LOOK_SECONDS / 2)
    _few(scene, "a wrong password over restarts")
    scene.kill(program)
    other = scene.fetch(SPAN[0], SPAN[1], values={"password": _WRONG})
    other.wait(_LOOK_SECONDS)
    scene.supported(other)
    _few(scene, "in another mode")
    scene.kill(other)
    program = scene.start("watch")
    scene.need(lambda: scene.place.calls("getUpdates"), "polls with the right password", program)
    _few(scene, "a person corrects it", more=1)


def _few(scene: Scene, case: str, more: int = 0) -> None:
    count = len(_logons(scene))
    expected = f"at most {_TRIES + more} logons"
    scene.expect("C-LOCK-1", count <= _TRIES + more, expected, f"{count} logons", case)


@judges({"C-LOCK-1": ("LockedOut is waited out", "it logs on after a lock")}, "watch")
def a_lock_is_waited_out(scene: Scene) -> None:
    """C-LOCK-1: after LockedOut no logon before the time that it named."""
    _waited_out(
        scene, "C-LOCK-1", "LockedOut", ("LockedOut is waited out", "it logs on after a lock")
    )


@judges(
    {"C-CONN-1": ("a login in use is waited for", "it logs on when the login is free")}, "watch"
)
def a_login_in_use_is_waited_for(scene: Scene) -> None:
    """C-CONN-1: after AlreadyLoggedOn at its start no logon before the time that it named."""
    cases = ("a login in use is waited for", "it logs on when the login is free")
    _waited_out(scene, "C-CONN-1", "AlreadyLoggedOn", cases)


def _waited_out(scene: Scene, about: str, code: str, cases: tuple[str, str]) -> None:
    """Refuse the first logon for some seconds; expect the next one behind them, and polls."""
    fields = {"secondsLeft": _LOCKED_SECONDS}
    rule = scene.fault("logon", "fault", code=code, fields=fields, times=1)
    program = scene.start("watch")
    scene.need(scene.struck(rule), "a logon that is refused", program)
    scene.until(lambda: _logons(scene)[1:] or not program.running, _LOCKED_SECONDS + 20)
    if not program.running and not _logons(scene)[1:]:
        # it told a person and ended: it is started again once the time is over
        program = scene.start("watch")
    again = scene.need(lambda: _logons(scene)[1:], f"a logon after {code}", program, 60.0)
    waited = (again[0].begun - _logons(scene)[0].ended).total_seconds()
    held = waited >= _LOCKED_SECONDS - 0.1
    expected = f"no logon for {_LOCKED_SECONDS} s"
    scene.expect(about, held, expected, f"one after {waited:.2f} s", cases[0])
    polls = scene.need(
        lambda: scene.place.calls("getUpdates"), f"polls after {code}", program, 60.0
    )
    scene.expect(about, bool(polls), "polls", "polls", cases[1])


@judges({"C-LOCK-1": ("a real lock over a restart", "a real lock in another mode")}, "watch")
def a_lock_is_remembered_over_a_restart(scene: Scene) -> None:
    """C-LOCK-1: killed and started again, it still waits."""
    for _ in range(3):
        scene.place.stranger("logon", username="client.api", password=_WRONG)
    scene.did("a stranger locks the login")
    scene.diary.elsewhere.append("a stranger, who is the suite, locks the login")
    mark = scene.place.mark()
    program = scene.start("watch")
    scene.need(
        lambda: scene.place.calls("logon", after=mark), "a logon that meets the lock", program
    )
    scene.pace.pause(0.7)
    for _ in range(2):
        scene.kill(program)
        program = scene.start("watch")
        program.wait(_LOOK_SECONDS / 2)
    _one_while_locked(scene, mark, "a real lock over a restart")
    scene.kill(program)
    program = scene.fetch(*SPAN)
    program.wait(_LOOK_SECONDS / 2)
    scene.supported(program)
    _one_while_locked(scene, mark, "a real lock in another mode")


def _one_while_locked(scene: Scene, mark: int, case: str) -> None:
    count = len(scene.place.calls("logon", after=mark))
    expected = "one logon while the lock of 300 s lasts"
    scene.expect("C-LOCK-1", count == 1, expected, f"{count} logons", case)


@judges({"C-LOCK-1": ("a lock for good",)}, "watch")
def a_lock_for_good_is_left_to_a_person(scene: Scene) -> None:
    """C-LOCK-1: after LockedOutPermanently no logon at all, restarts included."""
    rule = scene.fault("logon", "fault", code="LockedOutPermanently")
    program = scene.start("watch")
    scene.need(scene.struck(rule), "a logon that is refused", program)
    for _ in range(2):
        program.wait(_LOOK_SECONDS / 2)
        scene.kill(program)
        program = scene.start("watch")
    program.wait(_LOOK_SECONDS / 2)
    count = len(_logons(scene))
    expected = f"at most {_TRIES} logons"
    scene.expect("C-LOCK-1", count <= _TRIES, expected, f"{count} logons", "a lock for good")


@judges({"C-LOCK-1": ("answers to logons are lost",)}, "watch")
def lost_answers_do_not_lock(scene: Scene) -> None:
    """C-LOCK-1: where a wrong password's refusals are lost, it still never comes to ten."""
    rule = scene.fault("logon", "cut", when="after")
    program = scene.start("watch", values={"password": _WRONG})
    scene.need(scene.struck(rule), "a logon without an answer", program)
    program.wait(_LOOK_SECONDS)
    for _ in range(_RESTARTS):
        scene.kill(program)
        program = scene.start("watch", values={"password": _WRONG})
        program.wait(_LOOK_SECONDS / 2)
    count = len(_logons(scene))
    scene.expect(
        "C-LOCK-1", count < 10, "fewer than ten logons", f"{count}", "answers to logons are lost"
    )
