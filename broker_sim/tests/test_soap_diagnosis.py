"""FAULT-1: what does not fit the schema is explained by argument, in words of ours."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from broker_sim.contract import faults
from broker_sim.contract.kinds import Endpoint, Field, Kind, Operation, Record
from broker_sim.core.refusal import Refused
from broker_sim.soap.compiled import compiled
from broker_sim.soap.wsdl import schema
from broker_sim.tests import soap_drawing as drawing
from broker_sim.tests.soap_drawing import NAMESPACE, XSI, Desk, Element

HEAD = f'<logon xmlns="{NAMESPACE}" xmlns:i="{XSI}" xmlns:x="http://www.w3.org/2001/XMLSchema"'
IDS = f'<getSessionIds xmlns="{NAMESPACE}" xmlns:i="{XSI}"><connectionId>c</connectionId>'
SPAN = "<from>2026-01-01T00:00:00Z</from><to>2026-01-02T00:00:00Z</to>"


@pytest.mark.parametrize(
    ("payload", "field", "reason"),
    [
        (f"{HEAD}/>", "username", "it is missing"),
        (f"{HEAD}><username>a</username></logon>", "password", "it is missing"),
        (f"{HEAD}><password>a</password></logon>", "username", "it is missing"),
        (
            f"{HEAD}><password>a</password><username>a</username></logon>",
            "password",
            "it must come in the order username, password",
        ),
        (
            f"{HEAD}><username>a</username><username>b</username></logon>",
            "username",
            "it must be given once, in the order username, password",
        ),
        (
            f"{HEAD}><username>a</username><passwort>b</passwort></logon>",
            "passwort",
            "logon has no such argument; it has username, password",
        ),
        (
            f'{HEAD}><username>a</username><password xmlns="">b</password></logon>',
            "password",
            "it must be in the namespace urn:broker-sim:v1",
        ),
        (
            f"{HEAD}><username/><password>b</password></logon>",
            "username",
            "it must have 1 to 255 characters",
        ),
        (
            f'{HEAD}><username i:nil="true"/><password>b</password></logon>',
            "username",
            "it must not be nil; leave an absent argument out",
        ),
        (
            f'{HEAD}><username id="a">a</username><password>b</password></logon>',
            "username",
            "it must have no attributes",
        ),
        (
            f"{HEAD}><username><b/></username><password>b</password></logon>",
            "username",
            "it must hold a text, no elements",
        ),
        (f"{HEAD}>api</logon>", "body", "it must hold elements only"),
        (f'{HEAD} id="a"/>', "body", "it must have no attributes"),
        (
            f"{IDS}<from>yesterday</from></getSessionIds>",
            "from",
            "it must be a date and time such as 2026-01-25T08:07:29.123Z",
        ),
        (
            f"{IDS}{SPAN.replace('2026-01-01', '20026-01-01')}</getSessionIds>",
            "from",
            "it must be a date and time such as 2026-01-25T08:07:29.123Z",
        ),
        (
            f"{IDS}{SPAN}<by>Closed</by></getSessionIds>",
            "by",
            "it must be one of Posted, Started, Ended, Updated",
        ),
        (
            f"{IDS}{SPAN}<subPortals><Name>a</Name><Name/></subPortals></getSessionIds>",
            "subPortals",
            "it must have 1 to 255 characters",
        ),
        (
            f"{IDS}{SPAN}<subPortals><name>a</name></subPortals></getSessionIds>",
            "subPortals",
            "it must hold Name elements only",
        ),
        (
            f"{IDS}{SPAN}<after>0</after></getSessionIds>",
            "after",
            "it must be a whole number from 1 to 9223372036854775807",
        ),
        (
            f"{IDS}{SPAN}<max>2147483648</max></getSessionIds>",
            "max",
            "it must be a whole number from 0 to 2147483647",
        ),
        (f"{IDS}{SPAN}<max>many</max></getSessionIds>", "max", "it must be a whole number"),
        ("<logon/>", "body", "logon must be in the namespace urn:broker-sim:v1"),
        ("<getFile/>", "body", "Sessions has no operation getFile"),
        ("", "body", "the Envelope must hold one Body with one element in it"),
        ("<a/><a/>", "body", "the Envelope must hold one Body with one element in it"),
    ],
)
def test_what_does_not_fit_is_named(payload: str, field: str, reason: str) -> None:
    """FAULT-1: the argument by its wire name, and what it would have to be."""
    answer = Desk().ask(drawing.envelope(payload))

    found = drawing.told(drawing.detail(answer))
    assert (found["code"], found["field"], found["reason"]) == ("InvalidArgument", field, reason)
    assert found["message"] == f"The argument {field} is not acceptable: {reason}."


# base64Binary as XML Schema has it (part 2, 3.2.16): libxml2 passes over letters that are none.
BASE64: Final = re.compile(
    "((([A-Za-z0-9+/] ?){4})*(([A-Za-z0-9+/] ?){3}[A-Za-z0-9+/]"
    "|([A-Za-z0-9+/] ?){2}[AEIMQUYcgkosw048] ?=|[A-Za-z0-9+/] ?[AQgw] ?= ?=))?"
)


def fits(endpoint: Endpoint, operation: Operation, payload: Element) -> bool:
    """Tell whether a payload is what the published schema allows."""
    binaries = {name for field in operation.takes for name in binary_tags(field)}
    return schema(endpoint).validate(payload) and all(
        BASE64.fullmatch(" ".join((element.text or "").split()))
        for element in payload.iter()
        if etree.QName(element).localname in binaries
    )


def binary_tags(field: Field) -> Iterator[str]:
    if isinstance(field.type, Record):
        for inner in field.type.fields:
            yield from binary_tags(inner)
    elif field.type is Kind.BINARY:
        yield drawing.item(field.type) if field.many else field.wire


def test_what_libxml2_takes_for_base64_need_not_be() -> None:
    """FAULT-1: a letter that base64 has not is refused, which the checker passes over."""
    endpoint, operation = next(call for call in drawing.CALLS if call[1].name == "sendFile")
    given = {"connection_id": "c", "session_id": 1, "name": "a", "content": b""}
    payload = drawing.payload(operation, given)
    payload[-1].text = "?"

    refused = refusal_of(compiled(endpoint).by_tag[payload.tag].decode, payload)

    assert refused is not None
    assert refused.extra == {"field": "content", "reason": "it must be base64"}
    assert schema(endpoint).validate(payload)
    assert not fits(endpoint, operation, payload)


MISCHIEFS = st.sampled_from(
    ["drop", "double", "rename", "swap", "attribute", "text", "child", "value", "unnamespace"]
)


def spoil(element: Element, mischief: str, at: int) -> None:
    """Do one mischief to one element below `element`."""
    below = list(element.iter())[1:] or [element]
    victim = below[at % len(below)]
    parent = victim.getparent()
    match mischief:
        case "attribute":
            victim.set("id", "a")
        case "child":
            etree.SubElement(victim, "child")
        case "text" | "value":
            victim.text = "?" if mischief == "text" else ""
        case "rename" | "unnamespace":
            victim.tag = f"{{{NAMESPACE}}}odd" if mischief == "rename" else "username"
        case "drop" if parent is not None:
            parent.remove(victim)
        case "double" if parent is not None:
            parent.append(copy.deepcopy(victim))
        case "swap" if parent is not None:
            parent.insert(0, victim)


@pytest.mark.parametrize(("endpoint", "operation"), drawing.CALLS, ids=drawing.CALL_IDS)
@drawing.MODEST
@given(data=st.data())
def test_whatever_is_spoilt_the_reason_is_a_sentence_of_ours(
    endpoint: Any, operation: Operation, data: st.DataObject
) -> None:
    """FAULT-1: the schema never refuses what the diagnosis cannot explain."""
    payload = drawing.payload(operation, data.draw(drawing.arguments(operation)))
    for mischief, at in data.draw(st.lists(st.tuples(MISCHIEFS, st.integers(0, 9)), max_size=3)):
        spoil(payload, mischief, at)
    payload = etree.fromstring(etree.tostring(payload))
    spoken = compiled(endpoint).by_tag.get(payload.tag)
    if spoken is None:
        return

    refused = refusal_of(spoken.decode, payload)

    assert (refused is None) == fits(endpoint, operation, payload)
    if refused is not None:
        assert refused.fault is faults.INVALID_ARGUMENT
        assert refused.extra["reason"] != "it does not fit the published schema"
        said = SimpleNamespace(code="InvalidArgument", message=refused.sentence, **refused.extra)
        written = compiled(endpoint).faults.details["InvalidArgument"](said)
        assert schema(endpoint).validate(etree.fromstring(written))


def refusal_of(decode: Callable[[Element], object], payload: Element) -> Refused | None:
    try:
        decode(payload)
    except Refused as refused:
        return refused
    return None
