"""FAULT-2: heads and bodies are read strictly, and the same however they are cut into pieces."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broker_sim.front.door import Door, Route
from broker_sim.front.inbox import Asked, Inbox, Part
from broker_sim.front.limits import Limits
from broker_sim.front.message import Head, Unacceptable, parse_head
from broker_sim.tests.raw_http import echo

LIMITS = Limits()
SMALL = Limits(head_bytes=200, header_count=4, target_bytes=50)
DOOR = Door([Route("/a", echo, max_body_bytes=100, below=True)])


def head(*lines: str) -> Head:
    return parse_head("\r\n".join(lines).encode("latin-1"), LIMITS)


def inbox(limits: Limits = LIMITS) -> Inbox:
    return Inbox(DOOR.find, limits, "192.0.2.1", "http")


def taken(box: Inbox, *pieces: bytes) -> list[Asked]:
    asked = []
    for piece in pieces:
        box.feed(piece)
        while (one := box.take()) is not None:
            asked.append(one)
    return asked


def test_a_head_is_read() -> None:
    """FAULT-2: names in lower case, values trimmed, the path decoded, the query not."""
    read = head("POST /a%20b/%C3%A4?q=%20 HTTP/1.1", "Host: x:1", "X-One:  1\t", "x-one: 2")

    assert (read.method, read.path, read.query) == ("POST", "/a b/ä", "q=%20")
    assert read.headers == {"host": "x:1", "x-one": "1, 2"}
    assert (read.keep, read.old, read.body_bytes, read.waits) == (True, False, 0, False)


@pytest.mark.parametrize(
    ("line", "path", "query"),
    [
        ("GET http://x/a?b HTTP/1.1", "/a", "b"),
        ("GET https://x HTTP/1.1", "/", ""),
        ("OPTIONS * HTTP/1.1", "*", ""),
        ("GET /?a?b HTTP/1.1", "/", "a?b"),
    ],
)
def test_all_forms_of_a_target_are_understood(line: str, path: str, query: str) -> None:
    """RFC 9112, 3.2: also what a client sends that takes us for its proxy."""
    read = head(line, "Host: x")

    assert (read.path, read.query) == (path, query)


@pytest.mark.parametrize(
    ("version", "fields", "keep"),
    [
        ("1.1", [], True),
        ("1.1", ["Connection: foo, Close"], False),
        ("1.0", [], False),
        ("1.0", ["Connection: Keep-Alive"], True),
    ],
)
def test_who_keeps_the_connection(version: str, fields: list[str], keep: bool) -> None:
    """RFC 9112, 9.3: HTTP/1.1 unless told otherwise, HTTP/1.0 only when told."""
    assert head(f"GET / HTTP/{version}", "Host: x", *fields).keep is keep


BAD_HEADS = [
    (400, ["GET /"]),
    (400, ["GET  / HTTP/1.1", "Host: x"]),
    (400, ["GET / HTTP/1.1 ", "Host: x"]),
    (400, ["GET a HTTP/1.1", "Host: x"]),
    (400, ["CONNECT x:443 HTTP/1.1", "Host: x"]),
    (400, ["GET /ä HTTP/1.1", "Host: x"]),
    (400, ["GET /%zz HTTP/1.1", "Host: x"]),
    (400, ["GET /%ff HTTP/1.1", "Host: x"]),
    (400, ["GET /a%00b HTTP/1.1", "Host: x"]),
    (400, ["GET /a%0d%0ab HTTP/1.1", "Host: x"]),
    (505, ["GET / HTTP/2.0", "Host: x"]),
    (505, ["PRI * HTTP/2.0"]),
    (400, ["GET / HTTP/1.1"]),
    (400, ["GET / HTTP/1.1", "Host: x", "Host: x"]),
    (400, ["GET / HTTP/1.1", "Host: x", "Content-Type: a", "content-type: a"]),
    (400, ["GET / HTTP/1.1", "Host: x", "Authorization: a", "Authorization: b"]),
    (400, ["GET / HTTP/1.1", "Host: a/b"]),
    (400, ["GET / HTTP/1.1", "Host: ["]),
    (400, ["GET / HTTP/1.1", "Host: ]"]),
    (400, ["GET / HTTP/1.1", "Host: [::1"]),
    (400, ["GET / HTTP/1.1", "Host: [zz]:1"]),
    (400, ["GET / HTTP/1.1", "Host: x[::1]"]),
    (400, ["GET / HTTP/1.1", "Host: [::1]x"]),
    (400, ["GET / HTTP/1.1", "Host: x", "No colon"]),
    (400, ["GET / HTTP/1.1", "Host: x", "Space : 1"]),
    (400, ["GET / HTTP/1.1", "Host: x", " folded: 1"]),
    (400, ["GET / HTTP/1.1", "Host: x", ": 1"]),
    (400, ["GET / HTTP/1.1", "Host: x", "A: \x00"]),
    (400, ["GET / HTTP/1.1", "Host: x\nA: bare line feed"]),
    (400, ["GET / HTTP/1.1", "Host: x\rA: bare return"]),
    (400, ["POST / HTTP/1.1", "Host: x", "Content-Length: -1"]),
    (400, ["POST / HTTP/1.1", "Host: x", "Content-Length: +1"]),
    (400, ["POST / HTTP/1.1", "Host: x", "Content-Length: 1, 1"]),
    (400, ["POST / HTTP/1.1", "Host: x", "Content-Length: ²"]),
    (400, ["POST / HTTP/1.1", "Host: x", "Content-Length:"]),
    (400, ["POST / HTTP/1.1", "Host: x", "Content-Length: 1", "Content-Length: 1"]),
    (400, ["POST / HTTP/1.1", "Host: x", "Content-Length: 9999999999999999"]),
    (400, ["POST / HTTP/1.1", "Host: x", "Content-Length: 1", "Transfer-Encoding: chunked"]),
    (400, ["POST / HTTP/1.0", "Transfer-Encoding: chunked"]),
    (501, ["POST / HTTP/1.1", "Host: x", "Transfer-Encoding: gzip, chunked"]),
    (501, ["POST / HTTP/1.1", "Host: x", "Transfer-Encoding: xchunked"]),
    (417, ["POST / HTTP/1.1", "Host: x", "Expect: 200-ok"]),
]


@pytest.mark.parametrize(("status", "lines"), BAD_HEADS)
def test_what_is_not_plainly_http_is_refused(status: int, lines: list[str]) -> None:
    """FAULT-2, RFC 9112: nothing is guessed at; two guesses are how requests get smuggled."""
    with pytest.raises(Unacceptable) as refused:
        head(*lines)

    assert refused.value.status == status


@given(st.binary(max_size=60))
@example(b"\xff")
def test_no_bytes_make_the_reader_fail(raw: bytes) -> None:
    """FAULT-2: whatever comes is a request, the beginning of one, or refused."""
    with suppress(Unacceptable):
        taken(inbox(SMALL), raw, b"\r\n\r\n")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 50), 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: %s\r\n\r\n" % (b"a" * 200), 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: %s" % (b"a" * 200), 431),
    ],
)
def test_a_head_over_a_limit_is_refused_before_its_end(raw: bytes, status: int) -> None:
    """FAULT-2: a head is bounded in bytes and in fields, a path in bytes."""
    with pytest.raises(Unacceptable) as refused:
        taken(inbox(SMALL), raw)

    assert refused.value.status == status


def test_a_head_at_its_limits_is_taken() -> None:
    """FAULT-2: the limits themselves are allowed."""
    lines = [b"GET /" + b"a" * 49 + b" HTTP/1.1", b"Host: x", b"A: 1", b"B: 1", b"C: "]
    raw = b"\r\n".join(lines)
    raw += b"c" * (200 - len(raw))

    assert len(taken(inbox(SMALL), raw + b"\r\n\r\n")) == 1


def chunked(body: bytes, sizes: list[int]) -> bytes:
    wire, at = b"", 0
    for size in sizes:
        piece = body[at : at + size]
        if piece:
            wire += b"%x;a=b\r\n%s\r\n" % (len(piece), piece)
        at += size
    rest = body[at:]
    wire += b"%X\r\n%s\r\n" % (len(rest), rest) if rest else b""
    return wire + b"0\r\nTrailer: 1\r\n\r\n"


def post(body: bytes, sizes: list[int] | None) -> bytes:
    line = b"POST /a HTTP/1.1\r\nHost: x\r\n"
    if sizes is None:
        return line + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    return line + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(body, sizes)


bodies = st.binary(max_size=100)
posts = st.tuples(bodies, st.none() | st.lists(st.integers(1, 30), max_size=4))


@given(asked=st.lists(posts, min_size=1, max_size=3), cuts=st.lists(st.integers(0, 400)))
def test_pieces_do_not_matter(asked: list[tuple[bytes, list[int] | None]], cuts: list[int]) -> None:
    """FAULT-2: a body is handed on when it is whole, and is what was sent, however it came."""
    wire = b"".join(post(body, sizes) for body, sizes in asked)
    edges = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    pieces = [wire[a:b] for a, b in pairwise(edges)]

    box = inbox()

    assert [one.request.body for one in taken(box, *pieces)] == [body for body, _ in asked]
    assert box.part is Part.NOTHING


@given(asked=posts, data=st.data())
def test_a_body_cut_short_is_never_handed_on(
    asked: tuple[bytes, list[int] | None], data: st.DataObject
) -> None:
    """FAULT-2: every true beginning of a request is only a beginning."""
    wire = post(*asked)
    cut = data.draw(st.integers(1, len(wire) - 1))
    box = inbox()

    assert taken(box, wire[:cut]) == []
    assert box.part in {Part.SOME_HEAD, Part.SOME_BODY}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"65\r\n", 413),  # 101 bytes, where 100 are taken
        (b"40\r\n" + b"a" * 64 + b"\r\n25\r\n", 413),
        (b"g\r\n", 400),
        (b"\r\n", 400),
        (b"-1\r\n", 400),
        (b"0x1\r\n", 400),
        (b"1 \r\naa\r\n", 400),
        (b"1\r\na\n\n", 400),
        (b"1;" + b"a" * 300, 400),
        (b"123456789\r\n", 400),
        (b"0\r\n" + (b"a: " + b"b" * 200 + b"\r\n") * 30, 431),
    ],
)
def test_bad_chunks_are_refused(body: bytes, status: int) -> None:
    """FAULT-2: over the limit at once, not when all has come; malformed never."""
    with pytest.raises(Unacceptable) as refused:
        taken(inbox(), post(b"", [])[: -len(chunked(b"", []))], body)

    assert refused.value.status == status


@pytest.mark.parametrize(("length", "refused"), [(99, False), (100, False), (101, True)])
def test_a_length_over_the_limit_is_refused_unread(length: int, refused: bool) -> None:
    """FAULT-2: the limit of the route itself is allowed."""
    box = inbox()
    box.feed(b"POST /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length)

    if refused:
        with pytest.raises(Unacceptable, match="100"):
            box.take()
    else:
        assert box.take() is None


def test_a_caller_that_waits_for_leave_is_told_once() -> None:
    """RFC 9110, 10.1.1: .NET and curl wait before they send a body."""
    box = inbox()
    line = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"

    assert taken(box, line) == []
    assert [box.owes_continue(), box.owes_continue()] == [True, False]
    assert len(taken(box, b"a" + line + b"b")) == 2
    assert not box.owes_continue()


def test_a_head_repeated_is_a_request_repeated() -> None:
    """FAULT-2: remembering the last head changes nothing that is seen."""
    first, second = (b"GET /a/%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in (1, 2))

    paths = [one.request.path for one in taken(inbox(), first, first, second, first)]

    assert paths == ["/a/1", "/a/1", "/a/2", "/a/1"]


def test_a_head_repeated_is_answered_by_who_is_there_now() -> None:
    """FAULT-2: a world may be dropped, and another made at its path, on an open connection."""
    there = [Route("/a/1", echo), Route("/a/1", echo)]
    routes = iter(there)
    box = Inbox(lambda _: next(routes), LIMITS, "192.0.2.1", "http")
    raw = b"GET /a/1 HTTP/1.1\r\nHost: x\r\n\r\n"

    assert [one.route is route for one, route in zip(taken(box, raw, raw), there, strict=True)] == [
        True,
        True,
    ]
