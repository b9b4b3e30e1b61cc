"""The journal as an HTTP archive, for the tools that read such: HAR 1.2.

What is ours beside the format goes by names that begin with an underscore, as it demands.

Source: HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

from broker_sim.service.seen import Seen

_UNKNOWN: Final = -1  # of a size or a time
_VERSION: Final = "HTTP/1.1"


def archive(entries: Sequence[Seen], base_url: str) -> Mapping[str, Any]:
    """Give the exchanges as one archive.

    Args:
        entries: oldest first.
        base_url: under which callers reach the world.
    """
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "broker-sim", "version": version("broker-sim")},
            "pages": [],
            "entries": [_entry(seen, base_url) for seen in entries],
            "comment": "Secrets are struck out, long bodies cut. Times are the world's.",
        }
    }


def _entry(seen: Seen, base_url: str) -> Mapping[str, Any]:
    request, response = seen.bodies()
    milliseconds = round(seen.seconds * 1000, 3)
    began = seen.time - timedelta(seconds=seen.seconds)
    return {
        "startedDateTime": began.astimezone(UTC).isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _request(seen, request, base_url),
        "response": _response(seen, response),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "connection": seen.connection or "",
        "_number": seen.number,
        "_operation": seen.operation,
        "_login": seen.login,
        "_fault": seen.fault,
        "_refusal": seen.refusal,
        "_provoked": list(seen.provoked),
        "_ignored": list(seen.ignored),
    }


def _request(seen: Seen, body: str, base_url: str) -> Mapping[str, Any]:
    query = f"?{seen.query}" if seen.query else ""
    said: dict[str, Any] = {
        "method": seen.method,
        "url": f"{base_url}{seen.path or seen.door}{query}",
        "httpVersion": _VERSION,
        "cookies": [],
        "headers": _pairs(seen.headers),
        "queryString": [
            {"name": name, "value": value}
            for name, _, value in (part.partition("=") for part in seen.query.split("&"))
            if name
        ],
        "headersSize": _UNKNOWN,
        "bodySize": seen.request_bytes,
    }
    if seen.request_bytes:
        kind = seen.headers.get("content-type", "")
        said["postData"] = {"mimeType": kind, "params": [], "text": body}
    return said


def _response(seen: Seen, body: str) -> Mapping[str, Any]:
    try:
        phrase = HTTPStatus(seen.status).phrase
    except ValueError:  # 0 is what the format says of a connection that was cut
        phrase = ""
    kind = seen.answered.get("content-type", "x-unknown")
    return {
        "status": seen.status,
        "statusText": phrase,
        "httpVersion": _VERSION,
        "cookies": [],
        "headers": _pairs(seen.answered),
        "content": {"size": seen.response_bytes, "mimeType": kind, "text": body},
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": seen.response_bytes,
    }


def _pairs(headers: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]
