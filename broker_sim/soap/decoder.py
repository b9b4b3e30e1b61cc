"""Arguments read by tables that are made once, at start-up.

A payload is checked against the published schema first, so reading it meets only what the
schema cannot say: a number below its least value, a date that does not exist. Why a payload
does not fit is worked out by `diagnosis`, off the fast path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

from lxml import etree

from broker_sim.contract import faults, limits
from broker_sim.core.refusal import Refused
from broker_sim.soap import diagnosis, lexical
from broker_sim.soap.shapes import Group, Leaf, Many, Member, Shape, Words

Element: TypeAlias = etree._Element  # noqa: SLF001  lxml's one type has no public name
Reader: TypeAlias = Callable[[Element], Any]

_XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"


class Unread(Exception):  # noqa: N818  a value's fault, not ours; never leaves this module
    """A value that the schema lets pass and the contract does not."""

    def __init__(self, wire: str, reason: str) -> None:
        super().__init__(wire)
        self.wire = wire
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Decoder:
    """Reads the arguments of one operation.

    Attributes:
        message: the shape of the payload.
        schema: the published one.
        read: the payload to the arguments by their Python names.
    """

    message: Group
    schema: etree.XMLSchema
    read: Callable[[Element], dict[str, Any]]

    @classmethod
    def of(cls, message: Group, schema: etree.XMLSchema) -> Self:
        """Make the decoder of one operation."""
        return cls(message, schema, _group(message))

    def __call__(self, payload: Element) -> dict[str, Any]:
        """Give the arguments by their Python names; what is absent is None, lists are tuples.

        Raises:
            Refused: InvalidArgument, for the first argument that does not fit.

        Source: FAULT-1, SESS-4.
        """
        if not (self.schema.validate(payload) or self._fits_untyped(payload)):
            wire, reason = diagnosis.explain(self.message, payload)
            raise Refused(faults.INVALID_ARGUMENT, field=wire, reason=reason)
        try:
            return self.read(payload)
        except Unread as unread:
            raise Refused(
                faults.INVALID_ARGUMENT, field=unread.wire, reason=unread.reason
            ) from None

    def _fits_untyped(self, payload: Element) -> bool:
        """Try again without xsi:type: some stacks guess types that the schema did not ask for."""
        typed = [element for element in payload.iter() if _XSI_TYPE in element.attrib]
        for element in typed:
            del element.attrib[_XSI_TYPE]
        return bool(typed) and self.schema.validate(payload)


def _group(group: Group) -> Callable[[Element], dict[str, Any]]:
    table: Mapping[str, tuple[str, Reader]] = {
        f"{{{limits.NAMESPACE}}}{member.wire}": (member.name, _member(member))
        for member in group.members
    }
    absent = dict.fromkeys(member.name for member in group.members)

    def read(element: Element) -> dict[str, Any]:
        values: dict[str, Any] = absent.copy()
        for child in element:
            name, reader = table[child.tag]
            values[name] = reader(child)
        return values

    return read


def _member(member: Member) -> Reader:
    return _shape(member.wire, member.shape)


def _shape(wire: str, shape: Shape) -> Reader:
    match shape:
        case Leaf(kind):
            return _text(wire, lexical.READERS[kind])
        case Words(words=words):
            return _text(wire, lexical.one_of(words))
        case Many(of=of):
            reader = _shape(wire, of)
            return lambda element: tuple([reader(child) for child in element])
        case Group():
            return _group(shape)


def _text(wire: str, reader: Callable[[str], object]) -> Reader:
    def read(element: Element) -> object:
        try:
            return reader(element.text or "")
        except ValueError as unfit:
            raise Unread(wire, str(unfit)) from None

    return read
