"""WIRE-1: what is compiled from the contract says and reads what spyne itself would.

For every operation and fault there is: the compiled encoder and spyne's own serialiser write
equal infosets that the published schema accepts; the compiled decoder and spyne's own read
the same values.
"""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from broker_sim.contract import ENDPOINTS
from broker_sim.contract.kinds import Endpoint, Kind, Operation, Record
from broker_sim.core import record, session
from broker_sim.soap.compiled import compiled
from broker_sim.soap.definition import Definition, define, sent_with
from broker_sim.soap.encoder import Fragment
from broker_sim.soap.spyne_compat import ComplexModelBase, DateTime
from broker_sim.soap.wsdl import schema
from broker_sim.tests import soap_drawing as drawing
from broker_sim.tests.soap_drawing import Element, same

EVERY_CALL = pytest.mark.parametrize(("endpoint", "operation"), drawing.CALLS, ids=drawing.CALL_IDS)
EVERY_FAULT = pytest.mark.parametrize(
    ("endpoint", "code"),
    [(endpoint, code) for endpoint in drawing.SERVED for code in sorted(define(endpoint).details)],
)


def for_spyne(value: Any) -> Any:
    """Turn our values into those that spyne takes: it wants binary in pieces."""
    match value:
        case bytes():
            return [value]
        case tuple():
            return [for_spyne(item) for item in value]
        case SimpleNamespace():
            return SimpleNamespace(**{k: for_spyne(v) for k, v in vars(value).items()})
    return value


def by_spyne(defined: Definition, message: Any, value: Any) -> Element:
    """Have spyne write a message; instants in our format, which is the contract's."""
    protocol = defined.application.out_protocol
    protocol._to_unicode_handlers[DateTime] = lambda _cls, instant: (
        instant.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    )
    parent = etree.Element("parent")
    protocol.to_parent(
        None, message, value, parent, message.get_namespace(), message.get_type_name()
    )
    return parent[0]


def read_by_spyne(defined: Definition, operation: Operation, payload: Element) -> dict[str, Any]:
    message = defined.takes(operation)
    context = SimpleNamespace(app=defined.application)
    read = defined.application.in_protocol.from_element(context, message, payload)
    return {field.name: plain(getattr(read, field.name)) for field in operation.takes}


def plain(value: Any) -> Any:
    """Turn what spyne reads into our values."""
    match value:
        case tuple():
            return b"".join(value)
        case list():
            return tuple(plain(item) for item in value)
        case datetime():
            return value.astimezone(UTC)
        case None | str() | int() | bytes():
            return value
    if isinstance(value, ComplexModelBase):
        return {name: plain(getattr(value, name)) for name in type(value)._type_info}
    return repr(value)  # spyne's words of an enumeration show themselves


def answer_of(defined: Definition, operation: Operation, value: Any) -> tuple[Any, Any]:
    message = defined.gives(operation)
    wrapped = message()
    if operation.gives is not None:
        setattr(wrapped, operation.gives.name, for_spyne(value))
    return message, wrapped


@EVERY_CALL
@drawing.MODEST
@given(data=st.data())
def test_an_answer_is_what_spyne_would_write(
    endpoint: Endpoint, operation: Operation, data: st.DataObject
) -> None:
    """WIRE-1: infoset-equal to spyne's, and valid by the published schema."""
    value = data.draw(drawing.results(operation))
    spoken = compiled(endpoint).by_tag[f"{{{drawing.NAMESPACE}}}{operation.name}"]
    defined = define(endpoint)

    written = etree.fromstring(spoken.answer(value))

    assert same(written, by_spyne(defined, *answer_of(defined, operation, value)))
    assert schema(endpoint).validate(written), schema(endpoint).error_log


@EVERY_CALL
@drawing.MODEST
@given(data=st.data())
def test_a_kept_fragment_is_the_answer(
    endpoint: Endpoint, operation: Operation, data: st.DataObject
) -> None:
    """WIRE-1: an answer put together from a fragment is the same to the byte."""
    answer = compiled(endpoint).by_tag[f"{{{drawing.NAMESPACE}}}{operation.name}"].answer
    value = data.draw(drawing.results(operation))

    fragment = answer.fragment(value)

    assert isinstance(fragment, Fragment)
    assert answer(fragment) == answer(value)


