"""Letters for the screens: where each stands on its sheet, and how wide a text will be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from broker_sim.synthetic import pools

LATIN: Final = "latin"
EAST: Final = "east"
# Every picture of a letter is this high; the line on which letters stand is 12 below its top.
LINE: Final = 16
# Hebrew is the one script here that is read from the right; its runs are turned round.
_HEBREW: Final = re.compile("[\u05d0-\u05ea]+")
_TOFU: Final = "\ufffd"
_FACE: Final = "☺"


class Glyph(NamedTuple):
    """A letter's picture: on which sheet, where, and how far the pen moves on."""

    sheet: str
    x: int
    y: int
    advance: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One picture of many letters, black on nothing."""

    png: bytes
    width: int
    height: int


@cache
def sheet(name: str) -> Sheet:
    """Give a sheet by its name."""
    found = pools.data("glyphs.json")["sheets"][name]
    png = resources.files(__package__).joinpath(f"glyphs-{name}.png").read_bytes()
    return Sheet(png, found["width"], found["height"])


@cache
def _font(bold: bool) -> Mapping[str, Glyph]:
    sheets = pools.data("glyphs.json")["sheets"]
    own = sheets[LATIN]["fonts"]["bold" if bold else "sans"]
    east = {letter: Glyph(EAST, *at) for letter, at in sheets[EAST]["fonts"]["east"].items()}
    return east | {letter: Glyph(LATIN, *at) for letter, at in own.items()}


def glyphs(text: str, *, bold: bool = False) -> Iterator[tuple[str, Glyph]]:
    """Give each letter of a text with its picture; what cannot be seen is left out."""
    font = _font(bold)
    for letter in _HEBREW.sub(lambda run: run[0][::-1], text):
        found = font.get(letter)
        if found is None and (found := _stand_in(letter, font)) is None:
            continue
        yield letter, found


def _stand_in(letter: str, font: Mapping[str, Glyph]) -> Glyph | None:
    if letter.isspace():
        return font[" "]
    if unicodedata.category(letter) in ("Cc", "Cf", "Mn", "Me"):
        return None
    # Beyond the first plane nearly all that people type are faces and gestures.
    return font[_FACE if ord(letter) > 0xFFFF else _TOFU]


def width(text: str, *, bold: bool = False) -> int:
    """Tell how wide a text is, in pixels."""
    return sum(glyph.advance for _, glyph in glyphs(text, bold=bold))


def fitted(text: str, room: int, *, bold: bool = False) -> str:
    """Cut a text so that it is at most `room` pixels wide, with an ellipsis where it was cut."""
    text = " ".join(text[:1000].split())
    if width(text, bold=bold) <= room:
        return text
    left = room - width("…", bold=bold)
    kept = []
    for letter, glyph in glyphs(text, bold=bold):
        left -= glyph.advance
        if left < 0:
            break
        kept.append(letter)
    return "".join(kept) + "…"


def wrapped(text: str, room: int, rows: int) -> list[str]:
    """Break a text into at most `rows` lines of `room` pixels; the last may end in an ellipsis."""
    lines: list[str] = []
    words = text[:1000].split()
    while words and len(lines) < rows - 1:
        count = _fitting(words, room)
        if count == 0:
            # One word is wider than the line: cut it where the line ends.
            head = fitted(words[0], room).removesuffix("…") or words[0][:1]
            lines.append(head)
            words[0] = words[0][len(head) :]
            continue
        lines.append(" ".join(words[:count]))
        words = words[count:]
    return [*lines, fitted(" ".join(words), room)] if words else lines


def _fitting(words: list[str], room: int) -> int:
    """Tell how many of the words fit into one line."""
    count, used = 0, 0
    for word in words:
        used += width(word) + (width(" ") if count else 0)
        if used > room:
            break
        count += 1
    return count
