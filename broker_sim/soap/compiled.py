"""An endpoint, compiled: everything that can be worked out before the first request."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from broker_sim.contract import limits
from broker_sim.contract.kinds import Endpoint, Operation
from broker_sim.soap.decoder import Decoder
from broker_sim.soap.definition import answered, define, refusals
from broker_sim.soap.encoder import Encoder, Writer
from broker_sim.soap.faults import FaultWriter
from broker_sim.soap.shapes import Group, shape_of
from broker_sim.soap.wsdl import schema


@dataclass(frozen=True, slots=True)
class Spoken:
    """One operation: how its arguments are read and its answer written, how it may refuse.

    Attributes:
        opens: its answer is the id of a connection that it opened.
    """

    operation: Operation
    decode: Decoder
    answer: Writer
    refusals: frozenset[str]
    opens: bool


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """One endpoint.

    Attributes:
        by_tag: its operations by the qualified tag of their payload.
        faults: writes its faults.
        groups: the shapes of all that it answers, by the payload's name on the wire.
        records: the names of those types that are records.
        loose: (name of the record or message, field) of lists that are in no order.
    """

    by_tag: Mapping[str, Spoken]
    faults: FaultWriter
    groups: Mapping[str, Group]
    records: frozenset[str]
    loose: frozenset[tuple[str, str]]


@functools.cache
def compiled(endpoint: Endpoint) -> Compiled:
    """Compile an endpoint, once in a process; about 40 ms.

    Raises:
        TypeError: it holds what cannot be compiled.
        ValueError: two things of different shape share a name on the wire.
    """
    defined, checked, encoder = define(endpoint), schema(endpoint), Encoder()
    by_tag = {
        f"{{{limits.NAMESPACE}}}{operation.name}": Spoken(
            operation,
            Decoder.of(shape_of(defined.takes(operation)), checked),
            encoder.of_value(shape_of(defined.gives(operation))),
            frozenset(fault.code for fault in refusals(operation)),
            operation.gives is not None and operation.gives.wire == "connectionId",
        )
        for operation in endpoint.operations
    }
    refused = {code: shape_of(detail) for code, detail in defined.details.items()}
    details = {code: encoder.of_object(shape) for code, shape in refused.items()}
    given = [shape_of(defined.gives(operation)) for operation in endpoint.operations]
    records = frozenset(record.name for record in answered(endpoint))
    return Compiled(
        by_tag,
        FaultWriter(details),
        {shape.name: shape for shape in (*given, *refused.values())},
        records - {shape.name for shape in given},
        _loose(endpoint),
    )


def _loose(endpoint: Endpoint) -> frozenset[tuple[str, str]]:
    """Give the lists that are in no order."""
    return frozenset(
        (record.name, field.wire)
        for record in answered(endpoint)
        for field in record.fields
        if field.any_order
    )
