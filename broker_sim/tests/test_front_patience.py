"""FAULT-2: callers who are slow, silent, greedy or many; over real sockets."""

import threading
from contextlib import ExitStack
from dataclasses import replace

import pytest

from broker_sim.front.door import Route
from broker_sim.service.exchange import Answer, Reply, Request
from broker_sim.tests.raw_http import (
    PATIENCE,
    QUICK,
    Caller,
    Noting,
    ask,
    dial,
    get,
    post,
    serving,
)

CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize("fields", [[], [CHUNKED]])
def test_a_body_over_the_limit_is_refused_unread(fields: list[str]) -> None:
    """FAULT-2: 413 and closed, with a length and with chunks, and the refusal is read."""
    small = Noting()
    route = Route("/small", small, max_body_bytes=10)
    with serving(route) as server, dial(server) as caller:
        sent = fields or ["Content-Length: 3000000"]
        body = b"2dc6c0\r\n" * bool(fields) + b"a" * 3_000_000
        caller.send(get("/small", *sent, method="POST") + body)

        answer = caller.answer()

        assert (answer.status, answer.headers["connection"]) == (413, "close")
        assert caller.gone()
    assert small.asked == []


@pytest.mark.parametrize("fields", [["Content-Length: 10"], [CHUNKED]])
def test_a_truncated_body_never_reaches_a_handler(fields: list[str]) -> None:
    """FAULT-2: a caller that ends in mid-body gets 400, and nothing has happened."""
    take = Noting()
    with serving(Route("/take", take)) as server, dial(server) as caller:
        caller.send(get("/take", *fields, method="POST") + b"5\r\nabc")
        caller.end()

        assert caller.answer().status == 400
        assert caller.gone()
    assert take.asked == []


def test_a_slow_body_is_given_up() -> None:
    """FAULT-2: 408 and closed at the deadline, though bytes keep dripping."""
    with serving(limits=QUICK) as server, dial(server) as caller:
        caller.send(get("/echo", "Content-Length: 900", method="POST"))
        caller.socket.settimeout(0.03)
        answer = drip(caller, b"a")
        caller.socket.settimeout(PATIENCE)

        assert answer.startswith(b"HTTP/1.1 408 ")
        assert caller.gone()


def test_a_slow_head_is_given_up() -> None:
    """FAULT-2: the same for a head that never ends (slowloris)."""
    with serving(limits=QUICK) as server, dial(server) as caller:
        caller.send(b"GET /echo HTTP/1.1\r\n")
        caller.socket.settimeout(0.03)

        assert drip(caller, b"A: b\r\n").startswith(b"HTTP/1.1 408 ")


def drip(caller: Caller, piece: bytes) -> bytes:
    """Send piece after piece until an answer comes."""
    for _ in range(100):
        caller.send(piece)
        try:
            return caller.socket.recv(1000)
        except TimeoutError:
            continue
    pytest.fail("no answer came")


def test_who_says_nothing_is_let_go() -> None:
    """FAULT-2: a new connection without a request, and an old one without another."""
    with serving(limits=QUICK) as server, dial(server) as silent, dial(server) as once:
        once.send(get("/echo"))
        once.answer()

        assert silent.gone()
        assert once.gone()


def test_a_good_call_is_answered_while_200_slow_bodies_hang() -> None:
    """FAULT-2: slow callers hold up nobody else."""
    with serving() as server, ExitStack() as open_until_the_end:
        for _ in range(200):
            caller = open_until_the_end.enter_context(dial(server))
            caller.send(post("/echo", b"a" * 900)[:-1])

        assert ask(server, post("/echo", b"good")).body == b"POST /echo? 4|good"


def test_a_pipeliner_that_reads_nothing_is_not_read_further() -> None:
    """FAULT-2: neither its requests nor its answers pile up here."""
    big = Noting(b"a" * 100_000)
    with serving(Route("/big", big)) as server, dial(server, receive_bytes=4096) as caller:
        caller.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            caller.send(get("/big", f"X: {'x' * 1000}") * 20_000)

        assert ask(server, get("/echo")).status == 200
        assert len(big.asked) < 200


def test_a_pipeliner_takes_turns_with_others() -> None:
    """FAULT-2: a thousand requests in one piece are not answered in one go."""
    order: list[str] = []
    sent = threading.Event()

    def note(request: Request) -> Reply:
        order.append(request.query)
        sent.wait(PATIENCE)
        return Answer(200)

    with serving(Route("/note", note)) as server, dial(server) as many, dial(server) as one:
        many.send(get("/note?many") * 500 + get("/note?last"))
        one.send(get("/note?one"))
        sent.set()
        assert one.answer().status == 200
        for _ in range(501):
            assert many.answer().status == 200

    assert order.index("one") < order.index("last")
    assert order.count("many") == 500


def test_more_connections_than_allowed_are_told_so() -> None:
    """FAULT-2: 503 at once, and welcome again when others have gone."""
    with serving(limits=replace(QUICK, connections=2, idle_seconds=9, head_seconds=9)) as server:
        with dial(server) as first, dial(server) as second:
            for caller in (first, second):
                caller.send(get("/echo"))
                caller.answer()
            with dial(server) as third:
                assert third.answer().status == 503
        threading.Event().wait(0.05)
        assert ask(server, get("/echo")).status == 200
