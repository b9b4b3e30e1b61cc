"""FAULT-2: what callers see of the front, over real sockets."""

import logging
import threading
from datetime import UTC, datetime

import pytest
import requests

from broker_sim.front.door import Door, Route
from broker_sim.front.listener import listen
from broker_sim.front.server import EmbeddedServer
from broker_sim.service.exchange import Answer, Cut, Offload, Reply, Request, Wait
from broker_sim.tests.raw_http import (
    PATIENCE,
    Noting,
    ask,
    dial,
    get,
    post,
    serving,
)


def test_requests_on_one_connection_are_answered_in_turn() -> None:
    """RFC 9112, 9.3: also when they are sent before the first answer."""
    slow = Route("/slow", lambda _: Wait(0.02, lambda: Answer(200, body=b"slow")))
    with serving(slow) as server, dial(server) as caller:
        caller.send(post("/echo", b"1") + get("/slow") + post("/echo", b"2"))

        bodies = [caller.answer().body for _ in range(3)]

    assert bodies == [b"POST /echo? 1|1", b"slow", b"POST /echo? 1|2"]


def test_a_whole_exchange_with_a_common_client() -> None:
    """RFC 9110: `requests` finds nothing odd, sends chunks, and keeps its connection."""
    with serving() as server, requests.Session() as session:
        url = f"{server.listeners[0].url}/echo"

        answers = [
            session.get(url, params={"a": "ä b"}),
            session.post(url, data=b"abc"),
            session.post(url, data=iter([b"ab", b"cd"])),
            session.head(url),
            session.options(url),
        ]

    assert [answer.text for answer in answers] == [
        "GET /echo?a=%C3%A4+b 0|",
        "POST /echo? 3|abc",
        "POST /echo? 4|abcd",
        "",
        "OPTIONS /echo? 0|",
    ]
    assert answers[3].headers["content-length"] == "13"


def test_head_is_get_without_a_body() -> None:
    """RFC 9110, 9.3.2: the same fields, and the connection stays usable."""
    with serving() as server, dial(server) as caller:
        caller.send(get("/echo", method="HEAD"))
        bare = caller.answer(bodiless=True)
        caller.send(get("/echo"))
        whole = caller.answer()

    assert bare.headers == whole.headers
    assert (bare.body, whole.body) == (b"", b"GET /echo? 0|")


def test_an_answer_without_content_has_no_length() -> None:
    """RFC 9110, 8.6: a 204 has none, and the next answer is still found."""
    none = Route("/none", lambda _: Answer(204, body=b"never sent"))
    with serving(none) as server, dial(server) as caller:
        caller.send(get("/none") + get("/echo"))

        assert caller.answer().headers == {}
        assert caller.answer().body == b"GET /echo? 0|"


def test_old_clients_get_their_connection_closed_or_kept() -> None:
    """RFC 9112, 9.3: HTTP/1.0 says so if it wants more than one answer."""
    with serving() as server, dial(server) as caller:
        caller.send(get("/echo", "Connection: keep-alive", version="1.0"))
        assert caller.answer().headers["connection"] == "keep-alive"
        caller.send(get("/echo", version="1.0"))
        assert caller.answer().headers["connection"] == "close"
        assert caller.gone()


def test_a_half_closed_caller_is_still_answered() -> None:
    """RFC 9112, 9.6: `printf ... | nc` closes its side first."""
    slow = Route("/slow", lambda _: Wait(0.05, lambda: Answer(200, body=b"slow")))
    with serving(slow) as server, dial(server) as caller:
        caller.send(get("/slow") + get("/echo"))
        caller.end()

        assert [caller.answer().body for _ in range(2)] == [b"slow", b"GET /echo? 0|"]
        assert caller.gone()


def test_a_caller_that_waits_for_leave_gets_it() -> None:
    """RFC 9110, 10.1.1: before the body; refused at once where it would be too long."""
    with serving() as server, dial(server) as caller:
        caller.send(get("/echo", "Content-Length: 3", "Expect: 100-continue", method="POST"))
        leave = caller.socket.recv(100)
        caller.send(b"abc")

        assert leave == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert caller.answer().body == b"POST /echo? 3|abc"

        caller.send(get("/echo", "Content-Length: 1001", "Expect: 100-continue", method="POST"))

        assert caller.answer().status == 413


def test_the_caller_is_known_by_its_address() -> None:
    """LOGON-2: lockouts and the journal name callers."""
    who = Route(
        "/who", lambda request: Answer(200, body=f"{request.client} {request.scheme}".encode())
    )
    with serving(who) as server:
        assert ask(server, get("/who")).body == b"127.0.0.1 http"


def test_two_doors_in_one_server_know_nothing_of_each_other() -> None:
    """The control door is a listener of its own."""
    doors = [Door([Route(path, lambda _: Answer(200))]) for path in ("/a", "/_sim")]
    with EmbeddedServer(*map(listen, doors)) as server:
        urls = [listener.url for listener in server.listeners]
        found = [[requests.get(url + path).status_code for path in ("/a", "/_sim")] for url in urls]

    assert found == [[200, 404], [404, 200]]


