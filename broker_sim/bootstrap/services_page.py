"""The services chapter of the manual, written from the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from broker_sim.contract import ENDPOINTS, faults, limits
from broker_sim.contract.kinds import Choice, Endpoint, Fault, Field, Kind, Operation, Record

_KINDS: Final = {
    Kind.TEXT: ("xs:string", "any Unicode that XML allows, at most 100,000 characters"),
    Kind.NAME: ("xs:string", "1 to 255 characters"),
    Kind.ID: ("xs:long", "a positive number"),
    Kind.COUNT: ("xs:int", "0 or more"),
    Kind.POSITION: ("xs:long", "0 or more: a place in the growing change log"),
    Kind.SECONDS: ("xs:int", "whole seconds, 0 or more"),
    Kind.MINUTES: ("xs:int", "whole minutes, 0 or more"),
    Kind.BYTES: ("xs:long", "a size in bytes, 0 or more"),
    Kind.FLAG: ("xs:boolean", "true or false"),
    Kind.INSTANT: ("xs:dateTime", "UTC, to the millisecond"),
    Kind.BINARY: ("xs:base64Binary", "bytes"),
}
_INTRODUCTION: Final = (
    "# The services\n\n"
    "SOAP 1.1 and 1.2, document/literal wrapped, namespace `{namespace}`. `?wsdl` is the document"
    " for SOAP 1.1, `?wsdl12` the one for SOAP 1.2; both have one endpoint, and the content type"
    " of a call chooses. Arguments stand in the order given here. An optional field that is absent"
    " means none; an empty one means empty. An instant without a zone is read as UTC.\n\n"
    "The operation names are this simulator's own: those of the product that it models were never"
    " public."
)
_FAULT_SAMPLE: Final = """\
A fault has HTTP status 500 (in SOAP 1.2: 400 where the caller is to blame). Its detail is one
element named by its code, with code, message and the fields below:

```xml
<soap:Fault>
  <faultcode>soap:Client</faultcode>
  <faultstring>Too many failed logons: this login is locked. Try again in 300 seconds.</faultstring>
  <detail>
    <LockedOut xmlns="{namespace}">
      <code>LockedOut</code>
      <message>Too many failed logons: this login is locked. Try again in 300 seconds.</message>
      <secondsLeft>300</secondsLeft>
    </LockedOut>
  </detail>
</soap:Fault>
```
"""


def services() -> str:
    """Give the chapter as Markdown: operations, types, records, faults."""
    lines = [_INTRODUCTION.format(namespace=limits.NAMESPACE)]
    for endpoint in ENDPOINTS:
        lines += ["", f"## {endpoint.name}", "", f"`{endpoint.path}`"]
        for operation in endpoint.operations:
            lines += _operation(operation)
    lines += ["", "## Types", "", "| type | in the schema | |", "|---|---|---|"]
    lines += [f"| {kind.value} | {xsd} | {said} |" for kind, (xsd, said) in _KINDS.items()]
    lines += ["", "## Records", *_records(), "", "## Faults", ""]
    lines += [_FAULT_SAMPLE.format(namespace=limits.NAMESPACE), *_faults()]
    return "\n".join(lines) + "\n"


def _operation(operation: Operation) -> list[str]:
    codes = ", ".join(fault.code for fault in (*operation.faults, *faults.ALWAYS))
    takes = ", ".join(field.wire for field in operation.takes)
    lines = ["", f"### {operation.name}", "", operation.doc, "", f"`{operation.name}({takes})`", ""]
    lines += ["| | | |", "|---|---|---|"]
    lines += [f"| takes {field.wire} | {_type(field)} | {field.doc} |" for field in operation.takes]
    if operation.gives is not None:
        lines.append(
            f"| gives {operation.gives.wire} | {_type(operation.gives)} | {operation.gives.doc} |"
        )
    return [*lines, "", f"Faults: {codes}. Rules: {', '.join(operation.rules)}."]


def _type(field: Field) -> str:
    of = field.type
    name = of.name if isinstance(of, (Choice, Record)) else of.value
    many = f"list of {name}" if field.many else name
    return f"{many}, optional" if field.optional else many


def _records() -> list[str]:
    found: dict[str, Record | Choice] = {}
    for endpoint in ENDPOINTS:
        for field in _fields(endpoint):
            _collect(field, found)
    lines: list[str] = []
    for name, of in found.items():
        lines += ["", f"### {name}", ""]
        if isinstance(of, Choice):
            lines.append(f"One of {', '.join(of.words)}.")
        else:
            lines += ["| field | type | |", "|---|---|---|"]
            lines += [f"| {f.wire} | {_type(f)} | {f.doc} |" for f in of.fields]
    return lines


def _fields(endpoint: Endpoint) -> Iterator[Field]:
    for operation in endpoint.operations:
        yield from operation.takes
        if operation.gives is not None:
            yield operation.gives


def _collect(field: Field, found: dict[str, Record | Choice]) -> None:
    of = field.type
    if not isinstance(of, (Choice, Record)) or of.name in found:
        return
    found[of.name] = of
    if isinstance(of, Record):
        for inner in of.fields:
            _collect(inner, found)


def _faults() -> list[str]:
    declared = {
        fault.code
        for endpoint in ENDPOINTS
        for operation in endpoint.operations
        for fault in (*operation.faults, *faults.ALWAYS)
    }
    lines = ["| code | fields | may one retry | sentence |", "|---|---|---|---|"]
    return lines + [_fault(fault) for fault in faults.ALL if fault.code in declared]


def _fault(fault: Fault) -> str:
    extra = ", ".join(f"{field.wire}: {_type(field)}" for field in fault.extra)
    return f"| {fault.code} | {extra} | {fault.retry.value} | {fault.text} |"
