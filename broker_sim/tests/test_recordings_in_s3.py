"""REC-6, RET-1, RET-3: large recordings in a bucket; the tests of blobs run on one, too."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sim import settings
from broker_sim.adapters.blobs import ObjectBlobs
from broker_sim.adapters.buckets import Bucket
from broker_sim.bootstrap import places
from broker_sim.service import sweeper
from broker_sim.settings import Settings
from broker_sim.tests.s3_server import KEYS, S3, s3_server
from broker_sim.tests.test_recordings import assert_as_told, talk
from broker_sim.tests.worlds import NINETY, world

PIECE: Final = 64 * 1024
MEBIBYTE: Final = 1024 * 1024


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    with s3_server() as made:
        yield made


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


def blobs_of(server: S3, prefix: str) -> ObjectBlobs:
    """Open a part of the server's bucket as a broker would."""
    place = places.recordings(Settings(Path(), recordings=server.url(prefix)))
    assert isinstance(place, Bucket)
    return ObjectBlobs(place)


@pytest.mark.parametrize(("start", "length"), [(0, 1), (PIECE - 1, 2), (5, 3 * MEBIBYTE - 10)])
def test_a_piece_is_a_slice(server: S3, start: int, length: int) -> None:
    """REC-6: in portions of 64 KiB at most, over the border between two requests."""
    blobs, data = blobs_of(server, "slices"), bytes(range(256)) * (3 * MEBIBYTE // 256)
    blobs.put("1/a", data)

    pieces = list(blobs.read("1/a", start, length))

    assert b"".join(pieces) == data[start : start + length]
    assert all(0 < len(piece) <= PIECE for piece in pieces)


def test_pieces_make_one_blob(server: S3) -> None:
    """CHAN-1: in several parts, where the bucket wants them of 5 MB and more."""
    blobs = blobs_of(server, "pieces")

    blobs.put_pieces("1/a", (bytes([nth]) * MEBIBYTE for nth in range(13)))

    assert blobs.whole("1/a") == b"".join(bytes([nth]) * MEBIBYTE for nth in range(13))


def test_a_missing_one_is_an_error_to_read_and_none_to_delete(server: S3) -> None:
    """RET-3: a purge may come twice."""
    blobs = blobs_of(server, "missing")
    for key in ("2/a", "2/", ""):
        blobs.delete(key)

    with pytest.raises(FileNotFoundError):
        list(blobs.read("2/a", 0, 1))


def test_what_lies_beside_it_stays(server: S3) -> None:
    """RET-1: a session's files go, or all of a broker's, and never another's."""
    mine, other = blobs_of(server, "mine"), blobs_of(server, "mine-too")
    for blobs in (mine, other):
        for key in ("1/a", "1/b", "12/a"):
            blobs.put(key, b"x")

    mine.delete("1/")
    assert [name for name in server.names() if "mine/" in name] == ["mine/12/a"]
    mine.delete("")
    assert [name for name in server.names() if "mine" in name] == [
        f"mine-too/{key}" for key in ("1/a", "1/b", "12/a")
    ]


def test_more_than_a_thousand_go_at_once(server: S3) -> None:
    """RET-3: a server deletes a thousand names for one request."""
    blobs = blobs_of(server, "many")
    for number in range(1005):
        blobs.put(f"7/{number}", b"")

    blobs.delete("7/")

    assert not [name for name in server.names() if name.startswith("many/")]


def test_a_session_is_recorded_downloaded_and_purged(server: S3, tmp_path: Path) -> None:
    """REC-1, REC-6, RET-1: nothing lies in the home folder, nor in the bucket in the end."""
    with world(tmp_path, recordings=server.url("broker")) as hands:
        number = talk(hands)
        told = hands.call("getSession", session_id=number)
        large = [file for file in told.files if file.size > PIECE]
        assert_as_told(hands, told)
        assert large
        assert [name for name in server.names() if name.startswith("broker/")] == sorted(
            f"broker/{number}/{file.sha256}" for file in large
        )
        assert hands.folder() == []
        hands.pass_time(NINETY)
        sweeper.sweep(hands.broker.world)

    assert not [name for name in server.names() if name.startswith("broker/")]


DYING: Final = """
import os, sys
from pathlib import Path
from broker_sim.adapters.sql import SqlTransaction
from broker_sim.tests.test_recordings import talk
from broker_sim.tests.worlds import world

SqlTransaction.put_files = lambda *_: os._exit(9)  # the large files are there, and not told of
with world(Path(sys.argv[1]), recordings=sys.argv[2]) as hands:
    hands.call("getSession", session_id=talk(hands))
"""


def test_what_a_crash_left_goes_with_its_session(server: S3, tmp_path: Path) -> None:
    """RET-3: put, and the process died before the store told of it."""
    url = server.url("crashed")
    died = subprocess.run(
        [sys.executable, "-c", DYING, str(tmp_path), url], check=False, timeout=60
    )
    assert died.returncode == 9
    assert [name for name in server.names() if name.startswith("crashed/")]

    with world(tmp_path, recordings=url) as hands:
        hands.pass_time(NINETY + NINETY / 90)
        sweeper.sweep(hands.broker.world)

    assert not [name for name in server.names() if name.startswith("crashed/")]


@pytest.mark.slow
def test_of_a_hundred_megabytes_a_reader_holds_one_request_s_worth(server: S3) -> None:
    """REC-6: by the memory of the process, which counts what obstore holds, too."""
    program = f"""
import resource, sys
sys.argv = ["x", {server.url("large")!r}]
from pathlib import Path
from broker_sim.adapters.blobs import ObjectBlobs
from broker_sim.bootstrap import places
from broker_sim.settings import Settings
blobs = ObjectBlobs(places.recordings(Settings(Path(), recordings=sys.argv[1])))
size = {100 * MEBIBYTE}
list(blobs.read("1/a", 0, {PIECE}))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert sum(map(len, blobs.read("1/a", 0, size))) == size
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    blobs_of(server, "large").put("1/a", bytes(100 * MEBIBYTE))
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )

    assert int(done.stdout) < 16 * 1024  # of KiB


@pytest.mark.parametrize(
    "url",
    ["bucket/prefix", "s3://bucket", "s3:///prefix", "s3://bucket/p?endpoint=x", "s3://b/p?key=1"],
)
def test_a_wrong_url_is_told(url: str) -> None:
    """REC-7: credentials have no place in it, and a whole bucket is not given away."""
    with pytest.raises(ValueError, match="--recordings must be like s3://bucket/prefix"):
        Settings(Path(), recordings=url)


def test_credentials_come_from_the_usual_variables() -> None:
    """REC-7: and no text of the broker shows them."""
    variables = {
        "AWS_ACCESS_KEY_ID": "me",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_DEFAULT_REGION": "eu-example-1",
        "AWS_ENDPOINT_URL": "https://s3.example",
        "HOME": "elsewhere",
    }
    found: dict[str, Any] = dict(settings.s3_options(variables))

    assert found == {
        "access_key_id": "me",
        "secret_access_key": "hush",
        "region": "eu-example-1",
        "endpoint": "https://s3.example",
    }
    assert "hush" not in repr(Bucket("b", "p", None, found))


def test_a_server_that_is_gone_is_told_soon() -> None:
    """RET-3: an error and no wait of minutes."""
    place = places.recordings(
        Settings(Path(), recordings="s3://bucket/p?endpoint=http%3A%2F%2F127.0.0.1%3A9")
    )
    with pytest.raises(Exception, match=r"127\.0\.0\.1:9"):
        ObjectBlobs(place).put("1/a", b"x")
