"""SEC-1: TLS 1.2 and later, with verification on, and no weaker against hostile callers."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
import requests

from broker_sim.adapters.clocks import machine_time
from broker_sim.front.authority import Certificates, ensure
from broker_sim.front.door import Door, Route
from broker_sim.front.limits import Limits
from broker_sim.front.listener import listen
from broker_sim.front.server import EmbeddedServer
from broker_sim.service.exchange import Answer, Cut, Stream, Wait
from broker_sim.tests.raw_http import PATIENCE, QUICK, Caller, dial, echo, get, post

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return ensure(tmp_path_factory.mktemp("tls"), [], machine_time())


let_go = threading.Event()


def tape() -> Iterator[bytes]:
    let_go.clear()
    try:
        for _ in range(320):
            yield bytes(65536)
    finally:
        let_go.set()


ROUTES = [
    Route("/echo", echo, max_body_bytes=1000),
    Route("/slow", lambda _: Wait(0.1, lambda: Answer(200, body=b"slow"))),
    Route("/tape", lambda _: Stream(200, (), tape(), 20 * MEGABYTE)),
    Route("/rst", lambda _: Cut("rst")),
    Route("/fin", lambda _: Cut("fin", b"HTTP/1.1 2")),
]


@contextmanager
def serving(certificates: Certificates, limits: Limits | None = None) -> Iterator[EmbeddedServer]:
    listener = listen(Door(ROUTES), tls=certificates)
    with EmbeddedServer(listener, limits=limits, grace_seconds=0.2) as server:
        yield server


def trusting(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificates.ca_pem)


def dial_tls(server: EmbeddedServer, context: ssl.SSLContext) -> Caller:
    plain = dial(server).socket
    try:
        return Caller(context.wrap_socket(plain, server_hostname="localhost"))
    except OSError:
        plain.close()
        raise


def test_who_trusts_the_authority_is_served(certificates: Certificates) -> None:
    """SEC-1: `requests` with the CA file, by name and by address."""
    with serving(certificates) as server:
        port = server.listeners[0].port
        assert server.listeners[0].url == f"https://127.0.0.1:{port}"
        for host in ("localhost", "127.0.0.1"):
            url = f"https://{host}:{port}/echo"
            answer = requests.post(url, data=b"abc", verify=str(certificates.ca_pem))
            assert answer.text == "POST /echo? 3|abc"


def test_who_does_not_trust_it_refuses(
    certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    """SEC-1, C-NET-1: without the CA there is no connection; and nothing is logged of it."""
    with serving(certificates) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            dial_tls(server, ssl.create_default_context())

        with dial_tls(server, trusting(certificates)) as caller:
            caller.send(get("/echo"))
            assert caller.answer().status == 200
    assert caplog.records == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_present_versions_are_spoken(
    certificates: Certificates, version: ssl.TLSVersion
) -> None:
    """SEC-1: .NET and old Java need 1.2."""
    context = trusting(certificates)
    context.minimum_version = context.maximum_version = version
    with serving(certificates) as server, dial_tls(server, context) as caller:
        assert isinstance(caller.socket, ssl.SSLSocket)
        assert caller.socket.version() == version.name.replace("_", ".")
        assert caller.socket.selected_alpn_protocol() is None
        caller.send(get("/echo"))
        assert caller.answer().status == 200


def test_an_older_version_is_refused_by_the_server(certificates: Certificates) -> None:
    """SEC-1: it is the server that says no, not the client's own caution."""
    context = trusting(certificates)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with serving(certificates) as server, pytest.raises(ssl.SSLError) as refused:
        dial_tls(server, context)

    # asyncio hangs up before its alert is out; a client of its own accord says otherwise
    assert refused.value.reason in {"TLSV1_ALERT_PROTOCOL_VERSION", "UNEXPECTED_EOF_WHILE_READING"}


