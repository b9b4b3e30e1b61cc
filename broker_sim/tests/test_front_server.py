"""Starting and stopping: at once, on a port known before, leaving nothing behind."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from broker_sim.front.door import Door, Route
from broker_sim.front.limits import Limits
from broker_sim.front.listener import free_port, listen
from broker_sim.front.server import EmbeddedServer, Server
from broker_sim.service.exchange import Answer, Offload, Reply, Request, Stream, Wait
from broker_sim.tests.raw_http import PATIENCE, Caller, ask, dial, get, post, serving


def sockets_open() -> set[tuple[int, int]]:
    """Give this process's sockets, number and identity: an earlier test's may end meanwhile."""
    found = set()
    for fd in range(256):
        with contextlib.suppress(OSError):
            told = os.fstat(fd)
            if stat.S_ISSOCK(told.st_mode):
                found.add((fd, told.st_ino))
    return found


def refused(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def test_20_starts_and_stops_leave_nothing_behind() -> None:
    """FAULT-2: neither threads nor sockets; it takes milliseconds, not seconds."""
    threads, sockets = set(threading.enumerate()), sockets_open()
    took = []
    for _ in range(20):
        began = time.perf_counter()
        slow = Route("/slow", lambda _: Offload(lambda: b"", lambda body: Answer(200, body=body)))
        with serving(slow) as server, dial(server) as caller:
            caller.send(get("/slow"))
            assert caller.answer().status == 200
        assert refused(server.listeners[0].port)
        took.append(time.perf_counter() - began)

    assert not set(threading.enumerate()) - threads
    assert not sockets_open() - sockets
    assert min(took) < 0.1  # a wait of seconds in it would be in each; others' load is not


def test_the_port_is_known_and_open_before_the_start() -> None:
    """FAULT-2: who connects early is answered once the server runs."""
    listener = listen(Door([Route("/a", lambda _: Answer(200))]))
    with socket.create_connection(("127.0.0.1", listener.port)) as early:
        caller = Caller(early)
        caller.send(get("/a"))
        assert listener.url == f"http://127.0.0.1:{listener.port}"

        with EmbeddedServer(listener):
            assert caller.answer().status == 200


def test_a_busy_port_is_stepped_over() -> None:
    """The demo chooses its ports itself, and says which."""
    with free_port("127.0.0.1", 0) as first:
        wanted = first.getsockname()[1]
        with free_port("127.0.0.1", wanted) as second, free_port("127.0.0.1", wanted) as third:
            ports = [bound.getsockname()[1] for bound in (second, third)]

    assert wanted < ports[0] < ports[1] <= wanted + 50


def test_a_port_is_free_again_at_once() -> None:
    """A second run of the demo has the same port, though callers were just there."""
    with serving() as server:
        port = server.listeners[0].port
        with dial(server) as caller:
            caller.send(get("/echo", "Connection: close"))
            assert caller.answer().status == 200
            assert caller.gone()  # we closed first: the kernel remembers for a minute

    with free_port("127.0.0.1", port) as again:
        assert again.getsockname()[1] == port


def test_an_address_that_is_not_ours_is_an_error() -> None:
    """No stepping on and on where no port can help."""
    with pytest.raises(OSError, match="assign"):
        free_port("192.0.2.1", 8080)


def test_another_address_family_is_served_too() -> None:
    """Java and Node look for localhost at ::1 first."""
    with EmbeddedServer(listen(Door([Route("/a", lambda _: Answer(200))]), "::1")) as server:
        url = server.listeners[0].url

        assert url.startswith("http://[::1]:")
        assert requests.get(f"{url}/a").status_code == 200


def test_the_stop_waits_for_no_half_request_and_no_idle_caller() -> None:
    """FAULT-2: 50 slow bodies and heads end at once."""
    with serving(grace_seconds=5.0) as server:
        callers = [dial(server) for _ in range(50)]
        for nth, caller in enumerate(callers):
            caller.send([b"GET /ec", post("/echo", b"ab")[:-1], get("/echo")][nth % 3])
        ask(server, get("/echo"))
        began = time.perf_counter()
    took = time.perf_counter() - began

    assert took < 2.0
    for caller in callers:
        caller.socket.close()


def test_the_stop_lets_replies_under_way_finish() -> None:
    """FAULT-2: within the grace, and then says that the connection ends."""
    slow = Route("/slow", lambda _: Wait(0.1, lambda: Answer(200, body=b"done")))
    with serving(slow, grace_seconds=PATIENCE) as server, dial(server) as caller:
        caller.send(get("/slow"))
        ask(server, get("/echo"))  # the slow one is under way
        server.stop()

        answer = caller.answer()
        assert (answer.body, answer.headers["connection"]) == (b"done", "close")
        assert caller.gone()


def test_the_stop_waits_no_longer_than_its_grace() -> None:
    """FAULT-2: long polls and unread downloads end then, and are let go of."""
    closed = threading.Event()

    def tape() -> Iterator[bytes]:
        try:
            for _ in range(1000):
                yield bytes(65536)
        finally:
            closed.set()

    poll = Route("/poll", lambda _: Wait(60.0, lambda: Answer(200)))
    download = Route("/tape", lambda _: Stream(200, (), tape(), 65_536_000))
    with serving(poll, download, grace_seconds=0.1) as server:
        callers = [dial(server), dial(server)]
        for caller, path in zip(callers, ("/poll", "/tape"), strict=True):
            caller.send(get(path))
        while len(callers[1].socket.recv(65536)) < 1000:  # the head alone is shorter
            pass
        began = time.perf_counter()
        server.stop()
        took = time.perf_counter() - began

    assert 0.1 <= took < 2.0
    assert closed.is_set()
    assert refused(server.listeners[0].port)
    for caller in callers:
        caller.socket.close()


def test_the_stop_tells_of_a_thread_that_does_not_end(caplog: pytest.LogCaptureFixture) -> None:
    """FAULT-2: no stop hangs on work that hangs."""
    go_on = threading.Event()

    def handler(_: Request) -> Reply:
        return Offload(lambda: go_on.wait(PATIENCE), lambda _done: Answer(200))

    with serving(Route("/stuck", handler), grace_seconds=0.05) as server, dial(server) as caller:
        caller.send(get("/stuck"))
        ask(server, get("/echo"))
        began = time.perf_counter()
        server.stop()
        took = time.perf_counter() - began
    go_on.set()

    assert took < 2.0
    assert "still at work" in caplog.text


def test_who_arrives_at_the_very_stop_is_sent_away() -> None:
    """FAULT-2: accepted, and not yet greeted."""

    async def run() -> int:
        listener = listen(Door([]))
        server = Server((listener,), Limits())
        await server.open()
        ours, theirs = socket.socketpair()
        with theirs:
            server._let_in(ours, listener, server._lobbies[0])
            await server.close(0.0)
            return ours.fileno()

    assert asyncio.run(run()) == -1


def test_a_server_is_used_once() -> None:
    """FAULT-2: stopping twice is nothing, starting twice a mistake."""
    server = EmbeddedServer(listen(Door([])))
    server.start()
    server.stop()
    server.stop()

    with pytest.raises(RuntimeError):
        server.start()


def test_a_server_that_cannot_begin_says_why() -> None:
    """FAULT-2: not a thread that died unseen."""
    listener = listen(Door([]))
    listener.socket.close()

    with pytest.raises(RuntimeError, match="cannot begin"):
        EmbeddedServer(listener).start()


MAIN = """
import logging
from broker_sim.front.door import Door, Route
from broker_sim.front.limits import Limits
from broker_sim.front.listener import listen
from broker_sim.front.server import serve
from broker_sim.service.exchange import Answer, Wait
logging.basicConfig()
door = Door([Route("/a", lambda _: Answer(200, body=b"a")),
             Route("/slow", lambda _: Wait(0.3, lambda: Answer(200, body=b"slow"))),
             Route("/poll", lambda _: Wait(60, lambda: Answer(200)))])
