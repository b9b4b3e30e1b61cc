"""What a path answers whose world is not there: one sentence, as page, JSON or plain text."""

from __future__ import annotations

import json
from html import escape
from typing import Final

from broker_sim.service.exchange import Answer, Headers
from broker_sim.web import static_files

_JSON: Final = "application/json"
_HTML: Final = "text/html"
_TEXT: Final = "text/plain"
_HEADERS: Final = (
    ("content-security-policy", "default-src 'none'; style-src 'self'; img-src 'self'"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("vary", "Accept"),
)
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>No such world: broker-sim</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="{icon}" type="image/svg+xml">
<link rel="stylesheet" href="{style}"></head>
<body><main class="sheet">
<h1>No such world</h1>
<p role="alert">{sentence}</p>
<p><a href="/">The default world</a></p>
</main></body></html>
"""


def answer(sentence: str, accept: str) -> Answer:
    """Answer 404 with a sentence, in what the caller's `Accept` likes best.

    Plain text where it does not say: then it is a person at a terminal, or a program's log.
    """
    from werkzeug.datastructures import MIMEAccept  # noqa: PLC0415  slow, and seldom needed
    from werkzeug.http import parse_accept_header  # noqa: PLC0415  the same

    liked = parse_accept_header(accept, MIMEAccept).best_match([_TEXT, _HTML, _JSON])
    headers: Headers = (("content-type", f"{liked or _TEXT}; charset=utf-8"), *_HEADERS)
    return Answer(404, headers, _written(sentence, liked).encode())


def _written(sentence: str, kind: str | None) -> str:
    if kind == _JSON:
        return json.dumps({"message": sentence}, ensure_ascii=False) + "\n"
    if kind == _HTML:
        icon, style = (escape(static_files.address(one)) for one in ("icon.svg", "broker.css"))
        return _PAGE.format(icon=icon, style=style, sentence=escape(sentence))
    return f"{sentence}\n"
