"""Is the content of an opened file what its name says? Used by `verify` only.

Source: REC-1, REC-2.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from typing import Final
from xml.parsers import expat

from integration.errors import Distrust

_ELEMENT_MAX: Final = 1 << 20
_PROPERTY: Final = re.compile(r"(?:\\.|[^\\=:\s])+\s*[=:]")


def check(name: str, content: Iterable[bytes]) -> None:
    """Read a file to its end and see that it parses.

    Raises:
        Distrust: it does not.
    """
    kind = name.rpartition(".")[2]
    try:
        _CHECKS.get(kind, _text)(content)
    except (ValueError, expat.ExpatError) as error:
        raise Distrust(f"{name} does not parse: {error}") from None


def _screen(content: Iterable[bytes]) -> None:
    """Instructions of drawing: `4.size,1.0,3.640,3.400;`, lengths counted in characters."""
    decode = codecs.getincrementaldecoder("utf-8")().decode
    held, instructions, opened = "", 0, False
    for chunk in content:
        held += decode(chunk)
        place = 0
        while (end := _element(held, place)) is not None:
            opened = held[end] != ";"
            instructions += not opened
            place = end + 1
        held = held[place:]
        if len(held) > _ELEMENT_MAX:
            raise ValueError("an element is endless")
    decode(b"", final=True)
    if held or opened or not instructions:
        raise ValueError("it ends inside an instruction")


def _element(held: str, place: int) -> int | None:
    """Find the place behind an element, where `,` or `;` stands; None if it is not all here."""
    dot = held.find(".", place, place + 10)
    if dot < 0:
        if len(held) - place >= 10:
            raise ValueError("an element without a length")
        return None
    end = dot + 1 + int(held[place:dot])
    if end >= len(held):
        return None
    if held[end] not in ",;":
        raise ValueError("an element of another length than it says")
    return end


def _markup(content: Iterable[bytes]) -> None:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise ValueError("a document type has no business here")

    parser.StartDoctypeDeclHandler = refuse
    for chunk in content:
        parser.Parse(chunk, False)  # noqa: FBT003  positional only
    parser.Parse(b"", True)  # noqa: FBT003  positional only


def _properties(content: Iterable[bytes]) -> None:
    joined = re.sub(r"\\\n\s*", "", b"".join(content).decode())
    lines = [line.lstrip() for line in joined.splitlines()]
    entries = [line for line in lines if line and line[0] not in "#!"]
    if not entries or not all(_PROPERTY.match(line) for line in entries):
        raise ValueError("not names and values")


def _text(content: Iterable[bytes]) -> None:
    if not b"".join(content).decode().strip():
        raise ValueError("nothing in it")


_CHECKS: Final[dict[str, Callable[[Iterable[bytes]], None]]] = {
    "g2a": _screen,
    "xml": _markup,
    "properties": _properties,
    "txt": _text,
}
