"""Answers of SOAP read without our decoder: payloads and faults as plain values."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from broker_sim.contract import limits
from broker_sim.contract.kinds import Choice, Field, Kind, Record
from broker_sim.service.exchange import Answer
from broker_sim.soap.envelope import SOAP11, Version
from broker_sim.tests.soap_drawing import Element

NAMESPACE: Final = f"{{{limits.NAMESPACE}}}"
PARSER: Final = etree.XMLParser(remove_comments=True, resolve_entities=False)


def payload(answer: Answer, version: Version) -> Element:
    """Give what is in the Body, after the checks that SOAP asks for."""
    root = etree.fromstring(answer.body, PARSER)
    soap = f"{{{version.namespace}}}"
    assert root.tag == f"{soap}Envelope"
    *header, body = root
    assert [part.tag for part in header] in ([], [f"{soap}Header"])
    for block in [block for part in header for block in part]:
        assert block.get(f"{soap}mustUnderstand") in (None, "0", "false")
        assert not block.tag.startswith(NAMESPACE)
    assert body.tag == f"{soap}Body"
    assert all(not (part.text or "").strip() for part in (root, *header, body))
    (found,) = body
    return found


def plain(of: Field, element: Element) -> Any:
    """Read a field's value as XML Schema says, by other means than the product's."""
    if not of.many:
        return single(of, element)
    found = [single(of, item) for item in element]
    return sorted(found, key=repr) if of.any_order else found


def single(of: Field, element: Element) -> Any:
    if isinstance(of.type, Record):
        return record(of.type.fields, element)
    text = element.text or ""
    assert len(element) == 0
    if isinstance(of.type, Choice) or of.type in {Kind.TEXT, Kind.NAME}:
        return text
    text = "".join(text.split())
    match of.type:
        case Kind.FLAG:
            return {"true": True, "1": True, "false": False, "0": False}[text]
        case Kind.INSTANT:
            return datetime.fromisoformat(text).astimezone(UTC)
        case Kind.BINARY:
            return base64.b64decode(text, validate=True)
        case _:
            return int(text)


def record(fields: Iterable[Field], element: Element) -> dict[str, Any]:
    assert not (element.text or "").strip()
    by_wire = {field.wire: field for field in fields}
    found = {}
    for child in element:
        assert child.tag.startswith(NAMESPACE)
        assert not (child.tail or "").strip()
        wire = child.tag.removeprefix(NAMESPACE)
        found[wire] = plain(by_wire[wire], child)
    return found


def read_fault(fault: Element, version: Version) -> tuple[str, str, Element]:
    """Give the qualified code, the English sentence and the element in the detail."""
    soap = f"{{{version.namespace}}}"
    parts = [part.tag.removeprefix(soap) for part in fault]
    if version is SOAP11:
        assert [one for one in parts if one != "faultactor"] == [
            "faultcode",
            "faultstring",
            "detail",
        ]
        assert parts.index("faultactor") == 2 if "faultactor" in parts else True
        (detail,) = fault[-1]
        return resolved(fault[0]), fault[1].text or "", detail
    assert [one for one in parts if one != "Role"] == ["Code", "Reason", "Detail"]
    assert parts.index("Role") == 2 if "Role" in parts else True
    codes = " ".join(resolved(value) for value in fault[0].iter(f"{soap}Value"))
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    (sentence,) = (text.text for text in fault[1] if text.get(lang) == "en")
    (detail,) = fault[-1]
    return codes, sentence or "", detail


def resolved(element: Element) -> str:
    prefix, _, name = (element.text or "").partition(":")
    return f"{{{element.nsmap[prefix]}}}{name}"
