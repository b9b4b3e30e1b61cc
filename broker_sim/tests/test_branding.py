"""PORTAL-1, SEC-2: a portal's branding: readable in any colour, and a logo that only draws."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.core import branding
from broker_sim.core.branding import INKS, LEAST_CONTRAST, SURFACES, Branding, contrast
from broker_sim.service import branding as settings
from broker_sim.testing import RunningBroker, running_broker

COLOURS = st.binary(min_size=3, max_size=3).map(lambda parts: f"#{parts.hex()}")
STYLE = Path(branding.__file__).parents[1] / "web" / "static" / "broker.css"
DRAWING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle r="3" fill="red"/></svg>'
)


def png(width: int = 8, height: int = 8) -> bytes:
    size = struct.pack(">II", width, height)
    return b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + size + b"\x08\x06\0\0\0"


@given(COLOURS, st.sampled_from(["light", "dark"]))
def test_any_colour_can_be_read_on_every_surface(colour: str, scheme: str) -> None:
    """PORTAL-1: as text, as a button with text on it, and on its own tint."""
    shades = branding.shades(colour, scheme)

    for surface in (*SURFACES[scheme], shades.tint, shades.on_accent):
        assert contrast(shades.accent, surface) >= LEAST_CONTRAST
    for ink in INKS[scheme]:
        assert contrast(ink, shades.tint) >= LEAST_CONTRAST
    assert contrast(colour, branding.ink_on(colour)) >= LEAST_CONTRAST


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    """PORTAL-1: a company's own blue is its own blue; yellow on white becomes brown."""
    assert branding.shades("#0f5fa8", "light").accent == "#0f5fa8"
    assert branding.shades("#ffff00", "light").accent != "#ffff00"
    assert branding.shades("#ffff00", "dark").accent == "#ffff00"
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_surfaces_are_those_of_the_style_sheet() -> None:
    """The contrast is reckoned against what the pages are painted with."""
    light, dark = STYLE.read_text().split("prefers-color-scheme: dark", 1)
    for sheet, scheme in ((light, "light"), (dark, "dark")):
        painted = set(re.findall(r"--(?:page|surface|raised|sunken): (#[0-9a-f]{6})", sheet))
        assert painted == set(SURFACES[scheme])
        assert set(re.findall(r"--(?:ink|muted): (#[0-9a-f]{6})", sheet)) == set(INKS[scheme])


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Oakhurst Insurance plc", "OI"), ("acme", "A"), ("", ""), ("مركز الدعم", "ما"), ("3M", "3")],
)
def test_without_a_picture_the_logo_is_initials(name: str, letters: str) -> None:
    """PORTAL-1: of whatever the company is called."""
    assert branding.initials(name) == letters
    assert branding.default_branding("portal", name).logo_text == letters


@pytest.mark.parametrize("kind", ["colour", "company", "logoText", "greeting", "footer"])
def test_what_no_page_could_show_is_refused_by_name(kind: str) -> None:
    """PORTAL-1: too long, or no colour."""
    plain = Branding("Company", "#123456", "CO")
    with pytest.raises(ValueError, match=f"'{kind}'"):
        settings.read({kind: "x" * 500}, plain)


@pytest.mark.parametrize("data", [DRAWING, b"<?xml version='1.0'?>\n<!-- x -->" + DRAWING, png()])
def test_pictures_that_only_draw_are_taken(data: bytes) -> None:
    """PORTAL-1: a PNG or an SVG, kept as it was uploaded."""
    assert branding.picture(data).data == data


