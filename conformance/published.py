"""The WSDL that a target publishes: its schema, how its operations are called, their faults.

Read once per SOAP version. What is read here is what answers are held against (WIRE-1):
the contract says what an operation means, the published document how it is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
XSD: Final = "http://www.w3.org/2001/XMLSchema"
BINDINGS: Final = {
    "http://schemas.xmlsoap.org/wsdl/soap/": "1.1",
    "http://schemas.xmlsoap.org/wsdl/soap12/": "1.2",
}
_NS: Final = {"w": WSDL, "x": XSD}


class NoWsdl(Exception):  # noqa: N818  # told in words, not our error
    """What the target published cannot be used; the message says why, in one sentence."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How one operation is written: element names are `{namespace}local`.

    Attributes:
        action: the SOAPAction.
        request: the element of the request.
        response: the element of the answer.
        result: the local name of the one element in it; empty if there is none.
        fields: for each argument by its wire name, the tag of its element and, where it is a
            list, the tag of an item.
        faults: elements that the detail of a fault may hold.
    """

    action: str
    request: str
    response: str
    result: str
    fields: Mapping[str, tuple[str, str | None]]
    faults: frozenset[str]


@dataclass(frozen=True, slots=True)
class Published:
    """One published document, read."""

    version: str
    schema: etree.XMLSchema
    shapes: Mapping[str, Shape]


def read(document: bytes) -> Published:
    """Read a WSDL.

    Raises:
        NoWsdl: it is not XML, not a WSDL, or its schema or a binding cannot be used.
    """
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        msg = f"what is published is not XML ({error.msg})"
        raise NoWsdl(msg) from error
    if root.tag != f"{{{WSDL}}}definitions":
        msg = f"what is published is no WSDL: its root is {root.tag}"
        raise NoWsdl(msg)
    return Published(_version(root), _compiled(root), _Reader(root).shapes())


def _version(root: etree._Element) -> str:
    for namespace, version in BINDINGS.items():
        if root.find(f".//{{{namespace}}}binding") is not None:
            return version
    msg = "the WSDL binds neither SOAP 1.1 nor SOAP 1.2"
    raise NoWsdl(msg)


def _compiled(root: etree._Element) -> etree.XMLSchema:
    schemas = root.findall("w:types/x:schema", _NS)
    if len(schemas) != 1:
        msg = f"the WSDL holds {len(schemas)} schemas; the contract has one namespace"
        raise NoWsdl(msg)
    try:
        return etree.XMLSchema(etree.fromstring(etree.tostring(schemas[0])))
    except etree.XMLSchemaParseError as error:
        msg = f"the schema in the WSDL is not valid: {error}"
        raise NoWsdl(msg) from error


class _Reader:
    """Walks from port type to message to element to type."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        schema = root.find("w:types/x:schema", _NS)
        assert schema is not None
        self._schema = schema
        self._space = schema.get("targetNamespace", "")
        self._qualified = schema.get("elementFormDefault") == "qualified"

    def shapes(self) -> Mapping[str, Shape]:
        operations = self._root.findall("w:portType/w:operation", _NS)
        return {str(op.get("name")): self._shape(op) for op in operations}

    def _shape(self, operation: etree._Element) -> Shape:
        request = self._element_of(operation.find("w:input", _NS))
        response = self._element_of(operation.find("w:output", _NS))
        return Shape(
            action=self._action(str(operation.get("name"))),
            request=request,
            response=response,
            result=_local(next(iter(self._fields(response).values()), ("", None))[0]),
            fields=self._fields(request),
            faults=frozenset(map(self._element_of, operation.findall("w:fault", _NS))),
        )

    def _element_of(self, use: etree._Element | None) -> str:
        if use is None:
            msg = "an operation of the WSDL lacks an input or output"
            raise NoWsdl(msg)
        name = str(use.get("message")).rpartition(":")[2]
        part = self._root.find(f"w:message[@name='{name}']/w:part", _NS)
        if part is None or part.get("element") is None:
            msg = f"message {name} of the WSDL names no element"
            raise NoWsdl(msg)
        return f"{{{self._space}}}{str(part.get('element')).rpartition(':')[2]}"

    def _action(self, operation: str) -> str:
        bound = self._root.find(f"w:binding/w:operation[@name='{operation}']", _NS)
        for namespace in BINDINGS:
            inner = None if bound is None else bound.find(f"{{{namespace}}}operation")
            if inner is not None:
                return inner.get("soapAction", "")
        msg = f"operation {operation} of the WSDL is not bound"
        raise NoWsdl(msg)

    def _fields(self, request: str) -> Mapping[str, tuple[str, str | None]]:
        element = self._schema.find(f"x:element[@name='{_local(request)}']", _NS)
        return {
            str(field.get("name")): (self._tag(field), self._item(field))
            for field in self._members(element)
        }

    def _item(self, field: etree._Element) -> str | None:
        members = self._members(field)
        return self._tag(members[0]) if len(members) == 1 else None

    def _members(self, element: etree._Element | None) -> list[etree._Element]:
        """The elements in the sequence of an element's type; none for a simple type."""
        if element is None:
            return []
        inline = element.find("x:complexType", _NS)
        named = _local(element.get("type", ""))
        holder = inline if inline is not None else self._type(named)
        return [] if holder is None else holder.findall("x:sequence/x:element", _NS)

    def _type(self, name: str) -> etree._Element | None:
        return self._schema.find(f"x:complexType[@name='{name}']", _NS) if name else None

    def _tag(self, element: etree._Element) -> str:
        name = _local(str(element.get("name") or element.get("ref")))
        return f"{{{self._space}}}{name}" if self._qualified else name


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]
