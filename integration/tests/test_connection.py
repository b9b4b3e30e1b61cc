"""C-CONN-1, C-LOCK-1: one connection, kept over crashes; logons that are refused, locked, lost."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.errors import Busy, Exit, Locked, Retry, Stop, Unreachable
from integration.tests.fakes import ManualClock
from integration.wire.connection import Connection, Login, describe, forget_refusal
from integration.wire.refusals import ConnectionLost, CredentialRefused

REFUSAL = CredentialRefused("wrong", exit_code=Exit.REFUSED)


class Door:
    """Where logons arrive."""

    def __init__(self) -> None:
        self.logons: list[str] = []
        self.logoffs: list[str] = []
        self.answer: Exception | None = None

    def on(self, _username: str, password: str) -> str:
        self.logons.append(password)
        if self.answer is not None:
            raise self.answer
        return f"id-{len(self.logons)}"

    def off(self, connection_id: str) -> None:
        self.logoffs.append(connection_id)


def connection(folder: Path, clock: ManualClock, password: str = "swordfish") -> Connection:
    return Connection(folder, Login("api", lambda: password), clock)


def test_the_id_is_kept_for_the_owner_alone_and_taken_up_again(tmp_path: Path) -> None:
    """C-CONN-1: a program that was killed goes on with its connection."""
    door, clock = Door(), ManualClock()

    assert connection(tmp_path, clock).take(door.on) == "id-1"
    assert connection(tmp_path, clock).take(door.on) == "id-1"
    assert len(door.logons) == 1
    assert stat.S_IMODE((tmp_path / "connection.json").stat().st_mode) == 0o600


def test_the_last_to_leave_logs_off(tmp_path: Path) -> None:
    """C-CONN-1: programs that share a connection do not take it from each other."""
    door, clock = Door(), ManualClock()
    first, second = connection(tmp_path, clock), connection(tmp_path, clock)
    first.take(door.on)
    second.take(door.on)
    first.leave(door.off)
    assert door.logoffs == []
    second.leave(door.off)

    assert door.logoffs == ["id-1"]
    assert connection(tmp_path, clock).take(door.on) == "id-2"


def test_one_of_several_programs_logs_on_again_for_all(tmp_path: Path) -> None:
    """C-CONN-1: the others find the new id."""
    door, clock = Door(), ManualClock()
    first, second = connection(tmp_path, clock), connection(tmp_path, clock)
    old = first.take(door.on)
    second.take(door.on)

    assert first.take(door.on, instead_of=old) == "id-2"
    assert second.take(door.on, instead_of=old) == "id-2"


def test_a_connection_that_is_gone_needs_no_logoff(tmp_path: Path) -> None:
    """C-CONN-1: it is forgotten; one that could not be ended is kept."""
    door, clock = Door(), ManualClock()

    def gone(_: str) -> None:
        raise ConnectionLost("gone")

    def silent(_: str) -> None:
        raise Retry("no answer")

    first = connection(tmp_path, clock)
    first.take(door.on)
    first.leave(silent)
    assert describe(tmp_path)["kept"]
    first.leave(gone)
    assert not describe(tmp_path)["kept"]


def test_a_refused_credential_is_sent_once(tmp_path: Path) -> None:
    """C-LOCK-1: over restarts, until it changes or a person says so."""
    door, clock = Door(), ManualClock()
    door.answer = REFUSAL
    for _ in range(5):
        with pytest.raises(Stop) as stop:
            connection(tmp_path, clock).take(door.on)
        assert stop.value.exit_code is Exit.REFUSED
    assert door.logons == ["swordfish"]
    assert describe(tmp_path)["refused"] == "wrong"

    with pytest.raises(Stop):
        connection(tmp_path, clock, "other").take(door.on)
    assert door.logons == ["swordfish", "other"]
    assert forget_refusal(tmp_path)
    door.answer = None
    assert connection(tmp_path, clock, "other").take(door.on) == "id-3"
    assert not forget_refusal(tmp_path)


def test_a_lock_is_waited_out_over_restarts(tmp_path: Path) -> None:
    """C-LOCK-1: not before the time given."""
    door, clock = Door(), ManualClock()
    door.answer = Locked("locked", after=300)
    with pytest.raises(Locked):
        connection(tmp_path, clock).take(door.on)
    clock.advance(299.5)
    door.answer = None
    with pytest.raises(Locked) as locked:
        connection(tmp_path, clock).take(door.on)
    assert locked.value.after == 0.5
    clock.advance(0.5)

    assert connection(tmp_path, clock).take(door.on) == "id-2"


def test_a_login_in_use_is_no_refusal(tmp_path: Path) -> None:
    """C-CONN-1: the caller waits; nothing stands against the next logon."""
    door, clock = Door(), ManualClock()
    door.answer = Busy("busy", after=1200)
    for _ in range(5):
        with pytest.raises(Busy):
            connection(tmp_path, clock).take(door.on)
    door.answer = None

    assert connection(tmp_path, clock).take(door.on) == "id-6"


def attempts(take: Callable[[], str], clock: ManualClock) -> Exception:
    for _ in range(100):
        try:
            take()
        except Stop as stop:
            return stop
        except Retry as why:
            clock.advance(why.after or 1)
    raise AssertionError("it never stopped")


def test_lost_answers_count_as_refusals(tmp_path: Path) -> None:
    """C-LOCK-1: a new credential is sent twice, one that has worked eight times, then never."""
    door, clock = Door(), ManualClock()
    door.answer = Retry("cut")
    attempts(lambda: connection(tmp_path / "new", clock).take(door.on), clock)
    assert len(door.logons) == 2

    proven, door = Door(), Door()
    connection(tmp_path / "old", clock).take(proven.on)
    door.answer = Retry("cut")
    again = connection(tmp_path / "old", clock)
    attempts(lambda: again.take(door.on, instead_of="id-1"), clock)
    assert len(door.logons) == 8


@pytest.mark.parametrize("error", [Unreachable("no route"), Stop("certificate")])
def test_what_never_left_does_not_count(tmp_path: Path, error: Exception) -> None:
    """C-LOCK-1: the broker cannot have judged it."""
    door, clock = Door(), ManualClock()
    door.answer = error
    for _ in range(9):
        with pytest.raises(type(error)):
            connection(tmp_path, clock).take(door.on)
    door.answer = None

    assert connection(tmp_path, clock).take(door.on) == "id-10"


def test_no_file_tells_the_password(tmp_path: Path) -> None:
    """C-LOCK-1: what is kept knows it again and does not hold it."""
    door, clock = Door(), ManualClock()
    connection(tmp_path, clock).take(door.on)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert b"swordfish" not in kept
    assert json.loads((tmp_path / "logon.json").read_bytes())["proven"] is True


def test_a_damaged_file_is_told_and_not_overwritten(tmp_path: Path) -> None:
    """C-LOCK-1: a memory that is lost unseen could lock the login."""
    (tmp_path / "logon.json").write_text("{")

    with pytest.raises(Stop, match="Delete it if it is damaged"):
        connection(tmp_path, ManualClock()).take(Door().on)