@EVERY_FAULT
@drawing.MODEST
@given(data=st.data())
def test_a_detail_is_what_spyne_would_write(
    endpoint: Endpoint, code: str, data: st.DataObject
) -> None:
    """FAULT-1, WIRE-1: so are the typed details of all faults."""
    (fault,) = {
        fault
        for operation in endpoint.operations
        for fault in (*operation.faults, *drawing.ALWAYS)
        if fault.code == code
    }
    record: Record = sent_with(fault)
    fields = st.fixed_dictionaries({field.name: drawing.values(field) for field in record.fields})
    value = SimpleNamespace(**data.draw(fields))
    defined = define(endpoint)

    written = etree.fromstring(compiled(endpoint).faults.details[code](value))

    assert same(written, by_spyne(defined, defined.details[code], value))
    assert schema(endpoint).validate(written), schema(endpoint).error_log


@EVERY_CALL
@drawing.MODEST
@given(data=st.data())
def test_arguments_are_read_as_spyne_reads_them(
    endpoint: Endpoint, operation: Operation, data: st.DataObject
) -> None:
    """SESS-4, WIRE-1: every argument arrives as it was written, by both readers."""
    # an empty binary is None to spyne
    leaves = {Kind.BINARY: st.binary(min_size=1, max_size=40)}
    arguments = data.draw(drawing.arguments(operation, leaves))
    payload = etree.fromstring(etree.tostring(drawing.payload(operation, arguments)))
    spoken = compiled(endpoint).by_tag[payload.tag]

    expected = drawing.as_arguments(arguments)
    assert spoken.decode(payload) == expected
    assert read_by_spyne(define(endpoint), operation, payload) == expected


def test_a_session_of_the_core_is_written_as_it_stands() -> None:
    """SESS-4, WIRE-1: the record's own attributes are the contract's names."""
    now = datetime(2026, 1, 25, 8, 7, 29, 123000, tzinfo=UTC)
    rep = record.Representative("rep@example.com", "Ann <Example>", "Ann", "Team", "192.0.2.1")
    entries = (record.Labelled(None, "]]>\r\n"), record.Labelled("$Nickname?", ""))
    waiting = session.post(1, "support", "billing", "?", now, smart_box_entries=entries)
    ended = session.end(session.start(session.accept(waiting, rep, now), now), now)
    spoken = compiled(ENDPOINTS[0]).by_tag[f"{{{drawing.NAMESPACE}}}getSession"]

    for stage in (waiting, ended):
        written = etree.fromstring(spoken.answer(stage))
        assert schema(ENDPOINTS[0]).validate(written), schema(ENDPOINTS[0]).error_log

    assert written.findtext(".//{*}value") == "]]>\r\n"
    assert written.findtext(".//{*}endTime") == "2026-01-25T08:07:29.123Z"
    assert written.findtext(".//{*}SessionEvent/{*}kind") == "Posted"


NOW = datetime(2026, 1, 25, 8, 7, 29, 123000, tzinfo=UTC)
ENTRY = {"update_id": 1, "session_id": 12_012_692, "kind": "Posted", "time": NOW}


@pytest.mark.parametrize(
    "wrong",
    [
        {"update_id": 1.0},
        {"update_id": "1"},
        {"session_id": None},
        {"kind": "posted"},
        {"time": None},
        {"time": NOW.isoformat()},
        {"time": NOW.replace(tzinfo=None)},
    ],
    ids=str,
)
def test_what_the_contract_does_not_say_is_not_written(wrong: dict[str, Any]) -> None:
    """WIRE-1: a wrong value among right ones is an error here, and not the caller's to find."""
    answer = compiled(ENDPOINTS[0]).by_tag[f"{{{drawing.NAMESPACE}}}getUpdates"].answer
    right = SimpleNamespace(**ENTRY)

    assert answer([right, right]).count(b"<time>2026-01-25T08:07:29.123Z</time>") == 2
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        answer([right, SimpleNamespace(**(ENTRY | wrong))])
