"""The style sheet and the logo of a portal's branding, as files of their own.

A page must carry no style of its own, and a logo that somebody uploaded must never be a page. A
link made by `links` names what the file says, so a browser may keep what it got for good.

Source: PORTAL-1, SEC-2.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from broker_sim.core import branding
from broker_sim.core.branding import Branding
from broker_sim.service.branding import find
from broker_sim.service.exchange import Answer, Handler, Headers, Reply, Request
from broker_sim.service.ports import World

PATH: Final = "/brand"
_STYLE: Final = f"{PATH}/style.css"
_LOGO: Final = f"{PATH}/logo"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_LOOK_AGAIN: Final = "no-cache"
_SAFE: Final = (
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'; sandbox"),
    ("cross-origin-resource-policy", "same-site"),
)


@dataclass(frozen=True, slots=True)
class Links:
    """Where the files of a branding are, below the world's root; `logo` is None without one."""

    style: str
    logo: str | None


def links(portal: str, of: Branding) -> Links:
    """Give the links of a portal's style sheet and logo."""
    style = _link(_STYLE, portal, _style(of).encode())
    return Links(style, None if of.logo is None else _link(_LOGO, portal, of.logo.data))


def handler(world: World) -> Handler:
    """Give the handler of all paths below `/brand`."""

    def handle(request: Request) -> Reply:
        if request.method not in ("GET", "HEAD"):
            return _said(405, "Read this with GET.", (("allow", "GET, HEAD"),))
        asked = dict(parse_qsl(request.query))
        found = find(world, asked.get("portal", ""))
        if found is None:
            return _said(404, "There is no such portal.")
        if request.path == _STYLE:
            return _file(request, asked, "text/css; charset=utf-8", _style(found).encode())
        if request.path == _LOGO and found.logo is not None:
            return _file(request, asked, found.logo.kind, found.logo.data)
        return _said(404, "There is no such file.")

    return handle


def _style(of: Branding) -> str:
    light, dark = (_shades(of.colour, scheme) for scheme in ("light", "dark"))
    band = f"--band:{of.colour};--band-ink:{branding.ink_on(of.colour)};"
    return f":root{{{band}{light}}}\n@media (prefers-color-scheme: dark){{:root{{{band}{dark}}}}}\n"


def _shades(colour: str, scheme: str) -> str:
    shades = branding.shades(colour, scheme)
    return f"--brand:{shades.accent};--brand-ink:{shades.on_accent};--brand-soft:{shades.tint}"


def _link(path: str, portal: str, data: bytes) -> str:
    return f"{path}?{urlencode({'portal': portal, 'v': _digest(data)})}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _file(request: Request, asked: dict[str, str], kind: str, data: bytes) -> Answer:
    digest = _digest(data)
    headers = (
        ("content-type", kind),
        ("etag", f'"{digest}"'),
        ("cache-control", _FOR_GOOD if asked.get("v") == digest else _LOOK_AGAIN),
        *_SAFE,
    )
    if request.headers.get("if-none-match") == f'"{digest}"':
        return Answer(304, headers)
    return Answer(200, headers, data)


def _said(status: int, sentence: str, headers: Headers = ()) -> Answer:
    kind = ("content-type", "text/plain; charset=utf-8")
    return Answer(status, (kind, *_SAFE, *headers), f"{sentence}\n".encode())