def test_no_other_protocol_is_agreed_on(certificates: Certificates) -> None:
    """RFC 7301: HTTP/1.1 where a client offers it beside HTTP/2."""
    context = trusting(certificates)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with serving(certificates) as server, dial_tls(server, context) as caller:
        assert isinstance(caller.socket, ssl.SSLSocket)
        assert caller.socket.selected_alpn_protocol() == "http/1.1"


def test_a_download_comes_whole_and_at_the_readers_pace(certificates: Certificates) -> None:
    """REC-6: 20 MB, after a pause."""
    with serving(certificates) as server, dial_tls(server, trusting(certificates)) as caller:
        caller.send(get("/tape"))
        assert len(caller.answer().body) == 20 * MEGABYTE


def test_refusals_are_read_over_tls_too(certificates: Certificates) -> None:
    """FAULT-2: 413 though 300 KB came that nobody reads, 408, and 400 for half a body."""
    with serving(certificates, QUICK) as server:
        context = trusting(certificates)
        with dial_tls(server, context) as caller:
            caller.send(get("/echo", "Content-Length: 300000", method="POST") + bytes(300_000))
            assert caller.answer().status == 413
            assert caller.gone()
        with dial_tls(server, context) as caller:
            caller.send(post("/echo", b"ab")[:-1])
            assert caller.answer().status == 408
            assert caller.gone()


def test_a_connection_may_end_or_be_cut(certificates: Certificates) -> None:
    """C-NET-2: over TLS as without."""
    with serving(certificates) as server:
        context = trusting(certificates)
        with dial_tls(server, context) as caller:
            caller.send(get("/echo", "Connection: close"))
            assert caller.answer().status == 200
            assert caller.gone()
        with dial_tls(server, context) as caller:
            caller.send(get("/fin"))
            assert caller.rest() == b"HTTP/1.1 2"
        with dial_tls(server, context) as caller:
            caller.send(get("/rst"))
            with pytest.raises(ConnectionResetError):
                read_below_tls(caller)


def read_below_tls(caller: Caller) -> None:
    """Read until the end; TLS itself would tell a reset as an end."""
    while socket.socket.recv(caller.socket, 65536):
        pass


def test_a_good_call_is_answered_while_200_handshakes_hang(certificates: Certificates) -> None:
    """FAULT-2: and the stop does not wait for them."""
    with ExitStack() as open_until_the_end:
        with serving(certificates) as server:
            for _ in range(200):
                open_until_the_end.enter_context(dial(server)).send(b"\x16\x03\x01\x02")
            with dial_tls(server, trusting(certificates)) as caller:
                caller.send(get("/echo"))
                assert caller.answer().status == 200
            began = time.perf_counter()
        assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize("hello", [b"", b"\x16\x03", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_who_does_not_shake_hands_is_let_go(
    certificates: Certificates, hello: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """FAULT-2: silence, half a hello, plain HTTP; none of it fills the log."""
    with serving(certificates, QUICK) as server, dial(server) as caller:
        caller.send(hello)
        with suppress(ConnectionResetError):
            caller.rest()
    assert caplog.records == []


def test_the_stop_is_bounded_with_callers_inside(certificates: Certificates) -> None:
    """FAULT-2: idle, waiting for a slow reply, and reading nothing."""
    with serving(certificates) as server:
        callers = [dial_tls(server, trusting(certificates)) for _ in range(3)]
        callers[1].send(get("/slow"))
        callers[2].send(get("/tape"))
        callers[0].send(get("/echo"))
        assert callers[0].answer().status == 200
        began = time.perf_counter()
        server.stop()
        took = time.perf_counter() - began

        assert callers[1].answer().headers["connection"] == "close"
    assert took < 2.0
    for caller in callers:
        caller.socket.close()


def test_a_reader_that_takes_nothing_is_cut_off(certificates: Certificates) -> None:
    """FAULT-2: TLS hides how much is waiting behind it; the patrol sees it all the same."""
    with (
        serving(certificates, QUICK) as server,
        dial_tls(server, trusting(certificates)) as caller,
    ):
        caller.send(get("/tape"))

        assert let_go.wait(PATIENCE)
