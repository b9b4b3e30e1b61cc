"""Whether an SVG only draws: it runs nothing, and refers to nothing outside itself.

What is not known to be harmless is refused: every element, attribute and function stands in a
list here. The text is read once, from its beginning to its end, and each mark in one way only.

Source: PORTAL-1, SEC-2.
"""

from __future__ import annotations

import re
from typing import Final

_ELEMENTS: Final = """
    svg g defs title desc path rect circle ellipse line polyline polygon text tspan
    linearGradient radialGradient stop clipPath mask pattern filter feBlend feColorMatrix
    feComposite feDropShadow feFlood feGaussianBlur feMerge feMergeNode feOffset
    """
_ATTRIBUTES: Final = """
    id class version baseProfile xmlns xmlns:xlink xml:space xml:lang lang data-name role focusable
    aria-hidden aria-label aria-labelledby width height viewBox preserveAspectRatio x y x1 x2 y1 y2
    cx cy r rx ry fx fy fr dx dy d points pathLength transform fill fill-opacity fill-rule stroke
    stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-opacity stroke-width opacity color stop-color stop-opacity offset gradientUnits
    gradientTransform spreadMethod clip-path clip-rule clipPathUnits mask mask-type maskUnits
    maskContentUnits patternUnits patternContentUnits patternTransform filter filterUnits
    primitiveUnits color-interpolation color-interpolation-filters flood-color flood-opacity in in2
    result stdDeviation mode values type operator k1 k2 k3 k4 font-family font-size font-style
    font-weight letter-spacing word-spacing text-anchor text-rendering textLength lengthAdjust
    dominant-baseline alignment-baseline baseline-shift display visibility overflow
    enable-background paint-order shape-rendering vector-effect
    """
_FUNCTIONS: Final = "rgb rgba hsl hsla matrix translate scale rotate skewX skewY"
ELEMENTS: Final = frozenset(_ELEMENTS.split())
ATTRIBUTES: Final = frozenset(_ATTRIBUTES.split())
FUNCTIONS: Final = frozenset(_FUNCTIONS.split())
_NAMESPACES: Final = {
    "xmlns": "http://www.w3.org/2000/svg",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
}
_READ_OUT: Final = "aria-label"  # people's words, in which a bracket is a bracket

# White space is that of XML. No part gives back what it has taken (`++`), so no text makes this
# slow.
_S: Final = r"[ \t\r\n]"
_DECLARED: Final = re.compile(
    rf"""<\?xml{_S}++version=(["'])1\.[01]\1(?:{_S}++encoding=(["'])utf-8\2)?+"""
    rf"""(?:{_S}++standalone=(["'])(?:yes|no)\3)?+{_S}*+\?>""",
    re.IGNORECASE,
)
_SAID: Final = rf"""{_S}++[\w:.-]++{_S}*+={_S}*+(?:"[^"<]*+"|'[^'<]*+')"""
_MARK: Final = re.compile(
    rf"""(?P<blank>{_S}++|<!--(?:[^-]|-(?!-))*+-->)"""
    r"""|(?P<words>[^<&]++|&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)"""
    rf"""|<(?P<opened>\w++)(?P<said>(?:{_SAID})*+){_S}*+(?P<empty>/?+)>"""
    rf"""|</(?P<closed>\w++){_S}*+>"""
)
_ATTRIBUTE: Final = re.compile(rf"""([\w:.-]++){_S}*+={_S}*+(?:"([^"]*+)"|'([^']*+)')""")
# What of a value is known: a call of a function, a place in the drawing itself, a character.
_KNOWN: Final = re.compile(
    rf"""(?<![\w-])(?:(?:{"|".join(sorted(FUNCTIONS))})\([\w\s.,%/+-]*+\)"""
    r"""|url\(\s*+(["']?+|&quot;|&apos;)\#[\w.:-]++\1\s*+\))"""
    r"""|&(?:amp|lt|gt|quot|apos);"""
)
_UNKNOWN: Final = re.compile(r"[()\\&]")


def only_draws(text: str) -> bool:
    """Tell whether a text is an SVG that draws and does nothing else; in one pass."""
    declared = _DECLARED.match(text)
    at = declared.end() if declared else 0
    within: list[str] = []
    roots = 0
    while at < len(text):
        mark = _MARK.match(text, at)
        if mark is None or (mark["words"] and not within):
            return False
        at = mark.end()
        if mark["opened"]:
            roots += not within
            if not _is_harmless(mark["opened"], mark["said"], inside=bool(within)):
                return False
            if not mark["empty"]:
                within.append(mark["opened"])
        elif mark["closed"] and (not within or within.pop() != mark["closed"]):
            return False
    return roots == 1 and not within


def _is_harmless(element: str, said: str, *, inside: bool) -> bool:
    if element not in ELEMENTS or (element != "svg" and not inside):
        return False
    attributes = _ATTRIBUTE.findall(said)
    if len({name for name, *_ in attributes}) < len(attributes):
        return False
    return all(_is_known(name, one or other) for name, one, other in attributes)


def _is_known(name: str, value: str) -> bool:
    if name in _NAMESPACES:
        return value == _NAMESPACES[name]
    if name not in ATTRIBUTES:
        return False
    return name == _READ_OUT or not _UNKNOWN.search(_KNOWN.sub(" ", value))
