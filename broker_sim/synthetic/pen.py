"""Writes drawing instructions in the Guacamole recording format.

An instruction is its name and arguments, each as `<letters>.<text>`, with commas between and
a semicolon behind. Layer 0 is the screen, negative ones are buffers out of sight. All of a
stream is ASCII, so that letters, bytes and JavaScript's units are the same count: players
find frames by adding them up. A path is filled where it is begun, before the next sync, so
that a player may start at any of them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Final, NamedTuple

from broker_sim.synthetic import glyphs

SCREEN: Final = 0
# How what is drawn meets what is there: laid over it, or colouring only what has ink.
_OVER: Final = 14
_ATOP: Final = 6
# Pieces of a picture: base64 characters, a multiple of four.
_PIECE: Final = 6048
_STREAM: Final = 1

Rgb = tuple[int, int, int]
BLACK: Final[Rgb] = (0, 0, 0)


class Rect(NamedTuple):
    """A rectangle, in pixels from the upper left corner of its layer."""

    x: int
    y: int
    width: int
    height: int

    def cut(self, other: Rect) -> Rect | None:
        """Give what both share; None if nothing."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Rect(x, y, right - x, bottom - y) if right > x and bottom > y else None

    def moved(self, x: int, y: int) -> Rect:
        """Give it moved by so much."""
        return Rect(self.x + x, self.y + y, self.width, self.height)


class Pen:
    """Collects instructions; `spent` counts the bytes written so far."""

    def __init__(self) -> None:
        self.spent = 0
        self._written: list[str] = []
        self._layers = 0
        self._inks: dict[tuple[str, Rgb], int] = {}

    def take(self) -> bytes:
        """Give what was written since the last call."""
        taken, self._written = "".join(self._written), []
        return taken.encode("ascii")

    def write(self, *elements: object) -> None:
        """Write one instruction."""
        texts = [str(element) for element in elements]
        line = ",".join([f"{len(text)}.{text}" for text in texts]) + ";"
        self.spent += len(line)
        self._written.append(line)

    def buffer(self, width: int, height: int) -> int:
        """Open a buffer out of sight; give its number."""
        self._layers -= 1
        self.size(self._layers, width, height)
        return self._layers

    def size(self, layer: int, width: int, height: int) -> None:
        """Say how large a layer is."""
        self.write("size", layer, width, height)

    def fill(self, layer: int, rects: Iterable[Rect], rgb: Rgb, alpha: int = 255) -> None:
        """Fill rectangles of a layer with one colour."""
        self._fill(layer, rects, rgb, alpha, _OVER)

    def copy(self, source: int, part: Rect, layer: int, x: int, y: int) -> None:
        """Lay a part of one layer over another."""
        self.write("copy", source, *part, _OVER, layer, x, y)

    def text(
        self, layer: int, x: int, y: int, text: str, rgb: Rgb = BLACK, *, bold: bool = False
    ) -> int:
        """Write a line of text whose top is at `y`; give the x behind it."""
        for letter, glyph in glyphs.glyphs(text, bold=bold):
            if not letter.isspace():
                part = Rect(glyph.x, glyph.y, glyph.advance + 2, glyphs.LINE)
                self.copy(self._ink(glyph.sheet, rgb), part, layer, x - 1, y)
            x += glyph.advance
        return x

    def cursor(self, source: int, part: Rect) -> None:
        """Make a part of a layer the pointer; its upper left pixel is the tip."""
        self.write("cursor", 0, 0, source, *part)

    def mouse(self, x: int, y: int, buttons: int, at_ms: int) -> None:
        """Show the pointer there."""
        self.write("mouse", x, y, buttons, at_ms)

    def sync(self, at_ms: int) -> None:
        """End a frame: all of it was on the screen at that millisecond."""
        self.write("sync", at_ms)

    def _fill(self, layer: int, rects: Iterable[Rect], rgb: Rgb, alpha: int, how: int) -> None:
        for rect in rects:
            self.write("rect", layer, *rect)
        self.write("cfill", how, layer, *rgb, alpha)

    def _ink(self, sheet: str, rgb: Rgb) -> int:
        """Give the buffer that has a sheet's letters in one colour."""
        found = self._inks.get((sheet, rgb))
        if found is None:
            found = self._inks[sheet, rgb] = self._tinted(sheet, rgb)
        return found

    def _tinted(self, name: str, rgb: Rgb) -> int:
        sheet = glyphs.sheet(name)
        layer = self.buffer(sheet.width, sheet.height)
        whole = Rect(0, 0, sheet.width, sheet.height)
        if rgb == BLACK:
            self._picture(layer, sheet.png)
        else:
            self.copy(self._ink(name, BLACK), whole, layer, 0, 0)
            self._fill(layer, [whole], rgb, 255, _ATOP)
        return layer

    def _picture(self, layer: int, png: bytes) -> None:
        coded = b64encode(png).decode("ascii")
        self.write("img", _STREAM, _OVER, layer, "image/png", 0, 0)
        for start in range(0, len(coded), _PIECE):
            self.write("blob", _STREAM, coded[start : start + _PIECE])
        self.write("end", _STREAM)
