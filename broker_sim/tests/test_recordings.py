"""REC-1 to REC-8, RET-3: recordings are made once, kept, and gone with their session."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from broker_sim.core.record import File, Session
from broker_sim.service import managers, recording, sweeper
from broker_sim.service.exchange import Offload
from broker_sim.tests.test_store_races import at_once
from broker_sim.tests.worlds import NINETY, Hands, value_of, world

LONG = "a line of chat that is long enough to lie in a file of its own. " * 1200


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[Hands]:
    with world(tmp_path) as made:
        yield made


def talk(hands: Hands, text: str = LONG) -> int:
    """Live a session with that line of chat, up to its recording; give its id."""
    number = hands.post()
    hands.act("accept", sessionId=number)
    hands.act("start", sessionId=number)
    hands.act("chat", sessionId=number, speaker="customer", text=text)
    hands.act("end", sessionId=number)
    hands.act("record", sessionId=number)
    return number


def read(hands: Hands, number: int, file: File) -> bytes:
    """Download a file, whole."""
    found = recording.locate(hands.broker.world, number, file.name)
    assert found is not None
    return b"".join(found.read(0, file.size))


def assert_as_told(hands: Hands, told: Session) -> None:
    """Fail unless every file of a session is what its record says."""
    assert told.files
    for file in told.files:
        data = read(hands, told.session_id, file)
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file.size, file.sha256), file.name


def first_of_the_past(hands: Hands, fits: Callable[[Session], bool] = lambda _: True) -> int:
    """Give a past session whose recording is ready and was never asked for."""
    for update in hands.call("getUpdates", since=0):
        with hands.broker.store.reading() as tx:
            held = tx.held(update.session_id)
        if held is not None and held.recorded and not held.session.files and fits(held.session):
            return int(update.session_id)
    pytest.fail("the past has no such session")


def test_of_two_who_ask_first_both_get_the_same_files(hands: Hands) -> None:
    """REC-8: the recording is made once; what the slower one made is not left on the disk."""
    number = talk(hands)
    hands.logon()
    calls = [
        hands.begin("getSession", connection_id=hands.connection, session_id=number)
        for _ in range(2)
    ]
    assert all(isinstance(call, Offload) for call in calls)

    one, other = at_once(*[partial(value_of, call) for call in calls])

    assert isinstance(one, Session)
    assert one == other
    assert_as_told(hands, one)
    large = [f"{number}/{file.sha256}" for file in one.files if file.size > 64 * 1024]
    assert large
    assert hands.folder() == sorted(large)


@pytest.mark.parametrize("changed", [False, True])
def test_a_past_session_s_files_stay_as_they_were_first_told(
    tmp_path: Path, *, changed: bool
) -> None:
    """REC-6: a survey that comes after the recording does not change what was recorded."""
    with world(tmp_path, sessions=12) as hands:
        number = first_of_the_past(hands, lambda past: not past.customer_ratings)
        told = hands.call("getSession", session_id=number)
        if changed:
            ratings = [{"label": "Speed", "value": "5"}]
            hands.act("survey", sessionId=number, customerRatings=ratings)
        hands.call("logoff")
    with world(tmp_path) as hands:
        again = hands.call("getSession", session_id=number)
        assert_as_told(hands, again)
        assert [file.sha256 for file in again.files] == [file.sha256 for file in told.files]
        assert bool(again.customer_ratings) == changed


def test_a_survey_before_the_files_are_asked_for_changes_them_neither(tmp_path: Path) -> None:
    """REC-6: when a recording is first asked for says nothing about what is in it."""
    digests = []
    for early in (False, True):
        with world(tmp_path / str(early), sessions=12) as hands:
            number = first_of_the_past(hands, lambda past: not past.customer_ratings)
            ratings = [{"label": "Speed", "value": "5"}]
            if early:
                hands.act("survey", sessionId=number, customerRatings=ratings)
            files = hands.call("getSession", session_id=number).files
            digests.append([file.sha256 for file in files])

    assert digests[0] == digests[1]


def test_a_world_goes_on_with_its_own_seed(tmp_path: Path) -> None:
    """REC-6: whatever seed a later start names, the files of the past are the same."""
    with world(tmp_path, seed=4, sessions=12) as hands:
        told = hands.call("getSession", session_id=first_of_the_past(hands))
    with world(tmp_path, seed=7) as hands:
        assert hands.broker.seed == 4
        assert_as_told(hands, told)


def test_large_files_outlive_the_process_whatever_the_store(tmp_path: Path) -> None:
    """RET-1: a store named by its URL keeps them in the home folder, too."""
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    with world(tmp_path, store=url) as hands:
        told = hands.call("getSession", session_id=talk(hands))
    with world(tmp_path, store=url) as hands:
        assert_as_told(hands, told)


def test_a_purge_takes_rows_and_files(hands: Hands) -> None:
    """RET-3: of more sessions than go in one batch, nothing is left on the disk."""
    numbers = [talk(hands) for _ in range(4)]
    for number in numbers[:3]:
        hands.call("getSession", session_id=number)
    assert len(hands.folder()) >= 3
    hands.pass_time(NINETY - timedelta(milliseconds=1))
    assert sweeper.sweep(hands.broker.world) == 0
    hands.pass_time(timedelta(milliseconds=1))

    assert sweeper.sweep(hands.broker.world) == 4
    assert hands.folder() == []
    assert list((hands.broker.settings.home / "recordings").iterdir()) == []


def test_one_sweep_takes_all_files_of_many_sessions(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RET-3: batches are bounded, a sweep is not over before all is gone."""
    monkeypatch.setattr("broker_sim.contract.limits.SMALL_BLOB_BYTES", 10)
    monkeypatch.setattr(
        hands.broker.world.content, "body", lambda session, name: f"{session}{name}".encode() * 9
    )
    for _ in range(35):
        hands.call("getSession", session_id=talk(hands, "short"))
    assert len(hands.folder()) == 35 * 6
    hands.pass_time(NINETY)

    assert sweeper.sweep(hands.broker.world) == 35
    assert hands.folder() == []


