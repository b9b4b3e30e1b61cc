"""REC-6: downloads go out piece by piece, at the reader's pace, and are let go of."""

import asyncio
import threading
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest

from broker_sim.front.door import Route
from broker_sim.front.limits import Limits
from broker_sim.service.exchange import Reply, Request, Stream
from broker_sim.tests.raw_http import PATIENCE, QUICK, Caller, ask, dial, get, serving

PIECE = 64 * 1024
MEGABYTE = 1024 * 1024


class Tape:
    """A download of so many bytes; counts what is pulled, and knows when it is let go of."""

    def __init__(self, length: int, *, really: int | None = None) -> None:
        self.length = length
        self.really = length if really is None else really
        self.pulled = 0
        self.closed = threading.Event()
        self.threads: set[str] = set()

    def __call__(self, _request: Request) -> Reply:
        return Stream(200, (("content-type", "application/octet-stream"),), self.run(), self.length)

    def run(self) -> Iterator[bytes]:
        try:
            while self.pulled < self.really:
                self.threads.add(threading.current_thread().name)
                size = min(PIECE, self.really - self.pulled)
                self.pulled += size
                yield bytes(size)
        finally:
            self.closed.set()


def read(caller: Caller, length: int) -> int:
    """Read the head and so many bytes more, keeping none."""
    buffer = bytearray(PIECE)
    got = caller.socket.recv_into(buffer)
    left = length + buffer.index(b"\r\n\r\n") + 4 - got
    while left > 0:
        left -= caller.socket.recv_into(buffer)
    return length - left


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 10 * PIECE])
def test_a_download_comes_whole(length: int) -> None:
    """REC-6: every byte, the right length, and the connection goes on."""
    tape = Tape(length)
    with serving(Route("/tape", tape)) as server, dial(server) as caller:
        caller.send(get("/tape") + get("/echo"))
        answer = caller.answer()

        assert (answer.headers["content-length"], len(answer.body)) == (str(length), length)
        assert caller.answer().status == 200
        assert not length or tape.closed.wait(PATIENCE)  # what was never begun needs no end
    assert all(name.startswith("broker-sim-read") for name in tape.threads)


def test_an_asynchronous_download_may_pause() -> None:
    """C-NET-2: a tester's dripping answer holds up nobody."""
    closed = threading.Event()

    async def drip() -> AsyncIterator[bytes]:
        try:
            for piece in (b"a", b"b", b"c"):
                await asyncio.sleep(0.02)
                yield piece
        finally:
            closed.set()

    with serving(Route("/drip", lambda _: Stream(200, (), drip(), 3))) as server:
        assert ask(server, get("/drip")).body == b"abc"
        assert closed.wait(PATIENCE)


def test_head_of_a_download_pulls_nothing() -> None:
    """REC-6: its length is told, its bytes stay where they are."""
    tape = Tape(10 * PIECE)
    with serving(Route("/tape", tape)) as server, dial(server) as caller:
        caller.send(get("/tape", method="HEAD") + get("/echo"))

        assert caller.answer(bodiless=True).headers["content-length"] == str(10 * PIECE)
        assert caller.answer().status == 200
    assert tape.pulled == 0


def test_100_megabytes_are_sent_in_constant_memory() -> None:
    """The issue's bound is 8 MB; a piece or two are held at a time."""
    tape = Tape(100 * MEGABYTE)
    with serving(Route("/tape", tape)) as server, dial(server) as caller:
        tracemalloc.start()
        try:
            caller.send(get("/tape"))
            assert read(caller, tape.length) == tape.length
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < 2 * MEGABYTE


def test_an_unread_download_waits_for_its_reader() -> None:
    """FAULT-2: what nobody takes is not pulled, and what is taken late comes whole."""
    tape = Tape(20 * MEGABYTE)
    with serving(Route("/tape", tape)) as server, dial(server, receive_bytes=PIECE) as caller:
        caller.send(get("/tape"))
        threading.Event().wait(0.3)

        assert tape.pulled < 8 * MEGABYTE  # most of it in the kernel
        assert not tape.closed.is_set()
        assert read(caller, tape.length) == tape.length
        assert tape.closed.wait(PATIENCE)


