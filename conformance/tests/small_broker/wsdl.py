"""The contract as a WSDL, by string templates."""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from broker_sim.contract import faults
from broker_sim.contract.kinds import Choice, Fault, Field, Kind, Operation, Record
from broker_sim.contract.limits import NAMESPACE
from broker_sim.contract.sessions import SESSIONS

_KINDS = {
    Kind.TEXT: "xs:string",
    Kind.NAME: "t:Name",
    Kind.ID: "t:Id",
    Kind.COUNT: "xs:unsignedInt",
    Kind.POSITION: "xs:unsignedLong",
    Kind.SECONDS: "xs:unsignedInt",
    Kind.MINUTES: "xs:unsignedInt",
    Kind.BYTES: "xs:unsignedLong",
    Kind.FLAG: "xs:boolean",
    Kind.INSTANT: "xs:dateTime",
    Kind.BINARY: "xs:base64Binary",
}
_SOAP = {
    "1.1": "http://schemas.xmlsoap.org/wsdl/soap/",
    "1.2": "http://schemas.xmlsoap.org/wsdl/soap12/",
}
_SIMPLE = (
    '<xs:simpleType name="Name"><xs:restriction base="xs:string"><xs:minLength value="1"/>'
    '<xs:maxLength value="255"/></xs:restriction></xs:simpleType>'
    '<xs:simpleType name="Id"><xs:restriction base="xs:long"><xs:minInclusive value="1"/>'
    "</xs:restriction></xs:simpleType>"
)


def item_name(field: Field) -> str:
    """Give the name of an item in a list."""
    kind = field.type
    return kind.name if isinstance(kind, (Record, Choice)) else kind.value


def schema() -> str:
    """Write the schema of everything."""
    types: dict[str, str] = {}
    elements = []
    for operation in SESSIONS.operations:
        gives = () if operation.gives is None else (operation.gives,)
        elements.append(_element(operation.name, operation.takes, types))
        elements.append(_element(f"{operation.name}Response", gives, types))
    elements.extend(_element(fault.code, fault_fields(fault), types) for fault in faults.ALL)
    return (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="{NAMESPACE}" '
        f'targetNamespace="{NAMESPACE}" elementFormDefault="qualified">'
        f"{_SIMPLE}{''.join(types.values())}{''.join(elements)}</xs:schema>"
    )


def fault_fields(fault: Fault) -> tuple[Field, ...]:
    """Give the fields of a fault's detail."""
    code = Field("code", "code", Kind.TEXT)
    return (code, Field("message", "message", Kind.TEXT), *fault.extra)


def _element(name: str, fields: tuple[Field, ...], types: dict[str, str]) -> str:
    body = "".join(_member(field, types) for field in fields)
    inner = f"<xs:complexType><xs:sequence>{body}</xs:sequence></xs:complexType>"
    return f'<xs:element name="{name}">{inner}</xs:element>'


def _member(field: Field, types: dict[str, str]) -> str:
    least = ' minOccurs="0"' if field.optional else ""
    kind = _type(field, types)
    if not field.many:
        return f'<xs:element name="{field.wire}" type="{kind}"{least}/>'
    item = f'<xs:element name="{item_name(field)}" type="{kind}" minOccurs="0"'
    listed = f'{item} maxOccurs="unbounded"/>'
    inner = f"<xs:complexType><xs:sequence>{listed}</xs:sequence></xs:complexType>"
    types.setdefault(
        f"{field.wire}List",
        inner.replace("<xs:complexType>", f'<xs:complexType name="{field.wire}List">'),
    )
    return f'<xs:element name="{field.wire}" type="t:{field.wire}List"{least}/>'


def _type(field: Field, types: dict[str, str]) -> str:
    kind = field.type
    if isinstance(kind, Kind):
        return _KINDS[kind]
    if kind.name not in types and isinstance(kind, Choice):
        words = "".join(f'<xs:enumeration value="{word}"/>' for word in kind.words)
        types[kind.name] = (
            f'<xs:simpleType name="{kind.name}"><xs:restriction base="xs:string">{words}'
            "</xs:restriction></xs:simpleType>"
        )
    if kind.name not in types and isinstance(kind, Record):
        body = "".join(_member(each, types) for each in kind.fields)
        types[kind.name] = (
            f'<xs:complexType name="{kind.name}"><xs:sequence>{body}</xs:sequence></xs:complexType>'
        )
    return f"t:{kind.name}"


def document(version: str, base: str) -> bytes:
    """Write the WSDL of one SOAP version."""
    bound = _SOAP[version]
    operations = SESSIONS.operations
    messages = "".join("".join(_messages(each)) for each in operations)
    messages += "".join(_message(fault.code, fault.code) for fault in faults.ALL)
    ports = "".join(_port(each) for each in operations)
    bindings = "".join(_binding(each) for each in operations)
    where = quoteattr(f"{base}{SESSIONS.path}")
    return (
        f'<?xml version="1.0"?><w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" '
        f'xmlns:s="{bound}" xmlns:t="{NAMESPACE}" targetNamespace="{NAMESPACE}">'
        f"<w:types>{schema()}</w:types>{messages}"
        f'<w:portType name="Sessions">{ports}</w:portType>'
        f'<w:binding name="B" type="t:Sessions"><s:binding style="document" '
        f'transport="http://schemas.xmlsoap.org/soap/http"/>{bindings}</w:binding>'
        f'<w:service name="Sessions"><w:port name="P" binding="t:B"><s:address location={where}/>'
        "</w:port></w:service></w:definitions>"
    ).encode()


def _messages(operation: Operation) -> Iterator[str]:
    yield _message(f"{operation.name}In", operation.name)
    yield _message(f"{operation.name}Out", f"{operation.name}Response")


def _message(name: str, element: str) -> str:
    part = f'<w:part name="parameters" element="t:{element}"/>'
    return f'<w:message name="{name}">{part}</w:message>'


def _refusals(operation: Operation) -> tuple[str, ...]:
    return tuple(fault.code for fault in (*operation.faults, *faults.ALWAYS))


def _port(operation: Operation) -> str:
    name = operation.name
    ends = f'<w:input message="t:{name}In"/><w:output message="t:{name}Out"/>'
    refusals = (f'<w:fault name="{code}" message="t:{code}"/>' for code in _refusals(operation))
    return f'<w:operation name="{name}">{ends}{"".join(refusals)}</w:operation>'


def _binding(operation: Operation) -> str:
    action = f'<s:operation soapAction="{NAMESPACE}/{operation.name}"/>'
    body = '<w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output>'
    refusals = (
        f'<w:fault name="{code}"><s:fault name="{code}" use="literal"/></w:fault>'
        for code in _refusals(operation)
    )
    return f'<w:operation name="{operation.name}">{action}{body}{"".join(refusals)}</w:operation>'
