"""FAULT-1: every refusal is a declared fault with a sentence and a typed detail."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree

from broker_sim.contract import faults
from broker_sim.contract.kinds import Choice, Fault, Field, Kind, Operation, Record
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Answer
from broker_sim.soap.definition import refusals
from broker_sim.soap.wsdl import schema
from broker_sim.tests import soap_drawing as drawing
from broker_sim.tests.soap_drawing import LOGON, NAMESPACE, RIGHT, SOAP11, SOAP12, Desk

BOTH = pytest.mark.parametrize("media", [SOAP11, SOAP12])
DECLARED = [
    (endpoint, operation, fault)
    for endpoint, operation in drawing.CALLS
    for fault in refusals(operation)
]

EXAMPLES: dict[object, Any] = {
    Kind.INSTANT: drawing.NOON,
    Kind.TEXT: "a <b> & c",
    Kind.NAME: "n",
    Kind.FLAG: True,
    Kind.BINARY: b"abc",
}


def an_example(field: Field) -> Any:
    if field.optional or field.many:
        return None if field.optional else ()
    if isinstance(field.type, Choice):
        return field.type.words[0]
    if isinstance(field.type, Record):
        inner = {field.name: an_example(field) for field in field.type.fields}
        return SimpleNamespace(**inner)
    return EXAMPLES.get(field.type, 7)


def given_to(operation: Operation) -> dict[str, Any]:
    return {field.name: an_example(field) for field in operation.takes}


@BOTH
@pytest.mark.parametrize(
    ("endpoint", "operation", "fault"),
    DECLARED,
    ids=[f"{operation.name}-{fault.code}" for _, operation, fault in DECLARED],
)
def test_a_declared_fault_arrives_whole(
    endpoint: Any, operation: Operation, fault: Fault, media: str
) -> None:
    """FAULT-1, WIRE-1: code, sentence, valid typed detail, side and status, in both versions."""
    extra = {field.name: an_example(field) for field in fault.extra}
    refused = Refused(fault, **extra)

    answer = Desk(refused, endpoint).call(operation, given_to(operation), media)

    found = drawing.detail(answer)
    assert schema(endpoint).validate(found), schema(endpoint).error_log
    assert drawing.told(found)["code"] == fault.code
    assert drawing.told(found)["message"] == refused.sentence
    assert set(drawing.told(found)) == {"code", "message", *(field.wire for field in fault.extra)}
    assert refused.sentence in [text.strip() for text in drawing.inside(answer).itertext()]
    waits = {"retry_after_seconds", "seconds_left"} & set(extra)
    assert ("Retry-After" in dict(answer.headers)) == bool(waits)
    assert_sides(answer, fault.code, media, ours=fault.code == "ServerError")


def assert_sides(answer: Answer, code: str, media: str, *, ours: bool) -> None:
    """Assert whose fault it is said to be, by status and code."""
    fault = drawing.inside(answer)
    if media == SOAP11:
        assert answer.status == 500
        assert fault.findtext("faultcode") == f"{fault.prefix}:{'Server' if ours else 'Client'}"
        return
    side, subcode = fault.iterfind(".//{*}Value")
    assert answer.status == (500 if ours else 400)
    assert side.text == f"{fault.prefix}:{'Receiver' if ours else 'Sender'}"
    assert (subcode.text, subcode.nsmap["tns"]) == (f"tns:{code}", NAMESPACE)


def test_the_wait_is_told_in_a_header_too() -> None:
    """FAULT-1, RATE-1: Retry-After has the seconds of the detail."""
    locked = Desk(Refused(faults.LOCKED_OUT, seconds_left=299)).call(LOGON, RIGHT)

    assert dict(locked.headers)["Retry-After"] == "299"
    assert drawing.told(drawing.detail(locked))["secondsLeft"] == "299"


@BOTH
def test_a_failure_nobody_foresaw_names_its_incident_and_nothing_else(
    media: str, caplog: pytest.LogCaptureFixture
) -> None:
    """FAULT-1, REC-7: answer and log share the id; neither repeats what the caller sent."""
    desk = Desk(KeyError("correct horse"))

    with caplog.at_level(logging.ERROR, "broker_sim.soap"):
        answer = desk.call(LOGON, RIGHT, media)

    assert answer.status == 500
    assert drawing.told(drawing.detail(answer))["incidentId"] == "incident-1"
    assert "incident-1 in logon: KeyError" in caplog.text
    for text in (caplog.text, answer.body.decode()):
        assert "horse" not in text
    for word in (b"Traceback", b"lxml", b"spyne", b".py", b"KeyError"):
        assert word not in answer.body
    assert desk.seen[0].fault == "ServerError"


def test_a_cause_is_logged_by_its_kind_and_place(caplog: pytest.LogCaptureFixture) -> None:
    """FAULT-1: enough to find the mistake by."""
    error = RuntimeError("correct horse")
    error.__cause__ = OSError("correct horse")

    Desk(error).call(LOGON, RIGHT)

    assert "RuntimeError" in caplog.text
    assert "OSError" in caplog.text
    assert "horse" not in caplog.text


def test_a_refusal_that_the_operation_does_not_declare_is_our_mistake(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """FAULT-1: callers meet declared codes only; the log says which it was."""
    answer = Desk(Refused(faults.NO_SUCH_SESSION)).call(LOGON, RIGHT)

    assert drawing.told(drawing.detail(answer))["code"] == "ServerError"
    assert "undeclared NoSuchSession" in caplog.text


@pytest.mark.parametrize("value", [None, "", "n" * 256, "a\x01b", 7, b"bytes", "\ud800"])
def test_an_answer_that_breaks_the_contract_is_never_sent(value: Any) -> None:
    """WIRE-1: the broker fails instead."""
    answer = Desk(value).call(LOGON, RIGHT)

    assert drawing.told(drawing.detail(answer))["code"] == "ServerError"


def test_a_refusal_that_cannot_be_written_is_a_failure() -> None:
    """WIRE-1: so is a detail that breaks the contract."""
    answer = Desk(Refused(faults.LOCKED_OUT, seconds_left="soon")).call(LOGON, RIGHT)

    assert drawing.told(drawing.detail(answer))["code"] == "ServerError"


BLOCK = '<e:Header><x:Security xmlns:x="urn:example:x"{}/></e:Header>'


@BOTH
@pytest.mark.parametrize("mark", [' e:mustUnderstand="1"', ' e:mustUnderstand=" true "'])
def test_a_header_that_must_be_understood_is_not(mark: str, media: str) -> None:
    """FAULT-1: SOAP's own fault, about the envelope, without a detail."""
    desk = Desk()
    body = drawing.envelope(drawing.payload(LOGON, RIGHT), media, BLOCK.format(mark))

    answer = desk.ask(body, media)

    fault = drawing.inside(answer)
    code = fault.findtext("faultcode") or fault.findtext(".//{*}Value")
    assert answer.status == 500
    assert code == f"{fault.prefix}:MustUnderstand"
    assert fault.find("detail") is None
    assert fault.find("{*}Detail") is None
    assert desk.seen[0].fault == "MustUnderstand"
    if media == SOAP12:
        (block,) = etree.fromstring(answer.body).iterfind(".//{*}NotUnderstood")
        prefix, _, name = str(block.get("qname")).partition(":")
        assert (block.nsmap[prefix], name) == ("urn:example:x", "Security")


