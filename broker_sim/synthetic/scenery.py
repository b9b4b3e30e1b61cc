"""Colours, wallpapers, icons and the pointer: pictures made of rectangles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import isqrt
from typing import Final

from broker_sim.synthetic.pen import Pen, Rect, Rgb

_BANDS: Final = 36


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one desktop, from the top of the wallpaper down."""

    top: Rgb
    deep: Rgb
    light: Rgb
    title: Rgb
    bar: Rgb


THEMES: Final = (
    Theme((86, 150, 205), (18, 52, 94), (120, 190, 240), (38, 84, 136), (22, 40, 66)),
    Theme((124, 170, 140), (24, 66, 60), (150, 220, 170), (44, 100, 88), (24, 48, 46)),
    Theme((176, 150, 190), (62, 40, 84), (220, 180, 240), (92, 66, 118), (44, 32, 60)),
    Theme((224, 186, 140), (104, 62, 52), (250, 210, 160), (124, 78, 60), (60, 42, 40)),
    Theme((150, 160, 172), (44, 54, 66), (190, 204, 220), (70, 86, 104), (36, 44, 54)),
)


def wallpaper(pen: Pen, layer: int, place: Rect, theme: Theme) -> None:
    """Paint a sky that grows darker downwards, with two hills and a moon before it."""
    tall = -(-place.height // _BANDS)
    for band in range(_BANDS):
        top = place.y + band * tall
        share = band * 256 // _BANDS
        rgb = _between(theme.top, theme.deep, share)
        if part := Rect(place.x, top, place.width, tall).cut(place):
            pen.fill(layer, [part], rgb)
    _disc(pen, layer, place, (place.width * 3 // 4, place.height // 4, place.height // 9), theme)
    for x, tenths, alpha in ((place.width // 5, 5, 46), (place.width * 4 // 5, 6, 60)):
        hill = (x, place.height + place.height * tenths // 12, place.height * tenths // 8)
        _disc(pen, layer, place, hill, theme, alpha)


def _between(one: Rgb, other: Rgb, share: int) -> Rgb:
    red, green, blue = (a + (b - a) * share // 256 for a, b in zip(one, other, strict=True))
    return red, green, blue


def _disc(
    pen: Pen, layer: int, place: Rect, disc: tuple[int, int, int], theme: Theme, alpha: int = 40
) -> None:
    """Paint a disc (x, y, radius) in strips, all of one path."""
    x, y, radius = disc
    step = 4
    strips = []
    for top in range(-radius, radius, step):
        half = (
            isqrt(radius * radius - (top + step // 2) ** 2) if abs(top + step // 2) < radius else 0
        )
        strip = Rect(place.x + x - half, place.y + y + top, 2 * half, step).cut(place)
        if strip is not None:
            strips.append(strip)
    pen.fill(layer, strips, theme.light, alpha)


# Icons of 32 by 32: colour, then rectangles as (x, y, width, height), back to front.
_ICONS: Final[Mapping[str, tuple[tuple[Rgb, tuple[tuple[int, int, int, int], ...]], ...]]] = {
    "folder": (
        ((214, 158, 46), ((2, 6, 12, 4), (2, 9, 28, 19))),
        ((244, 196, 88), ((2, 12, 28, 16),)),
    ),
    "document": (
        ((120, 130, 142), ((5, 1, 22, 30),)),
        ((252, 252, 252), ((6, 2, 20, 28),)),
        ((120, 160, 210), ((9, 7, 14, 2), (9, 12, 14, 2), (9, 17, 14, 2), (9, 22, 9, 2))),
    ),
    "mail": (
        ((58, 92, 140), ((2, 7, 28, 19),)),
        ((232, 240, 250), ((3, 8, 26, 17),)),
        ((58, 92, 140), tuple((4 + n, 8 + n * 3 // 4, 2, 2) for n in range(12))),
        ((58, 92, 140), tuple((26 - n, 8 + n * 3 // 4, 2, 2) for n in range(12))),
    ),
    "printer": (
        ((250, 250, 250), ((8, 2, 16, 10),)),
        ((86, 94, 106), ((3, 11, 26, 13),)),
        ((250, 250, 250), ((8, 19, 16, 11),)),
        ((120, 190, 120), ((24, 14, 3, 2),)),
        ((170, 178, 188), ((10, 22, 12, 1), (10, 25, 12, 1))),
    ),
    "globe": (
        ((40, 110, 170), ((9, 3, 14, 26), (5, 6, 22, 20), (3, 10, 26, 12))),
        ((104, 184, 112), ((8, 8, 8, 7), (16, 12, 8, 9), (11, 20, 7, 5))),
        ((200, 226, 246), ((15, 3, 1, 26), (3, 15, 26, 1))),
    ),
    "bin": (
        ((200, 208, 216), ((7, 9, 18, 21),)),
        ((120, 130, 142), ((5, 6, 22, 3), (12, 3, 8, 3))),
        ((120, 130, 142), ((11, 12, 2, 15), (15, 12, 2, 15), (19, 12, 2, 15))),
    ),
    "tool": (
        ((70, 120, 90), ((3, 3, 26, 26),)),
        ((236, 244, 238), ((8, 18, 4, 7), (14, 12, 4, 13), (20, 7, 4, 18))),
    ),
    "warning": (
        ((226, 160, 30), tuple((15 - n, 3 + 2 * n, 2 + 2 * n, 2) for n in range(13))),
        ((60, 40, 0), ((15, 11, 2, 9), (15, 23, 2, 3))),
    ),
    "info": (
        ((40, 106, 176), ((9, 2, 14, 28), (5, 5, 22, 22), (2, 9, 28, 14))),
        ((255, 255, 255), ((14, 7, 4, 4), (14, 13, 4, 12))),
    ),
}

# The pointer: # is its edge, . its face.
_POINTER: Final = (
    "#", "##", "#.#", "#..#", "#...#", "#....#", "#.....#", "#......#", "#.......#",
    "#........#", "#.....#####", "#..#..#", "#.# #..#", "##  #..#", "#    #..#", "     #..#",
    "      ##",
)  # fmt: skip


@cache
def icon(name: str) -> tuple[tuple[Rgb, tuple[Rect, ...]], ...]:
    """Give an icon as colours with their rectangles, back to front."""
    return tuple((rgb, tuple(Rect(*rect) for rect in rects)) for rgb, rects in _ICONS[name])


def pointer(pen: Pen) -> None:
    """Make the pointer an arrow."""
    place = Rect(0, 0, 12, len(_POINTER))
    layer = pen.buffer(place.width, place.height)
    for mark, rgb in (("#", (0, 0, 0)), (".", (255, 255, 255))):
        pen.fill(layer, _runs(mark), rgb)
    pen.cursor(layer, place)


def _runs(mark: str) -> Iterator[Rect]:
    """Give the runs of one mark in the pointer's rows."""
    for y, row in enumerate(_POINTER):
        begin = None
        for x, seen in enumerate(f"{row} "):
            if seen == mark and begin is None:
                begin = x
            elif seen != mark and begin is not None:
                yield Rect(begin, y, x - begin, 1)
                begin = None
