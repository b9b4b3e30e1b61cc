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
# Of what stands between the values, of which a pattern is made before anybody has logged on.
BETWEEN_BYTES_MOST: Final = 512
_ABOVE: Final = 3  # Envelope, Body and payload stand above the arguments

# What is surely a value of its kind: the schema and the reader take it. What is left out, like
# blanks around a number or a text beyond ASCII, may be one all the same, and is parsed.
_PLAIN: Final[Mapping[Kind, str]] = {
    Kind.TEXT: r"[ -%'-;=?-~]{0,1000}",
    Kind.NAME: r"[ -%'-;=?-~]{1,255}",
    Kind.FLAG: r"true|false",
    Kind.INSTANT: (
        r"[12]\d\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
        r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z"
    ),
    Kind.ID: r"[1-9]\d{0,8}",
    Kind.COUNT: r"0|[1-9]\d{0,8}",
    Kind.POSITION: r"0|[1-9]\d{0,8}",
}
# What is plain of these is the value itself, or its number.
_TEXTS: Final = frozenset({Kind.TEXT, Kind.NAME})
_NUMBERS: Final = frozenset({Kind.ID, Kind.COUNT, Kind.POSITION})


class _Value(NamedTuple):
    """Where one value stands among a message's pieces, and what it is."""

    place: int
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Form:
    """A message but for its values.

    Attributes:
        head: what stands before the first value; all of it, where there are none.
        tail: what stands behind the last value; empty, where there are none.
        between: what matches all from the first value to the last; each is a group of its name.
        readers: of those that are no texts.
        absent: all arguments of the operation, as if none were given.
    """

    version: Version
    spoken: Spoken
    head: bytes
    tail: bytes
    between: re.Pattern[str]
    readers: Sequence[tuple[str, Callable[[str], object]]]
    absent: dict[str, Any]

    def arguments(self, body: bytes) -> dict[str, Any] | None:
        """Read the values out of a message.

        Returns:
            None where it is of another form, or a value is not plain.
        """
        if not (body.startswith(self.head) and body.endswith(self.tail)):
            return None
        between = body[len(self.head) : len(body) - len(self.tail)].decode("latin-1")
        values = self.between.fullmatch(between)
        if values is None:
            return None
        found: dict[str, Any] = self.absent | values.groupdict()
        try:
            for name, read in self.readers:
                found[name] = read(found[name])
        except ValueError:  # the 30th of February
            return None
        return found


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
        texts = _texts(pieces, values)
        written = b"".join(texts)
        between = sum(map(len, texts[1:-1]))
        if len(written) > FORM_BYTES_MOST or between > BETWEEN_BYTES_MOST or not written.isascii():
            return
        form = _form(version, spoken, texts, values)
        alike = self._by_end.get(_end(written), ())
        if form in alike:  # its values were not plain
            return
        if self._count >= FORMS_MOST:
            self._count, alike = 0, ()
            self._by_end.clear()
        self._count += 1
        self._by_end[_end(written)] = (form, *alike[: ALIKE_MOST - 1])


@functools.cache
def forms_of(compiled: Compiled) -> Forms:  # noqa: ARG001  what it is kept by
    """Give the forms of an endpoint, which all its worlds share as they share what is compiled."""
    return Forms()


def _end(body: bytes) -> bytes:
    """Give the end tag of a message's payload, the third from behind."""
    return body.rsplit(b"<", 3)[-3:][0]


def _texts(pieces: Sequence[bytes], values: Sequence[_Value]) -> list[bytes]:
    """Give what stands before, between and behind the values of a message."""
    places = [value.place for value in values]
    ends = zip((-1, *places), (*places, len(pieces)), strict=True)
    return [b"".join(pieces[begin + 1 : end]) for begin, end in ends]


def _form(
    version: Version, spoken: Spoken, texts: Sequence[bytes], values: Sequence[_Value]
) -> Form:
    """Make a form of texts, one more than there are values."""
    behind = [*map(re.escape, (text.decode("ascii") for text in texts[1:-1])), ""]
    groups = (f"(?P<{value.name}>{_PLAIN[value.kind]})" for value in values)
    between = "".join(group + text for group, text in zip(groups, behind, strict=False))
    return Form(
        version,
        spoken,
        texts[0],
        texts[-1] if values else b"",
        re.compile(between, re.ASCII),
        tuple((value.name, _reader(value.kind)) for value in values if value.kind not in _TEXTS),
        dict.fromkeys(member.name for member in spoken.decode.message.members),
    )


def _reader(kind: Kind) -> Callable[[str], object]:
    return int if kind in _NUMBERS else lexical.READERS[kind]


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
    return _Value(place, member.name, shape.kind)
