"""WIRE-1, WIRE-2: the published descriptions, and a stack that knows nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import zeep
import zeep.exceptions
import zeep.helpers
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from broker_sim.contract import ENDPOINTS, faults
from broker_sim.contract.kinds import Endpoint, Field, Kind, Operation, Record
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Request
from broker_sim.soap.service import SoapService
from broker_sim.soap.wsdl import published
from broker_sim.tests import soap_drawing as drawing

CHECKOUT = Path(__file__).parents[2]
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
XSD = "{http://www.w3.org/2001/XMLSchema}"
EVERY_ENDPOINT = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda found: found.name)
EVERY_DOCUMENT = pytest.mark.parametrize(
    ("endpoint", "document"),
    [
        (found, text)
        for found in drawing.SERVED
        for text in published(found, "https://b.example:1/")
    ],
    ids=[f"{found.name}{version}" for found in drawing.SERVED for version in ("", "12")],
)


@EVERY_ENDPOINT
def test_the_committed_copies_are_what_the_contract_gives(endpoint: Endpoint) -> None:
    """WIRE-1: a change of the contract shows in a diff that people can read."""
    folder = CHECKOUT / "fixtures" / "contract"
    copies = [folder / f"{endpoint.name}{version}.wsdl" for version in ("", "12")]

    found = tuple(copy.read_bytes() for copy in copies)

    assert found == published(endpoint, "https://broker.example"), "run `broker-sim contract`"


def test_the_documents_do_not_depend_on_the_hash_seed() -> None:
    """WIRE-1: the same bytes from every process."""
    program = (
        "import hashlib\n"
        "from broker_sim.contract import ENDPOINTS\n"
        "from broker_sim.soap.wsdl import published\n"
        "texts = [t for e in ENDPOINTS for t in published(e, 'https://b.example')]\n"
        "print(hashlib.sha256(b''.join(texts)).hexdigest())\n"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            cwd=CHECKOUT,
            env={"PYTHONHASHSEED": seed},
        )
        for seed in ("1", "2", "3")
    ]

    digests = {process.communicate()[0] for process in running}

    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(digests) == 1


@EVERY_DOCUMENT
def test_other_stacks_find_what_they_want(endpoint: Endpoint, document: bytes) -> None:
    """WIRE-2: what eleven stacks of other languages were happy with."""
    root = etree.fromstring(document)
    refused = {fault.code for operation in endpoint.operations for fault in operation.faults}
    parts = {message.get("name"): message[0].get("name") for message in root.iter(f"{WSDL}message")}
    actions = [found.get("soapAction") for found in root.iter("{*}operation") if len(found) == 0]

    assert root[-1].tag == f"{WSDL}service"
    assert endpoint.doc == root[0].text
    assert {parts[code] for code in refused} == {"fault"}
    assert {parts[operation.name] for operation in endpoint.operations} == {"parameters"}
    assert not root.xpath("//@parameterOrder | //@nillable | //@schemaLocation")
    assert len(actions) == len(endpoint.operations)
    assert all(
        str(action).startswith(f"{drawing.NAMESPACE}/{endpoint.name}/") for action in actions
    )
    assert root.xpath("//@location") == [f"https://b.example:1{endpoint.path}"]


@EVERY_DOCUMENT
def test_every_word_of_the_contract_is_in_the_schema(endpoint: Endpoint, document: bytes) -> None:
    """WIRE-1: each argument and field under its name, optional or not, with its note."""
    root = etree.fromstring(document)
    types = {found.get("name"): found for found in root.iter(f"{XSD}complexType")}

    for operation in endpoint.operations:
        for name, fields in _messages(operation).items():
            elements = list(types[name].iterfind(f"{XSD}sequence/{XSD}element"))
            assert [found.get("name") for found in elements] == [field.wire for field in fields]
            for field, found in zip(fields, elements, strict=True):
                assert found.get("minOccurs", "1") == ("0" if field.optional else "1")
                assert (found.findtext(f".//{XSD}documentation") or "") == field.doc


def _messages(operation: Operation) -> Mapping[str, tuple[Field, ...]]:
    gives = () if operation.gives is None else (operation.gives,)
    inner = [field.type for field in gives if isinstance(field.type, Record)]
    return {
        operation.name: operation.takes,
        f"{operation.name}Response": gives,
        **{record.name: record.fields for record in inner},
    }


class InProcess(zeep.Transport):
    """Carries zeep's messages to a service in this process."""

    def __init__(self, service: SoapService) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # zeep is typed in parts
        self.service = service
        self.types: list[str] = []

    def load(self, url: str) -> bytes:
        """Give the document behind the question mark."""
        query = url.partition("?")[2]
        return drawing.finished(self.service.handle(Request("GET", "/", query))).body

    def post(self, _address: str, message: bytes, headers: Mapping[str, str]) -> Any:
        """Post to the service, whatever the address."""
        named = {name.lower(): value for name, value in headers.items()}
        self.types.append(named["content-type"])
        answer = drawing.finished(
            self.service.handle(Request("POST", "/", headers=named, body=message))
        )
        return SimpleNamespace(
            status_code=answer.status,
            content=answer.body,
            headers=dict(answer.headers),
            encoding="utf-8",
        )


