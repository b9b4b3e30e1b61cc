"""Messages in a form that was read before: only their values are looked at.

A program writes all its calls of an operation in one form: the same bytes but for the values
between the tags. Once such a message was parsed, checked against the schema and read, its form
is kept. The next one that has the same bytes outside of the values can differ in these only, and
plain ones (printable ASCII, no markup, nothing that a reader or the schema could refuse) are
read as they stand. Whatever is not plain is parsed as ever: there is no second way to refuse.

A form is ASCII, so a message of that form is the same in every charset that contains it.

Source: FAULT-1, SESS-4.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from lxml import etree

from broker_sim.contract import limits
from broker_sim.contract.kinds import Kind
from broker_sim.soap import lexical
from broker_sim.soap.compiled import Compiled, Spoken
from broker_sim.soap.envelope import Version
from broker_sim.soap.shapes import Leaf, Member

# Forms that are kept for one endpoint; with so many, all are forgotten. Of those that end alike,
# which are tried one after the other, the last few.
FORMS_MOST: Final = 256
ALIKE_MOST: Final = 8
FORM_BYTES_MOST: Final = 4096
_ABOVE: Final = 3  # Envelope, Body and payload stand above the arguments

# What is surely a value of its kind: the schema and the reader take it. What is left out, like
# blanks around a number or a text beyond ASCII, may be one all the same, and is parsed.
_PLAIN: Final[Mapping[Kind, Callable[[bytes], object]]] = {
    Kind.TEXT: re.compile(rb"[ -%'-;=?-~]{0,1000}").fullmatch,
    Kind.NAME: re.compile(rb"[ -%'-;=?-~]{1,255}").fullmatch,
    Kind.FLAG: re.compile(rb"true|false").fullmatch,
    Kind.INSTANT: re.compile(
        rb"[12]\d\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
        rb"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z"
    ).fullmatch,
    Kind.ID: re.compile(rb"[1-9]\d{0,8}").fullmatch,
    Kind.COUNT: re.compile(rb"0|[1-9]\d{0,8}").fullmatch,
    Kind.POSITION: re.compile(rb"0|[1-9]\d{0,8}").fullmatch,
}


class _Value(NamedTuple):
    """Where one value stands among a message's pieces, and how it is read."""

    place: int
    name: str
    plain: Callable[[bytes], object]
    read: Callable[[str], object]


class _Slot(NamedTuple):
    """One value of a form, and what stands behind it, up to the next value or the end."""

    name: str
    plain: Callable[[bytes], object]
    read: Callable[[str], object]
    behind: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """A message but for its values.

    Attributes:
        head: what stands before the first value; all of it, where there are none.
        absent: all arguments of the operation, as if none were given.
    """

    version: Version
    spoken: Spoken
    head: bytes
    slots: Sequence[_Slot]
    absent: Mapping[str, None]

    def arguments(self, body: bytes) -> dict[str, Any] | None:
        """Read the values out of a message.

        Returns:
            None where it is of another form, or a value is not plain.
        """
        if not body.startswith(self.head):
            return None
        found: dict[str, Any] = dict(self.absent)
        begin = len(self.head)
        try:
            for name, plain, read, behind in self.slots:
                end = body.find(b"<", begin)  # no plain value holds one
                text = body[begin:end]
                if not body.startswith(behind, end) or plain(text) is None:
                    return None
                found[name] = read(text.decode("ascii"))
                begin = end + len(behind)
        except ValueError:  # the 30th of February
            return None
        return found if begin == len(body) else None


class Forms:
    """The forms that callers of one endpoint write in, in every thread and world."""

    def __init__(self) -> None:
        self._count = 0
        self._by_end: dict[bytes, tuple[Form, ...]] = {}

    def read(self, version: Version, body: bytes) -> tuple[Spoken, dict[str, Any]] | None:
        """Read a message in a charset that contains ASCII.

        Returns:
            None where it must be parsed.
        """
        for form in self._by_end.get(_end(body), ()):
            if form.version is version:
                arguments = form.arguments(body)
                if arguments is not None:
                    return form.spoken, arguments
        return None

    def learn(
        self, version: Version, pieces: Sequence[bytes], root: etree._Element, spoken: Spoken
    ) -> None:
        """Keep the form of a message that was parsed and accepted, if it has one."""
        values = None if len(root) > 1 else _values(pieces, root, spoken)
        if values is None:
            return
        form = _form(version, pieces, values, spoken)
        text = b"".join((form.head, *(slot.behind for slot in form.slots)))
        if len(text) > FORM_BYTES_MOST or not text.isascii():
            return
        alike = self._by_end.get(_end(text), ())
        if form in alike:  # the values were not plain
            return
        if self._count >= FORMS_MOST:
            self._count, alike = 0, ()
            self._by_end.clear()
        self._count += 1
        self._by_end[_end(text)] = (form, *alike[: ALIKE_MOST - 1])


@functools.cache
def forms_of(compiled: Compiled) -> Forms:  # noqa: ARG001  what it is kept by
    """Give the forms of an endpoint, which all its worlds share as they share what is compiled."""
    return Forms()


def _end(body: bytes) -> bytes:
    """Give a message's last end tags: of its payload, Body and Envelope, where nobody is odd."""
    body_at = body.rfind(b"</", 0, body.rfind(b"</"))
    return body[body.rfind(b"</", 0, body_at) :]


def _form(
    version: Version, pieces: Sequence[bytes], values: Sequence[_Value], spoken: Spoken
) -> Form:
    places = [value.place for value in values]
    between = [
        b"".join(pieces[begin + 1 : end])
        for begin, end in zip((-1, *places), (*places, len(pieces)), strict=True)
    ]
    slots = [
        _Slot(value.name, value.plain, value.read, behind)
        for value, behind in zip(values, between[1:], strict=True)
    ]
    absent = dict.fromkeys(member.name for member in spoken.decode.message.members)
    return Form(version, spoken, between[0], slots, absent)


def _values(
    pieces: Sequence[bytes], root: etree._Element, spoken: Spoken
) -> Sequence[_Value] | None:
    """Find the place of each value; None where anything but plain values was said."""
    payload = root[0][0]
    starts = [at for at in range(1, len(pieces), 2) if not pieces[at].startswith((b"</", b"<?"))]
    if payload.attrib or len(starts) != _ABOVE + len(payload):
        return None  # arguments that have parts
    members = {f"{{{limits.NAMESPACE}}}{one.wire}": one for one in spoken.decode.message.members}
    found = []
    for start, child in zip(starts[_ABOVE:], payload, strict=True):
        value = _value(start + 1, members[child.tag])
        # that it stands where it should is looked up, not believed
        if value is None or child.attrib or pieces[start + 1] != (child.text or "").encode():
            return None
        if not pieces[start + 2].startswith(b"</") or pieces[start].endswith(b"/>"):
            return None
        found.append(value)
    return found


def _value(place: int, member: Member) -> _Value | None:
    shape = member.shape
    if not isinstance(shape, Leaf) or shape.kind not in _PLAIN:
        return None
    return _Value(place, member.name, _PLAIN[shape.kind], lexical.READERS[shape.kind])