def test_a_good_call_is_answered_while_40_downloads_hang_unread() -> None:
    """FAULT-2: 40 readers of 5 MB that do not read hold up nobody."""
    tapes = [Tape(5 * MEGABYTE) for _ in range(40)]
    routes = [Route(f"/{nth}", tape) for nth, tape in enumerate(tapes)]
    with serving(*routes) as server, ExitStack() as open_until_the_end:
        for nth in range(40):
            reader = open_until_the_end.enter_context(dial(server, receive_bytes=4096))
            reader.send(get(f"/{nth}"))

        assert ask(server, get("/echo")).status == 200
        with dial(server) as caller:
            caller.send(get("/0"))
            assert caller.socket.recv(PIECE).startswith(b"HTTP/1.1 200 ")


def test_a_reader_that_takes_nothing_is_cut_off() -> None:
    """FAULT-2: its place is for another."""
    tape = Tape(50 * MEGABYTE)
    with serving(Route("/tape", tape), limits=QUICK) as server, dial(server) as reader:
        reader.send(get("/tape"))

        assert tape.closed.wait(PATIENCE)
        assert tape.pulled < tape.length


def test_a_slow_reader_is_not_cut_off() -> None:
    """FAULT-2: only standing still ends a download, not going slowly."""
    tape = Tape(12 * MEGABYTE)
    with (
        serving(Route("/tape", tape), limits=QUICK) as server,
        dial(server, receive_bytes=PIECE) as reader,
    ):
        reader.send(get("/tape"))
        got = read(reader, MEGABYTE)
        for _ in range(6):
            threading.Event().wait(0.1)
            read_some(reader, MEGABYTE)
        read_some(reader, tape.length - got - 6 * MEGABYTE)

        assert tape.closed.wait(PATIENCE)
    assert tape.pulled == tape.length


def read_some(caller: Caller, length: int) -> None:
    buffer = bytearray(PIECE)
    while length > 0:
        got = caller.socket.recv_into(buffer, min(PIECE, length))
        assert got, "the download broke off"
        length -= got


def test_a_reader_that_leaves_lets_go_of_the_download(caplog: pytest.LogCaptureFixture) -> None:
    """REC-6: in mid-download, also with a pull under way."""
    tape, in_pull, go_on = Tape(50 * MEGABYTE), threading.Event(), threading.Event()
    closed = threading.Event()

    def stuck(_: Request) -> Reply:
        def run() -> Iterator[bytes]:
            try:
                yield bytes(1)
                in_pull.set()
                go_on.wait(PATIENCE)
                yield bytes(1)
            finally:
                closed.set()

        return Stream(200, (), run(), 2)

    with serving(Route("/tape", tape), Route("/stuck", stuck)) as server:
        for path in ("/tape", "/stuck"):
            caller = dial(server)
            caller.send(get(path))
            assert read(caller, 1)
            if path == "/stuck":
                assert in_pull.wait(PATIENCE)
            caller.reset()
        while server._server._guests():
            threading.Event().wait(0.005)
        assert tape.closed.wait(PATIENCE)
        assert not closed.is_set()
        go_on.set()
        assert closed.wait(PATIENCE)
        assert ask(server, get("/echo")).status == 200
    assert caplog.records == []  # as it would be, were the closing tried in mid-pull


def test_more_downloads_than_allowed_are_told_so() -> None:
    """FAULT-2: 503 with Retry-After, and a place again when one has ended."""
    tapes = [Tape(50 * MEGABYTE), Tape(50 * MEGABYTE)]
    routes = [Route(f"/{nth}", tape) for nth, tape in enumerate(tapes)]
    with serving(*routes, limits=Limits(streams=1)) as server:
        first = dial(server)
        first.send(get("/0"))
        assert read(first, 1)

        with dial(server) as second:
            second.send(get("/1") + get("/echo"))
            refused = second.answer()
            assert (refused.status, refused.headers["retry-after"]) == (503, "1")
            assert second.answer().status == 200

            first.reset()
            assert tapes[0].closed.wait(PATIENCE)
            second.send(get("/1"))
            assert read(second, 1)
    assert tapes[1].closed.wait(PATIENCE)


@pytest.mark.parametrize("really", [PIECE, 4 * PIECE])
def test_pieces_that_do_not_make_up_the_length_never_look_whole(
    really: int, caplog: pytest.LogCaptureFixture
) -> None:
    """REC-3: too few break the connection off; of too many none goes beyond the length."""
    tape = Tape(3 * PIECE - 1, really=really)
    with serving(Route("/tape", tape)) as server, dial(server) as caller:
        caller.send(get("/tape"))

        with pytest.raises((EOFError, ConnectionResetError)):
            caller.answer()
    assert "front-000001" in caplog.text
    assert tape.closed.wait(PATIENCE)
