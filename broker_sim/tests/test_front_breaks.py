"""REC-6: downloads that fail, break off, drip, or come from a slow disk."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import Literal

import pytest

from broker_sim.front.door import Route
from broker_sim.front.limits import Limits
from broker_sim.service.exchange import Answer, Offload, Stream
from broker_sim.tests.raw_http import PATIENCE, ask, dial, get, serving


def test_a_download_that_fails_in_the_middle_breaks_off(caplog: pytest.LogCaptureFixture) -> None:
    """FAULT-1: the log knows why; the reader sees that it is not whole."""

    def run() -> Iterator[bytes]:
        yield bytes(10)
        msg = "the disk is gone"
        raise OSError(msg)

    with (
        serving(Route("/tape", lambda _: Stream(200, (), run(), 20))) as server,
        dial(server) as caller,
    ):
        caller.send(get("/tape"))
        with pytest.raises((EOFError, ConnectionResetError)):
            caller.answer()
        assert ask(server, get("/echo")).status == 200
    assert "the disk is gone" in caplog.text


def test_slow_disks_do_not_hold_up_pages() -> None:
    """FAULT-2: downloads that wait for their disk leave the threads of pages free."""
    go_on = threading.Event()

    def run() -> Iterator[bytes]:
        go_on.wait(PATIENCE)
        yield b"a"

    stuck = Route("/stuck", lambda _: Stream(200, (), run(), 1))
    page = Route("/page", lambda _: Offload(lambda: b"page", lambda body: Answer(200, body=body)))
    limits = replace(Limits(), read_threads=1, work_threads=1)
    with (
        serving(stuck, page, limits=limits) as server,
        dial(server) as first,
        dial(server) as second,
    ):
        first.send(get("/stuck"))
        second.send(get("/stuck"))

        assert ask(server, get("/page")).body == b"page"

        go_on.set()
        assert [first.answer().body, second.answer().body] == [b"a", b"a"]


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_an_answer_may_be_made_to_break_off(how: Literal["fin", "rst"]) -> None:
    """C-NET-2: the head promises the whole, so many bytes of the body come, then the end."""
    broken = Stream(200, (), iter([b"0123", b"45"]), 10, breaks_at=6, breaks_how=how)
    with serving(Route("/broken", lambda _: broken)) as server, dial(server) as caller:
        caller.send(get("/broken"))
        got = bytearray()
        with suppress(ConnectionResetError):
            while piece := caller.socket.recv(100):
                got += piece
        head, _, body = bytes(got).partition(b"\r\n\r\n")

    assert head.endswith(b"content-length: 10")
    assert body == b"012345"


def test_an_answer_may_be_made_to_drip() -> None:
    """C-NET-2: each piece waits; all of it comes."""
    drip = Stream(200, (), iter([b"a", b"b", b"c"]), 3, pause_seconds=0.03)
    with serving(Route("/drip", lambda _: drip)) as server, dial(server) as caller:
        caller.send(get("/drip"))
        begun = monotonic()
        said = caller.answer()

    assert said.body == b"abc"
    assert monotonic() - begun >= 0.06
