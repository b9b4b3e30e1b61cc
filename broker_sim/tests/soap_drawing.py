"""Values drawn from the contract and envelopes written by hand, to test the SOAP shell with."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final, TypeAlias

from hypothesis import settings
from hypothesis import strategies as st
from lxml import etree

from broker_sim.contract import ENDPOINTS, faults, limits
from broker_sim.contract.kinds import Choice, Endpoint, Field, Kind, Operation, Record, Type
from broker_sim.service.exchange import Answer, Offload, Reply, Request, Wait
from broker_sim.service.seen import Exchange
from broker_sim.soap.service import SoapService
from broker_sim.tests.soap_everything import EVERYTHING

Element: TypeAlias = etree._Element

SOAP11: Final = "text/xml"
SOAP12: Final = "application/soap+xml"
ENVELOPES: Final = {
    SOAP11: "http://schemas.xmlsoap.org/soap/envelope/",
    SOAP12: "http://www.w3.org/2003/05/soap-envelope",
}
SERVED: Final = (*ENDPOINTS, EVERYTHING)
CALLS: Final = [(endpoint, operation) for endpoint in SERVED for operation in endpoint.operations]
CALL_IDS: Final = [f"{endpoint.name}.{operation.name}" for endpoint, operation in CALLS]
NOON: Final = datetime(2026, 1, 25, 12, tzinfo=UTC)
LOGON: Final = next(found for found in ENDPOINTS[0].operations if found.name == "logon")
RIGHT: Final = {"username": "api", "password": "correct horse"}
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACE: Final = limits.NAMESPACE
ALWAYS: Final = faults.ALWAYS

# Everything that XML can carry, and what is easily written wrongly.
_letters = st.characters(
    codec="utf-8",
    exclude_categories=["Cs", "Cc"],
    exclude_characters="\ufffe\uffff",
    include_characters="\t\n\r\x85",
)
_awkward = st.sampled_from(
    [" ", "]]>", "<![CDATA[", "&amp;", "\r\n", "\r", "\t", "\U0001f600", "\x85\u2028", "'\"", "{o}"]
)
texts = st.text(_letters, max_size=12) | st.lists(_awkward, max_size=4).map("".join)
names = texts.filter(bool) | st.just("n" * limits.NAME_MAX)
instants = st.builds(
    lambda ms: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms),
    st.integers(-(10**12), 10**14),
)

Leaves: TypeAlias = Mapping[Kind, st.SearchStrategy[Any]]
_LEAVES: Final[Leaves] = {
    Kind.TEXT: texts,
    Kind.NAME: names,
    Kind.ID: st.integers(1, 2**63 - 1),
    Kind.COUNT: st.integers(0, 2**31 - 1),
    Kind.POSITION: st.integers(0, 2**63 - 1),
    Kind.SECONDS: st.integers(0, 2**31 - 1),
    Kind.MINUTES: st.integers(0, 2**31 - 1),
    Kind.BYTES: st.integers(0, 2**63 - 1),
    Kind.FLAG: st.booleans(),
    Kind.INSTANT: instants,
    Kind.BINARY: st.binary(max_size=40),
}

NO_LEAVES: Final[Leaves] = {}

# Other programs share the machine: no example is late.
MODEST: Final = settings(max_examples=40, deadline=None)
FEW: Final = settings(max_examples=5, deadline=None)


def values(field: Field, leaves: Leaves = NO_LEAVES) -> st.SearchStrategy[Any]:
    """Draw a field's value, None among them where it is optional; records are objects.

    Args:
        field: whose value.
        leaves: where some kinds are drawn from, instead of from everything.
    """
    drawn = _single(field.type, leaves)
    if field.many:
        drawn = st.lists(drawn, max_size=3).map(tuple)
    return st.none() | drawn if field.optional else drawn


def _single(of: Type, leaves: Leaves) -> st.SearchStrategy[Any]:
    if isinstance(of, Kind):
        return leaves.get(of, _LEAVES[of])
    if isinstance(of, Choice):
        return st.sampled_from(of.words)
    fields = {field.name: values(field, leaves) for field in of.fields}
    return st.fixed_dictionaries(fields).map(lambda drawn: SimpleNamespace(**drawn))


def results(operation: Operation, leaves: Leaves = NO_LEAVES) -> st.SearchStrategy[Any]:
    """Draw what an operation may give."""
    return st.none() if operation.gives is None else values(operation.gives, leaves)


def arguments(
    operation: Operation, leaves: Leaves = NO_LEAVES
) -> st.SearchStrategy[dict[str, Any]]:
    """Draw arguments by their Python names."""
    return st.fixed_dictionaries({field.name: values(field, leaves) for field in operation.takes})


def as_arguments(value: Any) -> Any:
    """Turn drawn objects into the dictionaries that a service is given."""
    match value:
        case SimpleNamespace():
            return {name: as_arguments(inner) for name, inner in vars(value).items()}
        case dict():
            return {name: as_arguments(inner) for name, inner in value.items()}
        case tuple():
            return tuple(map(as_arguments, value))
    return value


def payload(operation: Operation, given: Mapping[str, Any]) -> Element:
    """Write a call's payload, by other means than the product's."""
    root = etree.Element(f"{{{NAMESPACE}}}{operation.name}")
    for field in operation.takes:
        _write(root, field, given[field.name])
    return root


def _write(parent: Element, field: Field, value: Any) -> None:
    if value is None:
        return
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{field.wire}")
    if field.many:
        tag = f"{{{NAMESPACE}}}{item(field.type)}"
        for each in value:
            _fill(etree.SubElement(element, tag), field.type, each)
    else:
        _fill(element, field.type, value)


def _fill(element: Element, of: Type, value: Any) -> None:
    if isinstance(of, Record):
        for inner in of.fields:
            _write(element, inner, getattr(value, inner.name))
    else:
        element.text = _written(value)


_ITEMS: Final[Mapping[Kind, str]] = {
    Kind.NAME: "Name",
    Kind.TEXT: "string",
    Kind.INSTANT: "dateTime",
    Kind.BINARY: "base64Binary",
    Kind.FLAG: "boolean",
    **dict.fromkeys((Kind.ID, Kind.POSITION, Kind.BYTES), "long"),
    **dict.fromkeys((Kind.COUNT, Kind.SECONDS, Kind.MINUTES), "int"),
}


def item(of: Type) -> str:
    """Name what stands in a list: a name of the contract, or of XML Schema."""
    return _ITEMS[of] if isinstance(of, Kind) else of.name


def _written(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.replace(tzinfo=None).isoformat() + "Z"
        case bytes():
            return base64.b64encode(value).decode()
    return str(value)


def envelope(inner: bytes | str | Element, media: str = SOAP11, header: str = "") -> bytes:
    """Put a payload into an envelope of the version that `media` names."""
    if isinstance(inner, etree._Element):
        inner = etree.tostring(inner)
    body = inner if isinstance(inner, bytes) else inner.encode()
    head = f'<e:Envelope xmlns:e="{ENVELOPES[media]}">{header}<e:Body>'
    return head.encode() + body + b"</e:Body></e:Envelope>"


def posted(body: bytes, content_type: str = SOAP11, **headers: str) -> Request:
    """Make the request that posts `body`; underscores in header names become dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", "/", headers={"content-type": content_type, **named}, body=body)


