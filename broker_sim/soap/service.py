"""One SOAP endpoint: an HTTP request in, a reply out, whatever happens in between."""

from __future__ import annotations

import functools
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any, Final, TypeAlias

from lxml import etree

from broker_sim.contract import faults, limits
from broker_sim.contract.kinds import Endpoint, Operation
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Answer, Cut, Offload, Reply, Request, Wait
from broker_sim.soap import gate
from broker_sim.soap.compiled import Spoken, compiled
from broker_sim.soap.diagnosis import named, shown
from broker_sim.soap.encoder import Fragment
from broker_sim.soap.envelope import (
    SOAP11,
    TAIL,
    NotUnderstood,
    Version,
    WrongVersion,
    header_names,
    payload_of,
    unacceptable,
)
from broker_sim.soap.faults import (
    MUST_UNDERSTAND,
    VERSION_MISMATCH,
    not_understood,
    version_mismatch,
)
from broker_sim.soap.parser import PARSING
from broker_sim.soap.wsdl import published

# The service room: what an operation gives, or an Offload or Wait whose end gives it. An
# Answer or a Cut is sent as it stands: a tester may have a call answered with anything.
Call: TypeAlias = Callable[[Operation, Mapping[str, Any], Request], Any]

_LOG: Final = logging.getLogger("broker_sim.soap")
_ALWAYS: Final = frozenset(fault.code for fault in faults.ALWAYS)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what became of it, for the journal.

    Attributes:
        operation: its name on the wire; None where the message named none of ours.
        status: of HTTP; 0 where the connection was cut instead.
        fault: the code of the fault; None for an answer and for a plain 4xx.
        request: passwords and all: to be redacted.
        arguments: by their Python names, unredacted; None if they could not be read.
        response: the body that was sent.
        reply: all that was sent, or how the connection was cut.
        seconds: from the request's arrival here to its end, what it waited for included.
        asked: the qualified name of a payload that names no operation of ours.
        refusal: the sentence it was refused with.
        ignored: the qualified names of header blocks that nobody here reads.
    """

    operation: str | None
    status: int
    fault: str | None
    request: Request = field(repr=False)
    arguments: Mapping[str, Any] | None = field(repr=False)
    response: bytes = field(repr=False)
    reply: Answer | Cut = field(repr=False)
    seconds: float
    asked: str | None
    refusal: str | None
    ignored: tuple[str, ...]


@dataclass(slots=True)
class _Turn:
    """What is known so far of the request in hand."""

    request: Request
    version: Version = SOAP11
    spoken: Spoken | None = None
    arguments: Mapping[str, Any] | None = None
    began: float = field(default_factory=perf_counter)
    asked: str | None = None
    refusal: str | None = None
    ignored: tuple[str, ...] = ()


class SoapService:
    """Serves one endpoint, SOAP 1.1 and 1.2, and its two descriptions.

    Nothing is raised out of `handle` but what `observe` raises.

    Args:
        endpoint: the contract to serve; TypeError or ValueError if it cannot be compiled.
        call: carries an operation out; see `Call`.
        base_url: scheme, host and port under which callers reach the broker.
        incident: gives an id for a failure nobody foresaw.
        observe: told of every exchange, at its end.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        call: Call,
        base_url: str,
        incident: Callable[[], str],
        observe: Callable[[Exchange], None] | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._call = call
        self._incident = incident
        self._observe = observe
        self._compiled = compiled(endpoint)
        self._base_url = base_url

    def handle(self, request: Request) -> Reply:
        """Answer one request: a call, or a question for a description.

        Source: FAULT-1, FAULT-2, WIRE-1.
        """
        turn = _Turn(request)
        if request.method in {"GET", "HEAD"}:
            return self._close(turn, self._describe(request.query))
        admitted = gate.admit(request)
        if isinstance(admitted, Answer):
            return self._close(turn, admitted)
        turn.version, charset = admitted
        return self._go_on(turn, lambda: self._begin(turn, charset))

    def encode_value(self, operation: Operation, value: object) -> Fragment:
        """Write what an operation gives, to be kept and given in its place as often as wanted."""
        return self._compiled.by_tag[_tag(operation.name)].answer.fragment(value)

    @functools.cached_property
    def _documents(self) -> Mapping[str, bytes]:
        """The two descriptions; they take as long as many calls and are not always read."""
        both = published(self.endpoint, self._base_url)
        return dict(zip(("wsdl", "wsdl12"), both, strict=True))

    def _describe(self, query: str) -> Answer:
        document = self._documents.get(query.lower().rstrip("="))
        if document is not None:
            return Answer(200, (("Content-Type", SOAP11.content_type),), document)
        path = self.endpoint.path
        return gate.plain(
            404, f"A SOAP endpoint. Its descriptions: {path}?wsdl and {path}?wsdl12 (SOAP 1.2)."
        )

    def _begin(self, turn: _Turn, charset: str) -> Any:
        """Read the request and have it carried out."""
        body = gate.readable(turn.request.body, charset)
        spoken, arguments = PARSING.read(body, partial(self._read, turn))
        turn.arguments = arguments
        return self._call(spoken.operation, arguments, turn.request)

    def _read(self, turn: _Turn, root: etree._Element) -> tuple[Spoken, dict[str, Any]]:
        payload = payload_of(root, turn.version)
        if len(root) > 1:
            turn.ignored = header_names(root, turn.version)
        spoken = self._compiled.by_tag.get(payload.tag)
        if spoken is None:
            turn.asked = named(payload)
            name = shown(payload)
            if _tag(name) in self._compiled.by_tag:
                raise unacceptable(f"{name} must be in the namespace {limits.NAMESPACE}")
            raise unacceptable(f"{self.endpoint.name} has no operation {name}")
        turn.spoken = spoken
        return spoken, spoken.decode(payload)

    def _go_on(self, turn: _Turn, step: Callable[[], Any]) -> Reply:
        """Take one step of a call: to its end, or to the next thing that has to wait."""
        reply: Answer | Cut
        fault: str | None
        try:
            value = step()
            match value:
                case Offload():
                    return self._aside(turn, value)
                case Wait(seconds, then):
                    return Wait(seconds, partial(self._go_on, turn, then))
                case Answer() | Cut():
                    reply, fault = value, None
                case _:
                    reply, fault = self._answer(turn, value), None
        except Exception as error:  # noqa: BLE001  the last guard before the wire
            reply, fault = self._refuse(turn, error)
        return self._close(turn, reply, fault)

    def _answer(self, turn: _Turn, value: object) -> Answer:
        assert turn.spoken is not None
        body = turn.version.head + turn.spoken.answer(value) + TAIL
        return Answer(200, (("Content-Type", turn.version.content_type),), body)

    def _aside(self, turn: _Turn, offload: Offload) -> Offload:
        """Have the work done, and go on with its end, be that a result or an exception."""

        def then(end: tuple[Any, Exception | None]) -> Reply:
            return self._go_on(turn, partial(_resume, offload.then, end))

        return Offload(partial(_attempt, offload.work), then)

    def _refuse(self, turn: _Turn, error: Exception) -> tuple[Answer, str]:
        """Write the fault that an exception becomes, and tell its code."""
        declared = turn.spoken.refusals if turn.spoken is not None else _ALWAYS
        try:
            turn.refusal = error.sentence if isinstance(error, Refused) else str(error)
            match error:
                case NotUnderstood():
                    return not_understood(error, turn.version), MUST_UNDERSTAND
                case WrongVersion():
                    return version_mismatch(turn.version), VERSION_MISMATCH
                case Refused(fault=fault) if fault.code in declared:
                    return self._compiled.faults.refusal(error, turn.version), fault.code
        except Exception as unwritten:  # noqa: BLE001  a fault that cannot be written is one more
            error = unwritten
        incident = self._incident()
        operation = turn.spoken.operation.name if turn.spoken is not None else "no operation"
        _LOG.error("incident %s in %s: %s", incident, operation, "".join(_told(error)))
        failed = Refused(faults.SERVER_ERROR, incident_id=incident)
        turn.refusal = failed.sentence
        return self._compiled.faults.refusal(failed, turn.version), failed.fault.code

    def _close(self, turn: _Turn, reply: Answer | Cut, fault: str | None = None) -> Reply:
        if self._observe is not None:
            status, sent = (
                (0, reply.after) if isinstance(reply, Cut) else (reply.status, reply.body)
            )
            name = turn.spoken.operation.name if turn.spoken is not None else None
            self._observe(
                Exchange(
                    name,
                    status,
                    fault,
                    turn.request,
                    turn.arguments,
                    sent,
                    reply,
                    perf_counter() - turn.began,
                    turn.asked,
                    turn.refusal,
                    turn.ignored,
                )
            )
        return reply


def _tag(name: str) -> str:
    return f"{{{limits.NAMESPACE}}}{name}"


def _attempt(work: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """Do the work in its thread; what it raises is answered inline, like all else."""
    try:
        return work(), None
    except Exception as error:  # noqa: BLE001  raised again by `_resume`
        return None, error


def _resume(then: Callable[[Any], Any], end: tuple[Any, Exception | None]) -> Any:
    result, error = end
    if error is not None:
        raise error
    return then(result)


def _told(error: BaseException | None) -> Iterator[str]:
    """Tell an error by its kinds and places; its words may hold what a caller sent."""
    while error is not None:
        if isinstance(error, Refused):
            yield f"undeclared {error.fault.code} "
        yield f"{type(error).__qualname__}\n{''.join(traceback.format_tb(error.__traceback__))}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
