"""Brokers that answer badly at the door: FAULT-1, FAULT-2, WIRE-1, SEC-1."""

import asyncio
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from lxml import etree

from broker_sim.core.refusal import Refused
from broker_sim.testing import Overlay
from conformance.mutants.listings import FRESHLY_COMPILED
from conformance.mutants.registry import Original, mutant

_FAULTS: Final = "broker_sim.soap.faults"
_PARSE: Final = "broker_sim.soap.parser.Parsing._parse"
_ENCODER: Final = "broker_sim.soap.encoder.Encoder"
_MESSAGE: Final = re.compile(rb"(<(?:\w+:)?message>)[^<]*")
_CHECK: Final = "broker_sim.adapters.world_vault.WorldVault.check_password"


@mutant("FAULT-1", at=f"{_FAULTS}._answer")
def faults_have_status_200(answer: Original) -> Original:
    """Faults are sent with HTTP 200."""
    return lambda version, _status, *more, **named: answer(version, 200, *more, **named)


@mutant("FAULT-1", at=f"{_FAULTS}._answer")
def sender_faults_have_status_500(answer: Original) -> Original:
    """SOAP 1.2's Sender faults are sent with HTTP 500, as SOAP 1.1 has it."""
    return lambda version, _status, *more, **named: answer(version, 500, *more, **named)


def _bare(write: Original) -> Original:
    return lambda code, sentence, *_more: write(code, sentence)


@mutant("FAULT-1", at=f"{_FAULTS}._fault11", with_=(Overlay(f"{_FAULTS}._fault12", _bare),))
def faults_have_no_detail(write: Original) -> Original:
    """Faults have a sentence and no typed detail."""
    return _bare(write)


def _placed(write: Original) -> Original:
    where = 'File "broker_sim/service/sessions.py", line 74, in get_session'
    return lambda code, sentence, *more: write(code, f"{sentence} ({where})", *more)


@mutant("FAULT-1", at=f"{_FAULTS}._fault11", with_=(Overlay(f"{_FAULTS}._fault12", _placed),))
def faults_show_the_source(write: Original) -> Original:
    """A fault's sentence says where in the source it arose."""
    return _placed(write)


@mutant("FAULT-1", at=f"{_FAULTS}.FaultWriter.refusal")
def details_have_no_message(refusal: Original) -> Original:
    """The typed detail has an empty message; only the envelope has the sentence."""

    def silent(*given: Any) -> Any:
        answer = refusal(*given)
        return replace(answer, body=_MESSAGE.sub(rb"\1", answer.body))

    return silent


@mutant("FAULT-1", at="broker_sim.core.listing.page_size")
def empty_pages_are_server_errors(page_size: Original) -> Original:
    """A page of no entries is not refused: the broker fails over it."""

    def careless(limit: int | None) -> int:
        if limit == 0:
            raise ZeroDivisionError
        return int(page_size(limit))

    return careless


@mutant("FAULT-1", at="broker_sim.soap.diagnosis.explain")
def wrong_arguments_are_not_named(_explain: Original) -> Original:
    """The refusal of a wrong argument does not say which one is wrong."""
    return lambda _message, _payload: ("body", "it does not fit the published schema")


def _reading_everything(_parse: Original) -> Original:
    def lenient(_parsing: Any, body: bytes) -> etree._Element:
        parser = etree.XMLParser(resolve_entities=True, load_dtd=True)
        return etree.fromstring(body, parser)

    return lenient


@mutant(
    "FAULT-2",
    at="broker_sim.soap.gate._DTD",
    with_=(Overlay(_PARSE, _reading_everything),),
)
def document_types_are_read(_pattern: Any) -> Any:
    """A document type is read, and its entities are put in."""
    return re.compile(rb"(?!)")


@mutant(
    "FAULT-2",
    at="broker_sim.soap.gate.readable",
    with_=(Overlay(_PARSE, _reading_everything),),
)
def document_types_in_utf_16_are_read(readable: Original) -> Original:
    """A document type is looked for in the bytes as they came, where UTF-16 hides it."""

    def careless(body: bytes, charset: str) -> bytes:
        if charset.startswith("utf-16"):
            return body.decode(charset).encode()
        return bytes(readable(body, charset))

    return careless


@mutant("FAULT-2", at=_PARSE)
def malformed_xml_is_a_server_error(parse: Original) -> Original:
    """XML that is not well-formed is the broker's failure, not the caller's."""

    def unforeseen(parsing: Any, body: bytes) -> Any:
        try:
            return parse(parsing, body)
        except Refused as refused:
            raise KeyError(refused.fault.code) from None

    return unforeseen


