"""SOAP envelopes: the two versions, what stands around a payload, and SOAP's own two faults."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml import etree

from broker_sim.contract import faults
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Headers
from broker_sim.soap.diagnosis import BODY, named, shown


@dataclass(frozen=True, slots=True)
class Version:
    """One version of SOAP.

    Attributes:
        namespace: of its envelope.
        media_type: of its messages over HTTP.
        role: the attribute that says whom a header block is for.
        roles: its values that mean us, besides none at all.
        head: what stands before the payload of an answer.
        headers: of an answer over HTTP.
    """

    namespace: str
    media_type: str
    role: str
    roles: frozenset[str]
    head: bytes
    headers: Headers

    def tag(self, name: str) -> str:
        """Give a name of the envelope, qualified."""
        return f"{{{self.namespace}}}{name}"

    @property
    def content_type(self) -> str:
        """What an answer says it is."""
        return self.headers[0][1]


_BLOCKS_TOLD: Final = 10
# What stands behind the payload of an answer.
TAIL: Final = b"</soap:Body></soap:Envelope>"


def head_of(namespace: str, header: str = "") -> bytes:
    """Give what stands before the payload of an answer, with a header block or without."""
    block = f"<soap:Header>{header}</soap:Header>" if header else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soap:Envelope xmlns:soap="{namespace}">{block}<soap:Body>'
    ).encode()


_ENVELOPE11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_ENVELOPE12: Final = "http://www.w3.org/2003/05/soap-envelope"

SOAP11: Final = Version(
    _ENVELOPE11,
    "text/xml",
    "actor",
    frozenset({"http://schemas.xmlsoap.org/soap/actor/next"}),
    head_of(_ENVELOPE11),
    (("Content-Type", "text/xml; charset=utf-8"),),
)
SOAP12: Final = Version(
    _ENVELOPE12,
    "application/soap+xml",
    "role",
    frozenset({f"{_ENVELOPE12}/role/next", f"{_ENVELOPE12}/role/ultimateReceiver"}),
    head_of(_ENVELOPE12),
    (("Content-Type", "application/soap+xml; charset=utf-8"),),
)
VERSIONS: Final = {version.media_type: version for version in (SOAP11, SOAP12)}


class NotUnderstood(Exception):  # noqa: N818  SOAP's answer to a caller, not an error of ours
    """A header block must be understood, and nobody here does.

    Attributes:
        namespace: of the block; empty where it has none.
        name: its local name.
    """

    def __init__(self, block: etree._Element) -> None:
        super().__init__(f"nobody here understands the header block {named(block)}")
        self.namespace = etree.QName(block).namespace or ""
        self.name = etree.QName(block).localname


class WrongVersion(Exception):  # noqa: N818  SOAP's answer to a caller, not an error of ours
    """The envelope is of another version than the content type says."""

    def __init__(self) -> None:
        super().__init__("the envelope is of another version than the content type says")


def unacceptable(reason: str) -> Refused:
    """Give the refusal of a message that is wrong as a whole."""
    return Refused(faults.INVALID_ARGUMENT, field=BODY, reason=reason)


def payload_of(root: etree._Element, version: Version) -> etree._Element:
    """Give the one element in the Body.

    Raises:
        Refused: InvalidArgument; this is no envelope, or has not one element in its Body.
        WrongVersion: it is an envelope of another version.
        NotUnderstood: it has a header block that must be understood.

    Source: FAULT-1, FAULT-2.
    """
    if root.tag != version.tag("Envelope"):
        if etree.QName(root).localname == "Envelope":
            raise WrongVersion
        raise unacceptable("the message must be a SOAP Envelope")
    bodies = []
    for part in root:
        if part.tag == version.tag("Header"):
            _understand(part, version)
        elif part.tag == version.tag("Body"):
            bodies.append(part)
        else:
            raise unacceptable(f"the Envelope must not hold {shown(part)}")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise unacceptable("the Envelope must hold one Body with one element in it")
    return bodies[0][0]


def header_names(root: etree._Element, version: Version) -> tuple[str, ...]:
    """Give the qualified names of the header blocks, none of which is read, once each."""
    blocks = (block for header in root.iterchildren(version.tag("Header")) for block in header)
    return tuple(dict.fromkeys(named(block) for block in islice(blocks, _BLOCKS_TOLD)))


def _understand(header: etree._Element, version: Version) -> None:
    """Refuse the first header block that is for us and must be understood; we know none."""
    for block in header:
        role = (block.get(version.tag(version.role)) or "").strip()
        must = (block.get(version.tag("mustUnderstand")) or "").strip() in {"1", "true"}
        if must and (not role or role in version.roles):
            raise NotUnderstood(block)
