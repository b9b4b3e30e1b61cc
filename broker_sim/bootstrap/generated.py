"""Files that are written from the contract: the WSDL documents and the manual's rules chapter.

`broker-sim contract` writes them; a test compares them with what lies in the checkout.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from broker_sim.contract import ENDPOINTS, faults
from broker_sim.contract.kinds import Choice, Fault, Field, Operation, Record
from broker_sim.soap.wsdl import published

# Stands where a running broker writes its own address.
PLACEHOLDER: Final = "https://broker.example"
_HEAD: Final = "<!-- Written by `broker-sim contract` from broker_sim/contract/. Do not edit. -->\n"


def files() -> Mapping[str, bytes]:
    """Give every generated file by its path in a checkout."""
    made: dict[str, bytes] = {}
    for endpoint in ENDPOINTS:
        soap11, soap12 = published(endpoint, PLACEHOLDER)
        made[f"fixtures/contract/{endpoint.name}.wsdl"] = soap11
        made[f"fixtures/contract/{endpoint.name}12.wsdl"] = soap12
    made["docs/rules.md"] = _rules().encode()
    made["docs/services.md"] = _services().encode()
    return made


def write(root: Path) -> Sequence[Path]:
    """Write the files below `root`; give the paths of those that changed."""
    changed = []
    for name, content in files().items():
        path = root / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            changed.append(path)
    return changed


def check(root: Path) -> Sequence[Path]:
    """Give the paths below `root` that are missing or not what the contract says."""
    return [
        root / name
        for name, content in files().items()
        if not (root / name).exists() or (root / name).read_bytes() != content
    ]


def rules() -> Sequence[Mapping[str, Any]]:
    """Give every requirement, in the order of the file."""
    text = resources.files("broker_sim.contract").joinpath("requirements.toml").read_text("utf-8")
    found: Sequence[Mapping[str, Any]] = tomllib.loads(text)["rule"]
    return found


def _rules() -> str:
    lines = [
        _HEAD,
        "# The rules",
        "",
        (
            "What the broker promises and what a good client owes it. The ids are the same in the"
            " code that keeps a rule, the property that checks it, the broken broker that the"
            " property must catch, and the report. `broker-conformance explain ID` finds all of"
            " them."
        ),
        "",
        (
            "Source: S0, S1, S4 the three published documents that the product is modelled on;"
            " F public facts; C our choice, where nothing is published."
        ),
    ]
    for chapter, found in groupby(rules(), key=lambda rule: rule["chapter"]):
        lines += ["", f"## {chapter}", "", "| id | level | rule | source |", "|---|---|---|---|"]
        lines += [
            f"| {rule['id']} | {rule['level']} | {rule['sentence']} | {rule['source']} |"
            for rule in found
        ]
    return "\n".join(lines) + "\n"


def _services() -> str:
    lines = [
        _HEAD,
        "# The services",
        "",
        (
            "SOAP 1.1 and 1.2, document/literal wrapped. `?wsdl` is the document for SOAP 1.1,"
            " `?wsdl12` the one for SOAP 1.2; both have one endpoint, and the content type of a"
            " call chooses. Instants are UTC, to the millisecond; one without a zone is read as"
            " UTC."
        ),
        "",
        (
            "The operation names are this simulator's own: those of the product that it models were"
            " never public."
        ),
    ]
    for endpoint in ENDPOINTS:
        lines += ["", f"## {endpoint.name}", "", f"`{endpoint.path}`"]
        for operation in endpoint.operations:
            lines += _operation(operation)
    lines += ["", "## Records", *_records(), "", "## Faults", "", *_faults()]
    return "\n".join(lines) + "\n"


def _operation(operation: Operation) -> list[str]:
    takes = ", ".join(f"{f.wire}: {_type(f)}" for f in operation.takes)
    gives = "nothing" if operation.gives is None else _type(operation.gives)
    codes = ", ".join(fault.code for fault in (*operation.faults, *faults.ALWAYS))
    return [
        "",
        f"### {operation.name}",
        "",
        operation.doc,
        "",
        f"`{operation.name}({takes})` gives {gives}.",
        "",
        f"Faults: {codes}. Rules: {', '.join(operation.rules)}.",
    ]


def _type(field: Field) -> str:
    of = field.type
    name = of.name if isinstance(of, (Choice, Record)) else of.value
    many = f"list of {name}" if field.many else name
    return f"{many}, optional" if field.optional else many


def _records() -> list[str]:
    found: dict[str, Record | Choice] = {}
    for endpoint in ENDPOINTS:
        for operation in endpoint.operations:
            for field in (*operation.takes, *((operation.gives,) if operation.gives else ())):
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


def _collect(field: Field, found: dict[str, Record | Choice]) -> None:
    of = field.type
    if not isinstance(of, (Choice, Record)) or of.name in found:
        return
    found[of.name] = of
    if isinstance(of, Record):
        for inner in of.fields:
            _collect(inner, found)


def _faults() -> list[str]:
    lines = ["| code | fields | may one retry | sentence |", "|---|---|---|---|"]
    lines += [_fault(fault) for fault in faults.ALL]
    return lines


def _fault(fault: Fault) -> str:
    extra = ", ".join(f"{field.wire}: {_type(field)}" for field in fault.extra)
    return f"| {fault.code} | {extra} | {fault.retry.value} | {fault.text} |"