@pytest.mark.parametrize(
    "inside",
    [
        b"<script>alert(1)</script>",
        b"<SCRIPT/>",
        b"<x:script xmlns:x='http://www.w3.org/2000/svg'/>",
        b'<g onload="alert(1)"/>',
        b"<g ONCLICK = 'x'/>",
        b'<a href="javascript:alert(1)">x</a>',
        b'<image href="https://a.example/x.png"/>',
        b"<foreignObject><b>x</b></foreignObject>",
        b"<use href='#x'/>",
        b"<style>@import url(https://a.example)</style>",
        b"<rect fill='url(https://a.example#x)'/>",
        b"&x;",
        b"<?php x ?>",
        b"\xff",
    ],
)
def test_a_drawing_that_does_anything_else_is_refused(inside: bytes) -> None:
    """SEC-2: scripts, handlers, links, styles, entities, things to load."""
    with pytest.raises(ValueError, match="only draws"):
        branding.picture(DRAWING.replace(b"</svg>", inside + b"</svg>"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html></html>",
        b"GIF89a",
        b"<!DOCTYPE svg>" + DRAWING,
        DRAWING + b"<script/>",
        png(1025),
        png(0),
        DRAWING + b" " * branding.LOGO_MAX_BYTES,
    ],
)
def test_what_is_no_small_picture_is_refused(data: bytes) -> None:
    """SEC-2: another format, too large in bytes or pixels."""
    with pytest.raises(ValueError, match="logo"):
        branding.picture(data)


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def control(broker: RunningBroker, method: str, portal: str, **said: str) -> requests.Response:
    return requests.request(
        method,
        f"{broker.control_url}/_sim/portals/{portal}/branding",
        json=said or None,
        headers={"Authorization": f"Bearer {broker.control_token}"},
        timeout=10,
    )


def test_a_tester_sets_a_branding_step_by_step(broker: RunningBroker) -> None:
    """PORTAL-1: what is not said stays; an empty logo takes the picture away; it is kept."""
    portal = broker.logins[0][0]
    before = control(broker, "GET", portal).json()
    assert before["company"]
    assert before["logo"] is None

    logo = base64.b64encode(DRAWING).decode()
    told = control(broker, "PATCH", portal, company="Zoë & Co", colour="#FF0000", logo=logo).json()
    assert told == {**before, "company": "Zoë & Co", "colour": "#ff0000", "logo": logo}
    assert control(broker, "PATCH", portal, footer="Call us").json() == {
        **told,
        "footer": "Call us",
    }
    assert control(broker, "PATCH", portal, logo="").json()["logo"] is None
    for wrong in ({"colour": "red"}, {"logo": "!"}, {"logo": "QUJD"}, {"font": "x"}):
        assert control(broker, "PATCH", portal, **wrong).status_code == 400
    assert control(broker, "PATCH", portal, company="a\x01").status_code == 409
    assert control(broker, "GET", portal).json() == {
        **before,
        **told,
        "footer": "Call us",
        "logo": None,
    }
    assert control(broker, "PATCH", "nobody", footer="x").status_code == 404


def test_a_logo_costs_nothing_where_nobody_looks_at_it(broker: RunningBroker) -> None:
    """Processes that share a world read its short notes before every use case, and no picture."""
    control(broker, "PATCH", broker.logins[0][0], logo=base64.b64encode(DRAWING).decode())

    notes = broker.worlds.hand().broker.store.notes()
    assert "seed" in notes
    assert not [name for name in notes if "logo" in name or "branding" in name]


def test_the_files_of_a_branding_are_files_and_no_pages(broker: RunningBroker) -> None:
    """SEC-2: an uploaded logo runs nothing where it is opened by itself; both may be kept."""
    portal = broker.logins[1][0]
    for name in ("style.css", "logo"):
        url = f"{broker.url}/brand/{name}?portal={portal}"
        assert requests.get(url, timeout=10).status_code == (200 if name == "style.css" else 404)
    control(broker, "PATCH", portal, logo=base64.b64encode(DRAWING).decode())
    answer = requests.get(f"{broker.url}/brand/logo?portal={portal}", timeout=10)

    assert answer.content == DRAWING
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    again = {"If-None-Match": answer.headers["etag"]}
    assert requests.get(answer.url, headers=again, timeout=10).status_code == 304
    assert requests.get(f"{broker.url}/brand/logo?portal=nobody", timeout=10).status_code == 404
    assert requests.post(answer.url, timeout=10).status_code == 405