@mutant("FAULT-2", at="broker_sim.soap.gate.admit")
def any_content_type_is_read(admit: Original) -> Original:
    """A body of any content type is read as SOAP."""

    def lenient(request: Any) -> Any:
        typed = {**request.headers, "content-type": "text/xml; charset=utf-8"}
        return admit(replace(request, headers=typed))

    return lenient


@mutant("FAULT-2", at="broker_sim.front.connection.Connection._advance")
def slow_senders_hold_everybody_up(advance: Original) -> Original:
    """The server waits for the rest of a request before it looks at other callers."""

    def one_at_a_time(connection: Any) -> None:
        begun = [
            other
            for other in connection._lobby.guests  # noqa: SLF001  a mutant reaches inside
            if other is not connection and other._phase.name in ("HEAD", "BODY")  # noqa: SLF001  looks inside on purpose
        ]
        if begun and connection._phase.name == "REQUEST":  # noqa: SLF001  looks inside on purpose
            asyncio.get_running_loop().call_later(0.05, one_at_a_time, connection)
        else:
            advance(connection)

    return one_at_a_time


def _encoder_with(**names: Any) -> Callable[[Original], Original]:
    """Give the generated writers other helpers."""

    def wrap(init: Original) -> Original:
        def made(encoder: Any) -> None:
            init(encoder)
            encoder._names.update(names)  # noqa: SLF001  a mutant reaches inside

        return made

    return wrap


@mutant("WIRE-1", at=f"{_ENCODER}.__init__", with_=(FRESHLY_COMPILED,))
def flags_are_capitalised(init: Original) -> Original:
    """Flags are written as Python spells them: True and False."""
    return _encoder_with(FLAG={True: "True", False: "False"})(init)


@mutant("WIRE-1", at=f"{_ENCODER}._element", with_=(FRESHLY_COMPILED,))
def an_element_is_misspelt(element: Original) -> Original:
    """One element of the session has another name than the schema gives it."""

    def misspelt(encoder: Any, member: Any, value: str) -> str:
        written: str = element(encoder, member, value)
        return written.replace("<durationMinutes>", "<duration>").replace(
            "</durationMinutes>", "</duration>"
        )

    return misspelt


@mutant("SESS-1", at="broker_sim.soap.lexical.write_instant", with_=(FRESHLY_COMPILED,))
def times_have_no_zone(write: Original) -> Original:
    """Times are written without their zone."""
    return lambda instant: str(write(instant)).removesuffix("Z")


@mutant("WIRE-1", at="broker_sim.soap.service.SoapService._answer")
def both_versions_have_one_content_type(answer: Original) -> Original:
    """Answers in SOAP 1.2 are said to be text/xml."""

    def as_1_1(*given: Any) -> Any:
        return replace(answer(*given), headers=(("Content-Type", "text/xml; charset=utf-8"),))

    return as_1_1


@mutant("WIRE-1", at="broker_sim.soap.service.SoapService._answer")
def answers_name_another_charset(answer: Original) -> Original:
    """Answers are written in UTF-8, and said to be in ISO-8859-1."""

    def mistaken(*given: Any) -> Any:
        told = answer(*given)
        named = [(name, value.replace("utf-8", "iso-8859-1")) for name, value in told.headers]
        return replace(told, headers=tuple(named))

    return mistaken


@mutant("WIRE-1", at="broker_sim.soap.envelope.Version.content_type")
def faults_have_one_content_type(_content_type: Original) -> Original:
    """Faults in SOAP 1.2 are said to be text/xml; answers are not."""
    return lambda _version: "text/xml; charset=utf-8"


@mutant("LOGON-2", "SEC-1", at=_CHECK)
def unknown_users_cost_nothing(check: Original) -> Original:
    """For an unknown user no password is compared, so the time of the refusal tells."""

    def quick(vault: Any, password: str, stored: str | None) -> bool:
        return stored is not None and bool(check(vault, password, stored))

    return quick


@mutant("SEC-1", at="broker_sim.bootstrap.broker.SERVED")
def passwords_are_hashed_cheaply(cost: Any) -> Any:
    """A served broker hashes passwords as cheaply as one made for tests."""
    return replace(cost, n=2, r=1)


@mutant("SEC-1", at="broker_sim.front.server.Server._let_in")
def plain_http_is_answered_beside_tls(let_in: Original) -> Original:
    """The TLS port answers plain HTTP as well."""

    def lenient(server: Any, caller: socket.socket, listener: Any, lobby: Any) -> None:
        caller.settimeout(0.1)
        first = b"\x16"
        with suppress(OSError):
            first = caller.recv(1, socket.MSG_PEEK)
        let_in(server, caller, replace(listener, tls=None) if first != b"\x16" else listener, lobby)

    return lenient
