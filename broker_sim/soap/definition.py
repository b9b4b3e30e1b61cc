"""The contract as spyne types and one spyne service per endpoint.

The keys of a type are our Python names, `sub_name` is the name on the wire; so spyne's own
serialiser and the compiled one read the same objects. Every leaf carries its `kind`, the
contract's word for it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from broker_sim.contract import faults, limits
from broker_sim.contract.kinds import (
    Choice,
    Endpoint,
    Fault,
    Field,
    Kind,
    Operation,
    Record,
    Type,
)
from broker_sim.soap.spyne_compat import (
    Application,
    Array,
    Boolean,
    ByteArray,
    ComplexModel,
    DateTime,
    Enum,
    Integer32,
    Integer64,
    ServiceBase,
    Soap11,
    Unicode,
    rpc,
)

HTTP_TRANSPORT: Final = "http://schemas.xmlsoap.org/soap/http"

# How spyne says each kind. Numbers stay plain, also where the contract knows their least
# value: several stacks wrap a restricted number in a class of its own. `least` refuses them.
LEAVES: Final[dict[Kind, tuple[Any, dict[str, Any]]]] = {
    Kind.TEXT: (Unicode, {}),
    Kind.NAME: (Unicode, {"min_len": 1, "max_len": limits.NAME_MAX, "type_name": "Name"}),
    Kind.ID: (Integer64, {}),
    Kind.COUNT: (Integer32, {}),
    Kind.POSITION: (Integer64, {}),
    Kind.SECONDS: (Integer32, {}),
    Kind.MINUTES: (Integer32, {}),
    Kind.BYTES: (Integer64, {}),
    Kind.FLAG: (Boolean, {}),
    Kind.INSTANT: (DateTime, {}),
    Kind.BINARY: (ByteArray, {}),
}


def sent_with(fault: Fault) -> Record:
    """Give the typed detail of a fault: its code, its sentence, its extra fields."""
    return Record(
        fault.code,
        (Field("code", "code", Kind.NAME), Field("message", "message", Kind.TEXT), *fault.extra),
    )


def answered(endpoint: Endpoint) -> Iterator[Record]:
    """Give all records and messages that an endpoint answers with; some repeatedly."""
    for operation in endpoint.operations:
        gives = (operation.gives,) if operation.gives is not None else ()
        yield from with_inner(Record(f"{operation.name}Response", gives))
        for fault in refusals(operation):
            yield from with_inner(sent_with(fault))


def with_inner(record: Record) -> Iterator[Record]:
    """Give a record and all the records in it."""
    yield record
    for member in record.fields:
        if isinstance(member.type, Record):
            yield from with_inner(member.type)


def refusals(operation: Operation) -> tuple[Fault, ...]:
    """Give every fault that an operation may answer."""
    return (*operation.faults, *faults.ALWAYS)


@dataclass(frozen=True, slots=True)
class Definition:
    """One endpoint as spyne sees it.

    Attributes:
        endpoint: the contract that it was made from.
        application: spyne's; never asked to serve.
        details: the type of each fault's detail, by the fault's code.
    """

    endpoint: Endpoint
    application: Any
    details: dict[str, Any] = field(default_factory=dict)

    def takes(self, operation: Operation) -> Any:
        """Give the type of the message that calls `operation`."""
        return self._descriptor(operation).in_message

    def gives(self, operation: Operation) -> Any:
        """Give the type of the message that answers `operation`."""
        return self._descriptor(operation).out_message

    def _descriptor(self, operation: Operation) -> Any:
        methods = self.application.interface.service_method_map
        return methods[f"{{{limits.NAMESPACE}}}{operation.name}"][0]


@functools.cache
def define(endpoint: Endpoint) -> Definition:
    """Turn an endpoint of the contract into spyne types and a spyne application.

    The application says SOAP 1.1; payloads are the same in both versions.

    Raises:
        ValueError: two things of different shape share a name on the wire.
    """
    types = _Types()
    methods = {operation.name: types.method(operation) for operation in endpoint.operations}
    service = type(f"{endpoint.name}Service", (ServiceBase,), methods)
    application = Application(
        [service],
        tns=limits.NAMESPACE,
        name=endpoint.name,
        in_protocol=Soap11(),
        out_protocol=Soap11(),
    )
    application.transport = HTTP_TRANSPORT
    return Definition(endpoint, application, types.details)


class _Types:
    """The spyne types of one endpoint, each made once."""

    def __init__(self) -> None:
        self.details: dict[str, Any] = {}
        self._made: dict[str, tuple[object, Any]] = {}

    def method(self, operation: Operation) -> Any:
        """Declare one operation; its body is never run."""

        def declared(*_arguments: object) -> None: ...

        declared.__name__ = operation.name
        declared.__doc__ = operation.doc
        answer: dict[str, Any] = {}
        if operation.gives is not None:
            answer["_returns"] = self._member(operation.gives)
            answer["_out_variable_name"] = operation.gives.name
        return rpc(
            *(self._member(taken) for taken in operation.takes),
            _args=[taken.name for taken in operation.takes],
            _throws=[self._detail(fault) for fault in refusals(operation)],
            **answer,
        )(declared)

    def _detail(self, fault: Fault) -> Any:
        return self.details.setdefault(fault.code, self._named(sent_with(fault)))

    def _member(self, member: Field) -> Any:
        options = {"min_occurs": 0 if member.optional else 1, "sub_name": member.wire}
        if member.many:
            item = self._type(member.type, min_occurs=0, max_occurs="unbounded")
            return Array(item).customize(nillable=False, **options)
        return self._type(member.type, **options)

    def _type(self, of: Type, **options: Any) -> Any:
        if isinstance(of, Kind):
            base, shape = LEAVES[of]
            leaf = base.customize(kind=of, nillable=False, **shape, **options)
            if "type_name" in shape:
                leaf.__namespace__ = limits.NAMESPACE  # a type of ours, no longer of XML Schema
            return leaf
        return self._named(of).customize(nillable=False, **options)

    def _named(self, of: Choice | Record) -> Any:
        """Give the type of that name, and refuse two of one name."""
        known, made = self._made.get(of.name, (of, None))
        if known != of:
            msg = f"two different things are named {of.name}"
            raise ValueError(msg)
        if made is None:
            made = (
                Enum(*of.words, type_name=of.name) if isinstance(of, Choice) else self._record(of)
            )
            self._made[of.name] = (of, made)
        return made

    def _record(self, record: Record) -> Any:
        members = [(member.name, self._member(member)) for member in record.fields]
        body = {"__namespace__": limits.NAMESPACE, "_type_info": members}
        return type(record.name, (ComplexModel,), body)
