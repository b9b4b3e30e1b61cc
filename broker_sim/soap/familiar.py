"""Messages in a form that was read before: only their values are looked at.

A program writes all its calls of an operation in one form: the same bytes but for the values
between the tags. Once such a message was parsed, checked against the schema and read, its form
is kept. The next one that has the same bytes outside of the values can differ in these only, and
plain ones (printable ASCII, no markup, nothing that a reader or the schema could refuse) are
read as they stand. Whatever is not plain is parsed as ever: there is no second way to refuse.

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
from broker_sim.soap.parser import markup_of
from broker_sim.soap.shapes import Leaf, Member

# Forms that are kept for one endpoint; with so many, all are forgotten.
FORMS_MOST: Final = 256
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
    """Where one value stands, and how it is read."""

    place: int
    name: str
    plain: Callable[[bytes], object]
    read: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Form:
    """A message but for its values.

    Attributes:
        pieces: its texts and tags, alternately; empty where a value stands.
        absent: all arguments of the operation, as if none were given.
    """

    spoken: Spoken
    pieces: Sequence[bytes]
    values: Sequence[_Value]
    absent: Mapping[str, None]

    def arguments(self, pieces: list[bytes]) -> dict[str, Any] | None:
        """Read the values out of a message's pieces, which are used up.

        Returns:
            None where it is of another form, or a value is not plain.
        """
        found: dict[str, Any] = dict(self.absent)
        try:
            for place, name, plain, read in self.values:
                text = pieces[place]
                if plain(text) is None:
                    return None
                found[name] = read(text.decode("ascii"))
                pieces[place] = b""
        except ValueError:  # the 30th of February
            return None
        return found if pieces == self.pieces else None


class Forms:
    """The forms that callers of one endpoint write in, in every thread and world."""

    def __init__(self) -> None:
        self._forms: dict[tuple[str, bytes], Form] = {}

    def read(self, version: Version, pieces: list[bytes]) -> tuple[Spoken, dict[str, Any]] | None:
        """Read a message out of its pieces, whose texts are used up.

        Returns:
            None where it must be parsed.
        """
        form = self._forms.get(_key(version, pieces))
        arguments = None if form is None else form.arguments(pieces)
        return None if form is None or arguments is None else (form.spoken, arguments)

    def learn(
        self, version: Version, pieces: list[bytes], root: etree._Element, spoken: Spoken
    ) -> None:
        """Keep the form of a message that was parsed and accepted, if it has one."""
        key = _key(version, pieces)
        if len(key[1]) > FORM_BYTES_MOST or key in self._forms or len(root) > 1:
            return
        values = _values(pieces, root, spoken)
        if values is None:
            return
        emptied = pieces.copy()
        for value in values:
            emptied[value.place] = b""
        if sum(map(len, emptied)) > FORM_BYTES_MOST:
            return
        if len(self._forms) >= FORMS_MOST:
            self._forms.clear()
        absent = dict.fromkeys(member.name for member in spoken.decode.message.members)
        self._forms[key] = Form(spoken, emptied, values, absent)


@functools.cache
def forms_of(compiled: Compiled) -> Forms:  # noqa: ARG001  what it is kept by
    """Give the forms of an endpoint, which all its worlds share as they share what is compiled."""
    return Forms()


def _key(version: Version, pieces: Sequence[bytes]) -> tuple[str, bytes]:
    return version.media_type, markup_of(pieces)


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
