"""SEC-2, PORTAL-1: what of an uploaded drawing is taken, and that it asks nobody for anything."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broker_sim.core import drawing
from broker_sim.core.branding import LOGO_MAX_BYTES

START = '<svg xmlns="http://www.w3.org/2000/svg">'
# Of addresses, functions, quotes and escapes, whole and in pieces.
PIECES = st.sampled_from(
    [
        *("url(", "u", "rl(", "URL (", "&#117;rl(", "&#x75;rl(", "u\\72l(", "\\75 rl(", "u/**/rl("),
        *("src(", "image-set(", "image(", "var(", "rgb(", "translate(", "http://a.example/", "#a"),
        *(
            ")",
            "(",
            "'",
            "&quot;",
            "&apos;",
            "&lpar;",
            "&amp;",
            "&#40;",
            "/*",
            "*/",
            " ",
            "\n",
            ";",
        ),
        *("fill:", "1", ",", "red", "é", "-", "\\", "data:x", "//a.example"),
    ]
)
NAMES = st.sampled_from(
    [
        *("fill", "stroke", "filter", "mask", "clip-path", "d", "id", "font-family", "style"),
        *("href", "xlink:href", "src", "onload", "xml:base", "cursor", "begin", "aria-label"),
    ]
)
ELEMENTS = st.sampled_from(
    ["g", "path", "text", "title", "script", "image", "use", "style", "feImage", "a", "x:script"]
)


def drawn(inside: str) -> str:
    return f"{START}{inside}</svg>"


@pytest.mark.parametrize("comments", [40, 10_000])
@pytest.mark.parametrize("end", ["x", "<svg", "<!--", START])
def test_comments_cost_no_more_than_their_length(comments: int, end: str) -> None:
    """SEC-2: each may end in one place only, so there is one way to read them."""
    assert not drawing.only_draws("<!---->" * comments + end)
    assert not drawing.only_draws("<!-- x -->\n" * comments + end)
    assert drawing.only_draws("<!-- x -->\n" * comments + drawn(""))


@pytest.mark.parametrize("piece", ["<g>", " ", "<!--", "<g a='", "url(", "-", "&amp;", "\\", "<?"])
def test_no_repetition_costs_more_than_its_length(piece: str) -> None:
    """SEC-2: as much of anything as a logo may have bytes."""
    much = piece * (LOGO_MAX_BYTES // len(piece))
    for text in (much, START + much, f'{START}<g fill="{much}'):
        assert not drawing.only_draws(text)
        assert not drawing.only_draws(text + '"/></g>')


@pytest.mark.parametrize(
    "inside",
    [
        '<g style="fill:&#117;rl(http://a.example/x)"/>',
        '<g style="fill:u\\72l(http://a.example/x)"/>',
        '<g fill="&#117;rl(http://a.example/x)"/>',
        '<g fill="&#x75;rl(http://a.example/x)"/>',
        '<g fill="u\\72l(http://a.example/x)"/>',
        '<g fill="url(&quot;http://a.example/x&quot;)"/>',
        '<g fill="url(x.svg#a)"/>',
        '<g fill="url(#a) url(//a.example)"/>',
        '<g filter="src(&apos;http://a.example&apos;)"/>',
        '<g mask="image-set(&quot;//a.example&quot; 1x)"/>',
        '<g fill="&lpar;"/>',
        '<g xml:base="http://a.example/" fill="url(#a)"/>',
        '<g xmlns="http://www.w3.org/1999/xhtml"/>',
        '<feImage href="http://a.example"/>',
        "<g></path>",
        "<g>",
        "</svg><svg>",
        "<![CDATA[x]]>",
        '<g fill="<"/>',
        "<g fill=red/>",
        "<!-- -- -->",
        '<g fill="red" fill="red"/>',
    ],
)
def test_no_way_of_writing_leads_outside(inside: str) -> None:
    """SEC-2: neither characters nor style sheets' escapes, other functions, bases or names."""
    assert not drawing.only_draws(drawn(inside))


@pytest.mark.parametrize("declared", ["utf-7", "ISO-2022-JP", "UTF-16"])
def test_a_drawing_is_read_as_what_it_is(declared: str) -> None:
    """SEC-2: in another encoding the same bytes may say something else."""
    assert not drawing.only_draws(f'<?xml version="1.0" encoding="{declared}"?>' + drawn(""))


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!-- made -->\n'
        + drawn("")
        + "\n",
        drawn('<title>Oak &amp; &#8220;Elm&#x201d; (UK): http:</title><g aria-label="Oak (UK)"/>'),
        drawn(
            '<defs><linearGradient id="a" gradientTransform="rotate(45 .5 .5)"><stop offset="0"'
            ' stop-color="rgba(0, 0, 0, 50%)"/></linearGradient></defs>'
            "<path d='M0,0 L9 9z' fill='url(#a)' stroke=\"url(&quot;#a&quot;)\""
            ' transform="translate(1,-2) scale(3)" />'
        ),
        drawn('<text x="1" font-family="Arial, sans-serif">ABC</text >'),
        START[:-1] + ' xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 8 8"/>',
    ],
)
def test_what_programs_that_draw_write_is_taken(text: str) -> None:
    """PORTAL-1: shapes, gradients, clips, text."""
    assert drawing.only_draws(text)


ATTRIBUTES = st.lists(st.tuples(NAMES, st.lists(PIECES, max_size=6).map("".join)), max_size=2)


@given(ELEMENTS, ATTRIBUTES)
@example("g", [("fill", "url(#a)")])
def test_what_is_taken_has_no_reference_outside_itself(
    element: str, attributes: list[tuple[str, str]]
) -> None:
    """SEC-2: as an XML parser and a style sheet's reader understand it."""
    said = "".join(f' {name}="{value}"' for name, value in attributes)
    text = drawn(f"<{element}{said}/>")
    if not drawing.only_draws(text):
        return
    for one in ET.fromstring(text).iter():
        assert one.tag.removeprefix("{http://www.w3.org/2000/svg}") in drawing.ELEMENTS
        for name, value in one.attrib.items():
            assert name in drawing.ATTRIBUTES
            if name != "aria-label":
                assert_inside(value)


def assert_inside(value: str) -> None:
    """Hold a value against all that a style sheet could read as an address."""
    assert "\\" not in value, escape(value)
    for function, argument in re.findall(r"([\w-]*)\s*\(\s*[\"']?([^)]*)", value):
        assert function in drawing.FUNCTIONS or argument.startswith("#"), escape(value)
