"""Calls and answers as SOAP, by lxml and string templates."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from broker_sim.contract.faults import BY_CODE
from broker_sim.contract.kinds import Field, Kind, Operation, Record
from broker_sim.contract.limits import NAMESPACE
from broker_sim.contract.sessions import SESSIONS
from conformance.tests.small_broker.wsdl import fault_fields, item_name, schema

SPACES = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
MEDIA = {"1.1": "text/xml", "1.2": "application/soap+xml"}
_OPERATIONS = {f"{{{NAMESPACE}}}{op.name}": op for op in SESSIONS.operations}
_SCHEMA = etree.XMLSchema(etree.fromstring(schema()))
_NUMBERS = (Kind.ID, Kind.COUNT, Kind.POSITION, Kind.SECONDS, Kind.MINUTES, Kind.BYTES)


class Refused(Exception):  # noqa: N818  # an answer, not an error
    """A fault: its code and the fields of its detail."""

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code, self.fields = code, fields


def bad(field: str, reason: str) -> Refused:
    return Refused("InvalidArgument", field=field, reason=reason)


def read(body: bytes, version: str) -> tuple[Operation, dict[str, Any]]:
    """Read a call: its operation, and its arguments by Python name."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise bad("Envelope", "the body is not well-formed XML") from None
    if b"<!DOCTYPE" in body or body.count(b"<") > 20_000:
        raise bad("Envelope", "a document type, or too many elements")
    calls = root.findall(f"{{{SPACES[version]}}}Body/*")
    if len(calls) != 1 or calls[0].tag not in _OPERATIONS:
        raise bad("Body", "it must hold one call of the contract")
    alone = etree.fromstring(etree.tostring(calls[0], with_tail=False))
    if not _SCHEMA.validate(alone):
        raise bad(_culprit(calls[0]), "it is missing or has a wrong value")
    operation = _OPERATIONS[str(calls[0].tag)]
    given = {etree.QName(child).localname: child for child in calls[0]}
    fields = (field for field in operation.takes if field.wire in given)
    return operation, {field.name: _value(given[field.wire], field) for field in fields}


def _culprit(call: etree._Element) -> str:
    """Find the argument at fault: the first that is missing, or that is invalid by itself."""
    operation = _OPERATIONS[str(call.tag)]
    given = {etree.QName(child).localname: child for child in call}
    for field in operation.takes:
        if field.wire not in given and not field.optional:
            return field.wire
    log = str(_SCHEMA.error_log)
    named = [field.wire for field in operation.takes if f"}}{field.wire}'" in log]
    return named[0] if named else operation.name


def _value(element: etree._Element, field: Field) -> Any:
    if field.many:
        return [child.text or "" for child in element]
    text = element.text or ""
    if field.type in _NUMBERS:
        return int(text)
    return _instant(text) if field.type is Kind.INSTANT else text


def _instant(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    read = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    return read + timedelta(microseconds=-read.microsecond % 1000)


def answer(operation: Operation, value: Any, version: str) -> bytes:
    """Write an answer."""
    inner = "" if operation.gives is None else _written(operation.gives, value)
    name = f"{operation.name}Response"
    return _envelope(f'<{name} xmlns="{NAMESPACE}">{inner}</{name}>', version)


def refusal(refused: Refused, version: str) -> bytes:
    """Write a fault."""
    fault = BY_CODE[refused.code]
    fields = {**refused.fields, "code": fault.code}
    fields["message"] = fault.text.format(**refused.fields)
    told = "".join(_written(field, fields[field.name]) for field in fault_fields(fault))
    detail = f'<{fault.code} xmlns="{NAMESPACE}">{told}</{fault.code}>'
    said = _escaped(fields["message"])
    if version == "1.1":
        inner = f"<faultcode>e:Client</faultcode><faultstring>{said}</faultstring>"
        return _envelope(f"<e:Fault>{inner}<detail>{detail}</detail></e:Fault>", version)
    code = "<e:Code><e:Value>e:Sender</e:Value></e:Code>"
    reason = f'<e:Reason><e:Text xml:lang="en">{said}</e:Text></e:Reason>'
    return _envelope(f"<e:Fault>{code}{reason}<e:Detail>{detail}</e:Detail></e:Fault>", version)


def _envelope(inner: str, version: str) -> bytes:
    head = '<?xml version="1.0" encoding="utf-8"?>'
    space = SPACES[version]
    return f'{head}<e:Envelope xmlns:e="{space}"><e:Body>{inner}</e:Body></e:Envelope>'.encode()


def _written(field: Field, value: Any) -> str:
    if value is None and not field.many:
        return ""
    if field.many:
        item = item_name(field)
        inner = "".join(f"<{item}>{_single(field, each)}</{item}>" for each in value or ())
    else:
        inner = _single(field, value)
    return f"<{field.wire}>{inner}</{field.wire}>"


def _single(field: Field, value: Any) -> str:
    if isinstance(field.type, Record):
        assert isinstance(value, Mapping)
        return "".join(_written(each, value.get(each.name)) for each in field.type.fields)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return _escaped(str(value))


def _escaped(text: str) -> str:
    return escape(text, {"\r": "&#13;"})
