"""Draw the sheets of letters and icons that screen recordings are pieced together from.

    python -m broker_sim.synthetic.freeze glyphs

Needs Pillow, which is no dependency of the project, and two fonts: DejaVu (Bitstream Vera's
free licence) and, for Japanese, VL Gothic (BSD). The sheets hold pictures of letters, not
the fonts.
"""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from broker_sim.synthetic import pools

HERE: Final = Path(__file__).parent
SIZE: Final = 12
HEIGHT: Final = 16
WIDTH: Final = 512
# Letters in the sheet that every recording has; the others go to the second one.
LATIN: Final = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "".join(map(chr, range(0xA1, 0x180)))
    + "".join(map(chr, range(0x5D0, 0x5EB)))
    + "\u2010–—‘’‚“”„•…‹›€→✓▸▾☺"  # noqa: RUF001  the letters themselves are meant
)
FONTS: Final = {"sans": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}
EAST: Final = "VL-Gothic-Regular.ttf"
# Stands for every letter that no sheet has.
TOFU: Final = "\ufffd"
# Levels of grey in an edge; more of them are not seen and cost bytes.
LEVELS: Final = 16

Glyphs = dict[str, list[int]]


def write() -> None:
    """Write the sheets and the table of where each letter stands."""
    latin: dict[str, Any] = {"sans": LATIN + TOFU, "bold": LATIN + TOFU}
    sheets = {"latin": _sheet({name: (FONTS[name], text) for name, text in latin.items()})}
    sheets["east"] = _sheet({"east": (EAST, _eastern())})
    table = {}
    for name, (image, glyphs) in sheets.items():
        (HERE / f"glyphs-{name}.png").write_bytes(_png(image))
        table[name] = {"width": image.width, "height": image.height, "fonts": glyphs}
    text = json.dumps({"doc": _DOC, "line": HEIGHT, "sheets": table}, ensure_ascii=False)
    (HERE / "glyphs.json").write_text(text.replace("]], ", "]],\n") + "\n", encoding="utf-8")


_DOC: Final = (
    "Made by `python -m broker_sim.synthetic.freeze glyphs`; do not edit."
    " A glyph is [x, y, advance]; its picture is advance + 2 wide and begins 1 left of the pen."
)


def _eastern() -> str:
    """Give the letters of names and lines that the first sheet lacks."""
    text = json.dumps([pools.data("pools.json"), pools.data("scenes.json")], ensure_ascii=False)
    wide = {c for c in text if ord(c) >= 0x2E80 and ord(c) <= 0xFFFF}
    kana = set(map(chr, range(0x3041, 0x3097))) | set(map(chr, range(0x30A1, 0x30FD)))
    return "".join(sorted(wide | kana))


def _sheet(texts: dict[str, tuple[str, str]]) -> tuple[Image.Image, dict[str, Glyphs]]:
    """Draw letters in rows; the picture is a mask of how much ink there is."""
    image = Image.new("L", (WIDTH, HEIGHT * 200), 0)
    draw = ImageDraw.Draw(image)
    found: dict[str, Glyphs] = {}
    x, y = 0, 0
    for name, (file, text) in texts.items():
        font = ImageFont.truetype(file, SIZE)
        # All fonts stand on one line, whatever room they ask for above it.
        ascent = font.getmetrics()[0]
        found[name] = {}
        for letter in text:
            advance = max(1, round(font.getlength(letter)))
            if x + advance + 2 > WIDTH:
                x, y = 0, y + HEIGHT
            draw.text((x + 1, y + 12 - ascent), letter, fill=255, font=font)
            found[name][letter] = [x, y, advance]
            x += advance + 2
    return image.crop((0, 0, WIDTH, y + HEIGHT)), found


def _png(mask: Image.Image) -> bytes:
    """Write a mask as a PNG of black ink: 16 levels of alpha, two pixels to a byte."""
    width, height = mask.size
    step = 256 // LEVELS
    rows = bytearray()
    pixels = mask.tobytes()
    for y in range(height):
        row = pixels[y * width : (y + 1) * width]
        rows.append(0)
        rows += bytes(row[x] // step << 4 | row[x + 1] // step for x in range(0, width, 2))
    alpha = bytes(level * 255 // (LEVELS - 1) for level in range(LEVELS))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 4, 3, 0, 0, 0)),
            _chunk(b"PLTE", bytes(3 * LEVELS)),
            _chunk(b"tRNS", alpha),
            _chunk(b"IDAT", zlib.compress(bytes(rows), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
