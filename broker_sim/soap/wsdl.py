"""The published description of an endpoint: one WSDL for SOAP 1.1, one for SOAP 1.2.

spyne writes it; what other stacks stumble over is put right here. Everything that spyne
takes from a set is sorted, so the bytes depend on the contract and the base URL only.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator
from typing import Final

from lxml import etree

from broker_sim.contract import limits
from broker_sim.contract.kinds import Endpoint, Record
from broker_sim.soap.definition import answered, define, refusals, with_inner
from broker_sim.soap.spyne_compat import Wsdl11

WSDL: Final = "{http://schemas.xmlsoap.org/wsdl/}"
XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
SOAP11: Final = "{http://schemas.xmlsoap.org/wsdl/soap/}"
SOAP12: Final = "{http://schemas.xmlsoap.org/wsdl/soap12/}"

_PREFIXES: Final = {
    "wsdl": WSDL[1:-1],
    "xs": XSD[1:-1],
    "tns": limits.NAMESPACE,
}
_ORDER: Final = (f"{XSD}simpleType", f"{XSD}complexType", f"{XSD}element")


def published(endpoint: Endpoint, base_url: str) -> tuple[bytes, bytes]:
    """Give the two documents, SOAP 1.1 and 1.2, that name `base_url` as the place to call."""
    place = base_url.rstrip("/") + endpoint.path
    described = _described(endpoint)
    return _written(described, place), _written(_renamed(described, SOAP11, SOAP12), place)


def schema(endpoint: Endpoint) -> etree.XMLSchema:
    """Compile the schema that the documents carry, to check payloads with it."""
    found = _described(endpoint).find(f"{WSDL}types/{XSD}schema")
    assert found is not None
    # written and read again: alone, it has to declare its prefixes itself
    return etree.XMLSchema(etree.fromstring(etree.tostring(found)))


def _written(described: etree._Element, place: str) -> bytes:
    document = copy.deepcopy(described)
    for port in document.iterfind(f"{WSDL}service/{WSDL}port"):
        port[0].set("location", place)
    etree.indent(document)
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8") + b"\n"


@functools.cache
def _described(endpoint: Endpoint) -> etree._Element:
    """Build the document of SOAP 1.1, its location still open."""
    wsdl = Wsdl11(define(endpoint).application.interface)
    wsdl.build_interface_document("")
    root = _renamed(etree.fromstring(wsdl.get_interface_document()), SOAP11, SOAP11)
    documentation = etree.Element(f"{WSDL}documentation")
    documentation.text = endpoint.doc
    root.insert(0, documentation)
    # tools that read in one pass want the service behind all that it refers to
    root[:] = sorted(root, key=lambda part: part.tag == f"{WSDL}service")
    _mend(root, endpoint)
    return root


def _renamed(root: etree._Element, old: str, new: str) -> etree._Element:
    """Copy a document with the elements of one SOAP version turned into the other's."""
    prefix = "soap" if new is SOAP11 else "soap12"
    attributes = {str(name): str(value) for name, value in root.items()}
    copied = etree.Element(root.tag, attributes, nsmap={**_PREFIXES, prefix: new[1:-1]})
    copied.extend(copy.deepcopy(part) for part in root)
    for element in copied.iter(f"{old}*"):
        element.tag = new + etree.QName(element).localname
    etree.cleanup_namespaces(copied, keep_ns_prefixes=["xs", "tns"])
    return copied


def _mend(root: etree._Element, endpoint: Endpoint) -> None:
    """Put right what stacks of other languages stumble over."""
    refused = {fault.code for operation in endpoint.operations for fault in refusals(operation)}
    for message in root.iterfind(f"{WSDL}message"):
        # .NET and Axis know a wrapped message by the name of its part
        message[0].set("name", "fault" if message.get("name") in refused else "parameters")
    for operation in root.iterfind(f"{WSDL}portType/{WSDL}operation"):
        etree.strip_attributes(operation, "parameterOrder")
    for operation in root.iterfind(f"{WSDL}binding/{WSDL}operation"):
        action = f"{limits.NAMESPACE}/{endpoint.name}/{operation.get('name')}"
        operation[0].set("soapAction", action)
    _mend_schema(root, endpoint)


def _mend_schema(root: etree._Element, endpoint: Endpoint) -> None:
    """Sort the schema, drop what no message refers to, write the contract's notes in."""
    (found,) = root.iterfind(f"{WSDL}types/{XSD}schema")
    spoken = {str(part.get("element")) for part in root.iterfind(f"{WSDL}message/{WSDL}part")}
    kept = [
        child
        for child in found
        if child.tag != f"{XSD}element" or f"tns:{child.get('name')}" in spoken
    ]
    kept.sort(key=lambda child: (_ORDER.index(str(child.tag)), str(child.get("name"))))
    found[:] = kept
    notes = {
        (record.name, member.wire): member.doc
        for record in _records(endpoint)
        for member in record.fields
        if member.doc
    }
    for made in found.iterfind(f"{XSD}complexType"):
        for element in made.iterfind(f"{XSD}sequence/{XSD}element"):
            note = notes.get((str(made.get("name")), str(element.get("name"))))
            if note:
                annotation = etree.SubElement(element, f"{XSD}annotation")
                etree.SubElement(annotation, f"{XSD}documentation").text = note


def _records(endpoint: Endpoint) -> Iterator[Record]:
    """Give all that becomes a complex type; messages as records, some records repeatedly."""
    for operation in endpoint.operations:
        yield from with_inner(Record(operation.name, operation.takes))
    yield from answered(endpoint)
