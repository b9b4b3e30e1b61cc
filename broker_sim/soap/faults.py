"""Every SOAP fault that leaves the broker is written here.

SOAP 1.1: HTTP 500, faultcode Client or Server, typed detail. SOAP 1.2: Sender with 400 or
Receiver with 500, the code as Subcode, typed Detail. SOAP's own two, MustUnderstand and
VersionMismatch, are about the envelope and carry no detail.

Source: FAULT-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Final

from broker_sim.contract import limits
from broker_sim.contract.kinds import Retry
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Answer
from broker_sim.soap.encoder import Writer
from broker_sim.soap.envelope import SOAP11, SOAP12, TAIL, NotUnderstood, Version, head_of
from broker_sim.soap.lexical import write_text

MUST_UNDERSTAND: Final = "MustUnderstand"
VERSION_MISMATCH: Final = "VersionMismatch"

# The extra fields that say how many seconds to wait, in Python's names.
_WAITS: Final = ("retry_after_seconds", "seconds_left")


@dataclass(frozen=True, slots=True)
class FaultWriter:
    """Writes the faults of one endpoint; `details` by fault code."""

    details: Mapping[str, Writer]

    def refusal(self, refused: Refused, version: Version) -> Answer:
        """Write a declared refusal.

        Raises:
            Exception: its extra fields are not what the contract says they are.
        """
        code = refused.fault.code
        said = SimpleNamespace(code=code, message=refused.sentence, **refused.extra)
        detail = self.details[code](said)
        ours = refused.fault.retry is Retry.LATER
        waits = [refused.extra[name] for name in _WAITS if name in refused.extra]
        headers = tuple(("Retry-After", str(seconds)) for seconds in waits)
        if version is SOAP11:
            side = "Server" if ours else "Client"
            return _answer(version, 500, _fault11(side, refused.sentence, detail), headers)
        side = "Receiver" if ours else "Sender"
        fault = _fault12(side, refused.sentence, code, detail)
        return _answer(version, 500 if ours else 400, fault, headers)


def not_understood(block: NotUnderstood, version: Version) -> Answer:
    """Write SOAP's MustUnderstand; SOAP 1.2 names the block in a header of its own."""
    sentence = f"The header block {block.name} is not understood."
    if version is SOAP11:
        return _answer(version, 500, _fault11(MUST_UNDERSTAND, sentence))
    namespace = write_text(block.namespace).replace('"', "&quot;")
    named = f'qname="b:{block.name}" xmlns:b="{namespace}"'
    if not block.namespace:
        named = f'qname="{block.name}"'
    header = f"<soap:NotUnderstood {named}/>"
    return _answer(version, 500, _fault12(MUST_UNDERSTAND, sentence), header=header)


def version_mismatch(version: Version) -> Answer:
    """Write SOAP's VersionMismatch; SOAP 1.2 tells in a header what is spoken here."""
    sentence = f"The Content-Type {version.media_type} needs the namespace {version.namespace}."
    if version is SOAP11:
        return _answer(version, 500, _fault11(VERSION_MISMATCH, sentence))
    spoken = "".join(
        f'<soap:SupportedEnvelope qname="e:Envelope" xmlns:e="{known.namespace}"/>'
        for known in (SOAP12, SOAP11)
    )
    header = f"<soap:Upgrade>{spoken}</soap:Upgrade>"
    return _answer(version, 500, _fault12(VERSION_MISMATCH, sentence), header=header)


def nobody_here(sentence: str, version: Version) -> Answer:
    """Write that there is no endpoint at this address, with HTTP's own status for it.

    A stack that reads a fault whatever the status shows the sentence; one that does not, says
    that nothing was found.
    """
    fault = _fault11("Client", sentence) if version is SOAP11 else _fault12("Sender", sentence)
    return _answer(version, 404, fault)


def _fault11(code: str, sentence: str, detail: bytes = b"") -> bytes:
    told = f"<faultcode>soap:{code}</faultcode><faultstring>{write_text(sentence)}</faultstring>"
    wrapped = b"<detail>%b</detail>" % detail if detail else b""
    return b"<soap:Fault>%b%b</soap:Fault>" % (told.encode(), wrapped)


def _fault12(code: str, sentence: str, subcode: str = "", detail: bytes = b"") -> bytes:
    named = f'<soap:Value xmlns:tns="{limits.NAMESPACE}">tns:{subcode}</soap:Value>'
    within = f"<soap:Subcode>{named}</soap:Subcode>" if subcode else ""
    told = (
        f"<soap:Code><soap:Value>soap:{code}</soap:Value>{within}</soap:Code>"
        f'<soap:Reason><soap:Text xml:lang="en">{write_text(sentence)}</soap:Text></soap:Reason>'
    )
    wrapped = b"<soap:Detail>%b</soap:Detail>" % detail if detail else b""
    return b"<soap:Fault>%b%b</soap:Fault>" % (told.encode(), wrapped)


def _answer(
    version: Version,
    status: int,
    fault: bytes,
    headers: tuple[tuple[str, str], ...] = (),
    *,
    header: str = "",
) -> Answer:
    body = head_of(version.namespace, header) + fault + TAIL
    return Answer(status, (("Content-Type", version.content_type), *headers), body)
