"""One endpoint over HTTP: descriptions, what the gate refuses, what has to wait."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from broker_sim.contract import ENDPOINTS, faults, limits
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Answer, Cut, Offload, Request, Wait
from broker_sim.soap.wsdl import published
from broker_sim.tests import soap_drawing as drawing
from broker_sim.tests.soap_drawing import LOGON, NAMESPACE, RIGHT, SOAP11, SOAP12, XSI, Desk

SESSIONS = ENDPOINTS[0]
BODY = drawing.envelope(drawing.payload(LOGON, RIGHT))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("query", "nth"), [("wsdl", 0), ("WSDL", 0), ("wsdl=", 0), ("wsdl12", 1), ("Wsdl12=", 1)]
)
def test_the_descriptions_are_behind_the_question_mark(method: str, query: str, nth: int) -> None:
    """WIRE-2: as every stack asks for them, whatever Host it names."""
    request = Request(method, SESSIONS.path, query, {"host": "evil.example"})

    answer = drawing.finished(Desk().service.handle(request))

    assert answer.status == 200
    assert dict(answer.headers)["Content-Type"].startswith("text/xml")
    assert answer.body == published(SESSIONS, "https://b.example")[nth]


def test_a_browser_is_told_where_the_descriptions_are() -> None:
    """FAULT-1: a sentence for a person, not a fault."""
    answer = drawing.finished(Desk().service.handle(Request("GET", SESSIONS.path)))

    assert answer.status == 404
    assert f"{SESSIONS.path}?wsdl12".encode() in answer.body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "BREW" * 100, "post"])
def test_other_methods_are_refused(method: str) -> None:
    """FAULT-2: 405 says which are allowed."""
    answer = drawing.finished(Desk().service.handle(Request(method, "/", body=BODY)))

    assert (answer.status, dict(answer.headers)["Allow"]) == (405, "GET, HEAD, POST")
    assert len(answer.body) < 200


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (415, {}),
        (415, {"content-type": "application/json"}),
        (415, {"content-type": "application/x-www-form-urlencoded"}),
        (415, {"content-type": 'multipart/related; type="text/xml"; boundary=b'}),
        (415, {"content-type": "text/xml, text/xml"}),
        (415, {"content-type": SOAP11, "content-encoding": "gzip"}),
        (415, {"content-type": SOAP11, "content-encoding": "identity, br"}),
        (415, {"content-type": "text/xml; charset=utf-7"}),
        (415, {"content-type": "text/xml; charset=ibm037"}),
        (415, {"content-type": 'text/xml; charset="utf-32"'}),
        (415, {"content-type": "text/xml; charset="}),
        (200, {"content-type": "TEXT/XML;charset=UTF-8", "content-encoding": "Identity"}),
    ],
)
def test_the_gate_goes_by_what_the_head_says(status: int, headers: Mapping[str, str]) -> None:
    """FAULT-2: refused in one plain sentence before any parser; a gzip bomb stays packed."""
    desk = Desk()

    answer = drawing.finished(desk.service.handle(Request("POST", "/", "", headers, BODY)))

    assert answer.status == status
    assert bool(desk.given) == (status == 200)
    if status != 200:
        assert dict(answer.headers)["Content-Type"].startswith("text/plain")
        assert (desk.seen[0].operation, desk.seen[0].fault) == (None, None)


def test_a_body_over_the_cap_is_not_parsed() -> None:
    """FAULT-2: not even if it would be a good call."""
    padded = BODY + b" " * (limits.BODY_MAX_BYTES - len(BODY))

    assert Desk().ask(padded).status == 200
    assert Desk().ask(padded + b" ").status == 413


NAMED = "Grüße"


def in_charset(charset: str, declared: str = "", mark: bytes = b"") -> bytes:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = (
        head
        + drawing.envelope(
            f'<logon xmlns="{NAMESPACE}"><username>{NAMED}</username><password>p</password></logon>'
        ).decode()
    )
    return mark + text.encode(charset)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (SOAP11, in_charset("utf-8")),
        (SOAP11, in_charset("utf-8", mark=b"\xef\xbb\xbf")),
        (SOAP11, in_charset("utf-8", "utf-8")),
        (SOAP11, in_charset("utf-16")),
        (SOAP11, in_charset("utf-16", "utf-16")),
        (SOAP11, in_charset("iso-8859-1", "ISO-8859-1")),
        ("text/xml; charset=utf-8", in_charset("utf-8", "iso-8859-1")),
        ("text/xml; charset=iso-8859-1", in_charset("iso-8859-1", "utf-8")),
        ("text/xml; charset=utf-16", in_charset("utf-16")),
        ("text/xml; charset=utf-16le", in_charset("utf-16-le")),
        ("text/xml; charset=us-ascii", in_charset("utf-16")),
    ],
)
def test_a_message_is_read_in_the_charset_that_it_is_in(content_type: str, body: bytes) -> None:
    """SESS-4, FAULT-2: the mark before HTTP's word before the declaration's (RFC 7303)."""
    desk = Desk()

    assert desk.ask(body, content_type).status == 200
    assert desk.given["username"] == NAMED


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a<!-- no -->b", "ab"),
        ("a<?no no?>b", "ab"),
        ("<![CDATA[<!DOCTYPE & ]]]]><![CDATA[> x]]>", "<!DOCTYPE & ]]> x"),
        ("&#13;&#10;\r\n\t", "\r\n\n\t"),
        (" &lt;a&gt; &#x1F600; ", " <a> \U0001f600 "),
    ],
)
def test_a_text_is_read_whole(written: str, read: str) -> None:
    """SESS-4: no comment, instruction or CDATA section cuts it short."""
    desk = Desk()
    payload = (
        f'<logon xmlns="{NAMESPACE}"><username>{written}</username><password>p</password></logon>'
    )

    assert desk.ask(drawing.envelope(payload)).status == 200
    assert desk.given["username"] == read


def test_types_that_a_stack_guesses_do_not_matter() -> None:
    """WIRE-2: SOAP::Lite and others write xsi:type where nobody asked."""
    desk = Desk()
    payload = (
        f'<logon xmlns="{NAMESPACE}" xmlns:i="{XSI}" xmlns:x="http://www.w3.org/2001/XMLSchema">'
        '<username i:type="x:string">api</username><password i:type="x:int">7</password></logon>'
    )

    assert desk.ask(drawing.envelope(payload)).status == 200
    assert desk.given == {"username": "api", "password": "7"}


def refuse(_result: object = None) -> Any:
    raise Refused(faults.INVALID_CREDENTIALS)


def fail(_result: object = None) -> Any:
    raise OSError


def wait(then: Callable[[], Any]) -> Wait:
    return Wait(0.5, then)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (Offload(lambda: 40, lambda n: f"connection-{n + 2}"), None),
        (wait(lambda: "connection-42"), None),
        (wait(lambda: Offload(lambda: 1, lambda _: wait(lambda: "connection-42"))), None),
        (Offload(refuse, str), "InvalidCredentials"),
        (Offload(int, refuse), "InvalidCredentials"),
        (wait(refuse), "InvalidCredentials"),
        (wait(lambda: Offload(int, lambda _: wait(refuse))), "InvalidCredentials"),
        (Offload(fail, str), "ServerError"),
        (Offload(int, fail), "ServerError"),
        (Offload(int, lambda _: None), "ServerError"),
        (wait(fail), "ServerError"),
    ],
)
def test_what_has_to_wait_ends_as_if_it_had_not(result: Any, code: str | None) -> None:
    """FAULT-1: work in a thread, pauses and refusals may come in any order."""
    desk = Desk(result)

    begun = desk.service.handle(drawing.posted(BODY))
    assert isinstance(begun, Offload | Wait)
    assert desk.seen == []
    answer = drawing.finished(begun)

    if code is None:
        assert drawing.inside(answer).findtext("{*}connectionId") == "connection-42"
    else:
        assert drawing.told(drawing.detail(answer))["code"] == code
    assert [seen.fault for seen in desk.seen] == [code]


@pytest.mark.parametrize(
    "sent", [Answer(200, (), b"garbage"), Cut("rst"), Cut("fin", b"HTTP/1.1 2")]
)
def test_a_tester_may_have_a_call_answered_with_anything(sent: Any) -> None:
    """FAULT-1: a cut or an answer goes out as it stands, and the journal has it."""
    desk = Desk(wait(lambda: sent))
    begun = desk.service.handle(drawing.posted(BODY))
    assert isinstance(begun, Wait)

    assert begun.then() is sent
    assert desk.seen[0].status == (200 if isinstance(sent, Answer) else 0)
    assert desk.seen[0].response == (sent.body if isinstance(sent, Answer) else sent.after)


def test_the_journal_has_the_call_and_shows_no_secret_by_itself() -> None:
    """REC-7: what an exchange shows when printed is safe; the rest waits to be redacted."""
    desk = Desk()

    answer = desk.ask(BODY, SOAP11)

    (seen,) = desk.seen
    assert (seen.operation, seen.status, seen.fault) == ("logon", 200, None)
    assert (seen.request, seen.response) == (BODY, answer.body)
    assert seen.arguments == RIGHT
    assert "horse" not in repr(seen)
    assert "connection-1" not in repr(seen)


def test_the_journal_is_told_what_nobody_read_and_how_long_it_took() -> None:
    """Header blocks that need not be understood are passed over, and named."""
    desk = Desk()
    blocks = "<e:Header><w:Trace xmlns:w='urn:w'>7</w:Trace><Plain/></e:Header>"

    desk.ask(drawing.envelope(drawing.payload(LOGON, RIGHT), SOAP11, blocks))
    desk.ask(BODY)

    assert [seen.ignored for seen in desk.seen] == [("{urn:w}Trace", "Plain"), ()]
    assert all(0 < seen.seconds < 10 for seen in desk.seen)


@pytest.mark.parametrize(
    ("payload", "asked", "refusal"),
    [
        (b"<x:logon xmlns:x='urn:other'/>", "{urn:other}logon", "in the namespace urn:broker"),
        (b"<logOn xmlns='urn:broker-sim:v1'/>", "{urn:broker-sim:v1}logOn", "no operation logOn"),
        (b"<logon xmlns='urn:broker-sim:v1'/>", None, "argument username"),
    ],
)
def test_the_journal_is_told_what_was_wrong(
    payload: bytes, asked: str | None, refusal: str
) -> None:
    """FAULT-1: by the sentence that the caller got, and by the name it used."""
    desk = Desk()

    desk.ask(drawing.envelope(payload))

    assert desk.seen[0].asked == asked
    assert refusal in str(desk.seen[0].refusal)


@pytest.mark.parametrize("media", [SOAP11, SOAP12])
def test_an_answer_is_in_the_version_of_its_question(media: str) -> None:
    """WIRE-2: one endpoint, two versions; the content type chooses."""
    answer = Desk().ask(drawing.envelope(drawing.payload(LOGON, RIGHT), media), media)

    assert answer.headers == (("Content-Type", f"{media}; charset=utf-8"),)
    assert f'="{drawing.ENVELOPES[media]}"'.encode() in answer.body


def test_a_fragment_is_given_in_place_of_its_value() -> None:
    """WIRE-1: to the byte, as often as wanted."""
    desk = Desk("a & b")
    plainly = desk.ask(BODY)

    desk.result = desk.service.encode_value(LOGON, "a & b")

    assert desk.ask(BODY) == plainly
    assert desk.ask(BODY) == plainly


def test_a_bomb_stays_packed() -> None:
    """FAULT-2: what is compressed is refused as it is."""
    bomb = gzip.compress(BODY + b" " * 10_000_000)

    assert Desk().ask(bomb, content_encoding="gzip").status == 415
