"""RET-1, RET-3, REC-6: large recordings, in a folder and in memory through the same tests."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.adapters.blobs import ObjectBlobs

PIECE = 64 * 1024


@pytest.fixture(params=["folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectBlobs:
    return ObjectBlobs(tmp_path / "recordings" if request.param == "folder" else None)


def whole(blobs: ObjectBlobs, key: str, length: int) -> bytes:
    return b"".join(blobs.read(key, 0, length))


@given(start=st.integers(0, 3 * PIECE), length=st.integers(0, 2 * PIECE))
def test_a_piece_is_a_slice(start: int, length: int) -> None:
    """REC-6: in portions of 64 KiB at most, whatever is asked for."""
    data = bytes(range(256)) * (3 * PIECE // 256)
    blobs = ObjectBlobs()
    blobs.put("1/a", data)
    length = min(length, len(data) - start)

    pieces = list(blobs.read("1/a", start, length))

    assert b"".join(pieces) == data[start : start + length]
    assert all(0 < len(piece) <= PIECE for piece in pieces)


def test_the_first_that_come_at_once_are_all_kept() -> None:
    """REC-4: whoever is the first to open the place, nobody's bytes go into another one."""
    lost = []
    for _ in range(200):
        blobs, ready = ObjectBlobs(), Barrier(3)

        def put(key: str, blobs: ObjectBlobs = blobs, ready: Barrier = ready) -> None:
            ready.wait()
            blobs.put(key, b"data")

        threads = [Thread(target=put, args=(key,)) for key in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for key in "abc":
            try:
                blobs.whole(key)
            except FileNotFoundError:
                lost.append(key)
    assert lost == []


def test_what_is_put_is_kept_and_may_be_replaced(blobs: ObjectBlobs) -> None:
    """REC-6: whole."""
    blobs.put("1/a", b"first")
    blobs.put("1/a", b"second")
    blobs.put("1/empty", b"")

    assert whole(blobs, "1/a", 6) == b"second"
    assert whole(blobs, "1/empty", 0) == b""


def test_a_missing_one_is_an_error_to_read_and_none_to_delete(blobs: ObjectBlobs) -> None:
    """RET-3: a purge may come twice."""
    blobs.put("1/a", b"x")
    for key in ("2/a", "2/", "1/b"):
        blobs.delete(key)

    with pytest.raises(FileNotFoundError):
        whole(blobs, "2/a", 1)
    assert whole(blobs, "1/a", 1) == b"x"


@pytest.mark.parametrize(
    ("deleted", "left"),
    [("1/a", ["1/b", "12/a"]), ("1/", ["12/a"]), ("12/", ["1/a", "1/b"]), ("", [])],
)
def test_one_or_all_below_or_all_that_is_there_goes(
    blobs: ObjectBlobs, deleted: str, left: list[str]
) -> None:
    """RET-1, RET-3: never what lies beside it under a longer number."""
    keys = ["1/a", "1/b", "12/a"]
    for key in keys:
        blobs.put(key, b"x")
    blobs.delete(deleted)

    assert [key for key in keys if _is_there(blobs, key)] == left


def _is_there(blobs: ObjectBlobs, key: str) -> bool:
    try:
        return whole(blobs, key, 1) == b"x"
    except FileNotFoundError:
        return False


def test_an_emptied_folder_holds_no_folders_of_gone_sessions(tmp_path: Path) -> None:
    """RET-2: not even a number of a session is told by what lies on the disk."""
    blobs = ObjectBlobs(tmp_path)
    blobs.put("1/a", b"x")
    blobs.delete("1/")

    assert list(tmp_path.iterdir()) == []


def test_nothing_is_made_before_something_is_kept(tmp_path: Path) -> None:
    """A world without large recordings has no folder for them."""
    ObjectBlobs(tmp_path / "recordings").delete("")

    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_its_owner_s_alone(tmp_path: Path) -> None:
    """SEC-1: what lies in it may be a customer's words."""
    tmp_path.chmod(0o755)
    ObjectBlobs(tmp_path / "recordings").put("1/a", b"x")

    assert (tmp_path / "recordings").stat().st_mode & 0o777 == 0o700


def test_a_later_process_finds_what_was_kept(tmp_path: Path) -> None:
    """RET-1: for ninety days."""
    ObjectBlobs(tmp_path).put("1/a", b"x")

    assert whole(ObjectBlobs(tmp_path), "1/a", 1) == b"x"


def test_a_large_one_is_read_in_little_memory(tmp_path: Path) -> None:
    """REC-6: a piece at a time, and no more of it."""
    size = 30_000_000
    ObjectBlobs(tmp_path).put("1/a", bytes(size))
    blobs = ObjectBlobs(tmp_path)
    tracemalloc.start()
    read = sum(len(piece) for piece in blobs.read("1/a", 0, size))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read == size
    assert most < 2_000_000


def test_pieces_make_one_blob_that_may_come_out_of_another(blobs: ObjectBlobs) -> None:
    """CHAN-1: a recording is made of the pieces of a stream."""
    blobs.put("1/a", b"a" * 3 * PIECE)

    blobs.put_pieces("1/b", (blobs.whole("1/a") for _ in range(5)))

    assert blobs.whole("1/b") == b"a" * 15 * PIECE


def test_pieces_that_break_off_make_no_blob(blobs: ObjectBlobs) -> None:
    """CHAN-1: whole or not at all, and nothing is left lying about."""

    def broken() -> Iterator[bytes]:
        yield b"a" * 40 * PIECE
        raise EOFError

    with pytest.raises(EOFError):
        blobs.put_pieces("1/b", broken())

    with pytest.raises(FileNotFoundError):
        blobs.whole("1/b")
    assert blobs.saved() == {}


def test_pieces_are_never_held_all_at_once(tmp_path: Path) -> None:
    """CHAN-1: 200 MB are a recording's limit."""
    blobs = ObjectBlobs(tmp_path)
    tracemalloc.start()
    try:
        blobs.put_pieces("1/a", (bytes(PIECE) for _ in range(1600)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024
