"""Recordings by signed URL: Range, ETag, Content-Length, constant memory.

Source: REC-5, REC-6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs

from broker_sim.service import recording
from broker_sim.service.exchange import Answer, Handler, Offload, Reply, Request, Stream
from broker_sim.service.ports import World
from broker_sim.service.recording import Located

PATH: Final = "/recordings"
READS: Final = ("expires", "signature")  # of a query; all else is passed over
_RANGE: Final = re.compile(r"bytes=([0-9]*)-([0-9]*)", re.IGNORECASE)
PLACE: Final = re.compile(r"/recordings/([0-9]{1,18})/([^/]+)")
_FAR: Final = 10**18  # behind the end of every file


def handler(world: World) -> Handler:
    """Give the handler of all paths below `/recordings`."""

    def handle(request: Request) -> Reply:
        if request.method not in ("GET", "HEAD"):
            return _said(405, "Recordings are read with GET.", (("allow", "GET, HEAD"),))
        place = PLACE.fullmatch(request.path)
        if place is None:
            return _said(404, "There is no such recording.")
        number, name = int(place[1]), place[2]
        if not _signed(world, number, name, request.query):
            return _said(
                403, "This link is not valid, or no longer. Read the session again for a new one."
            )
        return Offload(
            lambda: recording.locate(world, number, name), lambda found: _send(found, request)
        )

    return handle


def _signed(world: World, number: int, name: str, query: str) -> bool:
    try:
        given = parse_qs(query, max_num_fields=8)
    except ValueError:
        return False
    expires, signature = given.get("expires", [""])[0], given.get("signature", [""])[0]
    if not re.fullmatch(r"[0-9]{1,15}", expires):
        return False
    return recording.may_read(world, number, name, int(expires), signature)


def _send(found: Located | None, request: Request) -> Reply:
    if found is None:
        return _said(410, "This recording is gone: its session was kept for 90 days.")
    size, tag = found.file.size, f'"{found.file.sha256}"'
    shared = (
        ("content-type", "application/octet-stream"),
        ("accept-ranges", "bytes"),
        ("etag", tag),
        ("cache-control", "private, no-store"),
    )
    if {tag, "*"} & _tags(request.headers.get("if-none-match", "")):
        return Answer(304, shared)
    asked = _range(request.headers, tag, size)
    if asked is None:
        return Answer(416, (*shared, ("content-range", f"bytes */{size}")))
    start, length = asked
    chunks = found.read(start, length)
    if length == size:
        return Stream(200, shared, chunks, size)
    covered = f"bytes {start}-{start + length - 1}/{size}"
    return Stream(206, (*shared, ("content-range", covered)), chunks, length)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


def _range(headers: Mapping[str, str], tag: str, size: int) -> tuple[int, int] | None:
    """Give (start, length) of what is to be sent; None where nothing of it is there.

    Several ranges at once, other units and malformed ones are answered with the whole.
    """
    asked = _RANGE.fullmatch(headers.get("range", "").strip())
    if asked is None or not (asked[1] or asked[2]) or headers.get("if-range", tag) != tag:
        return 0, size
    first, last = asked[1], asked[2]
    if not first:
        length = min(_position(last), size)
        return (size - length, length) if length else None
    start, end = _position(first), min(_position(last) if last else size - 1, size - 1)
    if start >= size:
        return None
    return (start, end - start + 1) if start <= end else (0, size)


def _position(digits: str) -> int:
    """Read a number of any length; Python reads no endless ones."""
    digits = digits.lstrip("0")
    return _FAR if len(digits) > 18 else int(digits or "0")


def _said(status: int, sentence: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    kind = ("content-type", "text/plain; charset=utf-8")
    return Answer(status, (kind, *headers), f"{sentence}\n".encode())
