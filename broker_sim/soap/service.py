"""One SOAP endpoint: an HTTP request in, a reply out, whatever happens in between."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeAlias

from lxml import etree

from broker_sim.contract import faults, limits
from broker_sim.contract.kinds import Endpoint, Operation
from broker_sim.core.effects import INSTEAD, Refuse
from broker_sim.core.provocation import NOTHING
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Answer, Cut, Offload, Reply, Request, Stream, Wait
from broker_sim.service.provoking import Faults
from broker_sim.service.seen import Exchange
from broker_sim.service.striking import as_sent, upon
from broker_sim.soap import gate
from broker_sim.soap.compiled import Spoken, compiled
from broker_sim.soap.diagnosis import named, shown
from broker_sim.soap.disguise import disguised
from broker_sim.soap.encoder import Fragment
from broker_sim.soap.envelope import (
    SOAP11,
    TAIL,
    NotUnderstood,
    WrongVersion,
    header_names,
    payload_of,
    unacceptable,
)
from broker_sim.soap.familiar import forms_of
from broker_sim.soap.faults import (
    MUST_UNDERSTAND,
    VERSION_MISMATCH,
    not_understood,
    version_mismatch,
)
from broker_sim.soap.parser import PARSING, pieces_of
from broker_sim.soap.turn import Turn, attempt, resume, told
from broker_sim.soap.wsdl import published

# The service room: what an operation gives, or an Offload or Wait whose end gives it. An
# Answer or a Cut is sent as it stands: a tester may have a call answered with anything.
Call: TypeAlias = Callable[[Operation, Mapping[str, Any], Request], Any]

_LOG: Final = logging.getLogger("broker_sim.soap")
_ALWAYS: Final = frozenset(fault.code for fault in faults.ALWAYS)


class SoapService:
    """Serves one endpoint, SOAP 1.1 and 1.2, and its two descriptions.

    Nothing is raised out of `handle` but what `observe` raises.

    Args:
        endpoint: the contract to serve; TypeError or ValueError if it cannot be compiled.
        call: carries an operation out; see `Call`.
        base_url: scheme, host and port under which callers reach the broker.
        incident: gives an id for a failure nobody foresaw.
        observe: told of every exchange, at its end, and of the request with its headers.
        faults: what a tester has happen to calls; None for nothing.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        call: Call,
        base_url: str,
        incident: Callable[[], str],
        observe: Callable[[Exchange, Request], None] | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._call = call
        self._incident = incident
        self._observe = observe
        self._faults = faults
        self._compiled = compiled(endpoint)
        self._forms = forms_of(self._compiled)
        self._base_url = base_url

    def handle(self, request: Request) -> Reply:
        """Answer one request: a call, or a question for a description.

        Source: FAULT-1, FAULT-2, WIRE-1.
        """
        turn = Turn(request)
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

    def _begin(self, turn: Turn, charset: str) -> Any:
        """Read the request and have it carried out."""
        known = None
        if charset in gate.ASCII_IS_ASCII:
            known = self._forms.read(turn.version, turn.request.body)
        if known is None:
            body = gate.readable(turn.request.body, charset)
            pieces = pieces_of(body)
            known = PARSING.read(body, partial(self._read, turn, pieces), pieces)
        turn.spoken, turn.arguments = spoken, arguments = known
        if self._faults is not None and self._faults.armed:
            return self._provoked(turn, self._faults, spoken.operation, arguments)
        return self._call(spoken.operation, arguments, turn.request)

    def _provoked(
        self, turn: Turn, faults: Faults, operation: Operation, arguments: Mapping[str, Any]
    ) -> Any:
        """Have a call carried out as a tester wants it: late, or not at all."""
        turn.strike = strike = faults.strike(self.endpoint.name, operation, arguments)

        def go_on() -> Any:
            if strike.effect is not None and not strike.after:
                return faults.instead(strike, turn.version.content_type)
            return self._call(operation, arguments, turn.request)

        return Wait(strike.wait_before, go_on) if strike.wait_before else go_on()

    def _read(
        self, turn: Turn, pieces: list[bytes], root: etree._Element
    ) -> tuple[Spoken, dict[str, Any]]:
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
        arguments = spoken.decode(payload)
        self._forms.learn(turn.version, pieces, root, spoken)
        return spoken, arguments

    def _go_on(self, turn: Turn, step: Callable[[], Any]) -> Reply:
        """Take one step of a call: to its end, or to the next thing that has to wait."""
        reply: Answer | Cut
        fault: str | None
        by = self._faults
        try:
            value = step()
            match value:
                case Offload():
                    return self._aside(turn, value)
                case Wait(seconds, then, bell):
                    return Wait(seconds, partial(self._go_on, turn, then), bell)
                case Answer() | Cut():
                    reply, fault, turn.is_ours = value, None, False
                case _:
                    if by is not None and by.armed:
                        turn.strike = by.strike_reading(turn.strike, _operation(turn), value)
                    reply, fault = self._answer(turn, value), None
        except Exception as error:  # noqa: BLE001  the last guard before the wire
            reply, fault = self._refuse(turn, error)
        if by is not None and (turn.strike is not NOTHING or (by.armed and by.hostility.is_on)):
            return self._finish(turn, reply, fault, by)
        return self._close(turn, reply, fault)

    def _answer(self, turn: Turn, value: object) -> Answer:
        spoken, version = turn.spoken, turn.version
        assert spoken is not None
        if spoken.opens:
            turn.opened = str(value)
        return Answer(200, version.headers, version.head + spoken.answer(value) + TAIL)

    def _aside(self, turn: Turn, offload: Offload) -> Offload:
        """Have the work done, and go on with its end, be that a result or an exception."""

        def then(end: tuple[Any, Exception | None]) -> Reply:
            return self._go_on(turn, partial(resume, offload.then, end))

        return Offload(partial(attempt, offload.work), then)

    def _refuse(self, turn: Turn, error: Exception) -> tuple[Answer, str]:
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
        _LOG.error("incident %s in %s: %s", incident, operation, "".join(told(error)))
        failed = Refused(faults.SERVER_ERROR, incident_id=incident)
        turn.refusal = failed.sentence
        return self._compiled.faults.refusal(failed, turn.version), failed.fault.code

    def _finish(self, turn: Turn, reply: Answer | Cut, fault: str | None, by: Faults) -> Reply:
        """Send what was answered as a tester wants it sent: late, damaged, or not at all."""
        strike = turn.strike
        effect = strike.effect if strike.after else None
        if isinstance(effect, Refuse):
            reply, fault = self._refuse(turn, by.refusal(effect))
        elif isinstance(effect, INSTEAD):
            reply, fault = by.instead(strike, turn.version.content_type), None
            turn.is_ours = False
        torn: Answer | Stream | None = None
        if isinstance(reply, Answer) and turn.is_ours:
            names, dice = by.hostility.draw()
            if names:
                reply = disguised(reply, turn.version, self._compiled, names, dice)
            if effect is not None and not isinstance(effect, Refuse):
                torn = upon(effect, reply)
                reply = as_sent(torn, reply.body)

        def close() -> Reply:
            self._close(turn, reply, fault)
            return reply if torn is None else torn

        return Wait(strike.wait_after, close) if strike.wait_after else close()

    def _close(self, turn: Turn, reply: Answer | Cut, fault: str | None = None) -> Reply:
        if self._observe is not None:
            self._observe(turn.ended(self.endpoint.path, reply, fault), turn.request)
        return reply


def _operation(turn: Turn) -> Operation:
    assert turn.spoken is not None
    return turn.spoken.operation


def _tag(name: str) -> str:
    return f"{{{limits.NAMESPACE}}}{name}"
