"""What every answer is held against: each finding has an answer that deserves it."""

from typing import Any

import pytest
from lxml import etree

from broker_sim.contract.sessions import SESSIONS
from conformance import envelope
from conformance.caller import Caller, spellings
from conformance.exchange import Answer, Http
from conformance.passive import leak, leaked_secret
from conformance.published import NoWsdl, read
from conformance.tests.small_broker import soap
from conformance.tests.small_broker.soap import Refused
from conformance.tests.small_broker.wsdl import document

LOGON = SESSIONS.operations[0]
LOCKED = soap.refusal(Refused("LockedOut", seconds_left=240), "1.1")


@pytest.fixture
def caller() -> Caller:
    published = {version: read(document(version, "http://b.example")) for version in ("1.1", "1.2")}
    return Caller(Http("http://b.example"), SESSIONS.path, published, {"Right-horse-7-staple"})


def _read(caller: Caller, body: bytes, status: int = 500, kind: str = "text/xml") -> Any:
    return caller.read("logon", Answer(status, {"content-type": kind}, body, 0.0), "1.1")


def _rules(findings: Any) -> set[str]:
    return {finding.rule for finding in findings}


def test_a_good_fault_has_no_finding(caller: Caller) -> None:
    outcome, findings = _read(caller, LOCKED)

    assert outcome["fault"] == "LockedOut"
    assert outcome["fields"] == {"seconds_left": 240}
    assert findings == ()


def test_a_good_answer_has_no_finding(caller: Caller) -> None:
    outcome, findings = _read(caller, soap.answer(LOGON, "c-123", "1.1"), 200)

    assert (outcome, findings) == ({"gives": "c-123"}, ())


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"<code>LockedOut", b"<code>NoSuchSession", "FAULT-1"),
        (b"No", b"No", ""),
        (b">240<", b">soon<", "WIRE-1"),
        (b"in 240 seconds.", b"/usr/lib/python3/x.py", "FAULT-1"),
        (b"in 240 seconds.", b"lxml.etree.XMLSyntaxError", "FAULT-1"),
        (b"in 240 seconds.", b"with Right-horse-7-staple", "REC-7"),
        (b"<secondsLeft>240</secondsLeft>", b"", "WIRE-1"),
    ],
)
def test_a_bad_fault_is_found_out(caller: Caller, old: bytes, new: bytes, rule: str) -> None:
    _, findings = _read(caller, LOCKED.replace(old, new))

    assert _rules(findings) == ({rule} if rule else set())


def test_a_fault_without_a_detail_or_with_status_200_is_found_out(caller: Caller) -> None:
    bare = LOCKED.partition(b"<detail>")[0] + b"</e:Fault></e:Body></e:Envelope>"

    assert _rules(_read(caller, bare)[1]) == {"FAULT-1"}
    assert _rules(_read(caller, LOCKED, 200)[1]) == {"FAULT-1"}
    assert _rules(_read(caller, LOCKED, kind="text/html")[1]) == {"WIRE-1"}


@pytest.mark.parametrize(
    ("charset", "found"),
    [("utf-8", set()), ('"UTF-8"', set()), ("iso-8859-1", {"WIRE-1"}), ("klingon", {"WIRE-1"})],
)
def test_a_charset_that_the_body_is_not_written_in_is_found_out(
    caller: Caller, charset: str, found: set[str]
) -> None:
    body = LOCKED.replace(b"in 240 seconds.", "in 240 s, später.".encode())

    assert _rules(_read(caller, body, kind=f"text/xml; charset={charset}")[1]) == found


def test_a_detail_without_its_message_is_found_out(caller: Caller) -> None:
    head, _, detail = LOCKED.partition(b"<detail>")
    message = b"<message>" + detail.partition(b"<message>")[2].partition(b"</message>")[0]
    bare = head + b"<detail>" + detail.replace(message, b"<message>")

    assert _rules(_read(caller, bare)[1]) == {"FAULT-1"}


@pytest.mark.parametrize(
    "body",
    [b"", b"<ok/>", b"error", LOCKED.replace(b"<?xml", b"<!DOCTYPE x><?xml"), b"<x><y/></x>"],
)
def test_what_is_no_soap_is_an_outcome_of_its_own(caller: Caller, body: bytes) -> None:
    outcome, findings = _read(caller, body)

    assert "broken" in outcome
    assert _rules(findings) == {"WIRE-1"}


def test_an_instant_without_a_zone_equals_none_of_ours() -> None:
    field = SESSIONS.operations[4].takes[1]
    element = etree.fromstring("<from>2030-01-01T00:00:00</from>")

    assert envelope.value_of(element, field).tzinfo is None


@pytest.mark.parametrize(
    "innocent",
    [
        "Try again in 240 seconds. See https://b.example/help/a.b",
        "The argument from is not acceptable: it must be an instant such as 2030-01-01T00:00:00Z.",
    ],
)
def test_a_plain_sentence_leaks_nothing(innocent: str) -> None:
    assert leak(innocent.encode()) is None


def test_a_key_is_found_in_any_spelling() -> None:
    key = bytes(range(16))

    for spelt in (key.hex(), key.hex().upper(), "AAECAwQFBgcICQoLDA0ODw"):
        assert leaked_secret(f"it is {spelt}.".encode(), spellings(key))


@pytest.mark.parametrize("body", [b"", b"<html/>", b"not xml", b"<w:definitions/>"])
def test_what_is_no_wsdl_is_refused_in_a_sentence(body: bytes) -> None:
    with pytest.raises(NoWsdl):
        read(body)


def test_what_is_not_published_is_an_outcome_and_a_finding(caller: Caller) -> None:
    """WIRE-1: a target without SOAP 1.2 breaks a rule; it does not break the suite."""
    half = Caller(caller.http, caller.path, {"1.1": caller.published["1.1"]})
    reply = half.call("logoff", {"connection_id": "c"}, "1.2")

    assert "lacks" in reply.outcome["broken"]
    assert _rules(reply.findings) == {"WIRE-1"}
