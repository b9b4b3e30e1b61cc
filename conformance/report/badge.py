"""A badge: one small picture of a verdict, for a page of one's own."""

from __future__ import annotations

from html import escape
from typing import Final

from conformance.run import Run
from conformance.verdict import Exit

_UNSURE: Final = "#8a5a00"
_COLOURS: Final = {
    Exit.CONFORMANT: "#1b7a3d",
    Exit.INCOMPLETE: _UNSURE,
    Exit.UNREACHABLE: _UNSURE,
}
_BAD: Final = "#b3261e"
_WORDS: Final = {
    Exit.CONFORMANT: "conformant",
    Exit.NOT_CONFORMANT: "not conformant",
    Exit.INCOMPLETE: "incomplete",
    Exit.UNREACHABLE: "incomplete",
}
_CHARACTER: Final = 6.6  # of the widest usual sans-serif at 11 pixels
_AROUND: Final = 12
_SVG: Final = """<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{said}">
<title>{said}</title>
<clipPath id="round"><rect width="{whole}" height="20" rx="3"/></clipPath>
<g clip-path="url(#round)"><rect width="{left}" height="20" fill="#3b4753"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>
<g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" text-anchor="middle">
<text x="{left_middle}" y="14" textLength="{left_text}">{about}</text>
<text x="{right_middle}" y="14" textLength="{right_text}">{verdict}</text>
</g>
</svg>
"""  # noqa: E501  a picture


def written(run: Run) -> str:
    """Draw the badge of a run, as SVG; it names verdict, rules and version of the contract.

    What the target does not claim, and failures that were expected, show: nobody is to read
    more into it than was found.
    """
    about = f"{run.kind} contract {run.version}"
    excused = len(run.expected)
    but = f", {excused} expected failure{'' if excused == 1 else 's'}" if excused else ""
    verdict = f"{_WORDS.get(run.exit, 'no verdict')}{but}: {run.scope}"
    colour = _UNSURE if excused and not run.exit else _COLOURS.get(run.exit, _BAD)
    left_text, right_text = round(len(about) * _CHARACTER), round(len(verdict) * _CHARACTER)
    left, right = left_text + _AROUND, right_text + _AROUND
    return _SVG.format(
        said=escape(f"{about}: {verdict}"),
        about=escape(about),
        verdict=escape(verdict),
        colour=colour,
        whole=left + right,
        left=left,
        right=right,
        left_text=left_text,
        right_text=right_text,
        left_middle=left / 2,
        right_middle=left + right / 2,
    )
