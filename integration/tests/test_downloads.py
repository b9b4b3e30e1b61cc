"""C-STORE-2, C-NET-2, REC-6: downloads from a server that does what the script says."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from integration.core.record import File
from integration.errors import Distrust, LinkExpired, Retry, Unreachable
from integration.tests.fakes import FIRST_ID, ManualClock, make_file
from integration.tests.hostile import CutError, Request, Scripted, answer
from integration.wire.downloads import Downloader
from integration.wire.http import Http

CONTENT = hashlib.shake_128(b"recording").digest(300_000)


def fetch(script: Callable[[Request], bytes], folder: Path, content: bytes = CONTENT) -> Path:
    """Download a file from a server with that script."""
    with Scripted(script) as server:
        http = Http(None)
        try:
            file = made(content, server.url)
            Downloader(http, server.url, ManualClock()).fetch(file, str(folder / "file"))
        finally:
            http.close()
    return folder / "file"


def made(content: bytes, url: str) -> File:
    return replace(make_file(FIRST_ID, "LocalScreen", content), url=f"{url}/file")


def offset(request: Request) -> int:
    return int(request.headers.get("range", "bytes=0-")[6:-1])


def ranged(request: Request, content: bytes = CONTENT) -> bytes:
    """Answer as a good server does."""
    begin = offset(request)
    if not begin:
        return answer(200, content)
    told = f"bytes {begin}-{len(content) - 1}/{len(content)}"
    return answer(206, content[begin:], Content_Range=told)


def test_a_whole_download(tmp_path: Path) -> None:
    """C-STORE-2: complete, verified, and nothing beside it."""
    assert fetch(ranged, tmp_path).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_it_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    """REC-6: every 70,000 bytes a cut; each byte is sent about once."""
    offsets = []

    def cutting(request: Request) -> bytes:
        offsets.append(offset(request))
        return ranged(request)[:70_000]

    assert fetch(cutting, tmp_path).read_bytes() == CONTENT
    assert offsets[0] == 0
    assert len(offsets) == len(set(offsets)) == 5


def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    """REC-6: the bytes of an earlier start count."""
    (tmp_path / "file.part").write_bytes(CONTENT[:250_000])
    offsets = []

    def noting(request: Request) -> bytes:
        offsets.append(offset(request))
        return ranged(request)

    assert fetch(noting, tmp_path).read_bytes() == CONTENT
    assert offsets == [250_000]


def test_a_server_without_ranges_sends_it_from_the_start(tmp_path: Path) -> None:
    """C-NET-2: what is there already is not taken twice."""
    (tmp_path / "file.part").write_bytes(CONTENT[:250_000])

    assert fetch(lambda _: answer(200, CONTENT), tmp_path).read_bytes() == CONTENT


def test_what_is_there_is_not_asked_for(tmp_path: Path) -> None:
    """C-ONCE-1: a file completed before a crash is complete after it."""
    (tmp_path / "file").write_bytes(CONTENT)

    def refusing(_: Request) -> bytes:
        raise AssertionError

    assert fetch(refusing, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "sent", [CONTENT[:-1] + b"x", CONTENT + b"more"], ids=["another byte", "too long"]
)
def test_what_does_not_verify_is_thrown_away(tmp_path: Path, sent: bytes) -> None:
    """C-STORE-2: no file, and no part that the next attempt would build on."""
    with pytest.raises(Distrust):
        fetch(lambda request: ranged(request, sent), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_link_that_no_longer_works(tmp_path: Path, status: int) -> None:
    """REC-5: the bytes stay for the next link."""
    (tmp_path / "file.part").write_bytes(CONTENT[:1000])
    with pytest.raises(LinkExpired):
        fetch(lambda _: answer(status), tmp_path)
    assert (tmp_path / "file.part").read_bytes() == CONTENT[:1000]


def test_a_busy_server_is_told_with_its_wish(tmp_path: Path) -> None:
    """C-POLL-2: Retry-After in seconds or as a date."""
    date = "Tue, 01 Jan 2030 00:00:00 GMT"
    for after, seconds in (("7", 7), ("Tue, 01 Jan 2030 00:00:09 GMT", 9), ("soon", None)):
        asked: list[Request] = []
        with pytest.raises(Unreachable) as busy:
            fetch(partial(busy_until, asked, after, date), tmp_path)
        assert busy.value.after == seconds
        assert seconds is None or len(asked) == 1


def busy_until(asked: list[Request], after: str, date: str, request: Request) -> bytes:
    asked.append(request)
    return answer(503, Retry_After=after, Date=date)


def reset(_: Request) -> bytes:
    raise CutError


@pytest.mark.parametrize(
    "script",
    [
        reset,
        lambda _: b"",
        lambda _: b"HTTP/1.1 200 OK\r\nContent-Le",
        lambda _: b"\x00\xff garbage \r\n\r\n",
        lambda _: answer(500, b"oops"),
        lambda _: answer(206, CONTENT, Content_Range="bytes 5-9/10"),
        lambda _: answer(302, Location="http://broker.invalid/"),
    ],
    ids=["reset", "nothing", "half a head", "garbage", "500", "another range", "redirect"],
)
def test_misbehaviour_is_something_to_try_again(
    tmp_path: Path, script: Callable[[Request], bytes]
) -> None:
    """C-NET-2: and leaves nothing under the final name."""
    with pytest.raises(Retry):
        fetch(script, tmp_path)
    assert not (tmp_path / "file").exists()


def test_no_server_at_all(tmp_path: Path) -> None:
    """C-LOCK-1: known as never sent."""
    http = Http(None)
    with pytest.raises(Unreachable):
        Downloader(http, "http://x", ManualClock()).fetch(
            made(CONTENT, "http://127.0.0.1:1"), str(tmp_path / "file")
        )
    http.close()


def test_an_open_link_from_a_broker_behind_tls_is_not_followed(tmp_path: Path) -> None:
    """C-NET-1: files are not fetched in the open."""
    http = Http(None)
    with pytest.raises(Distrust, match="not encrypted"):
        Downloader(http, "https://broker.example", ManualClock()).fetch(
            made(CONTENT, "http://broker.example"), str(tmp_path / "file")
        )
    http.close()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """C-STORE-2: 30 MB cost less than 2 MB."""
    content = bytes(30_000_000)
    head = answer(200, Content_Length=str(len(content)))

    def streamed(_: Request) -> bytes:
        return head + content

    ready = streamed(Request("GET", "/", {}, b"", b""))
    tracemalloc.start()
    try:
        fetch(lambda _: ready, tmp_path, content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2_000_000