listener = listen(door)
serve(listener, grace_seconds=30.0, ready=lambda: print(listener.port, flush=True))
print("ended", flush=True)
"""


@pytest.fixture
def main() -> Iterator[subprocess.Popen[str]]:
    """Serve in the main thread of another process."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", MAIN], stdout=-1, stderr=-1, text=True
    ) as process:
        yield process
        process.kill()


def dial_main(main: subprocess.Popen[str]) -> tuple[int, Caller]:
    assert main.stdout is not None
    port = int(main.stdout.readline())
    caller = socket.create_connection(("127.0.0.1", port), PATIENCE)
    return port, Caller(caller)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_main_thread_cleanly(
    main: subprocess.Popen[str], name: signal.Signals
) -> None:
    """FAULT-2: the reply under way is finished; nothing is complained of; exit code 0."""
    _port, caller = dial_main(main)
    with caller:
        caller.send(get("/a") + get("/slow"))
        assert caller.answer().body == b"a"
        main.send_signal(name)
        assert caller.answer().body == b"slow"

    out, err = main.communicate(timeout=PATIENCE)
    assert (main.returncode, out, err) == (0, "ended\n", "")


def test_a_second_signal_cuts_the_grace_short(main: subprocess.Popen[str]) -> None:
    """FAULT-2: who presses Ctrl-C twice does not wait."""
    port, caller = dial_main(main)
    with caller:
        caller.send(get("/a") + get("/poll"))
        assert caller.answer().body == b"a"
        main.send_signal(signal.SIGINT)
        while not refused(port):
            threading.Event().wait(0.01)
        main.send_signal(signal.SIGINT)
        assert caller.gone()

    out, err = main.communicate(timeout=PATIENCE)
    assert (main.returncode, out, err) == (0, "ended\n", "")