def test_what_a_crash_left_unfinished_goes_with_its_session(hands: Hands) -> None:
    """RET-1, RET-3: large bytes that no row tells of yet are deleted with the others."""
    number = talk(hands)
    hands.broker.world.blobs.put(f"{number}/left by a crash", b"words of the customer")
    hands.pass_time(NINETY)

    sweeper.sweep(hands.broker.world)

    assert hands.folder() == []


def test_a_reset_deletes_the_files_of_the_world_before(hands: Hands) -> None:
    """RET-1: nothing of it can be read any more, not even from the disk."""
    hands.call("getSession", session_id=talk(hands))
    assert hands.folder()

    hands.broker.tester.reset()

    assert hands.folder() == []


def test_with_a_security_key_words_are_sealed_too(hands: Hands) -> None:
    """REC-2, REC-4, REC-8: from then on; what was recorded before keeps its version."""
    before = hands.call("getSession", session_id=talk(hands)).files
    key = managers.set_security_key(hands.broker.world, hands.portal, "open sesame")
    after = hands.call("getSession", session_id=talk(hands)).files

    assert [file.encrypted for file in before] == [False, False, False, True, True, False]
    assert [file.encrypted for file in after] == [True, True, True, True, True, False]
    assert {file.key_version for file in before if file.encrypted} == {1}
    assert {(file.key_version, file.kdf, file.kdf_salt) for file in after if file.encrypted} == {
        (2, "scrypt-32768-8-1", key.salt)
    }
    wrapped = [file.wrapped_key for file in (*before, *after) if file.encrypted]
    assert len(set(wrapped)) == len(wrapped) == 7
