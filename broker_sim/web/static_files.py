"""Style sheets, scripts and pictures of the pages, as they lie in `static/`.

A link made by `address` names the file's digest, so a browser may keep what it got for good.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from broker_sim.service.exchange import Answer, Headers, Reply, Request

PATH: Final = "/static"
_KINDS: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
}
# What the packing of a text gains is lost on a short one.
_PACKED_FROM: Final = 1024
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_LOOK_AGAIN: Final = "no-cache"


@dataclass(frozen=True, slots=True)
class _File:
    kind: str
    digest: str
    plain: bytes
    packed: bytes | None


def address(name: str) -> str:
    """Give the path of a file, below the world's root.

    Raises:
        KeyError: there is no such file.
    """
    return f"{PATH}/{name}?v={_files()[name].digest}"


def handle(request: Request) -> Reply:
    """Answer any path below `/static`."""
    if request.method not in ("GET", "HEAD"):
        return _said(405, "Read this with GET.", (("allow", "GET, HEAD"),))
    found = _files().get(request.path.removeprefix(f"{PATH}/"))
    if found is None:
        return _said(404, "There is no such file.")
    tag = f'"{found.digest}"'
    fresh = request.query == f"v={found.digest}"
    headers = (
        ("content-type", found.kind),
        ("etag", tag),
        ("cache-control", _FOR_GOOD if fresh else _LOOK_AGAIN),
        ("vary", "accept-encoding"),
        ("x-content-type-options", "nosniff"),
        # a page of another world or listener of this broker may show it, a foreign site may not
        ("cross-origin-resource-policy", "same-site"),
    )
    if request.headers.get("if-none-match") == tag:
        return Answer(304, headers)
    if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Answer(200, (*headers, ("content-encoding", "gzip")), found.packed)
    return Answer(200, headers, found.plain)


@cache
def _files() -> dict[str, _File]:
    root = resources.files("broker_sim.web").joinpath("static")
    return {name: _read(name, data) for name, data in _below(root, "")}


def _below(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            found += _below(each, f"{prefix}{each.name}/")
        else:
            found.append((f"{prefix}{each.name}", each.read_bytes()))
    return found


def _read(name: str, data: bytes) -> _File:
    suffix = name[name.rfind(".") :]
    kind = _KINDS.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    packs = kind.startswith(("text/", "image/svg")) and len(data) >= _PACKED_FROM
    packed = gzip.compress(data, 6, mtime=0) if packs else None
    return _File(kind, hashlib.sha256(data).hexdigest()[:16], data, packed)


def _said(status: int, sentence: str, headers: Headers = ()) -> Answer:
    kind = ("content-type", "text/plain; charset=utf-8")
    return Answer(status, (kind, *headers), f"{sentence}\n".encode())
