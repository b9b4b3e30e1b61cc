"""Verbs that send what no honest caller would: hostile bodies, wrong frames, slow senders.

Source: FAULT-2.
"""

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from broker_sim.contract.limits import BODY_MAX_BYTES, ELEMENTS_MAX, NAMESPACE
from conformance import envelope, passive
from conformance.caller import Outcome
from conformance.exchange import TIMEOUT_SECONDS, Answer, NoAnswer
from conformance.hands import Hands, verb

# A refusal may take this long; what takes longer is not bounded for a caller who waits.
BOUND_MS: Final = 5_000
# After this long a server has begun to wait for a slow sender, if waiting is what it does.
_LOOKED_AT_SECONDS: Final = 0.2

_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>'
_E: Final = envelope.ENVELOPES["1.1"]


def _soap(body: str, before: str = "") -> bytes:
    return (
        f'{_HEAD}{before}<e:Envelope xmlns:e="{_E}"><e:Body>{body}</e:Body></e:Envelope>'
    ).encode()


def _logon(username: str, more: str = "") -> str:
    inner = f"<username>{username}</username><password>Wrong-horse-8</password>{more}"
    return f'<logon xmlns="{NAMESPACE}">{inner}</logon>'


def _entities(count: int) -> str:
    tens = [f"&e{n - 1};" * 10 for n in range(1, count)]
    rows = [f'<!ENTITY e{n} "{ten}">' for n, ten in enumerate(tens, 1)]
    return f'<!DOCTYPE x [<!ENTITY e0 "ha">{"".join(rows)}]>'


_DTD_FILE: Final = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
_DTD_NAME: Final = '<!DOCTYPE x [<!ENTITY f "somebody">]>'
_DTD_HTTP: Final = '<!DOCTYPE x [<!ENTITY f SYSTEM "http://127.0.0.1:9/x">]>'
_DTD_PARAMETER: Final = '<!DOCTYPE x [<!ENTITY % f SYSTEM "file:///etc/passwd"> %f;]>'
_LONG: Final = "y" * 9_000
_LONG_ENTITY: Final = f"<!DOCTYPE x [<!ENTITY e0 '{_LONG}'>]>"
_ATTRIBUTES: Final = "<a " + " ".join(f'a{n}="1"' for n in range(9_000)) + "/>"
_BIG: Final = "x" * (BODY_MAX_BYTES + 1)

BODIES: Final[Mapping[str, bytes]] = {
    "malformed XML": b"<e:Envelope><nonsense",
    "no XML": b"logon=me&password=you",
    "empty": b"",
    "NUL bytes": _soap(_logon("u")).replace(b"<username>", b"<username>\0"),
    "bytes that are no UTF-8": _soap(_logon("u")).replace(b">u<", b">\xff\xfe\xc3<"),
    "a DTD": _soap(_logon("u"), "<!DOCTYPE x>"),
    "an external entity of a file": _soap(_logon("&f;"), _DTD_FILE),
    "an external entity of a host": _soap(_logon("&f;"), _DTD_HTTP),
    "a parameter entity": _soap(_logon("u"), _DTD_PARAMETER),
    "an entity bomb": _soap(_logon("&e19;"), _entities(20)),
    "a quadratic bomb": _soap(_logon("&e0;" * 9_000), _LONG_ENTITY),
    "a deep tree": _soap("<a>" * 9_000 + "</a>" * 9_000),
    "many elements": _soap(_logon("u", "<x/>" * (ELEMENTS_MAX + 1))),
    "many attributes": _soap(_ATTRIBUTES),
    "no Body": f'<e:Envelope xmlns:e="{_E}"/>'.encode(),
    "two calls in the Body": _soap(_logon("u") * 2),
    "an unknown operation": _soap(f'<format xmlns="{NAMESPACE}"/>'),
    "another namespace": _soap('<logon xmlns="urn:other"><username>u</username></logon>'),
    "another envelope": b'<Envelope xmlns="urn:none"><Body/></Envelope>',
    "a body over the limit": _soap(_logon(_BIG)),
    "a text over the limit": _soap(_logon("x" * 5_000)),
}


def _zipped() -> bytes:
    return gzip.compress(b"\0" * 40_000_000, 9)