@pytest.mark.parametrize(
    ("media", "marks"),
    [
        (SOAP11, ""),
        (SOAP11, ' e:mustUnderstand="0"'),
        (SOAP11, ' mustUnderstand="1"'),
        (SOAP11, ' e:mustUnderstand="1" e:actor="urn:example:somebody"'),
        (SOAP12, ' e:mustUnderstand="false"'),
        (
            SOAP12,
            ' e:mustUnderstand="1" e:role="http://www.w3.org/2003/05/soap-envelope/role/none"',
        ),
    ],
)
def test_a_header_for_others_or_for_anybody_is_passed_over(media: str, marks: str) -> None:
    """WIRE-2: stacks send headers of their own."""
    body = drawing.envelope(drawing.payload(LOGON, RIGHT), media, BLOCK.format(marks))

    assert Desk().ask(body, media).status == 200


@BOTH
def test_an_envelope_of_the_other_version_is_a_mismatch(media: str) -> None:
    """FAULT-1: SOAP 1.2 also says what is spoken here."""
    (other,) = {SOAP11, SOAP12} - {media}
    desk = Desk()

    answer = desk.ask(drawing.envelope("<a/>", other), media)

    fault = drawing.inside(answer)
    code = fault.findtext("faultcode") or fault.findtext(".//{*}Value")
    assert answer.status == 500
    assert code == f"{fault.prefix}:VersionMismatch"
    assert desk.seen[0].fault == "VersionMismatch"
    if media == SOAP12:
        spoken = etree.fromstring(answer.body).findall(".//{*}Upgrade/{*}SupportedEnvelope")
        assert [found.get("qname") for found in spoken] == ["e:Envelope", "e:Envelope"]
        assert [found.nsmap["e"] for found in spoken] == [
            drawing.ENVELOPES[SOAP12],
            drawing.ENVELOPES[SOAP11],
        ]
