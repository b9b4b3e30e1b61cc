"""What is no broker, behind a port that answers: exit 4, one sentence that says where and why."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from conformance import exchange
from conformance.__main__ import main
from conformance.restarting import NotRestarted, by_command
from conformance.runner import Plan, judge
from conformance.target import Description, reached
from conformance.tests.small_broker import TOKEN, small_broker
from conformance.verdict import Exit, Result

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


@contextmanager
def door(answer: bytes, then: bytes = b"", *, closes: bool = True) -> Iterator[str]:
    """Listen; to each caller say `answer`, and `then` again and again; hang up, or wait."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, over, answer, then, closes))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(
    server: socket.socket, over: threading.Event, answer: bytes, then: bytes, closes: bool
) -> None:
    while not over.is_set():
        with suppress(OSError):
            caller, _ = server.accept()
            with caller:
                caller.recv(65536)
                caller.sendall(answer)
                while then and not over.wait(0.005):
                    caller.sendall(then)
                if not closes:
                    over.wait()


def told(capsys: pytest.CaptureFixture[str], url: str) -> str:
    """Judge what is behind a URL; give the sentence."""
    code = main(["broker", url])
    shown = capsys.readouterr()
    assert (code, shown.out, shown.err.count("\n")) == (Exit.UNREACHABLE, "", 1)
    assert url in shown.err
    return shown.err


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "the connection was closed"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "what came is no HTTP"),
        (_HEAD + b"Content-Length: 999\r\n\r\n<a", "it ends too early"),
        (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", "it ends too early"),
        (_HEAD + b"Content-Length: 2\r\n\r\nok", "is not XML"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answers 404"),
    ],
)
def test_what_answers_and_is_no_broker(
    capsys: pytest.CaptureFixture[str], answer: bytes, why: str
) -> None:
    with door(answer) as url:
        assert why in told(capsys, url)


def test_who_hangs_after_the_headers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "TIMEOUT_SECONDS", 0.2)
    with door(_HEAD + b"Content-Length: 999\r\n\r\n", closes=False) as url:
        assert "nothing came for 0.2 s" in told(capsys, url)


def test_an_answer_that_drips_on_for_ever(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "WHOLE_SECONDS", 0.2)
    with door(_HEAD + b"Content-Length: 99999\r\n\r\n", b"x") as url:
        assert "it had not come whole after 0.2 s" in told(capsys, url)


def test_an_answer_that_has_no_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would fill the memory of this computer."""
    monkeypatch.setattr(exchange, "WHOLE_BYTES", 2**20)
    with door(_HEAD + b"\r\n", b"x" * 2**17) as url:
        assert "more than 1 MiB came" in told(capsys, url)


def test_plain_http_where_tls_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with door(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as url:
        assert "is it plain http?" in told(capsys, url.replace("http:", "https:"))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("false",), "the restart command false ended with 1: it said nothing"),
        (("sh", "-c", "echo no, >&2; echo never >&2; exit 3"), "ended with 3: no,\nnever"),
        (("/no/such/program",), "/no/such/program cannot be started: No such file"),
    ],
)
def test_a_restart_that_does_not_work_is_no_fault_of_the_suite(
    command: tuple[str, ...], why: str
) -> None:
    """LOGON-6: not testable, and why; it was an error of the suite with its trace."""
    with small_broker() as url:
        door = Description(url, control=url, token=TOKEN, restart=command)
        with reached(door) as target:
            (verdict,) = judge(target, Plan(("LOGON-6",), 7, 1))

    assert verdict.result is Result.NOT_TESTABLE
    assert why in verdict.why[0]


def test_a_restart_that_does_not_end_is_not_waited_for() -> None:
    with pytest.raises(NotRestarted, match=r"sleep 60 has not ended after 0\.1 s"):
        by_command(("sleep", "60"), 0.1)("stop")


def test_a_restart_command_may_leave_the_broker_in_the_background() -> None:
    """What it starts keeps its output open; nobody waits for the end of that."""
    begun = time.monotonic()
    by_command(("sh", "-c", "sleep 5 &"), 4)("stop")

    assert time.monotonic() - begun < 4