def _chunks() -> Iterator[bytes]:
    for _ in range(40):
        yield b"x" * (BODY_MAX_BYTES // 8)


# Frames that are wrong whatever the body: (method, headers).
_XML: Final = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
FRAMES: Final[Mapping[str, tuple[str, Mapping[str, str], Callable[[], Any]]]] = {
    "a wrong content type": ("POST", {"Content-Type": "application/json"}, lambda: b"{}"),
    "no content type": ("POST", {}, lambda: _soap(_logon("u"))),
    "an unknown charset": (
        "POST",
        {"Content-Type": "text/xml; charset=klingon"},
        lambda: _soap(_logon("u")),
    ),
    "a gzip bomb": ("POST", {**_XML, "Content-Encoding": "gzip"}, _zipped),
    "chunks over the limit": ("POST", _XML, _chunks),
    "a DTD in UTF-16": (
        "POST",
        {**_XML, "Content-Type": "text/xml; charset=utf-16"},
        lambda: _soap(_logon("&f;"), _DTD_NAME).decode().removeprefix(_HEAD).encode("utf-16"),
    ),
    "another method": ("PUT", _XML, lambda: _soap(_logon("u"))),
}


@verb
def send_hostile(hands: Hands, /, *, kind: str) -> Outcome:
    """Send a hostile body or frame; tell status, fault, time, and whether it leaked."""
    method, headers, body = FRAMES.get(kind, ("POST", _XML, lambda: BODIES[kind]))
    begun = time.monotonic()
    caller = hands.target.caller
    try:
        answer = hands.target.http.send(method, caller.path, headers, body())
    except NoAnswer as error:
        return {"broken": str(error)}
    finally:
        hands.target.http.close()  # what came of the connection is nobody's promise
    milliseconds = int((time.monotonic() - begun) * 1000)
    return {**_seen(answer), "milliseconds": milliseconds}


def _seen(answer: Answer) -> Outcome:
    """Say what a refusal is: a plain one, or a fault with its code."""
    outcome: Outcome = {"status": answer.status, "leak": passive.leak(answer.body)}
    if b"root:" in answer.body:
        outcome["leak"] = "the file that an entity named"
    with contextlib.suppress(envelope.Unreadable):
        payload = envelope.payload(answer.body, "1.1")
        if payload.tag == f"{{{_E}}}Fault":
            code, _, detail = envelope.fault_parts(payload, "1.1")
            outcome["fault"] = code if detail is None else passive.told_code(detail)
    return outcome


@verb
def good_call_beside_slow_ones(
    hands: Hands, /, *, name: str, slow: int, arguments: Mapping[str, Any]
) -> Outcome:
    """Open slow senders that never finish, call something good, and tell how long it took."""
    sockets: list[socket.socket] = []
    try:
        sockets.extend(_slow_sender(hands, number) for number in range(slow))
        threading.Event().wait(_LOOKED_AT_SECONDS)
        begun = time.monotonic()
        outcome = hands.call(name, **arguments)
        milliseconds = int((time.monotonic() - begun) * 1000)
    finally:
        for each in sockets:
            each.close()
    return {"gives": {"outcome": outcome, "milliseconds": milliseconds}}


def _slow_sender(hands: Hands, number: int) -> socket.socket:
    opened = hands.target.http.open_socket()
    host = urlsplit(hands.target.http.base).netloc
    head = f"POST {hands.target.caller.path} HTTP/1.1\r\nHost: {host}\r\n"
    typed = "Content-Type: text/xml; charset=utf-8\r\nContent-Length: 5000\r\n\r\n"
    opened.sendall((head + (typed + "<e:" if number % 2 else "")).encode("ascii"))
    return opened


@verb
def send_cut(hands: Hands, /) -> Outcome:
    """Send half of a call and hang up; then tell whether the target did not take it for whole."""
    opened = hands.target.http.open_socket()
    body = _soap(_logon("u"))
    host = urlsplit(hands.target.http.base).netloc
    head = (
        f"POST {hands.target.caller.path} HTTP/1.1\r\nHost: {host}\r\n"
        f"Content-Type: text/xml; charset=utf-8\r\nContent-Length: {len(body) * 2}\r\n\r\n"
    )
    opened.settimeout(TIMEOUT_SECONDS)
    try:
        opened.sendall(head.encode("ascii") + body)
        opened.shutdown(socket.SHUT_WR)
        answer = opened.recv(65_536)
    except OSError:
        answer = b""
    finally:
        opened.close()
    status = answer.split(b" ", 2)[1:2]
    return {"status": int(status[0]) if status and status[0].isdigit() else 0}
