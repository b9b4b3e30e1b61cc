"""Calls the operations of a target and reads their answers as outcomes."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from lxml import etree

from broker_sim.contract import ENDPOINTS
from broker_sim.contract.faults import BY_CODE
from broker_sim.contract.kinds import Endpoint, Operation
from broker_sim.contract.sessions import SESSIONS
from conformance import envelope, passive
from conformance.envelope import Unreadable
from conformance.exchange import Answer, Http, NoAnswer
from conformance.passive import Finding
from conformance.published import Published

SERVICES: Final[Mapping[str, Endpoint]] = {endpoint.name: endpoint for endpoint in ENDPOINTS}
# Of every service, its operations by name; and those of the Sessions service.
ALL_OPERATIONS: Final[Mapping[str, Mapping[str, Operation]]] = {
    endpoint.name: {operation.name: operation for operation in endpoint.operations}
    for endpoint in ENDPOINTS
}
OPERATIONS: Final = ALL_OPERATIONS[SESSIONS.name]
ON_A_CONNECTION: Final = tuple(
    op.name for op in SESSIONS.operations if op.takes[0].name == "connection_id"
)

Outcome: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What one call came to: the outcome, what it broke in passing, and the wire of it."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    sent: bytes = b""
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls one endpoint.

    Attributes:
        http: the way there.
        path: of the endpoint, below the base.
        published: the documents that the target publishes, by SOAP version.
        secrets: what may stand in no fault; grows as things become known.
        service: the endpoint's name.
    """

    http: Http
    path: str
    published: Mapping[str, Published]
    secrets: set[str] = field(default_factory=set)
    service: str = SESSIONS.name

    @property
    def operations(self) -> Mapping[str, Operation]:
        """What the contract says that it does, by name."""
        return ALL_OPERATIONS[self.service]

    def call(self, name: str, arguments: Mapping[str, Any], version: str = "1.1") -> Reply:
        """Call an operation; arguments by Python name.

        Raises:
            Unreachable: nobody listens any more.
        """
        try:
            shape = self.published[version].shapes[name]
            sent = envelope.write(self.operations[name], shape, arguments, version)
        except KeyError as missing:
            # What is not published cannot be called: that is told like any other answer.
            told = f"SOAP {version}: the published document lacks {missing}"
            return Reply({"broken": told}, (Finding("WIRE-1", "the whole contract", told),))
        try:
            headers = envelope.headers(version, shape.action)
            answer = self.http.send("POST", self.path, headers, sent)
        except NoAnswer as error:
            return Reply({"broken": str(error)}, sent=sent)
        outcome, findings = self.read(name, answer, version)
        self._remember(name, arguments, outcome)
        return Reply(outcome, findings, sent, answer)

    def read(self, name: str, answer: Answer, version: str) -> tuple[Outcome, tuple[Finding, ...]]:
        """Read the answer to a call of `name`."""
        try:
            payload = envelope.payload(answer.body, version)
        except Unreadable as error:
            broken = {"broken": f"{error} (HTTP {answer.status})"}
            return broken, (Finding("WIRE-1", f"a SOAP {version} answer", str(error)),)
        shape, published = self.published[version].shapes[name], self.published[version]
        frame = list(passive.of_any(answer, version, envelope.MEDIA[version]))
        if payload.tag == f"{{{envelope.ENVELOPES[version]}}}Fault":
            outcome, found = self._fault(name, payload, answer, version)
            return outcome, (*frame, *found)
        found = [*frame, *passive.of_gift(payload, answer, shape, published)]
        try:
            return {"gives": _given(self.operations[name], payload)}, tuple(found)
        except Unreadable as error:
            broken = {"broken": str(error)}
            return broken, (*found, Finding("WIRE-1", "values of the declared kinds", str(error)))

    def _fault(
        self, name: str, payload: etree._Element, answer: Answer, version: str
    ) -> tuple[Outcome, list[Finding]]:
        code, sentence, detail = envelope.fault_parts(payload, version)
        shape, published = self.published[version].shapes[name], self.published[version]
        operation = self.operations[name]
        found = list(passive.of_fault(code, sentence, detail, answer, operation, shape, published))
        found.extend(self._told_secrets(answer))
        return _fault_outcome(code, sentence, detail), found

    def _told_secrets(self, answer: Answer) -> Iterator[Finding]:
        if passive.leaked_secret(answer.body, self.secrets):
            yield Finding("REC-7", "no key, password or connection id in a fault", "one is there")

    def _remember(self, name: str, arguments: Mapping[str, Any], outcome: Outcome) -> None:
        password = arguments.get("password")
        if isinstance(password, str):
            self.secrets.add(password)
        given = outcome.get("gives")
        if name == "logon" and isinstance(given, str):
            self.secrets.add(given)
        if isinstance(given, dict) and isinstance(given.get("key"), bytes):
            self.secrets.update(spellings(given["key"]))


def spellings(key: bytes) -> set[str]:
    """Give the ways in which a key could stand in a text: hex, both cases, and base64."""
    encoded = base64.b64encode(key).decode("ascii")
    return {key.hex(), key.hex().upper(), encoded, encoded.rstrip("=")}


def _given(operation: Operation, payload: etree._Element) -> Any:
    if operation.gives is None:
        return None
    return envelope.value_of(payload[0] if len(payload) else None, operation.gives)


def _fault_outcome(code: str, sentence: str, detail: etree._Element | None) -> Outcome:
    """Read a typed detail; a fault without one keeps the envelope's code."""
    if detail is None:
        return {"fault": code, "message": sentence, "fields": {}}
    by_name = {etree.QName(child).localname: child for child in detail}
    told = by_name["code"].text if "code" in by_name else code
    known = BY_CODE.get(told or "")
    fields = {} if known is None else _fields(known.extra, by_name)
    return {"fault": told, "message": sentence, "fields": fields}


def _fields(extra: Any, by_name: Mapping[str, etree._Element]) -> dict[str, Any]:
    values = {}
    for wanted in extra:
        try:
            values[wanted.name] = envelope.value_of(by_name.get(wanted.wire), wanted)
        except Unreadable as error:
            values[wanted.name] = str(error)
    return values