def finished(reply: Reply) -> Answer:
    """Do what has to wait, and give the answer."""
    while not isinstance(reply, Answer):
        match reply:
            case Offload(work, then):
                reply = then(work())
            case Wait(_, resume):
                reply = resume()
            case _:
                msg = f"no answer: {reply}"
                raise AssertionError(msg)
    return reply


class Desk:
    """A service whose calls give what `result` is, or raise it; remembers what it was asked."""

    def __init__(self, result: Any = "connection-1", endpoint: Endpoint = ENDPOINTS[0]) -> None:
        self.result = result
        self.given: Mapping[str, Any] = {}
        self.seen: list[Exchange] = []
        self.service = SoapService(
            endpoint,
            self._call,
            "https://b.example",
            lambda: "incident-1",
            lambda done, _: self.seen.append(done),
        )

    def _call(self, _operation: Operation, given: Mapping[str, Any], _request: Request) -> Any:
        self.given = given
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def ask(self, body: bytes, content_type: str = SOAP11, **headers: str) -> Answer:
        """Post a body and give the answer."""
        return finished(self.service.handle(posted(body, content_type, **headers)))

    def call(self, operation: Operation, given: Mapping[str, Any], media: str = SOAP11) -> Answer:
        """Call an operation and give the answer."""
        return self.ask(envelope(payload(operation, given), media), media)


def inside(answer: Answer) -> Element:
    """Give the element in the Body of an answer's envelope."""
    root = etree.fromstring(answer.body)
    assert root.tag in {f"{{{namespace}}}Envelope" for namespace in ENVELOPES.values()}
    (found,) = root[-1]
    return found


def detail(answer: Answer) -> Element:
    """Give the typed detail of a fault of either version."""
    fault = inside(answer)
    wrapped = fault.find("{*}Detail")
    wrapped = fault.find("detail") if wrapped is None else wrapped
    assert wrapped is not None
    (found,) = wrapped
    return found


def told(element: Element) -> dict[str, str]:
    """Give the texts of an element's children by their wire names."""
    return {etree.QName(child).localname: child.text or "" for child in element}


def same(one: Element, other: Element) -> bool:
    """Compare two elements by all but their prefixes."""
    return (
        one.tag == other.tag
        and (one.text or "") == (other.text or "")
        and (one.tail or "") == (other.tail or "")
        and dict(one.items()) == dict(other.items())
        and len(one) == len(other)
        and all(map(same, one, other))
    )