def test_waiting_and_slow_work_hold_up_nobody() -> None:
    """FAULT-2: a tester's delay and a password hash are other people's business."""
    release = threading.Event()
    wait = Route("/wait", lambda _: Wait(0.3, lambda: Answer(200, body=b"waited")))
    work = Route(
        "/work",
        lambda _: Offload(
            lambda: release.wait(PATIENCE), lambda done: Answer(200, body=b"%d" % done)
        ),
    )
    with serving(wait, work) as server, dial(server) as waiter, dial(server) as worker:
        waiter.send(get("/wait"))
        worker.send(get("/work"))

        assert ask(server, get("/echo")).status == 200

        release.set()
        assert worker.answer().body == b"1"
        assert waiter.answer().body == b"waited"


def test_slow_replies_may_follow_each_other() -> None:
    """FAULT-2: a delay after a hash, a hash after a delay; each step goes on inline."""
    loop_threads: list[str] = []

    def step(reply: Reply) -> Reply:
        loop_threads.append(threading.current_thread().name)
        return reply

    def handler(_: Request) -> Reply:
        last = Offload(lambda: 2, lambda two: step(Answer(200, body=b"%d" % two)))
        return step(Offload(lambda: 0.01, lambda seconds: step(Wait(seconds, lambda: step(last)))))

    with serving(Route("/steps", handler)) as server:
        assert ask(server, get("/steps")).body == b"2"

    assert set(loop_threads) == {"broker-sim-front"}
    assert len(loop_threads) == 4


@pytest.mark.parametrize("late", [False, True])
def test_whatever_fails_inside_an_answer_comes(
    late: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """FAULT-1: 500 with an id, at once or after slow work, and the connection goes on."""

    def fail(_: object) -> Reply:
        msg = "broken"
        raise RuntimeError(msg)

    def work() -> None:
        fail(None)

    handler = (lambda _: Offload(work, fail)) if late else fail
    with serving(Route("/fail", handler)) as server, dial(server) as caller:
        caller.send(get("/fail") + get("/echo"))

        assert b"front-000001" in caller.answer().body
        assert caller.answer().status == 200
    assert "front-000001" in caplog.text


@pytest.mark.parametrize(
    "reply",
    [
        Answer(200, (("x-bad", "a\r\nset-cookie: b"),)),
        Answer(200, (("x-bad", "a\nb"),)),
        Answer(200, (("x-bad", "\u2603"),)),
        Answer(999),
        None,
        "text",
    ],
)
def test_what_cannot_be_said_in_http_is_an_incident(
    reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    """FAULT-1: no answer of ours can be split in two, and none is missing."""
    with serving(Route("/odd", lambda _: reply)) as server:
        answer = ask(server, get("/odd"))

    assert answer.status == 500
    assert "set-cookie" not in answer.headers
    assert caplog.records[0].levelno == logging.ERROR


def test_what_the_front_writes_itself_is_not_written_twice() -> None:
    """RFC 9112, 6.3: one length, ours, whatever the handler believes."""
    fields = (("Content-Length", "7"), ("Connection", "close"), ("Transfer-Encoding", "chunked"))
    now = datetime(2030, 1, 1, tzinfo=UTC)
    door = Door([Route("/", lambda _: Answer(200, (*fields, ("A", "b"))))], today=lambda: now)
    with EmbeddedServer(listen(door)) as server:
        answer = ask(server, get("/"))

    assert answer.headers == {
        "A": "b",
        "content-length": "0",
        "date": "Tue, 01 Jan 2030 00:00:00 GMT",
    }


@pytest.mark.parametrize("after", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
def test_a_cut_ends_the_connection_as_asked(after: bytes) -> None:
    """C-NET-2: a reset or an end, after nothing or after half an answer."""
    resets = Route("/rst", lambda _: Cut("rst", after))
    ends = Route("/fin", lambda _: Cut("fin", after))
    with serving(resets, ends) as server, dial(server) as reset, dial(server) as ended:
        ended.send(get("/fin"))
        assert ended.rest() == after

        reset.send(get("/rst"))
        with pytest.raises(ConnectionResetError):
            reset.rest()


def test_a_reply_to_nobody_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    """FAULT-2: a caller that resets in mid-wait costs nothing and fails nothing."""
    began, after = threading.Event(), Noting()

    def handler(request: Request) -> Reply:
        began.set()
        return Wait(0.05, lambda: after(request))

    with serving(Route("/wait", handler)) as server:
        caller = dial(server)
        caller.send(get("/wait"))
        began.wait(PATIENCE)
        caller.reset()
        threading.Event().wait(0.1)
        assert ask(server, get("/echo")).status == 200

    assert after.asked == []
    assert caplog.records == []


def test_a_tls_hello_at_a_plain_door_is_answered_at_once() -> None:
    """FAULT-2: not after ten seconds of waiting for a line to end."""
    with serving() as server, dial(server) as caller:
        caller.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")

        assert b"https" in caller.answer().body