class Stack:
    """zeep on one endpoint, in one version of SOAP; answers what it is told to."""

    def __init__(self, endpoint: Endpoint, query: str) -> None:
        self.given: dict[str, Any] = {}
        self.result: Any = None
        service = SoapService(endpoint, self.call, "https://b.example", lambda: "incident-1")
        self.transport = InProcess(service)
        client: Any = zeep.Client  # typed in parts
        self.client = client(f"memory:?{query}", transport=self.transport)

    def call(self, _operation: Operation, arguments: Mapping[str, Any], _request: Request) -> Any:
        self.given = dict(arguments)
        if isinstance(self.result, Refused):
            raise self.result
        return self.result

    def ask(self, operation: Operation, arguments: Mapping[str, Any]) -> Any:
        sent = {
            field.wire: _to_zeep(field, arguments[field.name])
            for field in operation.takes
            if arguments[field.name] is not None
        }
        plainly: Any = zeep.helpers.serialize_object
        return plainly(getattr(self.client.service, operation.name)(**sent), dict)


def _to_zeep(field: Field, value: Any) -> Any:
    """Turn a value of ours into what zeep takes."""
    if field.many:
        return {drawing.item(field.type): [_one_to_zeep(field, item) for item in value]}
    return _one_to_zeep(field, value)


def _one_to_zeep(field: Field, value: Any) -> Any:
    if not isinstance(field.type, Record):
        return value
    parts = {inner: getattr(value, inner.name) for inner in field.type.fields}
    return {inner.wire: _to_zeep(inner, part) for inner, part in parts.items() if part is not None}


def _from_zeep(field: Field, value: Any) -> Any:
    """Turn zeep's dictionaries into values of ours; it drops wrappers, and reads empty as None."""
    if field.many and value is None and field.optional:
        return None
    if field.many:
        items = value if isinstance(value, list) else next(iter((value or {"": None}).values()))
        return tuple(_single(field, item) for item in items or ())
    return None if value is None else _single(field, value)


def _single(field: Field, value: Any) -> Any:
    if not isinstance(field.type, Record):
        return value
    return SimpleNamespace(
        **{inner.name: _from_zeep(inner, value[inner.wire]) for inner in field.type.fields}
    )


def _as_zeep_sees(field: Field, value: Any) -> Any:
    """Make an empty list None where it may be absent: zeep cannot tell the two apart."""
    if field.many:
        seen = tuple(_as_zeep_sees(replace(field, many=False), item) for item in value or ())
        return None if field.optional and not seen else seen
    if not isinstance(field.type, Record) or value is None:
        return value
    parts = {inner: getattr(value, inner.name) for inner in field.type.fields}
    return SimpleNamespace(**{inner.name: _as_zeep_sees(inner, parts[inner]) for inner in parts})


# zeep strips blanks around texts, and reads what is empty as None.
PLAIN = {
    **dict.fromkeys(
        (Kind.TEXT, Kind.NAME),
        st.text("abc äöü <&>\u20ac", max_size=8).map(lambda text: f"|{text}|"),
    ),
    Kind.BINARY: st.binary(min_size=1, max_size=40),
}
STACKS = {
    (endpoint.name, query): Stack(endpoint, query)
    for endpoint in drawing.SERVED
    for query in ("wsdl", "wsdl12")
}


@pytest.mark.parametrize("query", ["wsdl", "wsdl12"])
@pytest.mark.parametrize(("endpoint", "operation"), drawing.CALLS, ids=drawing.CALL_IDS)
@drawing.FEW
@given(data=st.data())
def test_zeep_works_every_operation_from_the_description_alone(
    endpoint: Endpoint, operation: Operation, query: str, data: st.DataObject
) -> None:
    """WIRE-2: arguments and answer arrive whole, nested lists and binary too."""
    stack = STACKS[endpoint.name, query]
    arguments = data.draw(drawing.arguments(operation, PLAIN))
    stack.result = data.draw(drawing.results(operation, PLAIN))

    answer = stack.ask(operation, arguments)

    assert stack.given == drawing.as_arguments(arguments)
    if operation.gives is not None:
        assert _from_zeep(operation.gives, answer) == _as_zeep_sees(operation.gives, stack.result)
    expected = {"wsdl": "text/xml", "wsdl12": "application/soap+xml"}[query]
    assert stack.transport.types[-1].startswith(expected)


@pytest.mark.parametrize("query", ["wsdl", "wsdl12"])
def test_zeep_reads_the_typed_detail_of_a_fault(query: str) -> None:
    """WIRE-2, FAULT-1: by the type that the description gives it."""
    stack = STACKS["Sessions", query]
    stack.result = Refused(faults.LOCKED_OUT, seconds_left=7)
    logon = next(found for found in ENDPOINTS[0].operations if found.name == "logon")

    with pytest.raises(zeep.exceptions.Fault) as caught:
        stack.ask(logon, {"username": "api", "password": "wrong"})

    (found,) = caught.value.detail
    read = stack.client.get_element(found.tag).parse(found, stack.client.wsdl.types)
    assert (read.code, read.secondsLeft) == ("LockedOut", 7)
    assert read.message == caught.value.message
