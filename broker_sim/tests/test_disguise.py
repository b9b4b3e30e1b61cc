"""WIRE-1 under the hostile profile: other bytes, the same message, still what the WSDL says."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from broker_sim.contract import faults, kinds
from broker_sim.contract.kinds import Choice, Endpoint, Field, Kind, Operation, Record
from broker_sim.contract.sessions import PORTAL
from broker_sim.core import hostility
from broker_sim.core.dice import Dice
from broker_sim.core.effects import Refuse, refusal
from broker_sim.service.exchange import Answer
from broker_sim.soap.compiled import compiled
from broker_sim.soap.definition import refusals
from broker_sim.soap.disguise import disguised
from broker_sim.soap.envelope import SOAP11, SOAP12, TAIL, Version
from broker_sim.soap.wsdl import schema
from broker_sim.tests import soap_drawing as drawing
from broker_sim.tests.soap_drawing import CALL_IDS, CALLS, NOON, SERVED
from broker_sim.tests.soap_everything import EVERYTHING
from broker_sim.tests.soap_reading import (
    NAMESPACE,
    payload,
    read_fault,
    record,
)

NAMES: Final = tuple(one.name for one in hostility.IN_ANSWERS)
VERSIONS: Final = (SOAP11, SOAP12)

names_drawn = st.just(frozenset(NAMES)) | st.sets(st.sampled_from(NAMES)).map(frozenset)
seeds = st.integers(0, 10_000)


@functools.cache
def checked(endpoint: Endpoint) -> etree.XMLSchema:
    return schema(endpoint)


def written(endpoint: Endpoint, operation: Operation, value: Any, version: Version) -> Answer:
    spoken = compiled(endpoint).by_tag[f"{NAMESPACE}{operation.name}"]
    body = version.head + spoken.answer(value) + TAIL
    return Answer(200, (("Content-Type", version.content_type), ("X-Kept", "yes")), body)


def dressed(
    endpoint: Endpoint, answer: Answer, version: Version, names: Iterable[str], seed: object
) -> Answer:
    return disguised(answer, version, compiled(endpoint), frozenset(names), Dice(seed))


def expected(of: Field, value: Any) -> Any:
    if of.many:
        found = [expected(replace(of, many=False), one) for one in value]
        return sorted(found, key=repr) if of.any_order else found
    if isinstance(of.type, Record):
        return {
            field.wire: expected(field, one)
            for field in of.type.fields
            if (one := getattr(value, field.name)) is not None
        }
    return value


@pytest.mark.parametrize("call", range(len(CALLS)), ids=CALL_IDS)
@settings(drawing.MODEST)
@given(data=st.data(), names=names_drawn, seed=seeds, version=st.sampled_from(VERSIONS))
def test_an_answer_means_the_same_and_is_valid(
    data: st.DataObject,
    names: frozenset[str],
    seed: int,
    version: Version,
    call: int,
) -> None:
    """WIRE-1, SESS-4: every value to the letter, the schema kept, for every operation."""
    endpoint, operation = CALLS[call]
    value = data.draw(drawing.results(operation))
    answer = written(endpoint, operation, value, version)

    odd = dressed(endpoint, answer, version, names, seed)

    assert (odd.status, dict(odd.headers)["X-Kept"]) == (200, "yes")
    assert dressed(endpoint, answer, version, names, seed) == odd
    found = payload(odd, version)
    checked(endpoint).assertValid(found)
    gives = operation.gives
    assert found.tag == f"{NAMESPACE}{operation.name}Response"
    if gives is None or value is None:
        assert len(found) == 0
    else:
        assert record((gives,), found) == {gives.wire: expected(gives, value)}


def test_every_kind_of_text_survives_every_seed() -> None:
    """SESS-4: what is hard to write, under all names at once and each alone."""
    texts = ("\r\n\r", "]]>", "<![CDATA[x]]>", "&amp;<!-- -->", " \t ", "\U0001f600\u2028", "")
    operation = next(one for one in EVERYTHING.operations if one.name == "trees")
    leaf = operation.gives
    assert leaf is not None
    assert isinstance(leaf.type, Record)
    made = {field.name: _least(field, texts) for field in leaf.type.fields}
    value = (SimpleNamespace(**made),)
    for names in (NAMES, *((name,) for name in NAMES)):
        for seed in range(8):
            answer = written(EVERYTHING, operation, value, SOAP11)
            found = payload(dressed(EVERYTHING, answer, SOAP11, names, seed), SOAP11)
            assert record((leaf,), found) == {leaf.wire: expected(leaf, value)}, names


def _least(field: Field, texts: tuple[str, ...]) -> Any:
    if field.many and field.type is Kind.TEXT:
        return texts
    if field.many:
        return ()
    if field.optional:
        return None
    if isinstance(field.type, Choice):
        return field.type.words[0]
    if isinstance(field.type, Record):
        return SimpleNamespace(**{one.name: _least(one, texts) for one in field.type.fields})
    values = {Kind.TEXT: texts[0], Kind.NAME: "n", Kind.INSTANT: NOON, Kind.BINARY: b"\xff" * 50}
    return values.get(field.type, 1 if field.type is not Kind.FLAG else True)


FAULTS: Final = [
    (SERVED[0], fault)
    for fault in faults.ALL
    if fault in {known for operation in SERVED[0].operations for known in refusals(operation)}
]


@pytest.mark.parametrize("version", VERSIONS, ids=["soap11", "soap12"])
@pytest.mark.parametrize(
    ("endpoint", "fault"), FAULTS, ids=lambda given: getattr(given, "code", "")
)
def test_a_fault_means_the_same_and_is_valid(
    endpoint: Endpoint, fault: kinds.Fault, version: Version
) -> None:
    """FAULT-1: its parts in SOAP's order, its code's name resolved, its detail valid."""
    answer = compiled(endpoint).faults.refusal(refusal(Refuse(fault.code), NOON), version)
    usual = read_fault(payload(answer, version), version)
    seen = set()
    for names in (NAMES, *((name,) for name in NAMES)):
        for seed in range(6):
            odd = dressed(endpoint, answer, version, names, seed)
            found = payload(odd, version)
            code, sentence, detail = read_fault(found, version)
            checked(endpoint).assertValid(detail)
            fields = list(sent_fields(fault))
            assert (code, sentence) == usual[:2]
            assert record(fields, detail) == record(fields, usual[2])
            assert odd.status == answer.status
            seen.add(odd.body)
    assert len(seen) > len(NAMES)


def sent_fields(fault: kinds.Fault) -> Iterator[Field]:
    yield Field("code", "code", Kind.NAME)
    yield Field("message", "message", Kind.TEXT)
    yield from fault.extra


GETS: Final = {operation.name: operation for operation in SERVED[0].operations}
CHANGES: Final = {
    "prefixes": b'xmlns="urn:broker-sim:v1"',
    "default-namespace": b"<soap:Body>",
    "quotes": b'<soap:Envelope xmlns:soap="',
    "cdata": b"<connectionId>abc&lt;",
    "references": b"<connectionId>abc&lt;d</connectionId>",
    "whitespace": b"<soap:Body><logonResponse",
    "comments": b"<soap:Body><logonResponse",
    "declaration": b'<?xml version="1.0" encoding="UTF-8"?>\n',
    "content-type": b"",
    "types": b"",
}


@pytest.mark.parametrize("name", [name for name, usual in CHANGES.items() if usual])
def test_each_provocation_changes_what_it_says(name: str) -> None:
    """In some of twenty answers what usually stands there does not; alone it changes no more."""
    answer = written(SERVED[0], GETS["logon"], "abc<d", SOAP11)
    usual = CHANGES[name]
    assert usual in answer.body

    odd = [dressed(SERVED[0], answer, SOAP11, [name], seed).body for seed in range(20)]

    assert any(usual not in body for body in odd)


def test_only_lists_in_no_order_are_shuffled() -> None:
    """WIRE-1: sub-portals come in every order, session ids in the one that is promised."""
    portal = SimpleNamespace(
        **{field.name: _least(field, ("x",)) for field in PORTAL.fields}
        | {"sub_portals": ("a", "b")}
    )
    answer = written(SERVED[0], GETS["getPortal"], portal, SOAP11)
    ids = written(SERVED[0], GETS["getSessionIds"], range(1, 9), SOAP11)

    def order(answer: Answer, tag: str, seed: int) -> str:
        odd = payload(dressed(SERVED[0], answer, SOAP11, ["shuffled"], seed), SOAP11)
        return "".join(one.text or "" for one in odd.iter(NAMESPACE + tag))

    assert {order(answer, "Name", seed) for seed in range(9)} == {"ab", "ba"}
    assert {order(ids, "long", seed) for seed in range(9)} == {"12345678"}


def test_marks_charsets_and_types_are_seen() -> None:
    """The byte order mark, UTF-16 and its Content-Type, a header's letters, xsi:type."""
    answer = written(SERVED[0], GETS["logon"], "é", SOAP11)
    portal = written(
        SERVED[0], GETS["getDefaultKey"], SimpleNamespace(key_version=1, key=b"k"), SOAP12
    )

    marked = dressed(SERVED[0], answer, SOAP11, ["bom"], 1)
    wide = dressed(SERVED[0], answer, SOAP11, ["utf-16", "bom"], 1)
    typed = dressed(SERVED[0], portal, SOAP12, ["types"], 1)
    cased = {
        dict(dressed(SERVED[0], answer, SOAP11, ["content-type"], seed).headers)["Content-Type"]
        for seed in range(9)
    }

    assert marked.body.startswith(b"\xef\xbb\xbf<?xml")
    assert dict(wide.headers)["Content-Type"] == "text/xml; charset=utf-16"
    assert "é" in wide.body.decode("utf-16")
    assert b'type="' in typed.body
    assert b":DefaultKey" in typed.body
    assert len(cased) == 3


def test_nothing_changes_where_nothing_is_named() -> None:
    """The same message, plainly."""
    answer = written(SERVED[0], GETS["logon"], "x", SOAP11)

    odd = dressed(SERVED[0], answer, SOAP11, [], 1)

    assert odd.body == answer.body
    assert sorted(odd.headers) == sorted(answer.headers)
