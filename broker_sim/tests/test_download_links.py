"""REC-5, REC-6, FAULT-2: links and ranges nobody would send in earnest; no door between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.core.record import File
from broker_sim.service.exchange import Answer, Handler, Reply, Request, Stream
from broker_sim.tests.worlds import NINETY, Hands, value_of, world
from broker_sim.web import downloads


@pytest.fixture(scope="module")
def hands() -> Iterator[Hands]:
    with world(sessions=20) as made:
        yield made


@pytest.fixture(scope="module")
def door(hands: Hands) -> Handler:
    return downloads.handler(hands.broker.world)


@pytest.fixture(scope="module")
def file(hands: Hands) -> File:
    """Give the smallest file of some session."""
    updates = hands.call("getUpdates", since=0)
    ready = next(update.session_id for update in updates if update.kind == "RecordingReady")
    files: tuple[File, ...] = hands.call("getSession", session_id=ready).files
    return min(files, key=lambda one: one.size)


def ask(door: Handler, url: str, method: str = "GET", **headers: str) -> Answer | Stream:
    """Ask for a URL as a caller would; give the end."""
    parts = urlsplit(url)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply: Reply = value_of(door(Request(method, parts.path, parts.query, named)))
    assert isinstance(reply, (Answer, Stream))
    return reply


def body_of(reply: Answer | Stream) -> bytes:
    if isinstance(reply, Answer):
        return reply.body
    chunks = reply.chunks
    assert isinstance(chunks, Iterator)
    return b"".join(chunks)


HUGE = "9" * 5000  # more digits than Python reads


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (f"bytes=0-{HUGE}", 200),
        (f"bytes={HUGE}-", 416),
        (f"bytes={HUGE}-{HUGE}", 416),
        (f"bytes=-{HUGE}", 200),
        ("bytes=5-10000000000000000000000", 206),
        ("bytes=\u0661-\u0662", 200),
        ("bytes=--1", 200),
        ("bytes=1-2 ", 206),
        ("BYTES=1-2", 206),
        ("bytes = 1-2", 200),
        ("bytes=1-2\n", 206),
        ("bytes=-0", 416),
        ("", 200),
    ],
)
def test_no_range_upsets_the_door(door: Handler, file: File, asked: str, status: int) -> None:
    """REC-6: numbers of any size and script; what is no range gives the whole."""
    whole = body_of(ask(door, file.url))
    answer = ask(door, file.url, range=asked)

    assert answer.status == status
    if status == 200:
        assert body_of(answer) == whole


@given(asked=st.text("bytes=-0123456789, ", max_size=14))
def test_any_text_as_a_range_gives_bytes_of_the_file(door: Handler, file: File, asked: str) -> None:
    """REC-6: what comes is the slice that the answer names, and never more."""
    whole = body_of(ask(door, file.url))
    answer = ask(door, file.url, range=asked)
    headers = dict(answer.headers)

    assert answer.status in {200, 206, 416}
    if isinstance(answer, Stream):
        data = body_of(answer)
        assert len(data) == answer.length
        span = headers.get("content-range", f"bytes 0-{file.size - 1}/{file.size}")
        first, last = span.removeprefix("bytes ").partition("/")[0].split("-")
        assert data == whole[int(first) : int(last) + 1]
    else:
        assert headers["content-range"] == f"bytes */{file.size}"


@pytest.mark.parametrize(
    "expires", ["0", "-1", "1e9", "9" * 15, "253402300800000", "9" * 16, "", "\u0661", " 1", "1.0"]
)
def test_no_time_of_expiry_upsets_the_door(
    door: Handler, hands: Hands, file: File, expires: str
) -> None:
    """REC-5: not even one behind the end of the calendar; the sentence says what to do."""
    place = urlsplit(file.url).path
    sign = hands.broker.world.vault.sign
    signature = sign(f"{place.removeprefix('/recordings/')}/{expires}")

    answer = ask(door, f"{place}?expires={quote(expires)}&signature={signature}")

    assert answer.status == 403
    assert b"Read the session again" in body_of(answer)


changes = st.sampled_from(["drop", "double", "swap", "case", "add"])


@given(at=st.integers(0, 10**6), change=changes)
def test_a_link_that_was_changed_anywhere_is_not_valid(
    door: Handler, file: File, at: int, change: str
) -> None:
    """REC-5: number, name, time and signature; one character is enough."""
    parts = urlsplit(file.url)
    link = f"{parts.path}?{parts.query}"
    start = len("/recordings/")
    at = start + at % (len(link) - start)
    character = link[at]
    new = {
        "drop": "",
        "double": character * 2,
        "swap": "0" if character != "0" else "1",
        "case": character.swapcase(),
        "add": f"{character}A",
    }[change]
    changed = link[:at] + new + link[at + 1 :]
    if _same(changed, link):
        return

    assert ask(door, changed).status in {403, 404}


def _same(one: str, other: str) -> bool:
    """Tell whether two links say the same: blanks at the end of a query and the like."""
    parts, others = urlsplit(one), urlsplit(other)
    return (parts.path, parse_qs(parts.query)) == (others.path, parse_qs(others.query))


@pytest.mark.parametrize(
    "query", ["", "expires=1", "signature=x", "expires=1&signature=\udcff", "&".join("abcdefghijk")]
)
def test_a_link_without_its_parts_is_not_valid(door: Handler, file: File, query: str) -> None:
    """REC-5: nothing is told of whether there is such a file."""
    for path in (urlsplit(file.url).path, "/recordings/99999999/nothing"):
        assert ask(door, f"{path}?{query}").status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/recordings",
        "/recordings/",
        "/recordings/1",
        "/recordings/1/",
        "/recordings/1/a/b",
        "/recordings/../secret",
        "/recordings/1/a\n",
        "/recordings/" + "9" * 5000 + "/a",
    ],
)
def test_other_paths_lead_nowhere(door: Handler, path: str) -> None:
    """FAULT-2: a plain answer, whatever is asked for."""
    assert value_of(door(Request("GET", path))).status in {403, 404}


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", {tag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
    ],
)
def test_what_the_caller_has_already_is_not_sent(
    door: Handler, file: File, condition: str, status: int
) -> None:
    """REC-6: If-None-Match, in all its forms."""
    tag = f'"{file.sha256}"'
    answer = ask(door, file.url, if_none_match=condition.format(tag=tag))

    assert answer.status == status
    assert dict(answer.headers)["etag"] == tag


@pytest.mark.parametrize(
    ("condition", "status"), [("{tag}", 206), ('"other"', 200), ("W/{tag}", 200), ("", 200)]
)
def test_a_range_of_another_content_is_the_whole(
    door: Handler, file: File, condition: str, status: int
) -> None:
    """REC-6: If-Range compares strongly."""
    given = condition.format(tag=f'"{file.sha256}"')

    assert ask(door, file.url, range="bytes=1-2", if_range=given).status == status


def test_a_head_says_what_a_get_sends(door: Handler, file: File) -> None:
    """REC-6: length and tag, without a body to be read."""
    got, told = ask(door, file.url), ask(door, file.url, method="HEAD")

    assert (told.status, told.headers) == (got.status, got.headers)


def test_a_file_goes_with_its_session() -> None:
    """RET-1: the link is good for an hour, the file until the end of its ninety days."""
    with world() as hands:
        door = downloads.handler(hands.broker.world)
        number = hands.finished()
        hands.act("record", sessionId=number)
        hands.pass_time(NINETY - timedelta(milliseconds=1))
        url = hands.call("getSession", session_id=number).files[0].url

        assert ask(door, url).status == 200
        hands.pass_time(timedelta(milliseconds=1))
        gone = ask(door, url)
        assert (gone.status, b"90 days" in body_of(gone)) == (410, True)
