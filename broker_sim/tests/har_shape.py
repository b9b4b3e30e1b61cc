"""The shape of an HTTP archive, written down from the specification of HAR 1.2.

Source: http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final


@dataclass(frozen=True)
class Of:
    """A list of such values."""

    item: object


@dataclass(frozen=True)
class Maybe:
    """May be absent."""

    shape: object


@dataclass(frozen=True)
class Instant:
    """A text in ISO 8601, with a zone."""


_COMMENT: Final = {"comment": Maybe(str)}
_PAIR: Final = {"name": str, "value": str, **_COMMENT}
_COOKIE: Final = {
    **_PAIR,
    "path": Maybe(str),
    "domain": Maybe(str),
    "expires": Maybe(Instant()),
    "httpOnly": Maybe(bool),
    "secure": Maybe(bool),
}
_PARAM: Final = {
    "name": str,
    "value": Maybe(str),
    "fileName": Maybe(str),
    "contentType": Maybe(str),
    **_COMMENT,
}
_MESSAGE: Final = {
    "httpVersion": str,
    "cookies": Of(_COOKIE),
    "headers": Of(_PAIR),
    "headersSize": int,
    "bodySize": int,
    **_COMMENT,
}
_REQUEST: Final = {
    **_MESSAGE,
    "method": str,
    "url": str,
    "queryString": Of(_PAIR),
    "postData": Maybe({"mimeType": str, "params": Of(_PARAM), "text": str, **_COMMENT}),
}
_CONTENT: Final = {
    "size": int,
    "compression": Maybe(int),
    "mimeType": str,
    "text": Maybe(str),
    "encoding": Maybe(str),
    **_COMMENT,
}
_RESPONSE: Final = {
    **_MESSAGE,
    "status": int,
    "statusText": str,
    "content": _CONTENT,
    "redirectURL": str,
}
_STATE: Final = {
    "expires": Maybe(Instant()),
    "lastAccess": Instant(),
    "eTag": str,
    "hitCount": int,
    **_COMMENT,
}
_CACHE: Final = {"beforeRequest": Maybe(_STATE), "afterRequest": Maybe(_STATE), **_COMMENT}
_TIMINGS: Final = {
    "blocked": Maybe(float),
    "dns": Maybe(float),
    "connect": Maybe(float),
    "send": float,
    "wait": float,
    "receive": float,
    "ssl": Maybe(float),
    **_COMMENT,
}
_ENTRY: Final = {
    "pageref": Maybe(str),
    "startedDateTime": Instant(),
    "time": float,
    "request": _REQUEST,
    "response": _RESPONSE,
    "cache": _CACHE,
    "timings": _TIMINGS,
    "serverIPAddress": Maybe(str),
    "connection": Maybe(str),
    **_COMMENT,
}
_NAMED: Final = {"name": str, "version": str, **_COMMENT}
_PAGE: Final = {
    "startedDateTime": Instant(),
    "id": str,
    "title": str,
    "pageTimings": {"onContentLoad": Maybe(float), "onLoad": Maybe(float), **_COMMENT},
    **_COMMENT,
}
ARCHIVE: Final = {
    "log": {
        "version": str,
        "creator": _NAMED,
        "browser": Maybe(_NAMED),
        "pages": Maybe(Of(_PAGE)),
        "entries": Of(_ENTRY),
        **_COMMENT,
    }
}


def mistakes(value: Any, shape: object = ARCHIVE, place: str = "$") -> Iterator[str]:
    """Tell where a value, as JSON gives it, is not of a shape; own names begin with a _."""
    match shape:
        case Of(item):
            yield from _list(value, item, place)
        case dict():
            yield from _object(value, shape, place)
        case Instant():
            if datetime.fromisoformat(value).tzinfo is None:
                yield f"{place} has no zone"
        case _ if shape is float:
            if type(value) not in {int, float}:
                yield f"{place} is no number"
        case _ if type(value) is not shape:
            yield f"{place} is {value!r}, no {shape}"


def _list(value: Any, item: object, place: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{place} is no list"
        return
    for number, one in enumerate(value):
        yield from mistakes(one, item, f"{place}[{number}]")


def _object(value: Any, shape: Mapping[str, object], place: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{place} is no object"
        return
    for name in value.keys() - shape.keys():
        if not name.startswith("_"):
            yield f"{place} has a {name!r} that the format does not know"
    for name, inside in shape.items():
        if name in value:
            wanted = inside.shape if isinstance(inside, Maybe) else inside
            yield from mistakes(value[name], wanted, f"{place}.{name}")
        elif not isinstance(inside, Maybe):
            yield f"{place} has no {name!r}"
