"""Paints a stream of the recording format, slowly and by itself: what players are held to.

It shares no code with the generator and none with a player. Colours are exact where something
opaque is drawn; where something is see-through, a player may round otherwise by a little.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field

from broker_sim.tests.guacamole import ATOP, instructions

Box = tuple[int, int, int, int]


@dataclass
class Canvas:
    """A layer as rows of red, green, blue, alpha; colours are not multiplied by alpha."""

    width: int
    height: int
    rows: list[bytearray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = [bytearray(4 * self.width) for _ in range(self.height)]

    def fill(self, box: Box, rgba: tuple[int, int, int, int], *, atop: bool) -> None:
        """Fill a rectangle; `atop` colours only what has ink."""
        x, y, width, height = box
        plain = rgba[3] == 255 and not atop
        for row in self.rows[y : y + height]:
            if plain:
                row[4 * x : 4 * (x + width)] = bytes(rgba) * width
            else:
                for at in range(4 * x, 4 * (x + width), 4):
                    _blend(row, at, rgba, atop=atop)

    def copy(self, source: Canvas, box: Box, to_x: int, to_y: int) -> None:
        """Lay a part of another canvas over this one, or of the same."""
        x, y, width, height = box
        taken = [bytes(row[4 * x : 4 * (x + width)]) for row in source.rows[y : y + height]]
        for pixels, row in zip(taken, self.rows[to_y : to_y + height], strict=True):
            if pixels[3::4].count(255) == width:
                row[4 * to_x : 4 * (to_x + width)] = pixels
                continue
            for nth in range(0, len(pixels), 4):
                if pixels[nth + 3]:
                    red, green, blue, alpha = pixels[nth : nth + 4]
                    _blend(row, 4 * to_x + nth, (red, green, blue, alpha), atop=False)


@dataclass
class Painter:
    """Follows a stream; `frames` gives the picture of layer 0 at each sync."""

    layers: dict[int, Canvas] = field(default_factory=dict)
    _path: list[Box] = field(default_factory=list)
    _picture: list[str] = field(default_factory=list)
    _onto: int = 0

    def frames(self, stream: bytes) -> Iterator[tuple[int, Canvas]]:
        """Give the time of each frame with the screen, which goes on changing."""
        for opcode, *arguments in instructions(stream):
            if opcode == "blob":
                self._picture.append(arguments[1])
            elif opcode == "img":
                self._onto = int(arguments[2])
            elif opcode == "sync":
                yield int(arguments[0]), self.layers[0]
            else:
                self._draw(opcode, list(map(int, arguments)))

    def _draw(self, opcode: str, given: list[int]) -> None:
        match opcode, given:
            case "size", [layer, width, height]:
                self.layers[layer] = Canvas(width, height)
            case "rect", [_, x, y, width, height]:
                self._path.append((x, y, width, height))
            case "cfill", [mask, layer, red, green, blue, alpha]:
                for box in self._path:
                    self.layers[layer].fill(box, (red, green, blue, alpha), atop=mask == ATOP)
                self._path = []
            case "copy", [source, x, y, width, height, _, layer, to_x, to_y]:
                box = (x, y, width, height)
                self.layers[layer].copy(self.layers[source], box, to_x, to_y)
            case "end", _:
                self.layers[self._onto].rows = list(_png(b64decode("".join(self._picture))))
                self._picture = []
            case "dispose", [layer]:
                del self.layers[layer]


def _blend(row: bytearray, at: int, over: tuple[int, int, int, int], *, atop: bool) -> None:
    """Lay one see-through pixel over another."""
    alpha, below = over[3], row[at + 3]
    if atop and below == 0:
        return
    whole = below if atop else alpha + below * (255 - alpha) // 255
    share = alpha / 255 if atop or whole == 0 else alpha / whole
    for nth in range(3):
        row[at + nth] = round(row[at + nth] * (1 - share) + over[nth] * share)
    row[at + 3] = whole


def _png(file: bytes) -> Iterator[bytearray]:
    """Give the rows of a PNG file of up to 256 colours from a table, each line filtered alone."""
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(file):
        size, name = struct.unpack(">I4s", file[at : at + 8])
        chunks[name] = chunks.get(name, b"") + file[at + 8 : at + 8 + size]
        at += 12 + size
    width, _, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert kind == 3, "letters come with a table of colours"
    table, clear = chunks[b"PLTE"], chunks.get(b"tRNS", b"")
    colours = [
        table[3 * nth : 3 * nth + 3] + (clear[nth : nth + 1] or b"\xff")
        for nth in range(len(table) // 3)
    ]
    raw, stride, each = zlib.decompress(chunks[b"IDAT"]), -(-width * depth // 8), 8 // depth
    for start in range(0, len(raw), stride + 1):
        assert raw[start] == 0, "rows are not filtered"
        row = bytearray()
        for byte in raw[start + 1 : start + 1 + stride]:
            for nth in range(each):
                row += colours[byte >> (8 - depth * (nth + 1)) & (1 << depth) - 1]
        yield row[: 4 * width]
