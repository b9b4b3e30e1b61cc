"""SOAP 1.1 and 1.2 by the suite's own hand: Python values to an envelope, and back.

Values go by the contract's Python names. What comes back is an outcome, as `patterns.py`
describes it, together with what was seen to break a rule of every message.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from broker_sim.contract.kinds import Choice, Field, Kind, Operation, Record
from conformance.published import Shape

ENVELOPES: Final = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
MEDIA: Final = {"1.1": "text/xml", "1.2": "application/soap+xml"}


class Unreadable(Exception):  # noqa: N818  # a finding, not our error
    """An answer says something that the contract has no place for; one sentence."""


def headers(version: str, action: str) -> dict[str, str]:
    """Give the HTTP headers of a call."""
    if version == "1.1":
        return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
    return {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'}


def write(operation: Operation, shape: Shape, arguments: Mapping[str, Any], version: str) -> bytes:
    """Write a call; an argument that is absent or None is left out, wanted or not.

    A value of type `str` is written as it stands, whatever the kind: so that a call can be wrong.

    Raises:
        ValueError: a text holds a character that XML forbids.
    """
    space = ENVELOPES[version]
    root = etree.Element(f"{{{space}}}Envelope", nsmap={"e": space})
    body = etree.SubElement(root, f"{{{space}}}Body")
    call = etree.SubElement(body, shape.request)
    for field in operation.takes:
        value = arguments.get(field.name)
        if value is None:
            continue
        tag, item = shape.fields[field.wire]
        element = etree.SubElement(call, tag)
        if field.many:
            for each in value:
                _write_item(etree.SubElement(element, item or tag), field, each)
        else:
            element.text = _text(value)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _write_item(element: etree._Element, field: Field, value: Any) -> None:
    """Write one item of a list: a record, given by Python names, or a plain value."""
    if not isinstance(field.type, Record) or not isinstance(value, Mapping):
        element.text = _text(value)
        return
    space = etree.QName(element).namespace
    for member in field.type.fields:
        if value.get(member.name) is not None:
            etree.SubElement(element, f"{{{space}}}{member.wire}").text = _text(value[member.name])


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case datetime():
            written = value.astimezone(UTC).isoformat(timespec="milliseconds")
            return written.replace("+00:00", "Z")
    return str(value)


def value_of(element: etree._Element | None, field: Field) -> Any:
    """Read the value of a field; an element that is not there is None, or an empty list.

    Raises:
        Unreadable: the text is none of the field's kind.
    """
    if element is None:
        return [] if field.many else None
    if field.many:
        return [_single(child, field.type) for child in element]
    return _single(element, field.type)


def _single(element: etree._Element, kind: Kind | Choice | Record) -> Any:
    if isinstance(kind, Record):
        by_name = {etree.QName(child).localname: child for child in element}
        return {field.name: value_of(by_name.get(field.wire), field) for field in kind.fields}
    text = element.text or ""
    if isinstance(kind, Choice):
        return text
    try:
        return _CONVERTERS[kind](text)
    except (ValueError, binascii.Error) as error:
        name = etree.QName(element).localname
        msg = f"<{name}> holds {text[:60]!r}, which is no {kind.value}"
        raise Unreadable(msg) from error


def _instant(text: str) -> datetime:
    """An instant as written; one without a zone stays without, so that it equals none of ours."""
    read = datetime.fromisoformat(text.strip())
    return read if read.tzinfo is None else read.astimezone(UTC)


def _flag(text: str) -> bool:
    return bool(("false", "true", "0", "1").index(text.strip()) % 2)


_CONVERTERS: Final[Mapping[Kind, Callable[[str], Any]]] = {
    **dict.fromkeys((Kind.TEXT, Kind.NAME), str),
    **dict.fromkeys(
        (Kind.ID, Kind.COUNT, Kind.POSITION, Kind.SECONDS, Kind.MINUTES, Kind.BYTES), int
    ),
    Kind.FLAG: _flag,
    Kind.INSTANT: _instant,
    Kind.BINARY: lambda text: base64.b64decode(text, validate=False),
}


def payload(document: bytes, version: str) -> etree._Element:
    """Give the one element in the Body.

    Raises:
        Unreadable: no XML, a document type, another envelope, or not one element in the Body.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        msg = f"the body is not XML ({error.msg}): {document[:60]!r}"
        raise Unreadable(msg) from error
    if document.lstrip()[:4096].find(b"<!DOCTYPE") >= 0:
        msg = "the answer has a document type"
        raise Unreadable(msg)
    body = root.find(f"{{{ENVELOPES[version]}}}Body")
    if root.tag != f"{{{ENVELOPES[version]}}}Envelope" or body is None:
        msg = f"the answer is no SOAP {version} envelope: its root is {root.tag}"
        raise Unreadable(msg)
    if len(body) != 1:
        msg = f"the Body holds {len(body)} elements, not one"
        raise Unreadable(msg)
    return body[0]


def fault_parts(element: etree._Element, version: str) -> tuple[str, str, etree._Element | None]:
    """Give a fault's own code, its sentence, and the first element of its detail."""
    space = ENVELOPES[version]
    if version == "1.1":
        names = ("faultcode", "faultstring", "detail")
        code, reason, detail = (element.find(name) for name in names)
    else:
        code = element.find(f"{{{space}}}Code/{{{space}}}Value")
        reason = element.find(f"{{{space}}}Reason/{{{space}}}Text")
        detail = element.find(f"{{{space}}}Detail")
    told = "" if code is None else (code.text or "")
    sentence = "" if reason is None else (reason.text or "")
    child = None if detail is None or not len(detail) else detail[0]
    return told.rpartition(":")[2], sentence, child
