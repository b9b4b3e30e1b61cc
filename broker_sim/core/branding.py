"""How a portal presents itself to its customers: its company's name, colour, logo and words.

A company may choose any colour: what is written in it, and on it, is made readable here. The
surfaces are those of the pages' style sheet; a test compares the two.

Source: PORTAL-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from broker_sim.core import drawing

# The least contrast of text, by the guidelines for accessible pages (WCAG 2.2, 1.4.3).
LEAST_CONTRAST: Final = 4.5
COMPANY_MAX: Final = 80
WORDS_MAX: Final = 400
LOGO_TEXT_MAX: Final = 3
LOGO_MAX_BYTES: Final = 32 * 1024
LOGO_MAX_PIXELS: Final = 1024
COLOURS: Final = (
    "#0f5fa8",
    "#0b6e69",
    "#8a3ffc",
    "#b3261e",
    "#2f6f2e",
    "#7a4b00",
    "#3f4db8",
    "#a3266d",
)
# What text in the company's colour may stand on, by the names of the style sheet.
SURFACES: Final[Mapping[str, tuple[str, ...]]] = {
    "light": ("#ffffff", "#f3f5f8", "#eaeef3"),
    "dark": ("#18212a", "#10161c", "#1f2a35", "#0c1116"),
}
# And what else is written on a tint of it.
INKS: Final[Mapping[str, tuple[str, ...]]] = {
    "light": ("#17212b", "#52606d"),
    "dark": ("#e7edf3", "#a3b1bf"),
}
PNG: Final = "image/png"
SVG: Final = "image/svg+xml"

_COLOUR: Final = re.compile("#[0-9a-f]{6}")
_TINT: Final = {"light": 0.1, "dark": 0.22}
_PNG: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo as it was uploaded; its kind is of `PNG` and `SVG`."""

    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Branding:
    """What customers see on every page of a portal.

    Attributes:
        company: its name, as customers know it.
        colour: in `#rrggbb`, lower case.
        logo_text: up to three characters that stand where there is no picture.
        greeting: above the form; empty for the one of the portal's type.
        footer: below every page; may be empty.
        logo: a picture in the place of the characters.
    """

    company: str
    colour: str
    logo_text: str
    greeting: str = ""
    footer: str = ""
    logo: Picture | None = None

    def __post_init__(self) -> None:
        """Refuse what a page cannot show.

        Raises:
            ValueError: the first mistake, in a sentence that names it.
        """
        if not _COLOUR.fullmatch(self.colour):
            msg = "'colour' must be written like #0f5fa8"
            raise ValueError(msg)
        for name, text, most in (
            ("company", self.company, COMPANY_MAX),
            ("logoText", self.logo_text, LOGO_TEXT_MAX),
            ("greeting", self.greeting, WORDS_MAX),
            ("footer", self.footer, WORDS_MAX),
        ):
            if len(text) > most:
                msg = f"'{name}' must have at most {most} characters"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Shades:
    """A colour made usable on light or on dark pages; each in `#rrggbb`.

    Attributes:
        accent: for text, edges and buttons.
        on_accent: for text on it.
        tint: for surfaces that carry the accent.
    """

    accent: str
    on_accent: str
    tint: str


def default_branding(portal: str, company: str) -> Branding:
    """Give the branding of a portal whose own was never set; its name decides the colour."""
    place = sum(portal.encode("utf-8", "replace")) % len(COLOURS)
    return Branding(company[:COMPANY_MAX], COLOURS[place], initials(company))


def initials(name: str) -> str:
    """Give the first letters of the first two words of a name; of one word, its first."""
    letters = [word[0] for word in re.findall(r"\w+", name)]
    return "".join(letters[:2]).upper()[:LOGO_TEXT_MAX]


def shades(colour: str, scheme: str) -> Shades:
    """Make a colour usable; `scheme` is `light` or `dark`.

    The accent is the colour itself where it can be read on all surfaces, else the nearest to
    it, towards black on light surfaces and towards white on dark ones, that can.
    """
    surfaces = SURFACES[scheme]
    tints = (_mixed(surfaces[0], colour, _TINT[scheme] * part / 10) for part in range(10, -1, -1))
    tint = next(one for one in tints if _readable(one, INKS[scheme]))
    end = "#000000" if scheme == "light" else "#ffffff"
    steps = (_mixed(colour, end, step / 20) for step in range(21))
    accent = next(one for one in steps if _readable(one, (*surfaces, tint)))
    return Shades(accent, ink_on(accent), tint)


def ink_on(colour: str) -> str:
    """Give black or white, whichever is read better on a colour; one of them always can be."""
    return max(("#ffffff", "#000000"), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, from 1 to 21, as WCAG counts it."""
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


def _readable(colour: str, surfaces: Iterable[str]) -> bool:
    return all(contrast(colour, surface) >= LEAST_CONTRAST for surface in surfaces)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _light(colour: str) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + bytes(round(a + (b - a) * share) for a, b in pairs).hex()


def picture(data: bytes) -> Picture:
    """Accept a logo: a PNG, or an SVG that only draws.

    Raises:
        ValueError: it is something else, or too large; in a sentence.
    """
    if len(data) > LOGO_MAX_BYTES:
        msg = f"a logo has at most {LOGO_MAX_BYTES} bytes"
        raise ValueError(msg)
    if data.startswith(_PNG) and data[12:16] == b"IHDR":
        sides = (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
        if all(1 <= side <= LOGO_MAX_PIXELS for side in sides):
            return Picture(PNG, data)
        msg = f"a logo is at most {LOGO_MAX_PIXELS} pixels wide and high"
        raise ValueError(msg)
    if _only_draws(data):
        return Picture(SVG, data)
    msg = "a logo is a PNG, or an SVG that only draws: no scripts, styles, links or entities"
    raise ValueError(msg)


def _only_draws(data: bytes) -> bool:
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        return False
    return drawing.only_draws(text)
