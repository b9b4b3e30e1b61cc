"""A strict reader of the Guacamole recording format: it draws nothing and checks everything."""

from __future__ import annotations

import struct
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field

# How many arguments each instruction has here.
ARGUMENTS = {
    "size": 3, "rect": 5, "cfill": 6, "copy": 9, "img": 6, "blob": 2, "end": 1, "dispose": 1,
    "cursor": 7, "mouse": 4, "sync": 1,
}  # fmt: skip
OVER, ATOP = 14, 6


def instructions(stream: bytes) -> Iterator[list[str]]:
    """Split a stream into instructions; every length must be right to the letter."""
    text, at = stream.decode("ascii"), 0
    elements: list[str] = []
    while at < len(text):
        dot = text.index(".", at)
        digits = text[at:dot]
        assert digits.isdigit(), digits
        assert digits == str(int(digits)), "no zeros before a length"
        behind = dot + 1 + int(digits)
        elements.append(text[dot + 1 : behind])
        assert text[behind] in ",;", (text[behind], elements)
        if text[behind] == ";":
            yield elements
            elements = []
        at = behind + 1
    assert not elements, "the last instruction is cut off"


@dataclass
class Layer:
    """What a layer is known to be: its size, and whether anything was drawn on it."""

    width: int
    height: int
    drawn: bool = False


@dataclass
class Player:
    """Follows a stream and stops at the first thing a player could stumble over."""

    layers: dict[int, Layer] = field(default_factory=dict)
    syncs: list[int] = field(default_factory=list)
    pointers: list[tuple[int, int]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    cursor_set: bool = False
    path: int | None = None
    picture: tuple[int, str] | None = None
    # Where letters and parts of windows came from: parts copied to each layer.
    copied: dict[int, int] = field(default_factory=dict)

    def play(self, stream: bytes) -> Player:
        """Follow a whole stream."""
        opcode = ""
        for opcode, *arguments in instructions(stream):
            assert len(arguments) == ARGUMENTS[opcode], (opcode, arguments)
            self.counts[opcode] = self.counts.get(opcode, 0) + 1
            self._path_is_filled(opcode)
            if opcode in ("img", "blob", "end"):
                getattr(self, f"_{opcode}")(*arguments)
            else:
                getattr(self, f"_{opcode}")(*map(int, arguments))
        assert opcode == "sync", "a stream ends with a frame"
        assert self.picture is None
        return self

    def _path_is_filled(self, opcode: str) -> None:
        # A seek begins at a sync; a path begun before it would be lost.
        if self.path is not None:
            assert opcode in ("rect", "cfill"), f"{opcode} while a path is open"

    def _size(self, layer: int, width: int, height: int) -> None:
        assert width > 0
        assert height > 0
        assert layer not in self.layers, "every layer is opened once"
        self.layers[layer] = Layer(width, height)

    def _rect(self, layer: int, x: int, y: int, width: int, height: int) -> None:
        assert self.path in (None, layer)
        self._inside(layer, x, y, width, height)
        self.path = layer

    def _cfill(self, mask: int, layer: int, *rgba: int) -> None:
        assert mask in (OVER, ATOP)
        assert self.path == layer, "a fill needs a path"
        assert all(0 <= part <= 255 for part in rgba)
        assert mask == OVER or self.layers[layer].drawn, "colouring what has no ink"
        self.layers[layer].drawn = True
        self.path = None

    def _copy(self, source: int, x: int, y: int, width: int, height: int, *to: int) -> None:
        mask, layer, to_x, to_y = to
        assert mask == OVER
        assert self.layers[source].drawn, "a copy from an empty layer"
        self._inside(source, x, y, width, height)
        self._inside(layer, to_x, to_y, width, height)
        self.layers[layer].drawn = True
        self.copied[layer] = self.copied.get(layer, 0) + 1

    def _img(self, stream: str, mask: str, layer: str, kind: str, x: str, y: str) -> None:
        assert self.picture is None
        assert (int(mask), kind, x, y) == (OVER, "image/png", "0", "0")
        assert int(layer) in self.layers
        self.picture = int(layer), stream
        self.blobs: list[str] = []

    def _blob(self, stream: str, data: str) -> None:
        assert self.picture is not None
        assert stream == self.picture[1]
        assert 0 < len(data) <= 8064
        assert len(data) % 4 == 0
        self.blobs.append(data)

    def _end(self, stream: str) -> None:
        assert self.picture is not None
        layer, opened = self.picture
        assert stream == opened
        png = b"".join(b64decode(blob, validate=True) for blob in self.blobs)
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert png.endswith(b"IEND\xaeB`\x82")
        assert struct.unpack(">II", png[16:24]) == (
            self.layers[layer].width,
            self.layers[layer].height,
        )
        self.layers[layer].drawn = True
        self.picture = None

    def _dispose(self, layer: int) -> None:
        assert layer < 0
        del self.layers[layer]

    def _cursor(self, hot_x: int, hot_y: int, source: int, *part: int) -> None:
        self._inside(source, *part)
        assert self.layers[source].drawn
        assert (hot_x, hot_y) == (0, 0)
        self.cursor_set = True

    def _mouse(self, x: int, y: int, buttons: int, at: int) -> None:
        assert self.cursor_set
        self._inside(0, x, y, 1, 1)
        assert buttons in (0, 1)
        # A movement belongs to the frame that follows it.
        assert not self.syncs or at >= self.syncs[-1]
        self.pointers.append((x, y))

    def _sync(self, at: int) -> None:
        assert self.layers[0].drawn
        assert not self.syncs or at >= self.syncs[-1], "time goes on"
        self.syncs.append(at)

    def _inside(self, layer: int, x: int, y: int, width: int, height: int) -> None:
        known = self.layers[layer]
        assert width > 0, (layer, width)
        assert height > 0, (layer, height)
        assert x >= 0, (layer, x)
        assert y >= 0, (layer, y)
        assert x + width <= known.width, (layer, x, width, known)
        assert y + height <= known.height, (layer, y, height, known)
